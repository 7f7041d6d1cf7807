"""`Store`: the database, its transactions and its upkeep."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from namemem.errors import StoreUnavailable
from namemem.people import Status
from namemem.store import checking, migrating, traces
from namemem.store.engine import READ_ONLY, make_engine, make_migration_engine, parse_url
from namemem.store.erasure_queries import personal_tables
from namemem.store.failures import translate
from namemem.store.repository import Repository
from namemem.store.scope import checked
from namemem.store.sealing import ClipSealer
from namemem.store.tables import SPACE_LENGTH, NameRow

_log = logging.getLogger(__name__)
_SCRUB_LOCK_SECONDS = 2.0  # others that want the table wait behind it for as long


class Store:
    """Where people are remembered: SQLite or PostgreSQL. Safe to share between threads.

    Args:
        url: `sqlite:///path` (the directory is made) or `postgresql://…`. Nothing is connected
            to yet.
        timeout_seconds: longest wait for a lock or a connection.
        upgrade_timeout_seconds: longest wait for another process that is upgrading.
        sealer: encrypts kept recordings; without one they are kept as they are.

    Raises:
        InvalidSettings: the URL is none that namemem can use.
        StoreUnavailable: the SQLite file cannot be made.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout_seconds: float = 10.0,
        upgrade_timeout_seconds: float = 120.0,
        sealer: ClipSealer | None = None,
    ) -> None:
        self.sealer = sealer or ClipSealer()
        self._url = parse_url(url)
        self._timeout_seconds = timeout_seconds
        self._upgrade_timeout_seconds = upgrade_timeout_seconds
        self._engine = make_engine(self._url, timeout_seconds=timeout_seconds)
        self._reading: Engine = self._engine.execution_options(
            **{READ_ONLY: True, **({} if self.is_sqlite else {"postgresql_readonly": True})}
        )
        self._joint: ContextVar[Repository | None] = ContextVar("joint", default=None)

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
        joint = self._joint.get()
        if joint is not None and joint.space == space:
            yield joint  # `one_transaction` commits, or rolls all of it back
            return
        try:
            with (
                Session(
                    self._reading if read_only else self._engine,
                    expire_on_commit=False,
                    execution_options={"populate_existing": True},
                ) as session,
                session.begin(),
            ):
                yield Repository(session, space, self.sealer)
        except SQLAlchemyError as error:
            raise translate(error) from error

    @contextmanager
    def one_transaction(self, space: str) -> Iterator[Repository]:
        """A transaction that every `transaction` on the same space within the block joins.

        So that several use cases commit together or not at all. Within one thread; an error
        that leaves an inner block must leave this one too.
        """
        with self.transaction(space) as repo:
            token = self._joint.set(repo)
            try:
                yield repo
            finally:
                self._joint.reset(token)

    def names_by_status(self) -> dict[str, int]:
        """How many names of all spaces have each review status. Raises `StoreUnavailable`."""
        counted = select(NameRow.status, func.count()).group_by(NameRow.status)
        try:
            with self._reading.begin() as connection:
                found = {str(status): int(count) for status, count in connection.execute(counted)}
        except SQLAlchemyError as error:
            raise translate(error) from error
        return {status.value: found.get(status.value, 0) for status in Status}

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

    def findings(self) -> list[str]:
        """What is broken in the database; empty when it is whole. See `namemem.store.checking`.

        Raises:
            StoreUnavailable: it does not answer, or needs `namemem db upgrade`.
        """
        self.ping()
        try:
            with self._reading.begin() as connection:
                return checking.findings(connection)
        except SQLAlchemyError as error:
            raise translate(error) from error

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

    def erase_traces(self, *, at_once: bool = False) -> bool:
        """Removes what deleted rows left on disk. False: not yet all of it, call again.

        To be called after a transaction that erased something, outside of any. How it is done,
        and what stays out of reach, is in `namemem.store.traces`. What is left undone is noted in
        the database, and done by a later call, of whichever process.

        Args:
            at_once: a request waits for it. PostgreSQL then rewrites small tables only, and
                leaves the write-ahead log to the next call without it.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        done = self.scrub(at_once=at_once)
        return done.tables

    def scrub(self, *, at_once: bool = False, everything: bool = False) -> traces.Scrubbed:
        """`erase_traces` with a report.

        Args:
            at_once: as in `erase_traces`.
            everything: also where no erasure is noted.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        try:
            noted = self._noted()
            if self.is_sqlite:
                # Without a note too: a crash may have come before the log was emptied.
                return self._empty_wal([one for one, _ in noted])
            if not noted and not everything:
                return traces.Scrubbed(tables=True, log=True)
            tables = personal_tables() if everything else traces.union(noted)
            return self._rewrite([one for one, _ in noted], tables, at_once=at_once)
        except SQLAlchemyError as error:
            raise translate(error) from error

    def _noted(self) -> list[tuple[str, tuple[str, ...]]]:
        with self.transaction(read_only=True) as repo:
            return repo.noted_erasures()

    def _empty_wal(self, noted: list[str]) -> traces.Scrubbed:
        if not traces.empty_wal(self._engine, self._timeout_seconds):
            _log.warning("Erased rows are still in the write-ahead log: a reader holds it.")
            return traces.Scrubbed(
                tables=False, log=False, notes=("A reader holds the write-ahead log. Try again.",)
            )
        if noted:
            with self.transaction() as repo:
                repo.drop_erasures(noted)
        return traces.Scrubbed(tables=True, log=True)

    def _rewrite(
        self, noted: list[str], tables: Sequence[str], *, at_once: bool
    ) -> traces.Scrubbed:
        engine = make_migration_engine(self._url, timeout_seconds=_SCRUB_LOCK_SECONDS)
        try:
            with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                if (at_once and not traces.is_small(connection)) or not traces.begin(connection):
                    return traces.Scrubbed(tables=False, log=False, notes=("To be done later.",))
                if traces.keep_out_of_statistics(connection):
                    traces.rewrite_statistics(connection)
                if not traces.rewrite(connection, tables, noted):
                    _log.warning("Erased rows are still in the tables: a transaction sees them.")
                    note = "An old transaction can still see erased rows. End it and try again."
                    return traces.Scrubbed(tables=False, log=False, notes=(note,))
                if at_once:
                    self._only_log_left(noted)
                    return traces.Scrubbed(tables=True, log=False)
                log, notes = traces.turn_log_over(connection)
                with self.transaction() as repo:
                    repo.drop_erasures(noted)
                return traces.Scrubbed(tables=True, log=log, notes=tuple(notes))
        except SQLAlchemyError as error:
            found = translate(error)
            if found.details.get("reason") != "busy":
                raise
            return traces.Scrubbed(
                tables=False, log=False, notes=("The tables are in use. Try again.",)
            )
        finally:
            engine.dispose()

    def _only_log_left(self, noted: list[str]) -> None:
        with self.transaction() as repo:
            repo.rewritten(noted)

    def close(self) -> None:
        """Closes all connections; the store may be used again afterwards."""
        self._engine.dispose()
