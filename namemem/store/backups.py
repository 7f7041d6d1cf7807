"""A backup of the whole database in one file, while the server runs; and back again.

SQLite: a copy by SQLite's own backup interface, one moment of the database; the file is a database
itself. PostgreSQL: what `pg_dump` writes in its custom format, of namemem's tables alone.

Restoring replaces everything in one transaction: whoever reads meanwhile sees all of the old or
all of the new, and a power cut in the middle leaves the old. What was ended since the backup
(people erased, consents withdrawn, keys revoked) does not come back: see `namemem.store.carrying`.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, exc, func, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from namemem.errors import InvalidRequest, StoreUnavailable
from namemem.store import migrating, postgres_programs
from namemem.store.carrying import Carried, Present, for_psql, look
from namemem.store.engine import make_migration_engine, parse_url
from namemem.store.failures import translate
from namemem.store.session import Store
from namemem.store.tables import Base, PersonRow

_SQLITE, _POSTGRES = b"SQLite format 3\0", b"PGDMP"
_WAIT = 60.0  # seconds for a writer to be done


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: the backup's schema, the schema now, and how many people there are.

    Attributes:
        related: whether the database that was replaced was the backup's, as far as it told; if
            not, nothing is known of what was ended after the backup.
        ended: what had been ended after the backup and stays so: `erased` people, `recordings`,
            withdrawn `consents`, revoked `keys`, waiting `jobs`.
        carried: what only the replaced database knew.
    """

    schema_before: str
    schema: str
    people: int
    related: bool
    ended: Counter[str] = field(default_factory=Counter)
    carried: Carried = field(default_factory=Carried)


def back_up(url: str, file: Path, *, replace: bool = False) -> None:
    """Writes a backup; readable by its owner alone, since it holds personal data.

    The file appears under its name once it is complete and on disk.

    Args:
        url: of the database, which must have this code's schema.
        file: where to.
        replace: a file that is there already may be replaced.

    Raises:
        InvalidRequest: there is such a file, or it cannot be written.
        StoreUnavailable: the database does not answer, or a disk is full.
    """
    if file.exists() and not replace:
        raise InvalidRequest(f"{file} is there already. Name another, or add --force.")
    store = Store(url)
    store.ping()
    store.close()
    with _file_errors(file):
        part = file.with_name(f".{file.name}.part")
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            if store.is_sqlite:
                with _sqlite_errors(), _open(_path(url)) as source, _open(part) as target:
                    source.backup(target)
                    # One file: no log beside it is needed to read it.
                    target.execute("PRAGMA journal_mode = DELETE")
            else:
                postgres_programs.dump(parse_url(url), part, _our_tables())
            _sync(part)
            part.replace(file)
            _sync(file.parent)
        finally:
            part.unlink(missing_ok=True)


def restore(url: str, file: Path, *, replace: bool = False) -> Restored:
    """Puts a backup in the place of what the database holds; an older one is brought up to date.

    Args:
        url: of the database; it may be empty or not there yet.
        file: from `back_up`, of the same kind of database.
        replace: what the database holds may be replaced.

    Raises:
        InvalidRequest: no backup of this kind of database, or the database holds something.
        StoreUnavailable: the backup is of a newer namemem, is damaged or is not whole, or the
            database does not answer. Nothing is changed, unless the message says so.
    """
    with _file_errors(file), file.open("rb") as opened:
        head = opened.read(len(_SQLITE))
    store = Store(url)
    try:
        wanted = _SQLITE if store.is_sqlite else _POSTGRES
        if not head.startswith(wanted):
            raise InvalidRequest(f"{file} is no backup of {_kind(wanted)}.{_other(head, wanted)}")
        if not replace and _holds_something(store, url):
            raise InvalidRequest(
                f"{store.description} holds data already. Add --force to replace all of it, or "
                "set NAMEMEM_DATABASE_URL to an empty database."
            )
        work = _restore_sqlite if store.is_sqlite else _restore_postgres
        before, related, ended, carried = work(store, url, file)
        (people,) = _rows(url, select(func.count()).select_from(PersonRow))[0]
        schema = store.current_revision() or "none"
        return Restored(before, schema, people, related, ended, carried)
    finally:
        store.close()


_Done = tuple[str, bool, Counter[str], Carried]


def _restore_sqlite(store: Store, url: str, file: Path) -> _Done:
    """Beside the database first: upgraded and checked there, then in one transaction."""
    live = _path(url)
    with (
        _file_errors(live),
        tempfile.TemporaryDirectory(prefix=".namemem-restore-", dir=live.parent) as directory,
    ):
        copy = Path(directory) / "namemem.db"
        with _sqlite_errors(), _open(file, read_only=True) as source, _open(copy) as target:
            source.backup(target)
        staged = Store(f"sqlite:///{copy}")
        try:
            before = _acceptable(staged.current_revision())
            staged.upgrade()
            present = _look(store, url)
            with staged.transaction() as repo:
                related, ended = repo.end(present)
            carried = _carry(staged, present, related, ended)
            _refuse_broken(staged)
        finally:
            staged.close()
        with _sqlite_errors(), _open(copy) as source, _open(live) as target:
            target.execute("PRAGMA journal_mode = WAL")
            target.execute("PRAGMA synchronous = FULL")
            source.backup(target)
            target.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # what was there before is gone
        return before, related, ended, carried


def _restore_postgres(store: Store, url: str, file: Path) -> _Done:
    """What was ended is ended in the transaction that brings the backup in."""
    parsed = parse_url(url)
    before = _acceptable(postgres_programs.dumped_revision(file))
    present = _look(store, url)
    said = postgres_programs.load(parsed, file, _our_tables(), for_psql(present))
    counts: Counter[str] = Counter()
    for line in said.split():
        what, _, count = line.partition("|")
        counts[what] += int(count)
    related = counts.pop("related", 0) > 0
    store.close()  # its connections may remember what the old tables were like
    store.upgrade()
    carried = _carry(store, present, related, counts)
    _refuse_broken(store, "The database holds it now; restore another.")
    return before, related, counts, carried


def _look(store: Store, url: str) -> Present:
    """What the database that is to be replaced knows, as far as it can still say."""
    try:
        if store.current_revision() is None:
            return Present()
        with _engine(url) as engine, engine.connect() as connection:
            return look(connection)
    except StoreUnavailable:  # it is damaged, which is why a backup is wanted
        return Present()


def _carry(store: Store, present: Present, related: bool, ended: Counter[str]) -> Carried:
    """Adds what only the replaced database knew; the bytes of what was ended leave the files."""
    with store.transaction() as repo:
        carried = repo.carry(present, related=related)
        repo.note_restoring()
        if ended.total():
            repo.note_erasure()
    if ended.total():
        store.erase_traces()
    return carried


def _acceptable(revision: str | None) -> str:
    """The backup's schema, where this code can use it."""
    if revision is None:
        raise InvalidRequest("There is nothing of namemem in this file.")
    try:
        migrating.refuse_newer(revision)
    except StoreUnavailable as error:
        raise StoreUnavailable(
            f"The backup has schema {revision}, which this namemem does not know: a newer one "
            "made it. Upgrade namemem, then restore. Nothing was changed.",
            **error.details,
        ) from None
    return revision


def _refuse_broken(store: Store, then: str = "Nothing was changed.") -> None:
    broken = store.findings()
    if broken:
        raise StoreUnavailable(
            f"The backup is not whole ({len(broken)} findings, the first: {broken[0]}) {then}",
            reason="damaged",
        )


def _holds_something(store: Store, url: str) -> bool:
    """Whether anything but a schema is in it; what cannot be read counts as something."""
    if store.current_revision() is None:
        return False
    return any(_rows(url, select(1).select_from(table).limit(1)) for table in _tables(url))


def _tables(url: str) -> list[Table]:
    """Our tables as far as the database has them: an older schema lacks some."""
    with _engine(url) as engine:
        there = set(inspect(engine).get_table_names())
    return [table for table in Base.metadata.sorted_tables if table.name in there]


def _rows(url: str, query: Any) -> Sequence[Any]:
    with _engine(url) as engine, engine.connect() as connection:
        return connection.execute(query).all()


@contextlib.contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = make_migration_engine(parse_url(url), timeout_seconds=_WAIT)
    try:
        yield engine
    except SQLAlchemyError as error:
        raise translate(error) from error
    finally:
        engine.dispose()


def _our_tables() -> list[str]:
    return [*Base.metadata.tables, "alembic_version"]


def _path(url: str) -> Path:
    return Path(str(parse_url(url).database))


def _kind(head: bytes) -> str:
    return "SQLite" if head == _SQLITE else "PostgreSQL"


def _other(head: bytes, wanted: bytes) -> str:
    other = _POSTGRES if wanted == _SQLITE else _SQLITE
    if not head.startswith(other):
        return ""
    return f" It is one of {_kind(other)}: set NAMEMEM_DATABASE_URL to such a database."


@contextlib.contextmanager
def _open(path: Path, *, read_only: bool = False) -> Iterator[sqlite3.Connection]:
    mode = "ro" if read_only else "rw" if path.exists() else "rwc"
    address = f"{path.resolve().as_uri()}?mode={mode}"
    connection = sqlite3.connect(address, uri=True, timeout=_WAIT, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


@contextlib.contextmanager
def _sqlite_errors() -> Iterator[None]:
    """SQLite's own errors as those of the store."""
    try:
        yield
    except sqlite3.Error as error:
        raise translate(exc.OperationalError(None, None, error)) from error


@contextlib.contextmanager
def _file_errors(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InvalidRequest(f"{file}: {error.strerror or error}.", field="file") from error


def _sync(path: Path) -> None:
    """To the disk itself, so that the file is there after a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
