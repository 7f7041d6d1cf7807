"""Reports to a URL that a caller named: signed, and never to where this server alone can reach.

Signed by the Standard Webhooks scheme (https://www.standardwebhooks.com): HMAC-SHA256 over
`webhook-id`, `webhook-timestamp` and the body, in the header `webhook-signature`.

A caller's URL must not make this server ask its own network (server-side request forgery). So the
host's addresses must all be public, at the request and again at each sending; the connection is
made to an address that was checked, whatever the name says a moment later; and redirects are not
followed.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import ipaddress
import json
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from namemem.errors import InvalidRequest, NamememError

LONGEST_URL = 2000
_SECONDS = 10.0  # for the whole of one sending
_RESOLVE_SECONDS = 3.0
_SHORTEST_SECRET, _LONGEST_SECRET = 24, 64  # bytes, as the scheme has it
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class WebhookFailed(NamememError):
    """The receiver did not take the report; `gone` when it wants no more."""

    def __init__(self, message: str, *, gone: bool = False) -> None:
        super().__init__(message)
        self.gone = gone


def secret_bytes(secret: str) -> bytes:
    """The bytes of a secret, `whsec_` and base64. Raises `ValueError` where it is none."""
    text = secret.removeprefix("whsec_")
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("a webhook's secret is base64, with whsec_ before it or not") from error
    if not _SHORTEST_SECRET <= len(raw) <= _LONGEST_SECRET:
        raise ValueError(
            f"a webhook's secret has {_SHORTEST_SECRET} to {_LONGEST_SECRET} bytes; make one with: "
            'echo "whsec_$(openssl rand -base64 32)"'
        )
    return raw


def is_public(address: _Address) -> bool:
    """Whether an address is on the public internet, also what an IPv6 address wraps."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is None and address.teredo is not None:
            inner = address.teredo[1]
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


def check_url(url: str) -> httpx.URL:
    """The URL in parts, when it is one that reports may go to as far as can be seen from it.

    Raises:
        InvalidRequest: too long, not http(s), without a host, or with a password.
    """
    if len(url) > LONGEST_URL:
        raise _refused(f"it has more than {LONGEST_URL} characters")
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise _refused("it cannot be read as a URL") from error
    if parsed.scheme not in ("http", "https"):
        raise _refused("it is neither http:// nor https://")
    if not parsed.host:
        raise _refused("it names no host")
    if parsed.port is not None and not 0 < parsed.port < 65_536:
        raise _refused("its port is none")
    if parsed.userinfo:
        raise _refused("it has a user name or password in it")
    return parsed


async def check_host(url: httpx.URL, *, private: bool) -> str | None:
    """One of the host's addresses, all of them checked; None where it has none (now).

    Args:
        url: from `check_url`.
        private: whether addresses of one's own machine and network will do.

    Raises:
        InvalidRequest: one of them is not public.
    """
    try:
        literal: _Address | None = ipaddress.ip_address(url.host)
    except ValueError:
        literal = None
    addresses = [literal] if literal is not None else await _resolve(url)
    if not private:
        for address in addresses:
            if not is_public(address):
                raise _refused(
                    "its host is not on the public internet (whoever runs this server can allow "
                    "that: NAMEMEM_WEBHOOK_PRIVATE=true)"
                )
    return str(addresses[0]) if addresses else None


async def _resolve(url: httpx.URL) -> list[_Address]:
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        async with asyncio.timeout(_RESOLVE_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(
                url.host, port, type=socket.SOCK_STREAM
            )
    except (OSError, UnicodeError, TimeoutError):
        return []
    addresses: list[_Address] = []
    for *_, place in found:
        with contextlib.suppress(ValueError):
            addresses.append(ipaddress.ip_address(str(place[0]).partition("%")[0]))
    return addresses


def _refused(why: str) -> InvalidRequest:
    return InvalidRequest(f"webhook cannot be used: {why}.", field="webhook")


def signed(secret: bytes, message_id: str, body: bytes) -> dict[str, str]:
    """The headers of a report, as the scheme has them."""
    from standardwebhooks import Webhook

    now = datetime.now(UTC)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, now, body.decode()),
        "content-type": "application/json",
        "user-agent": "namemem",
    }


async def send(
    url: str, secret: bytes, message_id: str, payload: Mapping[str, Any], *, private: bool = False
) -> None:
    """Sends one report; the same `message_id` each time it is tried, so that it can be told again.

    Args:
        url: where to.
        secret: from `secret_bytes`.
        message_id: the header `webhook-id`.
        payload: JSON-serialisable.
        private: as in `check_host`.

    Raises:
        WebhookFailed: not answered with 2xx in time; the message holds nothing of the answer.
        InvalidRequest: the URL is one that reports may not go to (any more).
    """
    parsed = check_url(url)
    address = await check_host(parsed, private=private)
    if address is None:
        raise WebhookFailed("The host has no address.")
    body = json.dumps(payload, separators=(",", ":")).encode()
    headers = signed(secret, message_id, body) | {"host": parsed.netloc.decode()}
    timeout = httpx.Timeout(_SECONDS)
    try:
        async with (
            asyncio.timeout(_SECONDS),
            httpx.AsyncClient(timeout=timeout, trust_env=False, follow_redirects=False) as client,
            client.stream(
                "POST",
                parsed.copy_with(host=address),
                content=body,
                headers=headers,
                extensions={"sni_hostname": parsed.host},
            ) as response,
        ):
            status = response.status_code  # the answer's body is of no interest, and not read
    except (httpx.HTTPError, TimeoutError, OSError) as error:
        raise WebhookFailed(f"It could not be sent ({type(error).__name__}).") from error
    if not 200 <= status < 300:
        raise WebhookFailed(f"It was answered with {status}.", gone=status == 410)
