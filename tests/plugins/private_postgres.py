"""A PostgreSQL server of a test's own, which may be killed, stopped and started again."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from plugins.postgres import _call, _programs, _sql, _with_database
from sqlalchemy import make_url

from namemem.store import Store


class PrivatePostgres:
    """One server with `fsync` on, as in production, on a socket file in its directory."""

    def __init__(self, programs: Path, directory: Path) -> None:
        self.programs = programs
        self.directory = directory
        self.maintenance_url = f"postgresql://postgres@/postgres?host={directory}"
        self.url = self.maintenance_url
        root = os.geteuid() == 0  # the server refuses to run as root
        self.as_owner = ["runuser", "-u", "postgres", "--"] if root else []
        self._data = directory / "data"

    def create(self) -> None:
        """Makes the cluster; small log segments, so that it fits a small disk."""
        _call(
            *self.as_owner, str(self.programs / "initdb"), "-D", str(self._data), "-U", "postgres",
            "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--wal-segsize=1",
        )  # fmt: skip

    def new_database(self, tablespace: str = "pg_default") -> str:
        """Makes an empty database and points `url` at it."""
        name = f"namemem_{uuid.uuid4().hex[:12]}"
        _sql(self.maintenance_url, f"CREATE DATABASE {name} TABLESPACE {tablespace}")
        self.url = _with_database(self.maintenance_url, name)
        return name

    def start(self) -> None:
        """Starts it where it does not run; after a kill it recovers by itself."""
        with contextlib.suppress(OSError, ValueError):
            if _alive(self._pid()):
                return
        options = f"-k {self.directory} -c listen_addresses= -c max_wal_size=16MB -c fsync=on"
        for attempt in range(40):  # what a killed server has left takes a moment to be gone
            try:
                self._control("-l", str(self.directory / "log"), "-o", options, "start")
            except RuntimeError:
                if attempt == 39:
                    raise RuntimeError((self.directory / "log").read_text()[-3000:]) from None
                time.sleep(0.25)
            else:
                return

    def stop(self, mode: str = "fast") -> None:
        """`fast` as an administrator does it; `immediate` without a word to anybody."""
        self._control("-m", mode, "stop")

    def kill(self) -> None:
        """SIGKILL to the server and to all of its processes at once."""
        pid = self._pid()
        children = _children(pid)  # each is in a process group of its own
        for process in (pid, *children):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        while any(_alive(process) for process in (pid, *children)):
            time.sleep(0.01)

    def amcheck(self) -> str:
        """What PostgreSQL's own check of all tables and indexes says; empty when all is well."""
        done = subprocess.run(
            [str(self.programs / "pg_amcheck"), "-h", str(self.directory), "-U", "postgres",
             "-d", str(make_url(self.url).database), "--install-missing", "--heapallindexed"],
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        return "" if done.returncode == 0 else done.stdout + done.stderr

    def _pid(self) -> int:
        return int((self._data / "postmaster.pid").read_text().split("\n")[0])

    def _control(self, *arguments: str) -> None:
        _call(
            *self.as_owner, str(self.programs / "pg_ctl"), "-D", str(self._data), "-w", *arguments
        )


def _children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def _alive(pid: int) -> bool:
    """Whether a process runs; one that is dead and not yet collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture(scope="session")
def _killable_postgres() -> Iterator[PrivatePostgres]:
    programs = _programs()
    if programs is None:
        reason = "no PostgreSQL to kill: install Debian's postgresql"
        if os.environ.get("NAMEMEM_REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    place = Path(tempfile.mkdtemp(prefix="namemem-pg-"))
    place.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(place, "postgres", "postgres")
    server = PrivatePostgres(programs, place)
    try:
        server.create()
        server.start()
        yield server
    finally:
        with contextlib.suppress(RuntimeError, subprocess.TimeoutExpired):
            server.stop("immediate")
        shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def private_postgres(_killable_postgres: PrivatePostgres) -> PrivatePostgres:
    """A server that the test may kill; `url` is a database of the test's own, with all tables."""
    _killable_postgres.start()  # in case the test before left it dead
    _killable_postgres.new_database()
    store = Store(_killable_postgres.url)
    store.upgrade()
    store.close()
    return _killable_postgres
