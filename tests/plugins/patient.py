"""Requests to real servers without httpx's limit of five seconds: a busy machine is no failure."""

from __future__ import annotations

from functools import partial

import httpx

get = partial(httpx.get, timeout=120)
post = partial(httpx.post, timeout=120)
