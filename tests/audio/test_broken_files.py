"""Five hundred broken, lying and exploding recordings: no crash, no hang, bounded memory."""

from __future__ import annotations

import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from plugins import broken_audio, ears
from plugins.pools import wait_until

from namemem.app import create_app
from namemem.audio import decode
from namemem.audio.memory import DECODING_BYTES, memory_bounded
from namemem.errors import AudioError, UnreadableAudio
from namemem.settings import Settings
from namemem.workers import WorkerPool

TESTS = Path(__file__).parents[1]
SLUGS = {
    "unreadable-audio": 415,
    "truncated-audio": 422,
    "audio-too-long": 413,
    "audio-too-large": 413,
}


@pytest.fixture(scope="module")
def corpus() -> list[broken_audio.Broken]:
    return list(broken_audio.corpus())


def test_the_corpus_is_large_and_its_names_are_its_own(corpus):
    assert len(corpus) >= 500
    assert max(Counter(one.name for one in corpus).values()) == 1
    assert len({one.data for one in corpus}) > 0.97 * len(corpus)


def test_decoder_survives_every_file():
    """In a process of its own, whose death would be seen; a hang ends with the limit below."""
    command = [sys.executable, "-m", "plugins.decoding_broken_audio", "--json"]
    done = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, timeout=280)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, (rows[-1:], done.stderr[-2000:])
    assert len(rows) >= 500
    assert done.stderr == ""
    heard_in_vain = [r["name"] for r in rows if r["must_fail"] and r["outcome"] == "heard"]
    assert heard_in_vain == []
    assert [r for r in rows if r["outcome"] != "heard" and len(r["detail"]) < 20] == []
    # Damage to some bytes of a body leaves the rest to be heard: the corpus is not just noise.
    assert 0.3 < sum(r["outcome"] == "heard" for r in rows) / len(rows) < 0.6
    # RLIMIT_DATA bounds what is asked for; this, what was taken.
    assert max(r["memory"] for r in rows) < DECODING_BYTES


@pytest.fixture
def client(tmp_path, empty_database) -> Iterator[TestClient]:
    """The real application over worker processes that decode, and then hear a fake."""
    shutil.copy(empty_database, tmp_path / "namemem.db")
    pool = WorkerPool(ears.prepare, workers=2, queue_size=4)
    app = create_app(Settings(data_dir=tmp_path, _env_file=None), pool)
    with TestClient(app, "http://localhost") as client:
        wait_until(lambda: pool.state().ready)
        client.pool = pool
        yield client


def test_every_file_is_answered_over_http(corpus, client):
    """Every second of the damaged ones, unless NAMEMEM_PROVE=1, and all that must fail."""
    every = 1 if os.environ.get("NAMEMEM_PROVE") == "1" else 2
    chosen = [one for n, one in enumerate(corpus) if one.must_fail or n % every == 0]
    assert len(chosen) >= 300
    before = set(client.pool.pids())
    statuses: Counter[int] = Counter()
    for one in chosen:
        files = {"audio": (one.name, one.data, "application/octet-stream")}
        answer = client.post("/v1/introductions", files=files)
        statuses[answer.status_code] += 1
        if answer.status_code == 201:
            assert not one.must_fail, one.name
            continue
        assert answer.headers["content-type"] == "application/problem+json", one.name
        problem = answer.json()
        slug = problem["type"].removeprefix("urn:namemem:problem:")
        assert SLUGS.get(slug) == answer.status_code, (one.name, problem)
        assert len(problem["detail"]) > 20
    assert set(client.pool.pids()) == before  # no worker died of any of them
    assert set(statuses) == {201, 413, 415, 422}
    assert client.get("/healthz").status_code == 200


class _Canary(http.server.BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def canary():
    """An address that notes who asks for it."""
    asked: list[str] = []
    handler = type("Handler", (_Canary,), {"asked": asked})
    server = http.server.HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/canary.wav", asked
    server.shutdown()
    server.server_close()


def test_nothing_else_is_opened(tmp_path, canary):
    url, asked = canary
    path = tmp_path / "canary.wav"
    path.write_bytes(b"RIFF")
    count = 0
    with _Opened(path) as opened:
        for one in broken_audio.pointing(str(path), url):
            count += 1
            try:
                decode(one.data)
            except AudioError:
                continue
            assert not one.must_fail, one.name
        assert opened.times() == 0
        assert asked == []
        path.read_bytes()
        assert opened.times() > 0  # the watch does see who opens it
    assert count >= 18


class _Opened:
    """How often a file was opened, from inotify (Linux)."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> _Opened:
        import ctypes

        libc = ctypes.CDLL(None, use_errno=True)
        self.file = libc.inotify_init1(os.O_NONBLOCK)
        assert libc.inotify_add_watch(self.file, os.fsencode(self.path), 0x20) >= 0  # IN_OPEN
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.file)

    def times(self) -> int:
        try:
            return len(os.read(self.file, 65_536)) // 16
        except BlockingIOError:
            return 0


def test_memory_bound_stops_an_allocation_and_goes_away():
    code = (
        "import numpy as np\n"
        "from namemem.audio.memory import DECODING_BYTES, memory_bounded\n"
        "with memory_bounded(50 * 2**20):\n"
        "    np.ones(10 * 2**20, np.uint8)\n"
        "    try:\n"
        "        np.ones(100 * 2**20, np.uint8)\n"
        "    except MemoryError:\n"
        "        print('stopped')\n"
        "print(np.ones(100 * 2**20, np.uint8).size)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["stopped", str(100 * 2**20)]


def test_memory_that_is_not_to_be_had_is_an_error_of_the_file(monkeypatch):
    import av

    def full(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(av, "open", full)
    with pytest.raises(UnreadableAudio, match="memory"), memory_bounded(DECODING_BYTES):
        decode(broken_audio.riff(broken_audio.chunk(b"fmt ", broken_audio.fmt()),
                                 broken_audio.chunk(b"data", bytes(3200))))  # fmt: skip
