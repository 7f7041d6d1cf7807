"""The first to meet a request and the last to see its answer (ASGI middleware)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time

from starlette.datastructures import MutableHeaders
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from namemem.observing import notes
from namemem.observing.metrics import Metrics
from namemem.observing.tracing import NoTracing, Tracing

_access = logging.getLogger("namemem.access")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
"""Routes that machines ask every few seconds: their lines are `debug`."""
NO_ROUTE = "(none)"
"""The route of a request that met none."""


class Observing:
    """Gives each request an id, and writes down how it went.

    The id is the caller's `X-Request-ID` or a new one; it is in the answer's header, in problem
    documents and in every log line. Routes appear as templates: a path or a query may hold an
    external id, a name or a token. It also notices callers who hang up: see `AttendedHearer`.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, tracing: Tracing | None = None) -> None:
        self.app = app
        self._metrics = metrics
        self._tracing = tracing or NoTracing()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or one WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        note = notes.RequestNote(
            notes.request_id_of(headers.get("x-request-id")),
            wait=notes.wait_of(headers.get("prefer")),
            loop=asyncio.get_running_loop(),
            on_problem=self._metrics.refused,
        )
        notes.begin(note)
        method = "WS" if scope["type"] == "websocket" else str(scope["method"])
        method = method if method in _METHODS or method == "WS" else "OTHER"
        status = 500  # of what raises
        began = time.perf_counter()

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message.setdefault("headers", [])
                answered = MutableHeaders(scope=message)
                answered["X-Request-ID"] = note.request_id
                if note.waited:
                    answered["Preference-Applied"] = f"wait={note.wait:g}"
            elif message["type"] == "websocket.accept":
                status = 101
            elif message["type"] == "websocket.close" and status != 101:
                status = 403
            await send(message)

        listening = receive if method == "WS" else _Attentive(receive, note)
        with self._tracing.request(method, headers) as span:
            try:
                await self.app(scope, listening, sending)
            finally:
                if isinstance(listening, _Attentive):
                    await listening.close()
                seconds = time.perf_counter() - began
                route = route_of(scope)
                if note.gone.is_set() and note.problem == "caller-gone":
                    status = 499
                span.name(f"{method} {route}")
                span.set("http.request.method", method)
                span.set("http.route", route)
                span.set("http.response.status_code", status)
                span.set("namemem.request_id", note.request_id)
                if status >= 500:
                    span.failed(note.problem or str(status))
                self._metrics.request(method, route, status, seconds)
                self._write(method, route, status, seconds, note)

    def _write(
        self, method: str, route: str, status: int, seconds: float, note: notes.RequestNote
    ) -> None:
        level = logging.DEBUG if route in _QUIET and status < 400 else logging.INFO
        fields = {
            "method": method,
            "route": route,
            "status": status,
            "ms": round(1000 * seconds, 1),
        }
        if note.problem is not None and status >= 400:
            fields["problem"] = note.problem
        _access.log(
            level,
            "%s %s %d in %.1f ms%s",
            method,
            route,
            status,
            1000 * seconds,
            f" ({note.problem})" if "problem" in fields else "",
            extra={"fields": fields},
        )


class _Attentive:
    """`receive`, which goes on listening after the body, for the caller's hanging up."""

    def __init__(self, receive: Receive, note: notes.RequestNote) -> None:
        self._receive = receive
        self._note = note
        self._listening: asyncio.Task[Message] | None = None

    async def __call__(self) -> Message:
        if self._listening is not None:  # somebody else listens for the same
            return await asyncio.shield(self._listening)
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._note.gone.set()
        elif not message.get("more_body", False):
            self._listening = asyncio.ensure_future(self._listen())
        return message

    async def _listen(self) -> Message:
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self._note.gone.set()
                return message

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._listening


def route_of(scope: Scope) -> str:
    """The template of the route that a request met, such as `/v1/people/{person_id}`."""
    route = scope.get("route")
    above = str(scope.get("app_root_path", ""))  # where a proxy serves us
    mounted = str(scope.get("root_path", "")).removeprefix(above)
    if route is None or isinstance(route, Mount):  # a mounted folder's file, or nothing at all
        return mounted or getattr(route, "path", NO_ROUTE)
    path = getattr(route, "path_format", None) or getattr(route, "path", "")
    return f"{mounted}{path}" if "app_root_path" in scope else str(path)
