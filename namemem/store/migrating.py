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
from sqlalchemy import Connection, Engine, text

from namemem.errors import StoreUnavailable
from namemem.store.traces import keep_out_of_statistics

# Alembic's `context` is one per process; two threads must not run it at once.
_ONE_AT_A_TIME = threading.Lock()
_ADVISORY_LOCK = 0x6E616D656D656D  # "namemem" in ASCII, as PostgreSQL's lock number


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
