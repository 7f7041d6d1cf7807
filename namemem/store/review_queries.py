"""Queries for the review: every name of a space with its person, in the order of need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select

from namemem.errors import InvalidRequest
from namemem.people import Name, NameKind, Person, Status
from namemem.store.scope import Scope, checked, fold, name_of, person_of
from namemem.store.tables import NAME_LENGTH, NameRow, PersonRow

LONGEST_REVIEW_PAGE = 200


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """Which names are wanted; what is None does not matter.

    Attributes:
        q: part of a spelling, display name or external id, case and accents aside.
        status: names of this status.
        at_least, below: bounds of the confidence; names without one are left out.
    """

    q: str | None = None
    status: Status | None = None
    at_least: float | None = None
    below: float | None = None


@dataclass(frozen=True, slots=True)
class Sound:
    """A name that can be said: `text` is its pronunciation as `pronunciation_to_text` wrote it."""

    person_id: str
    name_id: str
    kind: NameKind
    spelling: str
    text: str


class ReviewQueries(Scope):
    """What character designers look through."""

    def review_rows(
        self, wanted: ReviewFilter, *, limit: int, offset: int
    ) -> tuple[list[tuple[Person, Name | None]], int]:
        """One page of names with their people, and how many there are on all pages.

        Names that nobody has approved come first, of these the newest day's first, and within a
        day the least certain. A person without a name is a row of their own. Two queries,
        whatever the page holds.

        Args:
            wanted: which names.
            limit: rows a page, 1 to `LONGEST_REVIEW_PAGE`.
            offset: rows to skip.

        Raises:
            InvalidRequest: a limit that is none, or a `q` that is no text.
        """
        if not 1 <= limit <= LONGEST_REVIEW_PAGE:
            raise InvalidRequest(
                f"`limit` is 1 to {LONGEST_REVIEW_PAGE}, not {limit}.", field="limit"
            )
        conditions = self._conditions(wanted)
        query = (
            select(PersonRow, NameRow)
            .outerjoin(NameRow, NameRow.person_id == PersonRow.id)
            .where(*conditions)
            .order_by(*_by_need())
            .limit(limit)
            .offset(offset)
        )
        rows: list[tuple[Person, Name | None]] = [
            (person_of(row[0], ()), None if row[1] is None else name_of(row[1]))
            for row in self._session.execute(query).all()
        ]
        counted = (
            select(func.count())
            .select_from(PersonRow)
            .outerjoin(NameRow, NameRow.person_id == PersonRow.id)
            .where(*conditions)
        )
        return rows, self._session.execute(counted).scalar_one()

    def people_by_sound(self) -> dict[str, list[str]]:
        """Each pronunciation of the space once, as it is stored, and the ids of who has it."""
        query = (
            select(NameRow.ipa, NameRow.person_id)
            .join(PersonRow, PersonRow.id == NameRow.person_id)
            .where(PersonRow.space == self.space, NameRow.ipa.is_not(None))
            .order_by(PersonRow.created_at.desc(), PersonRow.id.desc())
        )
        found: dict[str, list[str]] = {}
        for text, person_id in self._session.execute(query):
            found.setdefault(text or "", []).append(person_id)
        return found

    def sounds(self) -> list[Sound]:
        """Every name of the space that has a pronunciation, those of newer people first."""
        query = (
            select(NameRow.person_id, NameRow.id, NameRow.kind, NameRow.spelling, NameRow.ipa)
            .join(PersonRow, PersonRow.id == NameRow.person_id)
            .where(PersonRow.space == self.space, NameRow.ipa.is_not(None))
            .order_by(PersonRow.created_at.desc(), PersonRow.id.desc(), NameRow.created_at)
        )
        return [
            Sound(person_id, name_id, NameKind(kind), spelling, text or "")
            for person_id, name_id, kind, spelling, text in self._session.execute(query)
        ]

    def _conditions(self, wanted: ReviewFilter) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = [PersonRow.space == self.space]
        if wanted.q:
            part = fold(checked(wanted.q, "q", NAME_LENGTH))
            conditions.append(
                or_(
                    PersonRow.folded.contains(part, autoescape=True),
                    NameRow.folded.contains(part, autoescape=True),
                )
            )
        if wanted.status is not None:
            conditions.append(NameRow.status == wanted.status.value)
        if wanted.at_least is not None:
            conditions.append(NameRow.confidence >= wanted.at_least)
        if wanted.below is not None:
            conditions.append(NameRow.confidence < wanted.below)
        return conditions


def _by_need() -> list[ColumnElement[Any]]:
    approved = case((NameRow.status == Status.APPROVED.value, 1), else_=0)
    # What somebody typed or chose has no confidence; what nobody has said yet has none either.
    unheard = case((NameRow.ipa.is_(None), 0.0), else_=1.0)
    return [
        approved.asc(),
        func.date(PersonRow.created_at).desc(),
        func.coalesce(NameRow.confidence, unheard).asc(),
        PersonRow.created_at.desc(),
        PersonRow.id.desc(),
        NameRow.created_at.asc(),
        NameRow.id.asc(),
    ]
