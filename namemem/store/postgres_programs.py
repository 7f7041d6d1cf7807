"""PostgreSQL's own programs for backups: `pg_dump`, `pg_restore` and `psql`.

They must be as new as the server at least. Passwords go by the environment, never by the command
line, which others on the machine can read.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from psycopg.conninfo import make_conninfo
from sqlalchemy import URL
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from namemem.errors import InvalidRequest, StoreUnavailable
from namemem.scratch import scratch_folder

_DEBIAN = Path("/usr/lib/postgresql")


def dump(url: URL, file: Path, tables: Sequence[str]) -> None:
    """Writes the tables into a file, as they were at one moment.

    Raises:
        StoreUnavailable: no such program, no answer, no permission, no room.
    """
    chosen = [f'--table="{table}"' for table in tables]
    _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={file}",
         *chosen, url=url)  # fmt: skip


def dumped_revision(file: Path) -> str | None:
    """The schema in a file of `dump`; None where there is none.

    Raises:
        StoreUnavailable: the file is damaged, or there is no such program.
    """
    said = _run("pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(file))
    found = re.search(r"^COPY \S*alembic_version \(\w+\) FROM stdin;\n(\S+)$", said, re.MULTILINE)
    return found.group(1) if found else None


def load(url: URL, file: Path, tables: Sequence[str], afterwards: str = "") -> str:
    """Drops the tables and makes those of the file, in one transaction.

    Args:
        url: of the database.
        file: of `dump`.
        tables: what is dropped.
        afterwards: what psql is to run at the end of that transaction.

    Returns:
        The rows that `afterwards` selects, a line each, fields with `|` between them.

    Raises:
        StoreUnavailable: the file is damaged, or the database refuses; nothing is changed.
    """
    names = ", ".join(f'"{table}"' for table in tables)
    with scratch_folder() as directory:  # 0700: nobody else reads it
        script = directory / "restore.sql"
        _run("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(file))
        then = directory / "afterwards.sql"
        said = directory / "said"
        then.write_text(f"RESET search_path;\n\\o {said}\n{afterwards}\n")
        said.touch()
        _run("psql", "--no-psqlrc", "--quiet", "--single-transaction", "--tuples-only",
             "--no-align", "--set=ON_ERROR_STOP=1", "--output=/dev/null",
             f"--command=SET client_min_messages = warning; DROP TABLE IF EXISTS {names} CASCADE",
             f"--file={script}", f"--file={then}", url=url)  # fmt: skip
        return said.read_text()


def _run(program: str, *arguments: str, url: URL | None = None) -> str:
    path = _find(program)
    environment = {**os.environ, "PGAPPNAME": "namemem", "LC_MESSAGES": "C"}
    if url is not None:
        dialect: Any = PGDialect_psycopg
        parts: dict[str, Any] = dialect().create_connect_args(url)[1]
        parts.pop("context", None)
        password = parts.pop("password", None)
        if password is not None:
            environment["PGPASSWORD"] = str(password)
        arguments = (f"--dbname={make_conninfo(**parts)}", *arguments)
    done = subprocess.run(
        [path, *arguments], capture_output=True, text=True, errors="replace", env=environment
    )
    if done.returncode == 0:
        return done.stdout
    raise StoreUnavailable(
        f"{program} failed, and nothing was changed: {_why(done.stderr)}",
        reason="disk_full" if "no space left" in done.stderr.lower() else "program_failed",
    )


def _why(said: str) -> str:
    """The first error that a program tells, without values of rows."""
    for line in said.splitlines():
        found = re.search(r"(?:error|ERROR|FATAL|fatal):\s+(.*)", line)
        if found:
            return found.group(1)[:300].rstrip(".") + "."
    return "it does not say why."


def _find(program: str) -> str:
    """The program on the path, else the newest that Debian has installed."""
    found = shutil.which(program)
    if found is not None:
        return found
    places = _DEBIAN.glob(f"*/bin/{program}")
    newest = max(places, key=lambda p: float(p.parts[-3]), default=None)
    if newest is None:
        raise InvalidRequest(
            f"{program} is not installed; backups of PostgreSQL need it, as new as the server. "
            "On Debian: apt-get install postgresql-client."
        )
    return str(newest)
