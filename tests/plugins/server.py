"""A real `namemem serve` in its own process group, with real engines, on a free port."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

START_LIMIT = 180.0  # seconds: engines load slowly on a machine that others use as well


class Server:
    """One server on one data directory; `start` again after `kill` to see what is left."""

    def __init__(self, data_dir: Path, port: int, **settings: str) -> None:
        self.data_dir = data_dir
        self.url = f"http://127.0.0.1:{port}"
        self._port = port
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self.log = data_dir / "server.log"

    def start(self) -> None:
        """Starts it and waits until it is ready."""
        environment = clean_environment(self.data_dir) | self._settings
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "namemem.cli", "serve", "--port", str(self._port)],
                env=environment,
                cwd=self.data_dir,  # no .env file of the developer's
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/readyz", timeout=10).status_code == 200:
                    return
            time.sleep(0.25)
        self.kill()
        raise RuntimeError(f"The server did not get ready:\n{self.log.read_text()[-4000:]}")

    def client(self) -> httpx.Client:
        """A client of it."""
        return httpx.Client(base_url=self.url, timeout=120)

    def workers(self) -> list[int]:
        """The process ids of its workers."""
        assert self._process is not None
        mine = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # gone meanwhile
                parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
                command = (folder / "cmdline").read_bytes()
                if int(parent) == self._process.pid and b"spawn_main" in command:
                    mine.append(int(folder.name))
        return mine

    def kill(self) -> None:
        """SIGKILL to the server and its workers at once."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(30)
            self._process = None

    def stop(self) -> int:
        """SIGTERM, as systemd and Docker do it; its exit code."""
        assert self._process is not None
        self._process.terminate()
        code = self._process.wait(60)
        self._process = None
        return code


def clean_environment(data_dir: Path) -> dict[str, str]:
    """The environment without the developer's settings, on the embedded engines."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("NAMEMEM_")}
    return kept | {
        "NAMEMEM_DATA_DIR": str(data_dir),
        "NAMEMEM_TRANSCRIBER": "sphinx",
        "NAMEMEM_PHONE_RECOGNIZER": "sphinx",
        "NAMEMEM_FETCH_MODELS": "false",
        "NAMEMEM_WORKERS": "2",
        "NAMEMEM_DEADLINE_SECONDS": "600",  # machines that do other things are slow
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that do not kill it."""
    running = Server(tmp_path_factory.mktemp("server"), _free_port())
    running.start()
    yield running
    running.kill()


@pytest.fixture
def make_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Makes servers of your own, not started; settings as environment variables."""
    made: list[Server] = []

    def make(**settings: str) -> Server:
        made.append(Server(tmp_path, _free_port(), **settings))
        return made[-1]

    yield make
    for one in made:
        one.kill()
