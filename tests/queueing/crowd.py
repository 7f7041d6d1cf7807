"""Several API and worker processes on one PostgreSQL, started and killed by the tests."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
from plugins.server import clean_environment

START_LIMIT = 60.0


class Crowd:
    """Processes around one database.

    Attributes:
        workers: ids of the worker processes that should be alive.
        servers: addresses of the API servers that should be alive → process id.
    """

    def __init__(self, directory: Path, database_url: str, **settings: str) -> None:
        self._directory = directory
        self.log = directory / "crowd.log"
        environment = clean_environment(directory) | {
            "NAMEMEM_DATABASE_URL": database_url,
            "NAMEMEM_HEARING": "queue",
            "NAMEMEM_JOB_LEASE_SECONDS": "3",
            "NAMEMEM_WORKERS": "4",
            "NAMEMEM_LOG_LEVEL": "warning",
            "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
        }
        with self.log.open("ab") as log:
            self._nursery = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("nursery.py"))],
                env=environment | settings,
                cwd=directory,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        self.workers: list[int] = []
        self.servers: dict[str, int] = {}
        if self._line() != "ready":
            raise RuntimeError(self.log.read_text())

    def _line(self) -> str:
        assert self._nursery.stdout is not None
        return self._nursery.stdout.readline().strip()

    def _start(self, what: str) -> int:
        assert self._nursery.stdin is not None
        self._nursery.stdin.write(what + "\n")
        self._nursery.stdin.flush()
        return int(self._line())

    def worker(self) -> int:
        """One more worker process; it works as soon as it has found the database."""
        self.workers.append(self._start("worker"))
        return self.workers[-1]

    def server(self) -> str:
        """One more API server, ready; its address."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        pid = self._start(f"api {port}")
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{url}/readyz", timeout=10).status_code == 200:
                    self.servers[url] = pid
                    return url
            time.sleep(0.1)
        raise RuntimeError(f"No server:\n{self.log.read_text()[-4000:]}")

    def kill_worker(self, pid: int) -> None:
        """kill -9."""
        self.workers.remove(pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def kill_server(self, url: str) -> None:
        """kill -9."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.servers.pop(url), signal.SIGKILL)

    def alive(self, pid: int) -> bool:
        """Whether the process is there."""
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return True

    def close(self) -> None:
        """Kills all of them."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._nursery.pid, signal.SIGKILL)
        self._nursery.wait(30)
        for pipe in (self._nursery.stdin, self._nursery.stdout):
            if pipe is not None:
                pipe.close()
