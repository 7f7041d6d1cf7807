"""Queries on introductions and the clips that belong to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, and_, delete, func, or_, select

from namemem.errors import ClipSealed, InvalidRequest, NotFound, VersionConflict
from namemem.people import Hearing, Introduction
from namemem.store.audit_queries import Noting
from namemem.store.documents import hearing_from_document, hearing_to_document
from namemem.store.erasure_queries import ErasureQueries
from namemem.store.scope import checked, checked_optional, is_storable, new_id, utc_now
from namemem.store.tables import NAME_LENGTH, WORD_LENGTH, ClipRow, IntroductionRow


@dataclass(frozen=True, slots=True)
class Clip:
    """The kept audio of one introduction: the bytes of a file of type `media_type`.

    `expires_at` is aware UTC; None keeps it until the person is erased.
    """

    introduction_id: str
    audio: bytes
    media_type: str
    expires_at: datetime | None


def new_introduction_id() -> str:
    """An id for an introduction that is yet to be added, since its name points at it."""
    return new_id("i")


class IntroductionQueries(Noting, ErasureQueries):
    """The introductions of one space."""

    def add_introduction(
        self,
        *,
        person_id: str,
        name_id: str,
        hearing: Hearing,
        state: str = "open",
        target: str | None = None,
        voice: str | None = None,
        introduction_id: str | None = None,
    ) -> Introduction:
        """Adds what was heard in one recording; a new id unless one is given.

        Raises:
            NotFound: no such person or name in this space, or the name is another person's.
            InvalidRequest: a value that cannot be stored.
        """
        self._person_row(person_id)
        if self._name_row(name_id).person_id != person_id:
            raise NotFound(
                f"The person {person_id!r} has no name {name_id!r}.",
                person_id=person_id,
                name_id=name_id,
            )
        now = utc_now()
        row = IntroductionRow(
            id=introduction_id or new_introduction_id(),
            space=self.space,
            person_id=person_id,
            name_id=name_id,
            hearing=hearing_to_document(hearing),
            state=checked(state, "state", WORD_LENGTH),
            target=checked_optional(target, "target", WORD_LENGTH),
            voice=checked_optional(voice, "voice", NAME_LENGTH),
            created_at=now,
            updated_at=now,
        )
        self._session.add(row)
        self._session.flush()
        self.note("introduction.heard", person_id=person_id, name_id=name_id)
        return self._introduction_of(row)

    def introduction(self, introduction_id: str) -> Introduction:
        """One introduction. Raises `NotFound`, also for another space's."""
        return self._introduction_of(self._introduction_row(introduction_id))

    def introductions(self, person_id: str) -> list[Introduction]:
        """All introductions of a person, oldest first. Raises `NotFound`."""
        self._person_row(person_id)
        query = (
            select(IntroductionRow)
            .where(IntroductionRow.person_id == person_id)
            .order_by(IntroductionRow.created_at, IntroductionRow.id)
        )
        return [self._introduction_of(row) for row in self._session.scalars(query)]

    def update_introduction(
        self,
        introduction_id: str,
        *,
        expected: Introduction,
        hearing: Hearing | None = None,
        state: str | None = None,
    ) -> Introduction:
        """Changes an introduction if it still is as it was read.

        A retake listens between reading and writing, for too long to hold a lock. So the
        caller hands in what it has read; when a reject or retake came in between, hearing or
        state differ and the change is refused.

        Args:
            introduction_id: which one.
            expected: the introduction as it was read.
            hearing: the new evidence, None to keep it.
            state: the new state, None to keep it.

        Raises:
            NotFound: no such introduction in this space.
            VersionConflict: somebody was faster; `details` has `current_state`.
        """
        row = self._introduction_row(introduction_id, lock=True)
        # As documents: two that are equal as values may hold a nan, or be of two schemas.
        as_read = hearing_to_document(expected.hearing)
        as_is = hearing_to_document(hearing_from_document(row.hearing))
        if row.state != expected.state or as_is != as_read:
            raise VersionConflict(
                "The introduction was changed by another request in the meantime. "
                "Read it again and repeat the change.",
                introduction_id=introduction_id,
                current_state=row.state,
            )
        if hearing is not None:
            row.hearing = hearing_to_document(hearing)
        if state is not None:
            row.state = checked(state, "state", WORD_LENGTH)
        row.updated_at = utc_now()
        self._session.flush()
        self.note("introduction.changed", person_id=row.person_id, name_id=row.name_id)
        return self._introduction_of(row)

    def save_clip(
        self,
        introduction_id: str,
        audio: bytes,
        media_type: str,
        expires_at: datetime | None = None,
    ) -> Clip:
        """Keeps the audio of an introduction; a second clip takes the place of the first.

        Args:
            introduction_id: which one.
            audio: the bytes of a whole file.
            media_type: such as `audio/wav`.
            expires_at: aware; None keeps it until the person is erased.

        Raises:
            NotFound: no such introduction in this space.
            InvalidRequest: `expires_at` without a time zone.
        """
        self._introduction_row(introduction_id, lock=True)
        if expires_at is not None and expires_at.tzinfo is None:
            raise InvalidRequest("`expires_at` needs a time zone.", field="expires_at")
        row = self._session.get(ClipRow, introduction_id)
        if row is None:
            row = ClipRow(introduction_id=introduction_id)
            self._session.add(row)
        row.media_type = checked(media_type, "media_type", WORD_LENGTH)
        row.audio, row.sealed = self._sealer.seal(audio, introduction_id, media_type)
        row.created_at = utc_now()
        row.expires_at = expires_at
        self._session.flush()
        return Clip(introduction_id, audio, media_type, expires_at)

    def clip(self, introduction_id: str, now: datetime | None = None) -> Clip:
        """The kept audio.

        Raises:
            NotFound: none was kept, or its time is over.
            ClipSealed: it is encrypted with a key that is not here, or was tampered with.
        """
        self._introduction_row(introduction_id)
        row = self._session.get(ClipRow, introduction_id)
        if row is None or (row.expires_at is not None and row.expires_at <= (now or utc_now())):
            raise NotFound(
                f"No audio is kept of the introduction {introduction_id!r}.",
                introduction_id=introduction_id,
            )
        audio = self._sealer.open(row.audio, row.sealed, row.introduction_id, row.media_type)
        return Clip(row.introduction_id, audio, row.media_type, row.expires_at)

    def delete_clip(self, introduction_id: str) -> bool:
        """Deletes the kept audio, if any; whether there was some. Raises `NotFound`.

        After the transaction call `Store.erase_traces()`.
        """
        introduction = self._introduction_row(introduction_id, lock=True)
        result = self._session.execute(
            delete(ClipRow).where(ClipRow.introduction_id == introduction_id),
            execution_options={"synchronize_session": False},
        )
        found = cast("CursorResult[Any]", result).rowcount > 0
        if found:
            self.note_erasure("clips")
            self.note(
                "audio.erased", person_id=introduction.person_id, name_id=introduction.name_id
            )
        return found

    def delete_expired_clips(
        self, now: datetime | None = None, *, longest: timedelta | None = None
    ) -> int:
        """Deletes the clips whose time is over, in every space; how many there were.

        It looks beyond its space: the sweeper has none. After the transaction call
        `Store.erase_traces()`.

        Args:
            now: the present time; the clock's when not given.
            longest: clips older than that go too, whatever they were promised when they were
                kept: a time to live that has been shortened holds for all.
        """
        now = now or utc_now()
        over = ClipRow.expires_at <= now
        if longest is not None:
            too_old = and_(ClipRow.expires_at.is_not(None), ClipRow.created_at <= now - longest)
            over = or_(over, too_old)
        result = self._session.execute(
            delete(ClipRow).where(over), execution_options={"synchronize_session": False}
        )
        deleted = cast("CursorResult[Any]", result).rowcount
        if deleted:
            self.note_erasure("clips")
        return deleted

    def clip_seals(self) -> dict[str | None, int]:
        """How many clips of all spaces are encrypted in which way; None: not at all."""
        query = select(ClipRow.sealed, func.count()).group_by(ClipRow.sealed)
        return {row[0]: row[1] for row in self._session.execute(query)}

    def reseal_clips(self, after: str = "", most: int = 20) -> tuple[int, int, str | None]:
        """Encrypts some clips of any space anew with the present key.

        Args:
            after: where the call before has come to.
            most: clips looked at.

        Returns:
            How many were encrypted anew, how many could not be opened, and the next call's
            `after`; None when there is nothing left.
        """
        query = (
            select(ClipRow)
            .where(
                ClipRow.introduction_id > after,
                ClipRow.sealed.is_distinct_from(self._sealer.scheme),
            )
            .order_by(ClipRow.introduction_id)
            .limit(most)
            .with_for_update()
        )
        done = failed = 0
        last = None
        for row in self._session.scalars(query):
            last = row.introduction_id
            try:
                audio = self._sealer.open(row.audio, row.sealed, last, row.media_type)
            except ClipSealed:
                failed += 1
                continue
            row.audio, row.sealed = self._sealer.seal(audio, last, row.media_type)
            done += 1
        if done:
            self.note_erasure("clips")
        self._session.flush()
        return done, failed, last

    def _introduction_row(self, introduction_id: str, *, lock: bool = False) -> IntroductionRow:
        row = None
        if is_storable(introduction_id):
            query = select(IntroductionRow).where(
                IntroductionRow.id == introduction_id, IntroductionRow.space == self.space
            )
            if lock:
                query = query.with_for_update()
            row = self._session.scalars(query).one_or_none()
        if row is None:
            raise NotFound(
                f"There is no introduction {introduction_id!r} in this space.",
                introduction_id=introduction_id,
            )
        return row

    def _introduction_of(self, row: IntroductionRow) -> Introduction:
        kept = select(ClipRow.introduction_id).where(
            ClipRow.introduction_id == row.id,
            or_(ClipRow.expires_at.is_(None), ClipRow.expires_at > utc_now()),
        )
        return Introduction(
            id=row.id,
            space=row.space,
            person_id=row.person_id,
            name_id=row.name_id,
            hearing=hearing_from_document(row.hearing),
            created_at=row.created_at,
            state=row.state,
            target=row.target,
            voice=row.voice,
            has_clip=self._session.execute(kept).first() is not None,
        )
