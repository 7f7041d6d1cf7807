"""A PostgreSQL server for the tests: the one you name, or a private one that is thrown away.

NAMEMEM_TEST_POSTGRES_URL names a server on which databases may be made. Without it, PostgreSQL's
own programs (Debian: `apt-get install postgresql`) start a server in a temporary directory that
listens on a socket file alone. Without either the tests that need it are skipped, or fail when
NAMEMEM_REQUIRE_ALL=1.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from namemem.store import Store


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a server's maintenance database."""
    named = os.environ.get("NAMEMEM_TEST_POSTGRES_URL")
    if named:
        yield named
        return
    programs = _programs()
    if programs is None:
        reason = "no PostgreSQL: set NAMEMEM_TEST_POSTGRES_URL or install postgresql"
        if os.environ.get("NAMEMEM_REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    directory = Path(tempfile.mkdtemp(prefix="namemem-pg-"))
    directory.chmod(0o755)
    as_owner: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(directory, "postgres", "postgres")
        as_owner = ["runuser", "-u", "postgres", "--"]
    data = directory / "data"
    options = f"-k {directory} -c listen_addresses= -c fsync=off -c max_connections=100"
    control = [*as_owner, str(programs / "pg_ctl"), "-D", str(data), "-w"]
    try:
        _call(
            *as_owner, str(programs / "initdb"), "-D", str(data), "-U", "postgres",
            "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync",
        )  # fmt: skip
        _call(*control, "-l", str(directory / "log"), "-o", options, "start")
        try:
            yield f"postgresql://postgres@/postgres?host={directory}"
        finally:
            _call(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[str]:
    """Name of a database with all migrations, to be copied."""
    name = f"namemem_template_{uuid.uuid4().hex[:12]}"
    _sql(postgres_server, f"CREATE DATABASE {name}")
    store = Store(_with_database(postgres_server, name))
    store.upgrade()
    store.close()
    yield name
    _sql(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def make_postgres_database(
    request: pytest.FixtureRequest, postgres_server: str
) -> Iterator[Callable[..., str]]:
    """Makes databases for one test; `make(empty=True)` leaves the migrations out."""
    made: list[str] = []

    def make(*, empty: bool = False) -> str:
        name = f"namemem_test_{uuid.uuid4().hex[:12]}"
        copied = "" if empty else f" TEMPLATE {request.getfixturevalue('postgres_template')}"
        _sql(postgres_server, f"CREATE DATABASE {name}{copied}")
        made.append(name)
        return _with_database(postgres_server, name)

    yield make
    for name in made:
        _sql(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


def _programs() -> Path | None:
    """The newest installed PostgreSQL's directory of programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def _call(*command: str) -> None:
    # Output goes to a file: the server inherits it and would keep a pipe open for ever.
    with tempfile.TemporaryFile("w+") as output:
        ended = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/", timeout=60
        )
        if ended.returncode != 0:
            output.seek(0)
            raise RuntimeError(f"{command[-1]} failed: {output.read()}")


def _sql(url: str, statement: str) -> None:
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _with_database(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)
