"""Queries on the audit log: who did what to whom, by ids, in the transaction that did it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, and_, delete, or_, select

from namemem.errors import InvalidRequest
from namemem.store.acting import current_actor
from namemem.store.cursors import read_cursor, write_cursor
from namemem.store.scope import Scope, is_storable, new_id, utc_now
from namemem.store.tables import WORD_LENGTH, AuditRow

LONGEST_AUDIT_PAGE = 500


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit log; ids may be of what has been erased since.

    Attributes:
        at: aware UTC.
        what: `person.created`, `name.approved`, `key.revoked`, …: see docs/access.md.
        key_id, key_label, who: as `acting.Actor` has them.
        version: of the name, as its history counts.
        subject_key_id: the key that was made or revoked.
    """

    id: str
    at: datetime
    space: str
    what: str
    key_id: str | None
    key_label: str
    who: str
    person_id: str | None
    name_id: str | None
    version: int | None
    subject_key_id: str | None


class Noting(Scope):
    """What every part of the repository that changes something needs."""

    def note(
        self,
        what: str,
        *,
        person_id: str | None = None,
        name_id: str | None = None,
        version: int | None = None,
        subject_key_id: str | None = None,
    ) -> None:
        """Writes a line of the audit log, by whoever is acting (`acting.acting`).

        `what` is one of few fixed words; ids alone tell of whom. Nothing that anybody is called,
        and nothing that was said, belongs here.
        """
        actor = current_actor()
        self._session.add(
            AuditRow(
                id=new_id("a"),
                at=utc_now(),
                space=self.space,
                key_id=actor.key_id,
                key_label=_line(actor.label),
                who=_line(actor.who),
                what=what,
                person_id=person_id,
                name_id=name_id,
                version=version,
                subject_key_id=subject_key_id,
            )
        )
        self._session.flush()


class AuditQueries(Noting):
    """The audit log of one space."""

    def audit(
        self, *, person_id: str | None = None, limit: int = 100, cursor: str | None = None
    ) -> tuple[list[AuditEntry], str | None]:
        """One page of the log, newest first, and the cursor of the next page (None: the last).

        Args:
            person_id: only what was done to that person, who may have been erased.
            limit: entries a page, 1 to `LONGEST_AUDIT_PAGE`.
            cursor: from the page before.

        Raises:
            InvalidRequest: a cursor or limit that is none.
        """
        if not 1 <= limit <= LONGEST_AUDIT_PAGE:
            raise InvalidRequest(
                f"`limit` is 1 to {LONGEST_AUDIT_PAGE}, not {limit}.", field="limit"
            )
        query = select(AuditRow).where(AuditRow.space == self.space)
        if person_id is not None:
            if not is_storable(person_id):
                return [], None
            query = query.where(AuditRow.person_id == person_id)
        if cursor is not None:
            at, entry_id = read_cursor(cursor)
            query = query.where(
                or_(AuditRow.at < at, and_(AuditRow.at == at, AuditRow.id < entry_id))
            )
        query = query.order_by(AuditRow.at.desc(), AuditRow.id.desc()).limit(limit + 1)
        rows = self._session.scalars(query).all()
        page = [entry_of(row) for row in rows[:limit]]
        following = write_cursor(page[-1].at, page[-1].id) if len(rows) > limit else None
        return page, following

    def delete_audit(self, before: datetime) -> int:
        """Forgets what is older, in every space; how many entries there were."""
        result = self._session.execute(
            delete(AuditRow).where(AuditRow.at < before),
            execution_options={"synchronize_session": False},
        )
        return cast("CursorResult[Any]", result).rowcount


def entry_of(row: AuditRow) -> AuditEntry:
    """A row as a value."""
    return AuditEntry(
        id=row.id,
        at=row.at,
        space=row.space,
        what=row.what,
        key_id=row.key_id,
        key_label=row.key_label,
        who=row.who,
        person_id=row.person_id,
        name_id=row.name_id,
        version=row.version,
        subject_key_id=row.subject_key_id,
    )


def _line(text: str) -> str:
    """What both databases can keep of what somebody is called: printable, of moderate length."""
    return "".join(c for c in text if c.isprintable()).strip()[:WORD_LENGTH]
