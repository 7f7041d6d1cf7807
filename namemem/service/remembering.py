"""People and their names: adding, reading, correcting, going back, exporting, erasing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from namemem.consent import Consent
from namemem.errors import InvalidPronunciation, InvalidRequest
from namemem.people import Name, NameKind, NameVersion, Person, Status, tidy_spelling
from namemem.phones import Pronunciation, from_arpabet, parse_ipa, phonetic_distance
from namemem.phones.respelling import from_respelling
from namemem.service.answering import renamed
from namemem.service.repeating import Repeating
from namemem.store import NameChanges, Repository, Unset
from namemem.store.documents import pronunciation_from_text

_STEPS = {
    Status.HEARD: {Status.CONFIRMED, Status.CORRECTED, Status.APPROVED},
    Status.CONFIRMED: {Status.CORRECTED, Status.APPROVED},
    Status.CORRECTED: {Status.CONFIRMED, Status.APPROVED},
    Status.APPROVED: {Status.CORRECTED, Status.CONFIRMED},
}
_JOBS_REMEMBERED = timedelta(days=2)  # longer than a job that has ended is kept
_FAR = 0.5  # PFER from which on two names have nothing in common
_READERS = {"ipa": parse_ipa, "arpabet": from_arpabet, "respelling": from_respelling}


@dataclass(frozen=True, slots=True)
class NewName:
    """A name typed in: `said` maps at most one of ipa, arpabet, respelling to its text."""

    spelling: str
    kind: NameKind = NameKind.GIVEN
    language: str | None = None
    said: dict[str, str] | None = None


def read_pronunciation(said: dict[str, str] | None) -> Pronunciation | None:
    """Reads what somebody typed, in whichever notation they used.

    Raises:
        InvalidPronunciation: with the field, the position and the symbol.
        InvalidRequest: more than one notation at once.
    """
    given = {k: v for k, v in (said or {}).items() if v is not None}
    if not given:
        return None
    if len(given) > 1:
        fields = ", ".join(given)
        raise InvalidRequest(f"Send one of {fields}, not several.", field=next(iter(given)))
    ((notation, text),) = given.items()
    try:
        return _READERS[notation](text)
    except InvalidPronunciation as error:
        error.details.setdefault("field", notation)
        raise


class Remembering(Repeating):
    """The use cases around people and names."""

    _swept_at: datetime | None = None

    def add_person(
        self,
        space: str,
        *,
        external_id: str | None,
        display_name: str | None,
        names: Sequence[NewName],
        who: str,
        consent: Consent | None = None,
    ) -> Person:
        """Adds someone by typing; `consent` is what they agreed to.

        Raises:
            Conflict: the external id is taken.
            InvalidPronunciation, InvalidRequest: a value that the caller can mend.
        """
        spelled = [_required_spelling(name.spelling) for name in names]
        shown = display_name or (spelled[0] if spelled else "") or external_id
        if not shown or not shown.strip():
            raise InvalidRequest(
                "Send display_name, a name or external_id: a person needs something to be "
                "called by.",
                field="display_name",
            )
        with self.store.transaction(space) as repo:
            person = repo.add_person(external_id, shown)
            for name in names:
                _add(repo, person.id, name, who)
            if consent is not None:
                repo.add_consent(person.id, consent)
            return repo.person(person.id)

    def person(self, space: str, person_id: str) -> Person:
        """One person. Raises `NotFound`."""
        with self.store.transaction(space, read_only=True) as repo:
            return repo.person(person_id)

    def person_by_external_id(self, space: str, external_id: str) -> Person:
        """One person by the caller's id. Raises `NotFound`."""
        with self.store.transaction(space, read_only=True) as repo:
            return repo.person_by_external_id(external_id)

    def people(
        self,
        space: str,
        *,
        q: str | None = None,
        status: Status | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> tuple[list[Person], str | None]:
        """One page of people, newest first, and the next page's cursor."""
        with self.store.transaction(space, read_only=True) as repo:
            return repo.people(q, status, limit, cursor)

    def people_sounding_like(
        self, space: str, ipa: str, limit: int = 50
    ) -> list[tuple[Person, float]]:
        """People whose name sounds like `ipa`, nearest first, with their PFER distance in [0, 1].

        Raises:
            InvalidPronunciation: `ipa` is none.
        """
        wanted = parse_ipa(ipa)
        with self.store.transaction(space, read_only=True) as repo:
            near: dict[str, float] = {}
            for text, people in repo.people_by_sound().items():
                distance = phonetic_distance(wanted, pronunciation_from_text(text))
                for person_id in people if distance < _FAR else ():
                    near[person_id] = min(distance, near.get(person_id, distance))
            nearest = sorted(near, key=near.__getitem__)[:limit]
            return [(person, near[person.id]) for person in repo.people_with_ids(nearest)]

    def change_person(
        self,
        space: str,
        person_id: str,
        *,
        display_name: str | Unset,
        external_id: str | Unset | None,
    ) -> Person:
        """Changes what is given. Raises `NotFound`, `Conflict`."""
        with self.store.transaction(space) as repo:
            return repo.update_person(person_id, display_name=display_name, external_id=external_id)

    def forget(self, space: str, person_id: str) -> None:
        """Erases a person and everything about them, in the database and on disk.

        What of the disk has to wait (a large PostgreSQL database, a long reader) the sweeper does.
        """
        with self.store.transaction(space) as repo:
            repo.delete_person(person_id)
        self.store.erase_traces(at_once=True)

    def sweep(self) -> int:
        """Erases recordings whose time is over, in every space; how many there were.

        Idempotency keys are forgotten after a day as well, the audit log after its time. What
        erasures have left in the database's files goes too, whichever process they were in; on
        PostgreSQL once the oldest has waited for `Policy.scrub_after`. Any number of processes may
        sweep at the same time.
        """
        now = datetime.now(UTC)
        since = now - self._swept_at if self._swept_at else _JOBS_REMEMBERED
        with self.store.transaction() as repo:
            swept = repo.delete_expired_clips(longest=self.policy.audio_ttl)
            repo.delete_idempotency_keys(now - timedelta(days=1))
            if self.policy.audit_ttl:
                repo.delete_audit(now - self.policy.audit_ttl)
            if not self.store.is_sqlite:
                repo.note_heard_jobs(within=since + timedelta(minutes=1))
            oldest = repo.oldest_erasure()
        self._swept_at = now
        due = oldest is not None and oldest <= datetime.now(UTC) - self.policy.scrub_after
        if self.store.is_sqlite or due:
            self.store.erase_traces()
        return swept

    def export(self, space: str, person_id: str) -> dict[str, Any]:
        """Everything stored about a person, JSON-serialisable. Raises `NotFound`."""
        with self.store.transaction(space) as repo:
            document = repo.export_person(person_id)
            repo.note("person.exported", person_id=person_id)
            return document

    def add_name(self, space: str, person_id: str, name: NewName, who: str) -> Name:
        """Adds a typed name to a person."""
        with self.store.transaction(space) as repo:
            return _add(repo, person_id, name, who)

    def name(self, space: str, person_id: str, name_id: str) -> Name:
        """One name. Raises `NotFound`."""
        with self.store.transaction(space, read_only=True) as repo:
            return repo.name(person_id, name_id)

    def change_name(
        self,
        space: str,
        person_id: str,
        name_id: str,
        *,
        expected_version: int | None,
        who: str,
        why: str = "",
        said: dict[str, str] | None = None,
        spelling: str | None = None,
        status: Status | None = None,
        kind: NameKind | None = None,
    ) -> Name:
        """Corrects a name: a new pronunciation makes it `corrected` unless a status is given.

        Raises:
            NotFound: no such name.
            VersionConflict: somebody was faster (no `expected_version` accepts any).
            InvalidPronunciation: with position and symbol.
            InvalidRequest: a status that cannot follow the present one, or nothing to change.
        """
        pronunciation = read_pronunciation(said)
        with self.store.transaction(space) as repo:
            before = repo.name(person_id, name_id)
            expected = before.version if expected_version is None else expected_version
            changes: NameChanges = {}
            what: list[str] = []
            if pronunciation is not None:
                changes["pronunciation"] = pronunciation
                changes["status"] = Status.CORRECTED
                changes["confidence"] = None
                changes["suggestion"] = None
                what.append("pronunciation corrected")
            if spelling is not None and spelling != before.spelling:
                changes["spelling"] = _required_spelling(spelling)
                what.append("spelling changed")
            if kind is not None and kind is not before.kind:
                changes["kind"] = kind
                what.append("kind changed")
            if status is not None and status is not before.status:
                _check_step(before, status, pronunciation)
                changes["status"] = status
                what.append(status.value)
            if not changes:
                if expected != before.version:
                    changes["spelling"] = before.spelling  # lets the version check speak
                else:
                    return before
            now = repo.update_name(
                name_id,
                expected_version=expected,
                who=who,
                what=", ".join(what) or "unchanged",
                why=why,
                **changes,
            )
            renamed(repo, repo.person(person_id), before, now)
            return now

    def history(self, space: str, person_id: str, name_id: str) -> list[NameVersion]:
        """Every version of a name, oldest first. Raises `NotFound`."""
        with self.store.transaction(space, read_only=True) as repo:
            repo.name(person_id, name_id)
            return repo.history(name_id)

    def revert(
        self,
        space: str,
        person_id: str,
        name_id: str,
        version: int,
        who: str,
        expected_version: int | None = None,
    ) -> Name:
        """Makes a new version that is as an older one was.

        Raises:
            NotFound: no such name or version.
            VersionConflict: `expected_version` is given and is not the present one.
        """
        with self.store.transaction(space) as repo:
            now = repo.name(person_id, name_id)
            then = repo.name_version(name_id, version)
            reverted = repo.update_name(
                name_id,
                expected_version=now.version if expected_version is None else expected_version,
                who=who,
                what=f"reverted to version {version}",
                kind=then.kind,
                spelling=then.spelling,
                language=then.language,
                pronunciation=then.pronunciation,
                status=then.status,
                confidence=then.confidence,
            )
            renamed(repo, repo.person(person_id), now, reverted)
            return reverted


def _add(repo: Repository, person_id: str, name: NewName, who: str) -> Name:
    spelling = _required_spelling(name.spelling)
    pronunciation = read_pronunciation(name.said)
    return repo.add_name(
        person_id,
        kind=name.kind,
        spelling=spelling,
        language=name.language,
        pronunciation=pronunciation,
        status=Status.CORRECTED if pronunciation is not None else Status.HEARD,
        who=who,
        what="typed in",
    )


def _required_spelling(spelling: str) -> str:
    tidy = tidy_spelling(spelling)
    if not tidy:
        raise InvalidRequest(
            "A name needs a spelling: it is what is shown, and what a voice without phonemes says.",
            field="spelling",
        )
    return tidy


def _check_step(before: Name, status: Status, pronunciation: Pronunciation | None) -> None:
    if status not in _STEPS[before.status]:
        allowed = ", ".join(sorted(s.value for s in _STEPS[before.status]))
        raise InvalidRequest(
            f"A name that is {before.status.value} cannot become {status.value}; it can become "
            f"{allowed}.",
            field="status",
        )
    if pronunciation is None and before.pronunciation is None:
        raise InvalidRequest(
            "There is no pronunciation to agree on yet. Send ipa, arpabet or respelling.",
            field="status",
        )
