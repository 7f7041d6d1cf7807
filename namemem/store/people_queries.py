"""Queries on people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import Enum
from typing import Final

from sqlalchemy import Select, and_, delete, or_, select
from sqlalchemy.exc import IntegrityError

from namemem.errors import Conflict, InvalidRequest, NotFound
from namemem.people import Name, Person, Status
from namemem.store.audit_queries import Noting
from namemem.store.cursors import read_cursor, write_cursor
from namemem.store.erasure_queries import ErasureQueries
from namemem.store.scope import (
    checked,
    checked_optional,
    fold,
    is_storable,
    name_of,
    new_id,
    person_of,
    utc_now,
)
from namemem.store.tables import EXTERNAL_ID_LENGTH, NAME_LENGTH, JobRow, NameRow, PersonRow

LONGEST_PAGE = 500
_CHUNK = 500


class Unset(Enum):
    """The value of an argument that was not given, where None means "make it empty"."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


class PeopleQueries(Noting, ErasureQueries):
    """The people of one space."""

    def add_person(self, external_id: str | None, display_name: str) -> Person:
        """Adds someone without names.

        Raises:
            Conflict: the external id is taken in this space.
            InvalidRequest: a value that cannot be stored (too long, NUL, lone surrogate).
        """
        external_id = checked_optional(external_id, "external_id", EXTERNAL_ID_LENGTH)
        if external_id is not None:
            # PostgreSQL writes the value into its own log when it has to refuse it.
            query = select(PersonRow.id).where(
                PersonRow.space == self.space, PersonRow.external_id == external_id
            )
            if self._session.execute(query).first() is not None:
                raise _taken(external_id)
        now = utc_now()
        row = PersonRow(
            id=new_id("p"),
            space=self.space,
            external_id=external_id,
            display_name=checked(display_name, "display_name", NAME_LENGTH),
            folded=fold(display_name, external_id),
            created_at=now,
            updated_at=now,
        )
        try:
            with self._session.begin_nested():
                self._session.add(row)
                self._session.flush()
        except IntegrityError as error:
            raise _taken(external_id) from error
        self.note("person.created", person_id=row.id)
        return person_of(row, ())

    def get_or_add_person(self, external_id: str, display_name: str) -> tuple[Person, bool]:
        """The person with that external id, made if there is none; whether it was made.

        Two callers at once get the same person.
        """
        found = self.find_person_by_external_id(external_id)
        if found is not None:
            return found, False
        try:
            return self.add_person(external_id, display_name), True
        except Conflict:
            return self.person_by_external_id(external_id), False

    def person(self, person_id: str) -> Person:
        """One person with their names. Raises `NotFound`, also for another space's person."""
        return self._with_names([self._person_row(person_id)])[0]

    def people_with_ids(self, person_ids: Sequence[str]) -> list[Person]:
        """Those of the people that are in this space, in the order of their ids as given."""
        query = select(PersonRow).where(PersonRow.space == self.space, PersonRow.id.in_(person_ids))
        found = {
            person.id: person for person in self._with_names(self._session.scalars(query).all())
        }
        return [found[one] for one in person_ids if one in found]

    def find_person_by_external_id(self, external_id: str) -> Person | None:
        """The person whom the caller knows by that id, or None."""
        if not is_storable(external_id):
            return None
        query = select(PersonRow).where(
            PersonRow.space == self.space, PersonRow.external_id == external_id
        )
        row = self._session.scalars(query).one_or_none()
        return None if row is None else self._with_names([row])[0]

    def person_by_external_id(self, external_id: str) -> Person:
        """The person whom the caller knows by that id. Raises `NotFound`."""
        found = self.find_person_by_external_id(external_id)
        if found is None:
            raise NotFound(
                f"There is no person with the external id {external_id!r} in this space.",
                external_id=external_id,
            )
        return found

    def people(
        self,
        q: str | None = None,
        status: Status | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> tuple[list[Person], str | None]:
        """One page of people, newest first, and the cursor of the next page (None: the last).

        Args:
            q: part of a display name, spelling or external id; case and accents do not matter.
            status: only people with a name of this status.
            limit: people a page, 1 to `LONGEST_PAGE`.
            cursor: from the page before. People added meanwhile do not shift the pages.

        Raises:
            InvalidRequest: a cursor or limit that is none, or a `q` that is no text.
        """
        if not 1 <= limit <= LONGEST_PAGE:
            raise InvalidRequest(f"`limit` is 1 to {LONGEST_PAGE}, not {limit}.", field="limit")
        query = select(PersonRow).where(PersonRow.space == self.space)
        if q:
            part = fold(checked(q, "q", NAME_LENGTH))
            with_spelling = select(NameRow.person_id).where(
                NameRow.folded.contains(part, autoescape=True)
            )
            query = query.where(
                or_(
                    PersonRow.folded.contains(part, autoescape=True),
                    PersonRow.id.in_(with_spelling),
                )
            )
        if status is not None:
            with_status = select(NameRow.person_id).where(NameRow.status == status.value)
            query = query.where(PersonRow.id.in_(with_status))
        if cursor is not None:
            query = _after(query, *read_cursor(cursor))
        query = query.order_by(PersonRow.created_at.desc(), PersonRow.id.desc()).limit(limit + 1)
        rows = self._session.scalars(query).all()
        page = rows[:limit]
        next_cursor = write_cursor(page[-1].created_at, page[-1].id) if len(rows) > limit else None
        return self._with_names(page), next_cursor

    def all_people_iter(self) -> Iterator[Person]:
        """Everybody of the space, newest first, read in chunks: for lexicons and exports."""
        last: tuple[datetime, str] | None = None
        while True:
            query = select(PersonRow).where(PersonRow.space == self.space)
            if last is not None:
                query = _after(query, *last)
            query = query.order_by(PersonRow.created_at.desc(), PersonRow.id.desc())
            rows = self._session.scalars(query.limit(_CHUNK)).all()
            if rows:
                last = (rows[-1].created_at, rows[-1].id)
            yield from self._with_names(rows)
            if len(rows) < _CHUNK:
                return

    def update_person(
        self,
        person_id: str,
        *,
        display_name: str | Unset = UNSET,
        external_id: str | Unset | None = UNSET,
    ) -> Person:
        """Changes what is given; `external_id=None` takes it away.

        Raises:
            NotFound: no such person in this space.
            Conflict: the external id is taken in this space.
            InvalidRequest: a value that cannot be stored.
        """
        row = self._person_row(person_id, lock=True)
        try:
            with self._session.begin_nested():
                if not isinstance(display_name, Unset):
                    row.display_name = checked(display_name, "display_name", NAME_LENGTH)
                if not isinstance(external_id, Unset):
                    row.external_id = checked_optional(
                        external_id, "external_id", EXTERNAL_ID_LENGTH
                    )
                row.folded = fold(row.display_name, row.external_id)
                row.updated_at = utc_now()
                self._session.flush()
        except IntegrityError as error:
            raise _taken(external_id) from error
        self.note("person.changed", person_id=person_id)
        return self.person(person_id)

    def delete_person(self, person_id: str) -> None:
        """Erases a person with names, history, introductions, clips, consents, jobs and
        idempotency keys.

        After the transaction call `Store.erase_traces()`: until then old pages of the database
        may still hold the bytes. Raises `NotFound`.
        """
        external_id = self._person_row(person_id).external_id
        self.note_person_erasure(person_id)
        if external_id is not None:  # what waits to be heard may know them by that id alone
            self._session.execute(
                delete(JobRow).where(JobRow.space == self.space, JobRow.external_id == external_id)
            )
        self._session.execute(
            delete(PersonRow).where(PersonRow.id == person_id, PersonRow.space == self.space)
        )
        self._session.expunge_all()
        self.note("person.erased", person_id=person_id)

    def _with_names(self, rows: Sequence[PersonRow]) -> list[Person]:
        if not rows:
            return []
        query = (
            select(NameRow)
            .where(NameRow.person_id.in_([row.id for row in rows]))
            .order_by(NameRow.created_at, NameRow.id)
        )
        names: defaultdict[str, list[Name]] = defaultdict(list)
        for name in self._session.scalars(query):
            names[name.person_id].append(name_of(name))
        return [person_of(row, names[row.id]) for row in rows]


def _taken(external_id: str | Unset | None) -> Conflict:
    return Conflict(
        f"There is a person with the external id {external_id!r} in this space already.",
        external_id=external_id if isinstance(external_id, str) else None,
    )


def _after(query: Select[PersonRow], created_at: datetime, person_id: str) -> Select[PersonRow]:
    return query.where(
        or_(
            PersonRow.created_at < created_at,
            and_(PersonRow.created_at == created_at, PersonRow.id < person_id),
        )
    )
