"""Whether a database is whole: what every commit keeps true, checked over all rows.

For `namemem db check`, for backups before they take a database's place, and after a crash. The
findings name ids, never names.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Connection, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from namemem.errors import NamememError
from namemem.people import NameKind, Status
from namemem.store.documents import hearing_from_document, optional_from_text
from namemem.store.tables import (
    Base,
    IdempotencyKeyRow,
    IntroductionRow,
    NameRow,
    NameVersionRow,
    PersonRow,
)

MOST = 100
"""Findings after which it stops looking."""
_KEPT = ("kind", "spelling", "language", "ipa", "status", "confidence", "introduction_id",
         "suggestion")  # fmt: skip


def findings(connection: Connection) -> list[str]:
    """What is broken, as sentences; empty when the database is whole. At most `MOST`.

    To be called in a transaction on a database of this code's schema. Besides what follows, all
    of it must be readable: SQLite's own `integrity_check`, every reference, every document.

    - A name's versions are 1 to its version, and the newest is the name as it stands.
    - A name's introduction is one of that name, and that one belongs to the name's person and
      space.
    - A key whose request ended tells how; one that is being worked on does not yet.
    """
    return list(islice(_all(connection), MOST))


def _all(connection: Connection) -> Iterator[str]:
    if connection.dialect.name == "sqlite":
        for (said,) in connection.exec_driver_sql("PRAGMA integrity_check"):
            if said != "ok":
                yield f"SQLite: {said}"
    yield from _references(connection)
    yield from _versions(connection)
    yield from _introductions(connection)
    yield from _keys(connection)
    yield from _unreadable(connection)


def _references(connection: Connection) -> Iterator[str]:
    """Rows that refer to rows that are not there; of every table, by its foreign keys."""
    for table in Base.metadata.sorted_tables:
        for constraint in table.foreign_key_constraints:
            target = constraint.referred_table.alias()
            pairs = [(e.parent, target.c[e.column.name]) for e in constraint.elements]
            found = exists().where(*(mine == theirs for mine, theirs in pairs))
            dangling = (
                select(*table.primary_key)
                .where(*(mine.is_not(None) for mine, _ in pairs), ~found)
                .limit(MOST)
            )
            for row in connection.execute(dangling):
                which = ", ".join(str(part) for part in row)
                yield f"{table.name} {which} refers to {constraint.referred_table.name} not there."


def _versions(connection: Connection) -> Iterator[str]:
    counted = (
        select(
            NameVersionRow.name_id,
            func.count().label("rows"),
            func.min(NameVersionRow.version).label("first"),
            func.max(NameVersionRow.version).label("last"),
        )
        .group_by(NameVersionRow.name_id)
        .subquery()
    )
    wrong = (
        select(NameRow.id)
        .outerjoin(counted, counted.c.name_id == NameRow.id)
        .where(
            or_(
                counted.c.rows.is_(None),
                counted.c.first != 1,
                counted.c.last != NameRow.version,
                counted.c.rows != NameRow.version,
            )
        )
    )
    for (name_id,) in connection.execute(wrong.limit(MOST)):
        yield f"The versions of name {name_id} are not 1 to its version."
    newest = aliased(NameVersionRow)
    differs = [getattr(NameRow, c).is_distinct_from(getattr(newest, c)) for c in _KEPT]
    stale = (
        select(NameRow.id)
        .join(newest, and_(newest.name_id == NameRow.id, newest.version == NameRow.version))
        .where(or_(*differs))
    )
    for (name_id,) in connection.execute(stale.limit(MOST)):
        yield f"Name {name_id} is not as its newest version says."


def _introductions(connection: Connection) -> Iterator[str]:
    strangers = (
        select(IntroductionRow.id)
        .join(NameRow, NameRow.id == IntroductionRow.name_id)
        .join(PersonRow, PersonRow.id == IntroductionRow.person_id)
        .where(
            or_(
                NameRow.person_id != IntroductionRow.person_id,
                PersonRow.space != IntroductionRow.space,
            )
        )
    )
    for (introduction_id,) in connection.execute(strangers.limit(MOST)):
        yield f"Introduction {introduction_id} is of one person and of another's name or space."
    own = exists().where(
        IntroductionRow.id == NameRow.introduction_id, IntroductionRow.name_id == NameRow.id
    )
    unheard = select(NameRow.id).where(NameRow.introduction_id.is_not(None), ~own)
    for (name_id,) in connection.execute(unheard.limit(MOST)):
        yield f"The introduction of name {name_id} is not there, or is another name's."


def _keys(connection: Connection) -> Iterator[str]:
    ended = or_(
        IdempotencyKeyRow.introduction_id.is_not(None),
        IdempotencyKeyRow.person_id.is_not(None),
        IdempotencyKeyRow.problem.is_not(None),
        IdempotencyKeyRow.answer.is_not(None),
    )
    odd = or_(
        IdempotencyKeyRow.status.not_in(("pending", "done")),
        and_(IdempotencyKeyRow.status == "pending", ended),
        and_(IdempotencyKeyRow.status == "done", ~ended),
    )
    query = select(IdempotencyKeyRow.token).where(odd).limit(MOST)
    for (token,) in connection.execute(query):
        yield f"The idempotency key of claim {token} neither waits nor tells how it ended."


def _unreadable(connection: Connection) -> Iterator[str]:
    for row in _stream(connection, select(NameRow.id, NameRow.ipa, NameRow.suggestion)):
        if not _readable(optional_from_text, row.ipa, row.suggestion):
            yield f"The pronunciation of name {row.id} cannot be read."
    words = select(
        NameVersionRow.name_id,
        NameVersionRow.version,
        NameVersionRow.kind,
        NameVersionRow.status,
        NameVersionRow.ipa,
    )
    for row in _stream(connection, words):
        readable = _readable(optional_from_text, row.ipa)
        if not (readable and _readable(NameKind, row.kind) and _readable(Status, row.status)):
            yield f"Version {row.version} of name {row.name_id} cannot be read."
    for row in _stream(connection, select(IntroductionRow.id, IntroductionRow.hearing)):
        if not _readable(hearing_from_document, row.hearing):
            yield f"What was heard in introduction {row.id} cannot be read."


def _stream(connection: Connection, query: Any) -> Any:
    return connection.execution_options(yield_per=500).execute(query)


def _readable(read: Any, *values: Any) -> bool:
    try:
        for value in values:
            read(value)
    except (NamememError, ValueError, LookupError, TypeError):
        return False
    return True
