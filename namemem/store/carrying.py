"""What a restored database must learn from the one it replaces, since no backup can know it.

A backup brings everything back as it was, also what was ended since: people who were erased,
recordings that were deleted, consents that were withdrawn, keys that were revoked, recordings that
were taken out of the queue. None of these may come back in silence. The replaced database knows of
them, as far as it can be read; and its audit log and the keys made since are carried over.

In two steps. What ends something is plain SQL on ids (`endings`), so that it can run in the
transaction that brings the backup in, whatever its schema: nobody sees, for however short a time,
whom they may not see, and a power cut does not leave them there. What adds rows (`carry`) needs the
newest schema.
"""

# Statements as text, of ids that are checked by `_list`.
# ruff: noqa: S608

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, insert, inspect, select

from namemem.store.audit_queries import AuditQueries
from namemem.store.tables import (
    ApiKeyRow,
    AuditRow,
    Base,
    ClipRow,
    ConsentRow,
    IntroductionRow,
    JobRow,
    PersonRow,
)

_ID = re.compile(r"[a-z]_[0-9a-f]{1,38}")
_CHUNK = 500  # rows of one INSERT


@dataclass(frozen=True, slots=True)
class Present:
    """What the database that is to be replaced knows.

    Attributes:
        people: ids of those it holds.
        erased: ids of those it has erased.
        mentioned: further ids of people in its audit log.
        silent: ids of introductions of which it keeps no recording.
        withdrawn: ids of consents, and when they were withdrawn.
        jobs: ids of what waits or has ended; None where its schema has no jobs.
        keys: its API keys, as rows; None where its schema has none.
        audit: its audit log, as rows.
    """

    people: frozenset[str] = frozenset()
    erased: frozenset[str] = frozenset()
    mentioned: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    withdrawn: Mapping[str, datetime] = field(default_factory=dict)
    jobs: frozenset[str] | None = None
    keys: Sequence[Mapping[str, Any]] | None = None
    audit: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Ending:
    """One statement that ends something in the restored database; `what` names the count."""

    what: str
    table: str
    sql: str


@dataclass(frozen=True, slots=True)
class Carried:
    """How many entries of the audit log and keys were added, and who is back unaccounted for."""

    audit: int = 0
    keys: int = 0
    returned: int = 0


def look(connection: Connection) -> Present:
    """Reads it, whatever its schema is; SQLAlchemy's errors pass through."""
    inspector = inspect(connection)
    there = {
        name: {column["name"] for column in inspector.get_columns(name)}
        for name in set(inspector.get_table_names()) & set(Base.metadata.tables)
    }

    def rows(table: type[Base]) -> list[dict[str, Any]]:
        known: Table = table.__table__  # type: ignore[assignment]
        if not {column.name for column in known.columns} <= there.get(known.name, set()):
            return []
        return [dict(row) for row in connection.execute(select(known)).mappings()]

    def ids(column: Any) -> frozenset[str]:
        if column.key not in there.get(column.class_.__tablename__, ()):
            return frozenset()
        return frozenset(connection.execute(select(column)).scalars())

    audit = rows(AuditRow)
    withdrawn = {
        row["id"]: row["withdrawn_at"]
        for row in rows(ConsentRow)
        if row["withdrawn_at"] is not None
    }
    return Present(
        people=ids(PersonRow.id),
        erased=frozenset(a["person_id"] for a in audit if a["what"] == "person.erased"),
        mentioned=frozenset(a["person_id"] for a in audit if a["person_id"]),
        silent=ids(IntroductionRow.id) - ids(ClipRow.introduction_id),
        withdrawn=withdrawn,
        jobs=ids(JobRow.id) if JobRow.__tablename__ in there else None,
        keys=rows(ApiKeyRow) if ApiKeyRow.__tablename__ in there else None,
        audit=audit,
    )


def endings(present: Present, *, sqlite: bool) -> list[Ending]:
    """What the restored database is told to end, in this order."""

    def moment(at: datetime) -> str:
        text = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        return f"'{text}'" if sqlite else f"'{text}+00'"

    # Nothing is concluded from what a database lacks that never was the backup's.
    related = is_related(present)
    keys = present.keys or ()
    revoked = {k["id"]: k["revoked_at"] for k in keys if k["revoked_at"] is not None}
    found = [
        Ending(
            "keys",
            "api_keys",
            f"UPDATE api_keys SET revoked_at = {moment(at)}"
            f" WHERE id = {_list([key])} AND revoked_at IS NULL",
        )
        for key, at in revoked.items()
    ]
    if present.keys is not None:  # a key that is there no more was deleted by hand
        now = moment(datetime.now(UTC))
        found.append(
            Ending(
                "keys",
                "api_keys",
                f"UPDATE api_keys SET revoked_at = {now} WHERE revoked_at IS NULL"
                f" AND id NOT IN ({_list(key['id'] for key in keys)}) AND {related}",
            )
        )
    found += [
        Ending(
            "consents",
            "consents",
            f"UPDATE consents SET withdrawn_at = {moment(at)}"
            f" WHERE id = {_list([consent])} AND withdrawn_at IS NULL",
        )
        for consent, at in present.withdrawn.items()
    ]
    if present.jobs is not None:
        gone = f"DELETE FROM jobs WHERE id NOT IN ({_list(present.jobs)}) AND {related}"
        found.append(Ending("jobs", "jobs", gone))
    silent, erased = _list(present.silent), _list(present.erased)
    found += [
        Ending("recordings", "clips", f"DELETE FROM clips WHERE introduction_id IN ({silent})"),
        Ending("erased", "people", f"DELETE FROM people WHERE id IN ({erased})"),
    ]
    return found


def is_related(present: Present) -> str:
    """SQL: whether the restored database was that one once, so that they share a person.

    It is true before `endings` alone.
    """
    known = _list(present.people | present.mentioned | present.erased)
    return f"EXISTS (SELECT 1 FROM people WHERE id IN ({known}))"


def for_psql(present: Present) -> str:
    """`endings` for psql, as far as the backup's schema has the tables; a line with each count."""

    def ending(one: Ending) -> str:
        return (
            f"SELECT to_regclass('{one.table}') IS NOT NULL AS there \\gset\n\\if :there\n"
            f"WITH ended AS ({one.sql} RETURNING 1) "
            f"SELECT '{one.what}', count(*) FROM ended;\n\\endif\n"
        )

    related = f"SELECT 'related', ({is_related(present)})::int;\n"
    return related + "".join(ending(one) for one in endings(present, sqlite=False))


class Carrying(AuditQueries):
    """Adds to a restored database, of the newest schema, what only the replaced one knew."""

    def end(self, present: Present) -> tuple[bool, Counter[str]]:
        """Runs `endings` here: whether the databases are related, and what was ended how often."""
        connection = self._session.connection()
        related = bool(connection.exec_driver_sql(f"SELECT {is_related(present)}").scalar())
        ended: Counter[str] = Counter()
        for one in endings(present, sqlite=connection.dialect.name == "sqlite"):
            ended[one.what] += connection.exec_driver_sql(one.sql).rowcount
        return related, ended

    def carry(self, present: Present, *, related: bool) -> Carried:
        """Carries audit log and keys over.

        Keys of a database that never was this one would open what they were not made for; they
        come along only where there would be no key at all, since without any key nobody is asked
        for one.
        """
        people = frozenset(self._session.scalars(select(PersonRow.id)))
        has_key = self._session.execute(select(ApiKeyRow.id).limit(1)).first() is not None
        keys = self._add(ApiKeyRow, present.keys or ()) if related or not has_key else 0
        if not related:
            return Carried(keys=keys)
        returned = len(people - present.people) if present.people or present.audit else 0
        return Carried(self._add(AuditRow, present.audit), keys, returned)

    def note_restoring(self) -> None:
        """A line in the audit log of each space: those that hold somebody, have a key or a past.

        A space may be empty now because all of its people were erased again.
        """
        here = self.space
        of = (PersonRow.space, ApiKeyRow.space, AuditRow.space)
        spaces = {space for one in of for space in self._session.scalars(select(one).distinct())}
        for space in sorted(spaces) or [here]:
            self.space = space
            self.note("space.restored")
        self.space = here

    def _add(self, table: Any, rows: Sequence[Mapping[str, Any]]) -> int:
        there = frozenset(self._session.scalars(select(table.id)))
        missing = [dict(row) for row in rows if row["id"] not in there]
        for start in range(0, len(missing), _CHUNK):
            self._session.execute(insert(table), missing[start : start + _CHUNK])
        return len(missing)


def _list(ids: Iterable[str | None]) -> str:
    """Ids as SQL. They are our own; should one not look like it, it is left out."""
    return ", ".join(f"'{one}'" for one in sorted(filter(None, ids)) if _ID.fullmatch(one)) or "''"
