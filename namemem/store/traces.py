"""Bytes of deleted rows leave the database's files.

SQLite overwrites deleted content in the database at once (`secure_delete`); the write-ahead log
has to be moved into it and emptied.

PostgreSQL only marks deleted rows. A plain VACUUM frees their place without overwriting it, so the
tables are rewritten (`VACUUM FULL`), which leaves out every row version that no transaction can see
any more. Three more places keep copies:

- `pg_statistic`, where ANALYZE puts frequent values and histogram bounds of each column: for the
  columns that hold what people say, nothing is collected, and what was collected is dropped;
- the write-ahead log, `pg_wal`: its segments are turned over where the role may do so, and the
  server removes them instead of using them again where `wal_recycle = off`;
- archives of that log, replicas and backups, which nobody but the operator can reach.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import JSON, LargeBinary, String

from namemem.store.erasure_queries import IMPERSONAL_TABLES, personal_tables
from namemem.store.tables import Base

SMALL_BYTES = 32 * 1024 * 1024
"""Tables of that size together are rewritten within the request that erases."""
_LOCK = 0x65726173  # "eras" in ASCII, as PostgreSQL's lock number
_COUNTED = frozenset({"id", "space", "kind", "status", "state", "webhook_state", "sealed"})
"""Text columns whose values say nothing about a person: the planner may count them."""


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """What came of it.

    Attributes:
        tables: nothing of what was deleted is left in the tables' files.
        log: nor in the write-ahead log.
        notes: what is left to do, in sentences for the operator.
    """

    tables: bool
    log: bool
    notes: tuple[str, ...] = ()


def empty_wal(engine: Engine, timeout_seconds: float) -> bool:
    """SQLite: moves the write-ahead log into the database and empties it.

    False when a reader that still looks at the past has held that up for the whole timeout.
    """
    deadline = time.monotonic() + timeout_seconds
    while True:
        raw = engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute("PRAGMA query_only = OFF")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            row = cursor.fetchone()  # (busy, pages in the log, pages moved)
            cursor.close()
        except sqlite3.OperationalError:  # locked, or no room to move it: it stays where it is
            row = None
        finally:
            raw.close()
        if row is not None and row[0] == 0:
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)


def is_small(connection: Connection) -> bool:
    """PostgreSQL: whether the personal tables together are below `SMALL_BYTES`."""
    query = text(
        "SELECT sum(pg_total_relation_size(to_regclass(t))) FROM unnest(CAST(:tables AS text[])) t"
    )
    size = connection.execute(query, {"tables": list(personal_tables())}).scalar_one()
    return int(size or 0) < SMALL_BYTES


def begin(connection: Connection) -> bool:
    """PostgreSQL: True when no other process is at it; hold until the connection closes."""
    query = text("SELECT pg_try_advisory_lock(:number)")
    return bool(connection.execute(query, {"number": _LOCK}).scalar_one())


def rewrite(connection: Connection, tables: Iterable[str], noted: Sequence[str]) -> bool:
    """PostgreSQL: rewrites tables without what was deleted before the call.

    Each is locked while that lasts; the wait for a lock is the connection's `lock_timeout`.

    Args:
        connection: in autocommit.
        tables: names; those that there are not are left out.
        noted: ids of the erasures that it is about; all that were ever made when there are none.

    Returns:
        False when an old transaction may still see deleted rows, so that they were kept.
    """
    known = [name for name in Base.metadata.tables if name in set(tables)]
    # A note is written by the transaction that deletes: the youngest of them is the last to go.
    youngest = connection.execute(
        text(
            "SELECT CAST(xmin AS text) FROM erasures WHERE id = ANY(CAST(:noted AS text[]))"
            " ORDER BY age(xmin) LIMIT 1"
        ),
        {"noted": list(noted)},
    ).scalar_one_or_none()
    if youngest is None:
        now = text("SELECT CAST(CAST(pg_current_xact_id() AS xid) AS text)")
        youngest = connection.execute(now).scalar_one()
    for name in known:
        connection.execute(text(f'VACUUM (FULL) "{name}"'))  # one of our own names
    # VACUUM FULL freezes as far as it removes: `relfrozenxid` is the oldest transaction that
    # might still have been looking.
    behind = text(
        "SELECT count(*) FROM pg_class, unnest(CAST(:tables AS text[])) t"
        " WHERE oid = to_regclass(t)"
        " AND age(relfrozenxid) >= age(CAST(:youngest AS xid))"
    )
    counted = connection.execute(behind, {"tables": known, "youngest": youngest})
    return not counted.scalar_one()


def keep_out_of_statistics(connection: Connection) -> bool:
    """PostgreSQL: no values of personal columns in the planner's statistics, now and later.

    Returns:
        Whether there were any: `pg_statistic` itself has to be rewritten then.
    """
    columns = [
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        if table.name not in IMPERSONAL_TABLES
        for column in table.columns
        if isinstance(column.type, String | JSON | LargeBinary)
        and column.name not in _COUNTED
        and not column.foreign_keys
    ]
    found = connection.execute(
        text(
            "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod),"
            " coalesce(a.attstattarget, -1) <> 0,"
            " EXISTS (SELECT FROM pg_stats s WHERE s.schemaname = n.nspname"
            " AND s.tablename = c.relname AND s.attname = a.attname)"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped"
            " WHERE n.nspname = current_schema()"
            " AND (c.relname || '.' || a.attname) = ANY(CAST(:columns AS text[]))"
        ),
        {"columns": [f"{table}.{column}" for table, column in columns]},
    ).all()
    dropped = False
    for table, column, kind, collected, there in found:
        if collected:
            connection.execute(
                text(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" SET STATISTICS 0')
            )
        if there:  # giving a column its own type again drops its statistics and rewrites nothing
            connection.execute(text(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" TYPE {kind}'))
            dropped = True
    return dropped


def rewrite_statistics(connection: Connection) -> None:
    """PostgreSQL: rewrites `pg_statistic`; nothing happens where the role may not."""
    connection.execute(text("VACUUM (FULL) pg_catalog.pg_statistic"))


def turn_log_over(connection: Connection) -> tuple[bool, list[str]]:
    """PostgreSQL: has the write-ahead log so far removed, where the role and the server allow it.

    Returns:
        Whether nothing of it is left, and what the operator has to do about it.
    """
    notes = []
    try:
        connection.execute(text("SELECT pg_switch_wal()"))
        connection.execute(text("CHECKPOINT"))
    except DBAPIError:
        notes.append(
            "The role may not turn the write-ahead log over: GRANT pg_checkpoint TO it, and "
            "EXECUTE ON FUNCTION pg_switch_wal(). Until then the log keeps what was erased for "
            "as long as the server does."
        )
    if _setting(connection, "wal_recycle") == "on":
        notes.append(
            "wal_recycle is on: old segments of the write-ahead log are used again without being "
            "overwritten first. Set wal_recycle = off to have them removed."
        )
    if _setting(connection, "archive_mode") in ("on", "always"):
        notes.append(
            "archive_mode is on: the archive of the write-ahead log keeps what was erased until "
            "you expire it."
        )
    slots = connection.execute(text("SELECT count(*) FROM pg_replication_slots")).scalar_one()
    if slots:
        notes.append(
            f"{slots} replication slot(s) may hold the write-ahead log back; replicas have their "
            "own copy of it."
        )
    return not notes, notes


def _setting(connection: Connection, name: str) -> str | None:
    query = text("SELECT current_setting(:name, true)")
    value: str | None = connection.execute(query, {"name": name}).scalar_one()
    return value


def union(noted: Sequence[tuple[str, tuple[str, ...]]]) -> list[str]:
    """The tables of several notes, each once."""
    return sorted({table for _, tables in noted for table in tables})
