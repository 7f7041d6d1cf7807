"""The guard before all routes: who calls, may they do this, and how often (ASGI middleware).

It stands before the request's body is read, so that a caller without a key uploads nothing.
WebSockets bring their key in their first message or their query, so their routes ask for it
themselves (`access.authenticate`); the guard only looks where they come from.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from namemem.api.access import authenticate
from namemem.api.errors import problem_of
from namemem.api.proxies import proxied
from namemem.api.rates import RateLimits
from namemem.api.scopes import Needs, RouteTable
from namemem.errors import Forbidden, NamememError
from namemem.service.access import Caller, Keyring
from namemem.store import Actor, acting

_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_STUDIO = "/review"


class LoopbackOnly(Forbidden):
    """Without any key, only callers on this machine are served."""


class Guard:
    """Lets a request through to its route, with `state.caller`, or answers it with a problem.

    Args:
        app: the next application.
        api: the application whose routes are guarded; its `state` has `keyring`, `throttle`.
        limits: how much a key may ask for.
        anywhere: serve callers without a key from other machines too, where no key is configured.
        origins: web pages that may call; `*` for all.
    """

    def __init__(
        self,
        app: ASGIApp,
        api: Any,
        limits: RateLimits,
        *,
        anywhere: bool = False,
        origins: tuple[str, ...] = (),
    ) -> None:
        self.app = app
        self._api = api
        self._routes = RouteTable(api.routes)
        self._limits = limits
        self._anywhere = anywhere
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        path = _path(scope)
        headers = _headers(scope)
        method = "WS" if scope["type"] == "websocket" else str(scope["method"])
        needs = self._routes.find(method, path)
        try:
            if needs is None or needs.public or method == "WS":
                if method == "WS" or _in_studio(path):
                    await self._check_neighbourhood(scope, headers, method)
                await self.app(scope, receive, send)
                return
            caller = await self._admit(scope, headers, method, needs)
        except NamememError as error:
            await _refuse(error, scope, receive, send)
            return
        told, refused = self._limits.spend(caller, _address(scope), introduces=needs.introduces)
        if refused is not None:
            answer = problem_of(refused, path)
            answer.headers.update(told)
            await answer(scope, receive, send)
            return
        scope.setdefault("state", {})["caller"] = caller
        with acting(Actor(caller.key_id, caller.label, headers.get("x-namemem-user", ""))):
            await self.app(scope, receive, _with_headers(send, told) if told else send)

    async def _admit(
        self, scope: Scope, headers: Mapping[str, str], method: str, needs: Needs
    ) -> Caller:
        caller = await authenticate(self._api, _bearer(headers), _address(scope))
        if caller.is_anonymous and not self._anywhere:
            self._check_local(scope, headers, method)
        caller.require(*needs.scopes)
        return caller

    async def _check_neighbourhood(
        self, scope: Scope, headers: Mapping[str, str], method: str
    ) -> None:
        """For what asks for keys by itself: where none is needed, only this machine may call."""
        keyring: Keyring = self._api.state.keyring
        if not self._anywhere and await asyncio.to_thread(keyring.is_open):
            self._check_local(scope, headers, "" if _in_studio(_path(scope)) else method)

    def _check_local(self, scope: Scope, headers: Mapping[str, str], method: str) -> None:
        """Refuses other machines, and web pages of other sites that a browser here has open.

        A page may have its own host name resolve to 127.0.0.1 (DNS rebinding), or send forms
        and open WebSockets to localhost; `Host` and `Origin` give it away. So do a proxy's headers
        that it calls for others.

        Raises:
            LoopbackOnly: with how to go on.
        """
        address = _address(scope)
        host = headers.get("host")
        if not (address is None or _is_loopback(address, unknown=True)):
            what = f"you call from {address}"
        elif (header := proxied(scope["headers"])) is not None:
            what = f"a proxy has handed this on, as its header {header} tells"
        elif host is not None and not _is_loopback(_hostname(f"//{host}")):
            what = f"you call it {host[:100]!r}"
        elif (method in _CHANGING or method == "WS") and not self._is_own_page(headers):
            what = f"a page of {headers['origin'][:100]!r} calls"
        else:
            return
        raise LoopbackOnly(
            "No API key is configured, so only this machine is served, as localhost or 127.0.0.1; "
            f"{what}. Make a key with `namemem keys create`, or set NAMEMEM_ALLOW_ANONYMOUS=true "
            "to serve everybody."
        )

    def _is_own_page(self, headers: Mapping[str, str]) -> bool:
        origin = headers.get("origin")
        if origin is None or "*" in self._origins or origin in self._origins:
            return True
        return _is_loopback(_hostname(origin))


async def _refuse(error: NamememError, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        message = await receive()
        if message["type"] == "websocket.connect":
            await send({"type": "websocket.close", "code": 1008, "reason": "policy violation"})
        return
    await problem_of(error, _path(scope))(scope, receive, send)


def _with_headers(send: Send, headers: Mapping[str, str]) -> Send:
    added = [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()]

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *added]}
        await send(message)

    return sending


def _path(scope: Scope) -> str:
    """The path below the prefix at which a proxy serves the application."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path.removeprefix(root) if path.startswith(f"{root}/") else path


def _headers(scope: Scope) -> dict[str, str]:
    """The first of each header."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
    return found


def _bearer(headers: Mapping[str, str]) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _address(scope: Scope) -> str | None:
    client = scope.get("client")
    return str(client[0]) if client else None


def _in_studio(path: str) -> bool:
    below = path == _STUDIO or path.startswith(f"{_STUDIO}/")
    return below and not path.startswith(f"{_STUDIO}/static/")


def _hostname(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_loopback(host: str, *, unknown: bool = False) -> bool:
    """Whether it names this machine; `unknown` where it is no address, such as a socket file."""
    if host.lower().rstrip(".") == "localhost" or host.lower().endswith(".localhost"):
        return True
    try:
        parsed = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return unknown
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_loopback)
