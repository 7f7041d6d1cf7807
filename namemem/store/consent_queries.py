"""Queries on what people agreed to."""

from __future__ import annotations

from sqlalchemy import select

from namemem.consent import AUDIO, Consent, RecordedConsent
from namemem.errors import NotFound
from namemem.store.audit_queries import Noting
from namemem.store.scope import checked, is_storable, new_id, utc_now
from namemem.store.tables import NAME_LENGTH, ClipRow, ConsentRow, IntroductionRow


class ConsentQueries(Noting):
    """The consents of one space."""

    def add_consent(
        self, person_id: str, consent: Consent, introduction_id: str | None = None
    ) -> RecordedConsent:
        """Keeps what somebody agreed to.

        Args:
            person_id: whose.
            consent: who, when, for what.
            introduction_id: the recording that it came with, if any; one of that person.

        Raises:
            NotFound: no such person or introduction in this space.
            InvalidRequest: a text that cannot be stored.
        """
        self._person_row(person_id)
        if introduction_id is not None:
            query = select(IntroductionRow.id).where(
                IntroductionRow.id == introduction_id, IntroductionRow.person_id == person_id
            )
            if self._session.execute(query).first() is None:
                raise NotFound(
                    f"The person {person_id!r} has no introduction {introduction_id!r}.",
                    introduction_id=introduction_id,
                )
        row = ConsentRow(
            id=new_id("o"),
            person_id=person_id,
            introduction_id=introduction_id,
            given_by=checked(consent.by, "consent.by", NAME_LENGTH),
            given_at=consent.at,
            purposes=list(consent.purposes),
            recorded_at=utc_now(),
            withdrawn_at=None,
        )
        self._session.add(row)
        self._session.flush()
        self.note("consent.recorded", person_id=person_id)
        return consent_of(row)

    def consents(self, person_id: str) -> list[RecordedConsent]:
        """Everything a person agreed to, oldest first. Raises `NotFound`."""
        self._person_row(person_id)
        query = (
            select(ConsentRow)
            .where(ConsentRow.person_id == person_id)
            .order_by(ConsentRow.recorded_at, ConsentRow.id)
        )
        return [consent_of(row) for row in self._session.scalars(query)]

    def consent_to(self, introduction_id: str) -> RecordedConsent | None:
        """What was last agreed to with a recording; None where nothing was."""
        query = (
            select(ConsentRow)
            .join(IntroductionRow, IntroductionRow.id == ConsentRow.introduction_id)
            .where(
                ConsentRow.introduction_id == introduction_id,
                IntroductionRow.space == self.space,
            )
            .order_by(ConsentRow.recorded_at.desc(), ConsentRow.id.desc())
            .limit(1)
        )
        row = self._session.scalars(query).one_or_none()
        return None if row is None else consent_of(row)

    def withdraw_audio_consent(self, introduction_id: str) -> None:
        """Marks the consents to keep this recording as withdrawn; who had given them stays."""
        query = select(ConsentRow).where(
            ConsentRow.introduction_id == introduction_id, ConsentRow.withdrawn_at.is_(None)
        )
        for row in self._session.scalars(query.with_for_update()):
            if AUDIO in row.purposes:
                self._withdraw(row)

    def withdraw_consent(self, person_id: str, consent_id: str) -> tuple[RecordedConsent, bool]:
        """Marks one consent as withdrawn; who had given it, when, and for what stays.

        The recordings that rested on it are another matter: see `recordings_under`.

        Returns:
            The consent, and whether it was withdrawn just now. Done again it changes nothing, so
            that what was agreed to since then holds.

        Raises:
            NotFound: no such person in this space, or no such consent of theirs.
        """
        self._person_row(person_id)
        row = None
        if is_storable(consent_id):
            query = select(ConsentRow).where(
                ConsentRow.id == consent_id, ConsentRow.person_id == person_id
            )
            row = self._session.scalars(query.with_for_update()).one_or_none()
        if row is None:
            raise NotFound(
                f"The person {person_id!r} has given no consent {consent_id!r}. "
                f"GET /v1/people/{person_id}/consents lists what they have.",
                consent_id=consent_id,
            )
        held = row.withdrawn_at is None
        if held:
            self._withdraw(row)
        return consent_of(row), held

    def recordings_under(self, consent: RecordedConsent) -> list[str]:
        """Ids of the introductions whose kept recording rests on a consent that is withdrawn.

        The one that it came with, unless another take with a consent of its own has replaced that;
        of a consent that came with none, each of the person's that has no consent of its own, as
        long as no other of their general consents covers it.
        """
        if not consent.consent.for_audio:
            return []
        given = [one for one in self.consents(consent.person_id) if one.consent.for_audio]
        if consent.introduction_id is not None:
            with_it = [one for one in given if one.introduction_id == consent.introduction_id]
            return [consent.introduction_id] if with_it[-1].id == consent.id else []
        held = [one.introduction_id for one in given if one.withdrawn_at is None]
        if None in held:
            return []
        kept = (
            select(ClipRow.introduction_id)
            .join(IntroductionRow, IntroductionRow.id == ClipRow.introduction_id)
            .where(IntroductionRow.person_id == consent.person_id)
            .order_by(ClipRow.introduction_id)
        )
        return [one for one in self._session.scalars(kept) if one not in held]

    def _withdraw(self, row: ConsentRow) -> None:
        row.withdrawn_at = utc_now()
        self._session.flush()
        self.note("consent.withdrawn", person_id=row.person_id)


def consent_of(row: ConsentRow) -> RecordedConsent:
    """A row as the domain's value."""
    return RecordedConsent(
        id=row.id,
        person_id=row.person_id,
        introduction_id=row.introduction_id,
        consent=Consent(row.given_by, row.given_at, tuple(row.purposes)),
        recorded_at=row.recorded_at,
        withdrawn_at=row.withdrawn_at,
    )
