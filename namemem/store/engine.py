"""URL → SQLAlchemy engine, with what each database needs to be safe."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from namemem.errors import InvalidSettings, StoreUnavailable

READ_ONLY = "namemem_read_only"
"""Execution option: the transaction only reads, so it waits for no writer."""


def parse_url(url: str) -> URL:
    """Reads a database URL: `sqlite:///path`, `postgresql://…` or `postgresql+psycopg://…`.

    Raises:
        InvalidSettings: no such URL, another database, or SQLite without a file.
    """
    # The URL itself stays out of messages: it may hold a password.
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise InvalidSettings(
            "The database URL cannot be read. Write sqlite:///path/to/namemem.db or "
            "postgresql://user:password@host/database."
        ) from error
    if parsed.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        if parsed.database in (None, "", ":memory:") or "uri" in parsed.query:
            raise InvalidSettings(
                "SQLite needs a file, since several threads and processes share it. "
                "Write sqlite:///path/to/namemem.db."
            )
        return parsed.set(drivername="sqlite+pysqlite")
    raise InvalidSettings(
        f"namemem stores in SQLite or PostgreSQL, not in {parsed.drivername!r}.",
        driver=parsed.drivername,
    )


def make_engine(url: URL, *, timeout_seconds: float, pool_size: int = 10) -> Engine:
    """An engine for requests.

    Args:
        url: from `parse_url`.
        timeout_seconds: longest wait for a lock, for a connection of the pool, and (PostgreSQL)
            for the server to accept a connection.
        pool_size: connections kept open; as many again may be opened for a while.

    Raises:
        StoreUnavailable: the directory of the SQLite file cannot be made.
    """
    options: dict[str, Any] = {
        "hide_parameters": True,  # no names in logs or tracebacks
        "pool_size": pool_size,
        "max_overflow": pool_size,
        "pool_timeout": timeout_seconds,
    }
    if url.get_backend_name() == "sqlite":
        _make_file(url)
        engine = create_engine(url, connect_args={"timeout": timeout_seconds}, **options)
        _listen_sqlite(engine, timeout_seconds, foreign_keys=True)
        _watch_file(engine, Path(str(url.database)))
        _close_late_returns(engine)
        return engine
    connect_args = {"connect_timeout": max(2, round(timeout_seconds))}
    engine = create_engine(url, connect_args=connect_args, pool_pre_ping=True, **options)
    _listen_postgres(engine, timeout_seconds)
    _close_late_returns(engine)
    return engine


def make_migration_engine(url: URL, *, timeout_seconds: float) -> Engine:
    """An engine for `upgrade`: one connection, closed at once; it waits long for its lock.

    On SQLite foreign keys are off in it: changing a table there means making it anew, and
    dropping the old one would cascade. `upgrade` checks them before it commits.
    """
    if url.get_backend_name() == "sqlite":
        _make_file(url)
        connect_args = {"timeout": timeout_seconds}
        engine = create_engine(
            url, connect_args=connect_args, poolclass=NullPool, hide_parameters=True
        )
        _listen_sqlite(engine, timeout_seconds, foreign_keys=False)
        return engine
    engine = create_engine(
        url,
        connect_args={"connect_timeout": max(2, round(min(timeout_seconds, 10.0)))},
        poolclass=NullPool,
        hide_parameters=True,
    )
    _listen_postgres(engine, timeout_seconds)
    return engine


def _make_file(url: URL) -> None:
    """The file and its directory, readable by their owner alone: they hold personal data.

    A file that is there is never opened here: closing any descriptor of it would drop the locks
    that this process's connections hold on it (POSIX), and the next program to leave the database
    would delete the log that they still write to.
    """
    path = Path(str(url.database))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            with contextlib.suppress(FileExistsError):
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not os.access(path, os.R_OK | os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    except OSError as error:
        raise StoreUnavailable(
            f"The database file {path} cannot be opened for writing: {error.strerror}. "
            "Give its directory to the user who runs namemem, or set NAMEMEM_DATABASE_URL.",
            reason="disk_full" if error.errno == 28 else "unreachable",
        ) from error


def _listen_sqlite(engine: Engine, timeout_seconds: float, *, foreign_keys: bool) -> None:
    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # BEGIN is ours, below
        cursor = connection.cursor()
        try:
            cursor.execute(f"PRAGMA busy_timeout = {round(timeout_seconds * 1000)}")
            _switch_to_wal(cursor, timeout_seconds)
            cursor.execute("PRAGMA synchronous = FULL")  # a commit survives a power cut
            cursor.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
            cursor.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten
            cursor.execute("PRAGMA temp_store = MEMORY")
        finally:
            cursor.close()

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        read_only = bool(connection.get_execution_options().get(READ_ONLY, False))
        connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if read_only else 'OFF'}")
        # A writer takes the write lock first: a reader that turns writer halfway would fail
        # with "database is locked" however long it waits.
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _watch_file(engine: Engine, path: Path) -> None:
    """A file that is deleted or replaced would still be written to, and all of it be lost."""

    def identity() -> tuple[int, int] | None:
        try:
            there = path.stat()
        except OSError:
            return None
        return there.st_dev, there.st_ino

    @event.listens_for(engine, "connect")
    def _connected(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["file"] = identity()

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        now = identity()
        if now == connection.info.get("file"):
            return
        if now is not None:
            connection.invalidate()  # the next transaction opens the file that is there now
        raise StoreUnavailable(
            "The database file was removed or replaced while namemem runs; nothing was stored. "
            "Put it back, or restore a backup with `namemem db restore`.",
            reason="replaced",
        )


def _close_late_returns(engine: Engine) -> None:
    """Closes connections that a thread still had when the engine was disposed of.

    They return to a pool that nobody asks any more, and would stay open.
    """
    generation = 0

    @event.listens_for(engine, "engine_disposed")
    def _disposed(_engine: Engine) -> None:
        nonlocal generation
        generation += 1

    @event.listens_for(engine, "connect")
    def _connected(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["generation"] = generation

    @event.listens_for(engine, "checkin")
    def _returned(_connection: object, record: ConnectionPoolEntry) -> None:
        if record.info.get("generation", generation) != generation:
            record.close()


def _switch_to_wal(cursor: sqlite3.Cursor, timeout_seconds: float) -> None:
    """Write-ahead logging; SQLite does not wait by itself when two make the switch at once."""
    deadline = time.monotonic() + timeout_seconds
    while True:
        try:
            if cursor.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
                return
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _listen_postgres(engine: Engine, timeout_seconds: float) -> None:
    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {round(timeout_seconds * 1000)}")
            # What is acknowledged is on disk, whatever the server's default is.
            cursor.execute(
                "SELECT set_config('synchronous_commit', 'on', false)"
                " WHERE current_setting('synchronous_commit') = 'off'"
            )
            cursor.execute("SET TIME ZONE 'UTC'")
        connection.commit()
