import hashlib
import http.server
import socket
import threading
import time

import pytest

from namemem import weights
from namemem.asr import choose_transcriber
from namemem.errors import EngineFailed, EngineUnavailable, InvalidSettings

BODY = bytes(range(256)) * 20_000
DIGEST = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def server():
    """Serves BODY under its digest; `cut`: bytes after which the next answer breaks off."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_response(404 if "missing" in self.path else 200)
            self.end_headers()

        def do_GET(self):
            first = int(self.headers.get("Range", "bytes=0-")[6:-1])
            held.ranges.append(first)
            self.send_response(206 if first else 200)
            self.send_header("Content-Length", str(len(BODY) - first))
            self.end_headers()
            cut, held.cut = held.cut, None
            self.wfile.write(BODY[first : cut or len(BODY)])

        def log_message(self, *args):
            pass

    held = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held.ranges, held.cut = [], None
    thread = threading.Thread(target=held.serve_forever)
    thread.start()
    held.url = f"http://127.0.0.1:{held.server_port}"
    yield held
    held.shutdown()
    thread.join()
    held.server_close()


def test_fetch_whole(server, tmp_path):
    seen = []
    path = weights.fetch(
        "tiny.en",
        cache=tmp_path / "new",
        url=f"{server.url}/{DIGEST}/tiny.en.pt",
        progress=lambda there, total: seen.append((there, total)),
    )
    assert path.read_bytes() == BODY
    assert seen[-1] == (len(BODY), len(BODY))
    assert [p.name for p in path.parent.iterdir()] == ["tiny.en.pt"]


def test_fetched_before_is_not_fetched_again(server, tmp_path):
    (tmp_path / "m.pt").write_bytes(BODY)
    weights.fetch("m", cache=tmp_path, url=f"{server.url}/{DIGEST}/m.pt")
    assert server.ranges == []


def test_cut_and_go_on(server, tmp_path):
    url = f"{server.url}/{DIGEST}/m.pt"
    server.cut = 3_000_000
    with pytest.raises(EngineUnavailable, match="go on from there"):
        weights.fetch("m", cache=tmp_path, url=url)
    assert not (tmp_path / "m.pt").exists()
    assert weights.fetch("m", cache=tmp_path, url=url).read_bytes() == BODY
    assert 0 < server.ranges[1] <= 3_000_000


def test_wrong_checksum_leaves_nothing(server, tmp_path):
    with pytest.raises(EngineFailed, match="checksum"):
        weights.fetch("m", cache=tmp_path, url=f"{server.url}/{'0' * 64}/m.pt")
    assert list(tmp_path.iterdir()) == []


def test_missing(server, tmp_path):
    with pytest.raises(EngineUnavailable, match="namemem models fetch"):
        weights.fetch("m", cache=tmp_path, url=f"{server.url}/missing/{DIGEST}/m.pt")


def test_total_timeout(server, tmp_path):
    with pytest.raises(EngineUnavailable, match="too long"):
        weights.fetch("m", cache=tmp_path, url=f"{server.url}/{DIGEST}/m.pt", timeout=0)


def test_server_that_hangs_does_not_hang_us():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        assert not weights.reachable(f"http://127.0.0.1:{silent.getsockname()[1]}/a", seconds=1)
        assert time.monotonic() - began < 2


def test_dns_that_never_answers_does_not_hang_us(monkeypatch):
    released = threading.Event()

    def blackhole(*args, **kwargs):
        released.wait(20)
        raise socket.gaierror("nobody")

    monkeypatch.setattr(socket, "getaddrinfo", blackhole)
    began = time.monotonic()
    assert not weights.reachable("http://weights.invalid/a", seconds=0.5)
    assert time.monotonic() - began < 1.5
    released.set()


def test_auto_without_a_way_takes_the_embedded_engine(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(weights, "reachable", lambda url: False)
    engine, why = choose_transcriber("auto", "tiny.en")
    assert engine.name == "sphinx"
    assert "does not answer" in why
    engine, why = choose_transcriber("auto", str(tmp_path / "none.pt"), fetch=False)
    assert engine.name == "sphinx"
    with pytest.raises(EngineUnavailable):
        choose_transcriber("whisper", "tiny.en", fetch=False)


def test_auto_takes_whisper_where_its_weights_are(tmp_path):
    (tmp_path / "own.pt").write_bytes(b"not looked into before it is loaded")
    engine, why = choose_transcriber("auto", str(tmp_path / "own.pt"))
    assert engine.name == "whisper"
    assert "own.pt" in why


def test_choice_by_name():
    assert choose_transcriber("sphinx")[0].name == "sphinx"
    with pytest.raises(InvalidSettings, match="auto, sphinx, whisper"):
        choose_transcriber("siri")


def test_an_official_name_counts_only_with_the_right_checksum(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    (tmp_path / "tiny.en.pt").write_bytes(b"half")
    assert weights.available_locally("tiny.en", cache=tmp_path) is None
    monkeypatch.setattr(weights, "official_url", lambda model: f"http://x/{DIGEST}/tiny.en.pt")
    (tmp_path / "tiny.en.pt").write_bytes(BODY)
    assert weights.available_locally("tiny.en", cache=tmp_path) == tmp_path / "tiny.en.pt"
