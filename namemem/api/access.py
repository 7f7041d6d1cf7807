"""Who calls: from a key to a `Caller`, for HTTP and for WebSockets."""

from __future__ import annotations

import asyncio
from typing import Any

from namemem.api.errors import Unauthorized
from namemem.service.access import ANONYMOUS, SCOPES, Caller, Keyring
from namemem.service.throttling import Throttle

__all__ = ["ANONYMOUS", "SCOPES", "Caller", "Keyring", "authenticate"]


async def authenticate(app: Any, token: str | None, address: str | None = None) -> Caller:
    """The holder of an API key; what they may do is for `Caller.require`.

    Args:
        app: the application, which holds `state.keyring` and `state.throttle`.
        token: the key as it was sent, without `Bearer`; None where none was.
        address: the client's network address; wrong keys from there are counted, and after too
            many no further one is tried for a while.

    Raises:
        Unauthorized: no key where one is needed, or one that does not hold.
        TooManyRequests: too many wrong keys from that address.
        StoreUnavailable: the database does not answer.
    """
    keyring: Keyring = app.state.keyring
    throttle: Throttle = app.state.throttle
    throttle.check(address, token)
    try:
        caller = await asyncio.to_thread(keyring.caller, token)
    except Unauthorized:
        if token:
            throttle.failed(address)
        raise
    throttle.succeeded(token)
    return caller
