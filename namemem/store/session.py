"""`Store`: the database, its transactions and its upkeep."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from namemem.errors import StoreUnavailable
from namemem.store import migrating
from namemem.store.engine import READ_ONLY, make_engine, make_migration_engine, parse_url
from namemem.store.failures import translate
from namemem.store.repository import Repository
from namemem.store.scope import checked
from namemem.store.tables import SPACE_LENGTH

_log = logging.getLogger(__name__)


class Store:
    """Where people are remembered: SQLite or PostgreSQL. Safe to share between threads.

    Args:
        url: `sqlite:///path` (the directory is made) or `postgresql://…`. Nothing is connected
            to yet.
        timeout_seconds: longest wait for a lock or a connection.
        upgrade_timeout_seconds: longest wait for another process that is upgrading.

    Raises:
        InvalidSettings: the URL is none that namemem can use.
        StoreUnavailable: the SQLite file cannot be made.
    """

    def __init__(
        self, url: str, *, timeout_seconds: float = 10.0, upgrade_timeout_seconds: float = 120.0
    ) -> None:
        self._url = parse_url(url)
        self._timeout_seconds = timeout_seconds
        self._upgrade_timeout_seconds = upgrade_timeout_seconds
        self._engine = make_engine(self._url, timeout_seconds=timeout_seconds)
        self._reading: Engine = self._engine.execution_options(
            **{READ_ONLY: True, **({} if self.is_sqlite else {"postgresql_readonly": True})}
        )

    @property
    def is_sqlite(self) -> bool:
        """SQLite; otherwise PostgreSQL."""
        return self._url.get_backend_name() == "sqlite"

    @property
    def description(self) -> str:
        """The database for logs and `namemem doctor`, without its password."""
        return self._url.render_as_string(hide_password=True)

    @contextmanager
    def transaction(
        self, space: str = "default", *, read_only: bool = False
    ) -> Iterator[Repository]:
        """One transaction on one space: commits at the end, rolls back on any error.

        Args:
            space: whose people are seen.
            read_only: it writes nothing. On SQLite such a transaction neither waits for a
                writer nor holds one up; one that may write is alone among writers from its
                first query on, so listen before it, not in it.

        Raises:
            StoreUnavailable: no answer, locked for too long, disk full, not upgraded.
            Conflict: somebody else stored the same thing at the same time.
            InvalidRequest: a space that cannot be one.
        """
        checked(space, "space", SPACE_LENGTH)
        try:
            with (
                Session(
                    self._reading if read_only else self._engine,
                    expire_on_commit=False,
                    execution_options={"populate_existing": True},
                ) as session,
                session.begin(),
            ):
                yield Repository(session, space)
        except SQLAlchemyError as error:
            raise translate(error) from error

    def ping(self) -> None:
        """Returns when the database answers and has this code's schema.

        Raises:
            StoreUnavailable: it does not answer, or needs `namemem db upgrade`.
        """
        current = self.current_revision()
        if current != self.head_revision():
            migrating.refuse_newer(current)
            raise StoreUnavailable(
                f"The database has schema {current or 'none'}; this namemem needs "
                f"{self.head_revision()}. Run `namemem db upgrade`.",
                reason="not_upgraded",
            )

    def upgrade(self) -> None:
        """Brings an empty or older database to this code's schema; otherwise does nothing.

        Several processes may call it at once: one works, the others wait.

        Raises:
            StoreUnavailable: the database is newer than the code, does not answer, or another
                process has been upgrading for too long.
        """
        engine = make_migration_engine(self._url, timeout_seconds=self._upgrade_timeout_seconds)
        try:
            migrating.upgrade(engine)
        except SQLAlchemyError as error:
            raise translate(error) from error
        finally:
            engine.dispose()

    def current_revision(self) -> str | None:
        """The schema the database has; None when it is empty. Raises `StoreUnavailable`."""
        try:
            with self._reading.begin() as connection:
                return migrating.current_revision(connection)
        except SQLAlchemyError as error:
            raise translate(error) from error

    def head_revision(self) -> str | None:
        """The schema that this code needs."""
        return migrating.head_revision()

    def erase_traces(self) -> bool:
        """Overwrites what deleted rows left on disk. False: not yet all of it, call again.

        To be called after a transaction that erased something, outside of any.

        SQLite: deleted content is overwritten in the database at once (`secure_delete`); this
        moves the write-ahead log into it and empties the log. A reader that still looks at the
        past holds that up: after waiting for the timeout the answer is False.

        PostgreSQL: the rows are gone for everybody, but dead tuples stay in the table files
        until a vacuum, which this runs on the tables that hold personal data; the freed space
        within pages is reused and not overwritten, and the write-ahead log and its archives
        keep what they have until they are recycled. Encrypt that disk.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        try:
            return self._checkpoint() if self.is_sqlite else self._vacuum()
        except SQLAlchemyError as error:
            raise translate(error) from error

    def _checkpoint(self) -> bool:
        deadline = time.monotonic() + self._timeout_seconds
        while True:
            raw = self._engine.raw_connection()
            try:
                cursor = raw.cursor()
                cursor.execute("PRAGMA query_only = OFF")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                row = cursor.fetchone()  # (busy, pages in the log, pages moved)
                cursor.close()
            finally:
                raw.close()
            if row is not None and row[0] == 0:
                return True
            if time.monotonic() > deadline:
                _log.warning("Erased rows are still in the write-ahead log: a reader holds it.")
                return False
            time.sleep(0.05)

    def _vacuum(self) -> bool:
        tables = "people, names, name_versions, introductions, clips, idempotency_keys"
        autocommit = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        with autocommit.connect() as connection:
            connection.execute(text(f"VACUUM {tables}"))
        return True

    def close(self) -> None:
        """Closes all connections; the store may be used again afterwards."""
        self._engine.dispose()
