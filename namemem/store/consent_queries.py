"""Queries on what people agreed to."""

from __future__ import annotations

from sqlalchemy import select

from namemem.consent import AUDIO, Consent, RecordedConsent
from namemem.errors import NotFound
from namemem.store.audit_queries import Noting
from namemem.store.scope import checked, new_id, utc_now
from namemem.store.tables import NAME_LENGTH, ConsentRow, IntroductionRow


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
        for row in self._session.scalars(query):
            if AUDIO in row.purposes:
                row.withdrawn_at = utc_now()
        self._session.flush()


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
