"""How large a request body may be, of how many parts, and how slowly it may come.

An ASGI middleware outside everything else: what is too much or too slow is never read to its
end, whatever the headers say, and is answered by a problem document.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from python_multipart.multipart import parse_options_header
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from namemem.api import errors as api_errors
from namemem.api.errors import BodyTooLarge, UploadTooSlow
from namemem.errors import AudioTooLarge, EngineBusy, NamememError

_FORM_BYTES = 1_100_000
"""An URL-encoded form: Starlette takes no field over 1 MiB, and few forms have more than one."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of one request body.

    Attributes:
        max_upload: bytes of a multipart form, which may carry a recording.
        max_json: bytes of any other body but an URL-encoded form.
        max_parts: parts of a multipart form.
        max_together: bytes of all bodies that are being read or worked on.
        total_seconds: from the first read to the last byte.
        stall_seconds: without a single byte.
    """

    max_upload: int
    max_json: int = 512_000
    max_parts: int = 64
    max_together: int = 400_000_000
    total_seconds: float = 120.0
    stall_seconds: float = 15.0

    def max_bytes(self, content_type: str) -> int:
        """The limit for a body of this type."""
        kind = content_type.partition(";")[0].strip().lower()
        if kind.startswith("multipart/"):
            return self.max_upload
        if kind == "application/x-www-form-urlencoded":
            return max(self.max_json, _FORM_BYTES)
        return self.max_json


class BodyLimits:
    """Stops reading a request body at its bounds (ASGI middleware).

    Answers 413 for too many bytes or parts, 408 for too slow a sender, and 503 while all bodies
    together are as many bytes as the memory is meant to hold.
    """

    def __init__(self, app: ASGIApp, bounds: Bounds) -> None:
        self.app = app
        self.bounds = bounds
        self._held = _Held()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, its body counted and timed."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = _Body(scope, receive, self.bounds, self._held)
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            if body.refusal is not None and not started:
                return  # the problem below takes its place
            started = True
            await send(message)

        if body.refusal is None:
            # What reading half a body raises is of no interest once it is refused.
            try:
                await self.app(scope, body.receive, watched)
            except Exception:
                if body.refusal is None or started:
                    raise
            finally:
                body.release()
        if body.refusal is not None and not started:
            response = api_errors.problem_of(body.refusal, scope["path"])
            if response.status_code == 408:
                response.headers["Connection"] = "close"  # RFC 9110, 15.5.9
            await response(scope, receive, send)


class _Held:
    """Bytes of all bodies that are in memory now."""

    def __init__(self) -> None:
        self.bytes = 0


class _Body:
    """One body on its way in; `refusal` says why it is read no further."""

    def __init__(self, scope: Scope, receive: Receive, bounds: Bounds, held: _Held) -> None:
        headers = dict(scope["headers"])
        content_type = headers.get(b"content-type", b"").decode("latin-1")
        self._receive = receive
        self._bounds = bounds
        self._held = held
        self._is_form = content_type.lower().startswith("multipart/")
        self._max_bytes = bounds.max_bytes(content_type)
        self._parts = _PartCounter(content_type)
        self._bytes = 0
        self._complete = False
        self._deadline: float | None = None
        self.refusal: NamememError | None = None
        declared = headers.get(b"content-length", b"0")
        if declared.isdigit() and int(declared[:20]) > self._max_bytes:
            self.refusal = self._too_large()

    async def receive(self) -> Message:
        """The next message; `http.disconnect` once the body is refused."""
        if self._complete:
            return await self._receive()  # only the caller's hanging up can come now
        if self.refusal is not None:
            return {"type": "http.disconnect"}
        now = asyncio.get_running_loop().time()
        if self._deadline is None:
            self._deadline = now + self._bounds.total_seconds
        try:
            async with asyncio.timeout_at(min(self._deadline, now + self._bounds.stall_seconds)):
                message = await self._receive()
        except TimeoutError:
            return self._refused(self._too_slow())
        if message["type"] != "http.request":
            self._complete = True
            return message
        chunk = message.get("body", b"")
        self._complete = not message.get("more_body", False)
        self._bytes += len(chunk)
        self._held.bytes += len(chunk)
        if self._bytes > self._max_bytes:
            return self._refused(self._too_large())
        if self._held.bytes > self._bounds.max_together:
            return self._refused(
                EngineBusy(
                    "The server holds as many uploads as it may. Send it again in a moment.",
                    retry_after=5,
                )
            )
        if self._is_form and self._parts.count(chunk) > self._bounds.max_parts:
            return self._refused(
                BodyTooLarge(
                    f"The form has more than {self._bounds.max_parts} parts. Send each field once.",
                    max_parts=self._bounds.max_parts,
                )
            )
        return message

    def release(self) -> None:
        """The request is over: its body is in memory no more."""
        self._held.bytes -= self._bytes
        self._bytes = 0

    def _refused(self, why: NamememError) -> Message:
        self.refusal = why
        self._complete = False
        return {"type": "http.disconnect"}

    def _too_large(self) -> NamememError:
        if self._is_form:
            return AudioTooLarge(
                f"The upload is larger than {self._max_bytes} bytes. Send a shorter recording, or "
                "a compressed format such as ogg/opus.",
                max_bytes=self._max_bytes,
            )
        return BodyTooLarge(
            f"The request body is larger than {self._max_bytes} bytes. Send less at once.",
            max_bytes=self._max_bytes,
        )

    def _too_slow(self) -> NamememError:
        return UploadTooSlow(
            f"The request body did not come: it may take {self._bounds.total_seconds:g} s in all "
            f"and {self._bounds.stall_seconds:g} s without a byte. Send it again, on a better "
            "connection or in a compressed format such as ogg/opus.",
            total_seconds=self._bounds.total_seconds,
            stall_seconds=self._bounds.stall_seconds,
        )


class _PartCounter:
    """How often a multipart body's delimiter has come, wherever the chunks are cut."""

    def __init__(self, content_type: str) -> None:
        _, options = parse_options_header(content_type.encode("latin-1"))
        boundary = options.get(b"boundary", b"")
        # The first delimiter may lack the line break, the closing one has it: the sum is right.
        self._delimiter = b"\r\n--" + boundary if boundary else b""
        self._tail = b""
        self._found = 0

    def count(self, chunk: bytes) -> int:
        """Parts so far."""
        if self._delimiter:
            text = self._tail + chunk
            self._found += text.count(self._delimiter)
            # No delimiter fits wholly into what is carried over, so none is counted twice.
            self._tail = text[max(0, len(text) - len(self._delimiter) + 1) :]
        return self._found
