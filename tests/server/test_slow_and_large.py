"""Raw sockets against a real uvicorn: what comes too slowly, too large, or in too many pieces."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from plugins.serving import serving

from namemem import bootstrap
from namemem.app import create_app
from namemem.settings import Settings
from namemem.testing import FakeHearer

POST = (
    b"POST /v1/introductions HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n"
)
PART = b'--b\r\nContent-Disposition: form-data; name="audio"; filename="a.wav"\r\n\r\n'
GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[int]:
    """A server with short deadlines."""
    folder = tmp_path_factory.mktemp("slow")
    shutil.copy(empty_database, folder / "namemem.db")
    settings = Settings(
        data_dir=folder,
        _env_file=None,
        upload_seconds=2.0,
        stall_seconds=0.7,
        header_seconds=1.0,
        max_header_kb=8,
        max_upload_mb=2,
        max_connections=20,
        keep_alive_seconds=1,
    )
    app = create_app(settings, engines=FakeHearer())
    limits = bootstrap.build_connection_limits(settings)
    with serving(app, limits, timeout_keep_alive=settings.keep_alive_seconds) as port:
        yield port


@contextlib.contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as one:
        yield one


def to_the_end(one: socket.socket) -> bytes:
    """All that comes until the server closes."""
    got = b""
    with contextlib.suppress(ConnectionError):
        while piece := one.recv(65536):
            got += piece
    return got


def one_answer(one: socket.socket) -> bytes:
    """One answer with a Content-Length; the connection stays open."""
    got = b""
    while b"\r\n\r\n" not in got:
        piece = one.recv(65536)
        assert piece, got
        got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    size = next(
        int(x.split(b":")[1]) for x in head.split(b"\r\n") if x.lower()[:15] == b"content-length:"
    )
    while len(body) < size:
        body += one.recv(65536)
    return head + b"\r\n\r\n" + body


def problem(answer: bytes, status: int, slug: str) -> dict[str, object]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status), answer
    assert b"content-type: application/problem+json" in head.lower()
    found: dict[str, object] = json.loads(body)
    assert found["type"] == f"urn:namemem:problem:{slug}"
    assert len(str(found["detail"])) > 20
    return found


def drip(one: socket.socket, piece: bytes, every: float) -> None:
    """Sends `piece` again and again until the server has had enough."""
    one.settimeout(every)
    with contextlib.suppress(ConnectionError):
        for _ in range(200):
            one.sendall(piece)
            with contextlib.suppress(TimeoutError):
                if one.recv(1, socket.MSG_PEEK) is not None:
                    break
    one.settimeout(30)


def alive(port: int) -> None:
    with connected(port) as one:
        one.sendall(GET)
        assert one_answer(one).startswith(b"HTTP/1.1 200")


def test_headers_that_drip_are_given_up(port):
    with connected(port) as one:
        one.sendall(b"GET /healthz HTTP/1.1\r\n")
        drip(one, b"X-A: b\r\n", 0.1)
        problem(to_the_end(one), 408, "headers-too-slow")
    alive(port)


@pytest.mark.parametrize("first", [b"", GET], ids=["new", "after an answer"])
@pytest.mark.parametrize("piece", [b"\r\n", b""], ids=["empty lines", "nothing"])
def test_connections_without_a_request_close(port, first, piece):
    with connected(port) as one:
        if first:
            one.sendall(first)
            one_answer(one)
        if piece:
            drip(one, piece, 0.1)
        assert b"200 OK" not in to_the_end(one)


def test_body_that_stalls(port):
    with connected(port) as one:
        one.sendall(POST % 100_000 + PART + b"x" * 500)
        answer = to_the_end(one)
        found = problem(answer, 408, "upload-too-slow")
        assert found["stall_seconds"] == 0.7
        assert b"connection: close" in answer.lower()
    alive(port)


def test_body_that_drips_is_over_after_its_time(port):
    with connected(port) as one:
        one.sendall(POST % 100_000 + PART)
        drip(one, b"xx", 0.1)
        assert problem(to_the_end(one), 408, "upload-too-slow")["total_seconds"] == 2.0


def test_body_for_a_route_that_reads_none_ends_too(port):
    with connected(port) as one:
        one.sendall(b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n")
        problem(one_answer(one), 404, "no-such-route")
        drip(one, b"xx", 0.1)
        assert to_the_end(one) == b""


def test_chunked_body_without_end_is_cut_at_the_limit(port):
    with connected(port) as one:
        one.sendall(
            b"POST /v1/people HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        with contextlib.suppress(ConnectionError):
            for _ in range(20):  # 1.3 MB; the limit is 512 kB
                one.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
        problem(one_answer(one), 413, "body-too-large")
    alive(port)


def test_too_many_parts(port):
    part = b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\ny\r\n'
    body = part * 65 + PART + b"sound\r\n--b--\r\n"
    with connected(port) as one:
        one.sendall(POST % len(body) + body)
        assert problem(one_answer(one), 413, "body-too-large")["max_parts"] == 64
    body = part * 63 + PART + b"sound\r\n--b--\r\n"
    with connected(port) as one:
        one.sendall(POST % len(body) + body)
        assert one_answer(one).startswith(b"HTTP/1.1 201 ")


@pytest.mark.parametrize(
    "head",
    [
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: " + b"a" * 9_000 + b"\r\n\r\n",
        b"GET /healthz?" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + b"A: b\r\n" * 101 + b"\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: " + b"a" * 200_000,
        b"GET /" + b"a" * 200_000,
        b"GET /v1/listen HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nX-A: "
        + b"a" * 9_000 + b"\r\n\r\n",
    ],
    ids=["one header", "query", "number", "header without end", "path without end", "websocket"],
)  # fmt: skip
def test_large_headers(port, head):
    with connected(port) as one:
        with contextlib.suppress(ConnectionError):
            one.sendall(head)
        answer = to_the_end(one)
        if answer:  # a reset may overtake the answer where more was on its way
            problem(answer, 431, "headers-too-large")
        else:
            assert len(head) > 100_000
    alive(port)


def test_more_connections_than_there_may_be(port):
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(connected(port))
        with connected(port) as one:
            one.sendall(GET)
            answer = to_the_end(one)
            problem(answer, 503, "too-many-connections")
            assert b"retry-after: 5" in answer.lower()
    time.sleep(0.1)
    alive(port)


def test_idle_connections_make_room_by_themselves(port):
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(connected(port))
        time.sleep(1.5)  # the deadline of a first request is one second
        alive(port)


def test_one_who_reads_no_answer_is_cut_off(port):
    with connected(port) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 100)
        time.sleep(2.5)
        with pytest.raises(ConnectionError):  # noqa: PT012 - the first writes meet no reset yet
            for _ in range(20):
                one.sendall(GET)
                time.sleep(0.1)
    alive(port)


@pytest.mark.parametrize(
    "raw",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x00" * 100,
        b"POST /v1/people HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/people HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
        b"Content-Length: 6\r\n\r\n",
        b"POST /v1/people HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/people HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /\x80\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
def test_what_is_no_http(port, raw):
    with connected(port) as one:
        one.sendall(raw)
        problem(to_the_end(one), 400, "malformed-request")
    alive(port)
