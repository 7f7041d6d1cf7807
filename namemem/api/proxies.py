"""Whether a request was handed on by a proxy, for somebody who is not on this machine.

A proxy on this machine makes the whole world look like a neighbour: it calls from 127.0.0.1, and
often by that name. What it adds to the request gives it away. That helps against a mistake, not
against a proxy that adds nothing: only a key does.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

_ADDRESSES = frozenset(
    {
        b"x-forwarded-for",
        b"x-original-forwarded-for",
        b"x-real-ip",
        b"x-client-ip",
        b"x-cluster-client-ip",
        b"x-envoy-external-address",
        b"true-client-ip",
        b"cf-connecting-ip",
        b"fly-client-ip",
    }
)
_HOSTS = frozenset({b"x-forwarded-host", b"x-forwarded-server", b"x-original-host"})
_FOR = re.compile(r"""(?:^|[;,])\s*for\s*=\s*("[^"]*"|[^;,\s]*)""", re.IGNORECASE)


def proxied(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The header that tells of a caller elsewhere; None where none does.

    A proxy that names this machine alone (a developer's own) is none. `Via` names no caller, and
    `Forwarded` (RFC 7239) may hide it: these count as elsewhere.

    Args:
        headers: of the request, names in lower case, as ASGI has them.
    """
    for name, value in headers:
        text = value.decode("latin-1")
        if name == b"via":
            return "Via"
        if name == b"forwarded":
            told = [one.strip('"') for one in _FOR.findall(text)]
            if not told or not all(is_here(one) for one in told):
                return "Forwarded"
        told_of = text.split(",") if name in _ADDRESSES | _HOSTS else []
        if not all(is_here(one.strip()) for one in told_of):
            return name.decode("ascii").title()
    return None


def is_here(host: str) -> bool:
    """Whether an address or a host's name, with a port or without, is this machine's."""
    bare = host.lower().rstrip(".")
    found = re.fullmatch(r"\[([^\]]*)\](?::\d+)?", bare) or re.fullmatch(r"([^:]*)(?::\d+)?", bare)
    bare = found.group(1).rstrip(".") if found else bare
    if bare == "localhost" or bare.endswith(".localhost"):
        return True
    try:
        parsed = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_loopback)
