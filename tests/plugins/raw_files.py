"""Looking for bytes in the files of a database, as somebody with the disk in hand would."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from namemem.store.scope import fold


def written(secret: str) -> list[bytes]:
    """How a text may stand in a file: UTF-8, JSON-escaped, in small letters, folded."""
    forms = (secret, secret.lower(), secret.casefold(), fold(secret))
    escaped = [json.dumps(form)[1:-1] for form in forms]
    return sorted({form.encode() for form in (*forms, *escaped)})


def database_directory(url: str) -> Path:
    """Everything the database keeps: the file's directory, or the server's data directory."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return Path(str(parsed.database)).parent
    directory = Path(str(run_sql(url, "SHOW data_directory")))
    if not os.access(directory / "base", os.R_OK):
        pytest.skip("the files of the server in NAMEMEM_TEST_POSTGRES_URL are out of reach")
    return directory


def files_with(directory: Path, patterns: Iterable[bytes]) -> list[str]:
    """The files below a directory that hold any of the byte strings."""
    with tempfile.NamedTemporaryFile() as asked:
        asked.write(b"\n".join(patterns))  # no pattern has a line feed in it
        asked.flush()
        command = ["grep", "-rlaF", "-f", asked.name, "."]
        ended = subprocess.run(
            command, cwd=directory, capture_output=True, env={**os.environ, "LC_ALL": "C"}
        )
    # 2: a file went away while it was looked for, as the server's do; others were still read.
    assert ended.returncode in (0, 1, 2), ended.stderr.decode()
    return sorted(ended.stdout.decode().split())


def run_sql(url: str, *statements: str) -> object:
    """Runs statements outside of a transaction; the first value of the last one's first row."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    engine = create_engine(parsed, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    value = None
    with engine.connect() as connection:
        for statement in statements:
            result = connection.execute(text(statement))
            row = result.first() if result.returns_rows else None
            value = None if row is None else row[0]
    engine.dispose()
    return value
