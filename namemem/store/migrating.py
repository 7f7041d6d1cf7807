"""Tables come to be by Alembic alone; this runs it inside the program."""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, inspect, text

from namemem.errors import StoreUnavailable
from namemem.store.traces import keep_out_of_statistics

# Alembic's `context` is one per process; two threads must not run it at once.
_ONE_AT_A_TIME = threading.Lock()
_ADVISORY_LOCK = 0x6E616D656D656D  # "namemem" in ASCII, as PostgreSQL's lock number


_COUNT_BACK = "UPDATE alembic_version SET version_num = '{}';"
MADE: dict[str, frozenset[str]] = {
    "0001": frozenset({"people", "names", "introductions"}),
    "0002": frozenset({"api_keys", "audit"}),
    "0003": frozenset({"jobs"}),
    "0004": frozenset({"consents", "erasures", "clips.sealed"}),
    "0005": frozenset({"idempotency_keys.answer"}),
}
"""Tables and columns by which it is seen that a revision has been done."""


def migrations_directory() -> Path:
    """Where the migrations are: in an installed package, else at the root of the repository.

    Raises:
        StoreUnavailable: they are in neither place.
    """
    package = Path(__file__).resolve().parent.parent
    for place in (package / "_migrations", package.parent / "migrations"):
        if (place / "env.py").is_file():
            return place
    raise StoreUnavailable(
        "The migrations are missing from this installation of namemem. Install it again.",
        reason="incomplete_installation",
    )


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration for these migrations, on an open connection when one is given."""
    config = Config()
    config.set_main_option("script_location", str(migrations_directory()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@cache
def head_revision() -> str | None:
    """The newest schema that this code knows."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


def current_revision(connection: Connection) -> str | None:
    """The schema that the database has; None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def refuse_newer(current: str | None) -> None:
    """Raises `StoreUnavailable` when a newer namemem has upgraded the database."""
    if current is None:
        return
    script = ScriptDirectory.from_config(alembic_config())
    known = {revision.revision for revision in script.walk_revisions()}
    if current not in known:
        raise StoreUnavailable(
            f"The database has schema {current}, which this namemem does not know: a newer one "
            "made it. Upgrade namemem, or restore a backup from before.",
            reason="newer_database",
            current_revision=current,
            head_revision=script.get_current_head(),
        )


def _refuse_unfinished(connection: Connection, current: str) -> None:
    """Raises `StoreUnavailable` where the database lacks what its schema has in every release.

    Versions between two releases made such databases: their migrations were not written yet, and
    only counted the schema up. Where nothing of the later steps is there, it can be counted back.
    """
    inspector = inspect(connection)
    there = set(inspector.get_table_names())
    for table in tuple(there):
        there |= {f"{table}.{column['name']}" for column in inspector.get_columns(table)}
    done = [revision for revision in sorted(MADE) if revision <= current]
    whole = next((i for i, one in enumerate(done) if not MADE[one] <= there), len(done))
    if whole == len(done):
        return
    missing = sorted(MADE[done[whole]] - there)
    later = set().union(*(MADE[one] for one in done[whole:])) & there
    if whole and not later:
        mend = (
            f"What it holds is schema {done[whole - 1]}. Make a copy of it, then say so by the SQL "
            + _COUNT_BACK.format(done[whole - 1])
            + " and run `namemem db upgrade`."
        )
    else:
        mend = (
            "Restore a backup (`namemem db restore FILE --force`), or set NAMEMEM_DATABASE_URL to "
            "an empty database and start anew."
        )
    raise StoreUnavailable(
        f"The database says that it has schema {current}, but lacks {', '.join(missing)}: it was "
        f"made by a version of namemem between two releases, or was changed by hand. {mend}",
        reason="damaged",
        current_revision=current,
        missing=missing,
    )


def upgrade(engine: Engine) -> None:
    """Brings the database to `head_revision`, all steps in one transaction, one process at a time.

    `engine` is from `make_migration_engine`; SQLAlchemy's errors pass through.

    Raises:
        StoreUnavailable: the database is newer than the code, or its references are broken.
    """
    with _ONE_AT_A_TIME, engine.begin() as connection:  # SQLite: BEGIN IMMEDIATE is the lock
        sqlite = connection.dialect.name == "sqlite"
        if not sqlite:
            connection.execute(
                text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ADVISORY_LOCK}
            )
        current = current_revision(connection)
        refuse_newer(current)
        if current is not None:
            _refuse_unfinished(connection, current)
        if current == head_revision():
            return
        try:
            command.upgrade(alembic_config(connection), "head")
        except CommandError as error:
            raise StoreUnavailable(
                f"The database cannot be upgraded: {error}", reason="migration_failed"
            ) from error
        if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise StoreUnavailable(
                "After the upgrade rows would refer to rows that are not there; nothing was "
                "changed. Restore a backup.",
                reason="migration_failed",
            )
        if not sqlite:
            keep_out_of_statistics(connection)
