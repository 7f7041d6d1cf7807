"""Connections of the server: how long, how large and how many. For `uvicorn.run(http=…)`.

uvicorn's httptools protocol bounds neither the size of a request's headers nor the time they
take, and waits for ever for a caller who does not read the answer. This one does bound them.
Bodies are bounded in `namemem.api.body_limits`, whatever the server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application

from namemem.api.errors import problem

_LINGER_SECONDS = 2.0
"""How long the rest of a refused body is read away, so that its sender sees the answer."""
_SPARE = 64
"""Connections over the limit that are still told so; those beyond are closed without a word."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Limits of one connection, and of all.

    Attributes:
        header_seconds: from a request's first byte to the end of its headers.
        header_bytes: request line and headers together.
        headers: how many there may be.
        body_seconds: from there to the end of its body; the connection is then cut off.
        stall_seconds: in which the caller may read nothing of an answer.
        connections: open at the same time.
    """

    header_seconds: float = 10.0
    header_bytes: int = 32_000
    headers: int = 100
    body_seconds: float = 150.0
    stall_seconds: float = 15.0
    connections: int = 800


def bounded_protocol(limits: ConnectionLimits) -> type[HttpToolsProtocol]:
    """A protocol class for `uvicorn.Config(http=…)` with these limits."""

    class Bounded(BoundedProtocol):
        bounds = limits

    return Bounded


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 by httptools, with deadlines and limits; made by `bounded_protocol`."""

    bounds = ConnectionLimits()

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._deadline: asyncio.TimerHandle | None = None
        self._reader_deadline: asyncio.TimerHandle | None = None
        self._answering: RequestResponseCycle | None = None
        self._crowded = False
        self._in_body = False
        self._head_bytes = 0  # of the headers on their way, and what came with them

    # --- the connection ------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Starts the clock; refuses where there are too many."""
        super().connection_made(transport)
        there = len(self.connections)
        if there > self.bounds.connections + _SPARE:
            transport.abort()
        self._crowded = there > self.bounds.connections
        if self._crowded:
            self.app = _refusing(*_TOO_MANY)
        self._set_deadline(self.bounds.header_seconds, self._headers_late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops the clocks."""
        super().connection_lost(exc)
        # uvicorn tells the newest of several pipelined requests only.
        self.pipeline.clear()
        if self._answering is not None and not self._answering.response_complete:
            self._answering.disconnected = True
            self._answering.message_event.set()
        self._set_deadline(None)
        self.resume_writing()

    def data_received(self, data: bytes) -> None:
        """Counts what is not yet a request."""
        if not self._in_body:
            self._head_bytes += len(data)
            if self._deadline is None:
                self._set_deadline(self.bounds.header_seconds, self._headers_late)
        super().data_received(data)
        if not self._in_body and self._head_bytes > self.bounds.header_bytes:
            self._answer_and_close(*_TOO_LARGE)

    # --- the request ---------------------------------------------------------------------------

    def on_headers_complete(self) -> None:
        """Bounds the finished headers; from here on the body's clock runs."""
        self._in_body, self._head_bytes = True, 0
        if self._size() > self.bounds.header_bytes or len(self.headers) > self.bounds.headers:
            self.app, usual = _refusing(*_TOO_LARGE), self.app
            super().on_headers_complete()
            self.app = usual
        else:
            super().on_headers_complete()
        self._set_deadline(self.bounds.body_seconds, self._cut_off)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def on_message_complete(self) -> None:
        """The request is here; answering may take what it takes."""
        super().on_message_complete()
        self._in_body = False
        # Where the answer went out before the body was here, uvicorn's own clock has stopped.
        answered = self.cycle is not None and self.cycle.response_complete
        seconds = self.bounds.header_seconds if answered else None
        self._set_deadline(seconds, self._headers_late)

    def timeout_keep_alive_handler(self) -> None:
        """Closes an idle connection, even where its caller reads nothing."""
        super().timeout_keep_alive_handler()
        self._set_deadline(self.bounds.stall_seconds, self._cut_off)

    def on_response_complete(self) -> None:
        """A body that nobody wants is read away for a moment, then the connection closes."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._set_deadline(self.bounds.stall_seconds, self._cut_off)
        elif self._in_body and self.cycle.response_complete:
            self._set_deadline(_LINGER_SECONDS, self._cut_off)

    def handle_websocket_upgrade(self) -> None:
        """Bounds the handshake; what follows is the WebSocket protocol's to bound."""
        self._set_deadline(None)
        if self._size() > self.bounds.header_bytes or len(self.headers) > self.bounds.headers:
            self._answer_and_close(*_TOO_LARGE)
        elif self._crowded:
            self._answer_and_close(*_TOO_MANY)
        else:
            super().handle_websocket_upgrade()

    def _size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP gets a problem document as well."""
        self._answer_and_close(
            400, "malformed-request", "Not an HTTP request", f"{msg} It cannot be read as HTTP/1.1."
        )

    # --- the answer ----------------------------------------------------------------------------

    def pause_writing(self) -> None:
        """The caller reads too slowly: not for ever."""
        super().pause_writing()
        if self._reader_deadline is None:
            self._reader_deadline = self.loop.call_later(self.bounds.stall_seconds, self._cut_off)

    def resume_writing(self) -> None:
        """The caller reads on."""
        super().resume_writing()
        if self._reader_deadline is not None:
            self._reader_deadline.cancel()
            self._reader_deadline = None

    # --- deadlines -----------------------------------------------------------------------------

    def _set_deadline(self, seconds: float | None, late: Callable[[], None] | None = None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None
        if seconds is not None and late is not None:
            self._deadline = self.loop.call_later(seconds, late)

    def _headers_late(self) -> None:
        if self.transport.is_closing():
            return
        if self._head_bytes:
            seconds = self.bounds.header_seconds
            self._answer_and_close(
                408,
                "headers-too-slow",
                "The request did not come in time",
                f"The request's headers may take {seconds:g} s. Send them at once.",
            )
        else:
            self.transport.close()  # nothing was asked, so nothing is answered

    def _cut_off(self) -> None:
        self.transport.abort()

    def _answer_and_close(self, status: int, slug: str, title: str, detail: str) -> None:
        if self.transport.is_closing():
            return
        self.transport.write(_raw(status, slug, title, detail))
        self.transport.close()
        self._set_deadline(self.bounds.stall_seconds, self._cut_off)


_TOO_LARGE = (
    431,
    "headers-too-large",
    "The request's headers are too large",
    "The request line and headers together are over the limit. Send fewer and shorter ones.",
)
_TOO_MANY = (
    503,
    "too-many-connections",
    "Too many connections",
    "The server has as many open connections as it may. Try again in a moment, and close "
    "connections that you do not need.",
)


def _refusing(status: int, slug: str, title: str, detail: str) -> ASGIApp:
    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        response = _closing(status, slug, title, detail, scope["path"])
        await response(scope, receive, send)

    return refuse


def _raw(status: int, slug: str, title: str, detail: str) -> bytes:
    """An answer for a caller whose request could not be read so far as to have a path."""
    response = _closing(status, slug, title, detail, "/")
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()]
    lines += [name + b": " + value for name, value in response.raw_headers]
    return b"\r\n".join([*lines, b"", bytes(response.body)])


def _closing(status: int, slug: str, title: str, detail: str, instance: str) -> JSONResponse:
    headers = {"Connection": "close"} | ({"Retry-After": "5"} if status == 503 else {})
    return problem(status, slug, title, detail, instance, None, headers)
