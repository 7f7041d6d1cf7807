"""Slowing down whoever tries wrong keys, by network address.

Counted in this process alone: several API processes allow as many tries each.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import threading
import time
from collections import OrderedDict

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from namemem.errors import TooManyRequests

_KNOWN = 1000  # keys that were right lately


class Throttle:
    """Counts wrong keys; after too many from one address, no further one is tried for a while.

    A key that was right lately goes on: one wrong robot does not lock out the others that
    share its address, and nobody learns anything about another key by that.

    Args:
        per_minute: wrong keys an address may try within a minute from the first; 0: any number.
    """

    def __init__(self, per_minute: int = 10) -> None:
        self._allowed = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._known: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, address: str | None, token: str | None = None) -> None:
        """Returns where a key may be tried. Raises `TooManyRequests`."""
        if self._allowed is None or not address:
            return
        with self._lock:
            if token and _mark(token) in self._known:
                return
        network = network_of(address)
        if not self._limiter.test(self._allowed, network):
            reset = self._limiter.get_window_stats(self._allowed, network).reset_time
            wait = max(1, math.ceil(reset - time.time()))
            raise TooManyRequests(
                f"Too many wrong keys came from your address. Try again in {wait} seconds.",
                retry_after=wait,
            )

    def failed(self, address: str | None) -> None:
        """A wrong key came from there."""
        if self._allowed is not None and address:
            self._limiter.hit(self._allowed, network_of(address))

    def succeeded(self, token: str | None) -> None:
        """That key was right."""
        if not token:
            return
        with self._lock:
            self._known[_mark(token)] = None
            self._known.move_to_end(_mark(token))
            while len(self._known) > _KNOWN:
                self._known.popitem(last=False)


def network_of(address: str) -> str:
    """What one customer of a provider has: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:100]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def _mark(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
