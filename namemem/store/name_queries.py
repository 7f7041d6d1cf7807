"""Queries on names and their history."""

from __future__ import annotations

from typing import Any, TypedDict, Unpack, cast

from sqlalchemy import CursorResult, func, select, update

from namemem.errors import NotFound, VersionConflict
from namemem.people import Name, NameKind, NameVersion, Status
from namemem.phones import Pronunciation
from namemem.store.audit_queries import Noting
from namemem.store.documents import optional_to_text
from namemem.store.scope import (
    checked,
    checked_optional,
    fold,
    name_of,
    new_id,
    utc_now,
    version_of,
)
from namemem.store.tables import (
    LANGUAGE_LENGTH,
    NAME_LENGTH,
    NameRow,
    NameVersionRow,
    PersonRow,
)

_LONGEST_REMARK = 2000


class NameChanges(TypedDict, total=False):
    """What `update_name` may change; what is absent stays."""

    kind: NameKind
    spelling: str
    language: str | None
    pronunciation: Pronunciation | None
    status: Status
    confidence: float | None
    introduction_id: str | None
    suggestion: Pronunciation | None


class NameQueries(Noting):
    """The names of the people of one space."""

    def add_name(
        self,
        person_id: str,
        *,
        kind: NameKind,
        spelling: str,
        language: str | None = None,
        pronunciation: Pronunciation | None = None,
        status: Status,
        confidence: float | None = None,
        introduction_id: str | None = None,
        who: str,
        what: str,
        why: str = "",
    ) -> Name:
        """Adds a name in version 1 and the first entry of its history.

        The values are those of `people.Name`; `who`, `what` and `why` go into the history. The
        introduction in which it was heard comes after it: make its id by `new_introduction_id`.

        Raises:
            NotFound: no such person in this space.
            InvalidRequest: a value that cannot be stored.
        """
        person = self._person_row(person_id, lock=True)
        now = utc_now()
        row = NameRow(
            id=new_id("n"),
            person_id=person_id,
            kind=kind.value,
            spelling=checked(spelling, "spelling", NAME_LENGTH),
            folded=fold(spelling),
            language=checked_optional(language, "language", LANGUAGE_LENGTH),
            ipa=optional_to_text(pronunciation),
            status=status.value,
            version=1,
            confidence=None if confidence is None else float(confidence),
            introduction_id=introduction_id,
            suggestion=None,
            created_at=now,
        )
        person.updated_at = now
        self._session.add(row)
        self._session.flush()
        self._record(row, who, what, why)
        self._note_name("name.added", row)
        return name_of(row)

    def name(self, person_id: str, name_id: str) -> Name:
        """One name of that person. Raises `NotFound` naming which of the two is missing."""
        self._person_row(person_id)
        row = self._name_row(name_id)
        if row.person_id != person_id:
            raise NotFound(
                f"The person {person_id!r} has no name {name_id!r}.",
                person_id=person_id,
                name_id=name_id,
            )
        return name_of(row)

    def update_name(
        self,
        name_id: str,
        *,
        expected_version: int,
        who: str,
        what: str,
        why: str = "",
        **changes: Unpack[NameChanges],
    ) -> Name:
        """Changes a name if it is still in the expected version; writes its history.

        Returns:
            The name in its new version, `expected_version + 1`.

        Raises:
            NotFound: no such name in this space.
            VersionConflict: somebody was faster; `details` has `current_version`.
            InvalidRequest: a value that cannot be stored.
        """
        before = self._name_row(name_id, lock=True)
        values = _columns(changes)
        result = self._session.execute(
            update(NameRow)
            .where(NameRow.id == name_id, NameRow.version == expected_version)
            .values(**values, version=expected_version + 1),
            execution_options={"synchronize_session": False},
        )
        changed = cast("CursorResult[Any]", result).rowcount
        self._session.refresh(before)
        if changed != 1:
            raise VersionConflict(
                f"The name is in version {before.version} by now, not in {expected_version}. "
                "Read it again and repeat the change.",
                name_id=name_id,
                current_version=before.version,
                expected_version=expected_version,
            )
        self._record(before, who, what, why)
        approved = changes.get("status") is Status.APPROVED
        self._note_name("name.approved" if approved else "name.changed", before)
        self._touch(before.person_id)
        return name_of(before)

    def set_suggestion(
        self,
        name_id: str,
        pronunciation: Pronunciation | None,
        *,
        who: str,
        what: str = "suggested",
        why: str = "",
    ) -> Name:
        """Offers another pronunciation beside the present one (None: takes the offer away).

        Counts as a change, with a version and an entry in the history, so that nobody accepts
        an offer that has become another one meanwhile. The same offer again changes nothing.
        Raises `NotFound`.
        """
        row = self._name_row(name_id, lock=True)
        if row.suggestion == optional_to_text(pronunciation):
            return name_of(row)
        return self.update_name(
            name_id,
            expected_version=row.version,
            who=who,
            what=what,
            why=why,
            suggestion=pronunciation,
        )

    def history(self, name_id: str) -> list[NameVersion]:
        """Every version of a name, oldest first. Raises `NotFound`."""
        return [version_of(row) for row in self._history_rows(name_id)]

    def name_version(self, name_id: str, version: int) -> NameVersion:
        """One version of a name, for going back to it. Raises `NotFound`."""
        for row in self._history_rows(name_id):
            if row.version == version:
                return version_of(row)
        raise NotFound(
            f"The name {name_id!r} has no version {version}.", name_id=name_id, version=version
        )

    def name_counts(self) -> dict[Status, int]:
        """How many names of the space have each status, zeros included."""
        query = (
            select(NameRow.status, func.count())
            .join(PersonRow, PersonRow.id == NameRow.person_id)
            .where(PersonRow.space == self.space)
            .group_by(NameRow.status)
        )
        found = {row[0]: row[1] for row in self._session.execute(query)}
        return {status: found.get(status.value, 0) for status in Status}

    def _history_rows(self, name_id: str) -> list[NameVersionRow]:
        self._name_row(name_id)
        query = (
            select(NameVersionRow)
            .where(NameVersionRow.name_id == name_id)
            .order_by(NameVersionRow.version)
        )
        return list(self._session.scalars(query))

    def _record(self, row: NameRow, who: str, what: str, why: str) -> None:
        self._session.add(
            NameVersionRow(
                name_id=row.id,
                version=row.version,
                kind=row.kind,
                spelling=row.spelling,
                language=row.language,
                ipa=row.ipa,
                status=row.status,
                confidence=row.confidence,
                introduction_id=row.introduction_id,
                suggestion=row.suggestion,
                who=checked(who, "who", _LONGEST_REMARK),
                changed_at=utc_now(),
                what=checked(what, "what", _LONGEST_REMARK),
                why=checked(why, "why", _LONGEST_REMARK),
            )
        )
        self._session.flush()

    def _note_name(self, what: str, row: NameRow) -> None:
        self.note(what, person_id=row.person_id, name_id=row.id, version=row.version)

    def _touch(self, person_id: str) -> None:
        self._session.execute(
            update(PersonRow).where(PersonRow.id == person_id).values(updated_at=utc_now())
        )


def _columns(changes: NameChanges) -> dict[str, object]:
    values: dict[str, object] = {}
    if "kind" in changes:
        values["kind"] = changes["kind"].value
    if "spelling" in changes:
        values["spelling"] = checked(changes["spelling"], "spelling", NAME_LENGTH)
        values["folded"] = fold(changes["spelling"])
    if "language" in changes:
        values["language"] = checked_optional(changes["language"], "language", LANGUAGE_LENGTH)
    if "pronunciation" in changes:
        values["ipa"] = optional_to_text(changes["pronunciation"])
    if "status" in changes:
        values["status"] = changes["status"].value
    if "confidence" in changes:
        confidence = changes["confidence"]
        values["confidence"] = None if confidence is None else float(confidence)
    if "introduction_id" in changes:
        values["introduction_id"] = changes["introduction_id"]
    if "suggestion" in changes:
        values["suggestion"] = optional_to_text(changes["suggestion"])
    return values
