"""How much one key may ask for: requests a minute, introductions apart from the rest.

Counted in this process alone: behind a load balancer each API process allows as much.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from namemem.errors import TooManyRequests
from namemem.service.access import Caller
from namemem.service.throttling import network_of


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests a key may make in a minute; 0: as many as it likes."""

    requests: int = 0
    introductions: int = 0


class RateLimits:
    """Counts requests by key; where there is none, by network address."""

    def __init__(self, rates: Rates) -> None:
        self._items = {
            name: RateLimitItemPerMinute(amount)
            for name, amount in (
                ("requests", rates.requests),
                ("introductions", rates.introductions),
            )
            if amount
        }
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def spend(
        self, caller: Caller, address: str | None, *, introduces: bool = False
    ) -> tuple[dict[str, str], TooManyRequests | None]:
        """Counts one request.

        Args:
            caller: whose.
            address: from where, for callers without a key.
            introduces: it is an introduction, which has a limit of its own.

        Returns:
            The headers that tell what is left (draft-ietf-httpapi-ratelimit-headers); none where
            nothing is limited. And, where it is more than the limit, the error for the caller.
        """
        name = "introductions" if introduces else "requests"
        item = self._items.get(name)
        if item is None:
            return {}, None
        who = caller.key_id or f"address {network_of(address or '')}"
        allowed = self._limiter.hit(item, name, who)
        stats = self._limiter.get_window_stats(item, name, who)
        wait = max(1, math.ceil(stats.reset_time - time.time()))
        left = max(0, stats.remaining)
        headers = {
            "RateLimit-Policy": f'"{name}";q={item.amount};w={item.get_expiry()}',
            "RateLimit": f'"{name}";r={left};t={wait}',
        }
        if allowed:
            return headers, None
        error = TooManyRequests(
            f"This key may make {item.amount} {name} a minute. Try again in {wait} seconds.",
            retry_after=wait,
        )
        return headers, error
