"""Bodies counted piece by piece, wherever they are cut; `tests/server` has it with real sockets."""

from __future__ import annotations

import asyncio
import json

import pytest

from namemem.api.body_limits import BodyLimits, Bounds

FORM = b"multipart/form-data; boundary=xyz"


class Exchange:
    """One request through the middleware, its body in pieces; the application reads it all."""

    def __init__(self, pieces, content_type=FORM, length=None):
        self.pieces = [*pieces]
        self.headers = [(b"content-type", content_type)]
        if length is not None:
            self.headers.append((b"content-length", str(length).encode()))
        self.read = b""
        self.sent = []
        self.was_read = asyncio.Event()
        self.may_end = asyncio.Event()

    async def receive(self):
        piece = self.pieces.pop(0)
        if piece is None:
            await asyncio.sleep(3600)
        return {"type": "http.request", "body": piece, "more_body": bool(self.pieces)}

    async def send(self, message):
        self.sent.append(message)

    async def through(self, limits):
        scope = {"type": "http", "method": "POST", "path": "/x", "headers": self.headers}
        limits.app = self.app
        await limits(scope, self.receive, self.send)
        return self.sent[0]["status"]

    async def app(self, scope, receive, send):
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ConnectionError
            self.read += message["body"]
            if not message["more_body"]:
                break
        self.was_read.set()
        await self.may_end.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    @property
    def problem(self):
        return json.loads(self.sent[1]["body"])


def answered(exchange, **bounds):
    exchange.may_end.set()
    limits = BodyLimits(exchange.app, Bounds(**{"max_upload": 1000, **bounds}))
    return asyncio.run(exchange.through(limits))


def form(parts):
    return b"".join(b"--xyz\r\n\r\nvalue\r\n" for _ in range(parts)) + b"--xyz--\r\n"


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize(("parts", "status"), [(4, 200), (5, 413)])
def test_parts_are_counted_wherever_the_pieces_are_cut(size, parts, status):
    body = form(parts)
    exchange = Exchange([body[i : i + size] for i in range(0, len(body), size)])
    assert answered(exchange, max_parts=4) == status
    if status == 413:
        assert exchange.problem["type"] == "urn:namemem:problem:body-too-large"
        assert exchange.problem["max_parts"] == 4


@pytest.mark.parametrize(
    ("kind", "bytes_", "status"),
    [
        (FORM, 1000, 200),
        (FORM, 1001, 413),
        (b"Multipart/Mixed; boundary=a", 1001, 413),
        (b"application/json", 100, 200),
        (b"application/json", 101, 413),
        (b"", 101, 413),
        (b"application/x-www-form-urlencoded", 1000, 200),
    ],
)
def test_each_kind_has_its_limit(kind, bytes_, status):
    assert answered(Exchange([b"x" * bytes_], kind), max_json=100) == status
    assert answered(Exchange([b"x"] * bytes_, kind), max_json=100) == status


def test_a_declared_length_is_refused_unread():
    exchange = Exchange([b"x"], length=10**30)
    assert answered(exchange) == 413
    assert exchange.read == b""


def test_a_body_that_stalls():
    exchange = Exchange([b"x", None])
    assert answered(exchange, stall_seconds=0.02) == 408
    assert exchange.problem["type"] == "urn:namemem:problem:upload-too-slow"
    assert (b"connection", b"close") in exchange.sent[0]["headers"]


def test_all_bodies_together_are_bounded_and_their_room_comes_back():
    async def scenario():
        first, second, third = (Exchange([b"x" * 600]) for _ in range(3))
        limits = BodyLimits(first.app, Bounds(max_upload=1000, max_together=1000))
        waiting = asyncio.create_task(first.through(limits))
        await first.was_read.wait()
        assert await second.through(limits) == 503
        assert second.problem["type"] == "urn:namemem:problem:busy"
        assert any(name == b"retry-after" for name, _ in second.sent[0]["headers"])
        first.may_end.set()
        assert await waiting == 200
        third.may_end.set()
        assert await third.through(limits) == 200

    asyncio.run(scenario())
