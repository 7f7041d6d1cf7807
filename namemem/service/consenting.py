"""Consent: whether a recording may be kept, and taking that back."""

from __future__ import annotations

from datetime import UTC, datetime

from namemem.consent import AUDIO, EXAMPLE, Consent, RecordedConsent
from namemem.errors import ConsentMissing
from namemem.service.base import Policy, ServiceBase


class Consenting(ServiceBase):
    """The use cases around what people agreed to."""

    def consents(self, space: str, person_id: str) -> list[RecordedConsent]:
        """Everything a person agreed to, oldest first. Raises `NotFound`."""
        with self.store.transaction(space, read_only=True) as repo:
            return repo.consents(person_id)

    def add_consent(
        self, space: str, person_id: str, consent: Consent, introduction_id: str | None = None
    ) -> RecordedConsent:
        """Keeps what a person agreed to. Raises `NotFound`."""
        with self.store.transaction(space) as repo:
            return repo.add_consent(person_id, consent, introduction_id)

    def withdraw_consent(self, space: str, person_id: str, consent_id: str) -> RecordedConsent:
        """Marks a consent as withdrawn and erases the recordings that were kept under it.

        What was heard in them stays, and so does the word of who had agreed, and when. Done again
        it changes nothing.

        Raises:
            NotFound: no such person or consent in this space.
        """
        with self.store.transaction(space) as repo:
            withdrawn, just_now = repo.withdraw_consent(person_id, consent_id)
            erased = False
            for introduction_id in repo.recordings_under(withdrawn) if just_now else ():
                erased = repo.delete_clip(introduction_id) or erased
                repo.withdraw_audio_consent(introduction_id)
        if erased:
            self.store.erase_traces(at_once=True)
        return withdrawn

    def withdraw_audio(self, space: str, introduction_id: str) -> None:
        """Erases the kept recording and marks the consent to it as withdrawn.

        What was heard in it stays; `forget` erases that. Done again it changes nothing.

        Raises:
            NotFound: no such introduction in this space.
        """
        with self.store.transaction(space) as repo:
            erased = repo.delete_clip(introduction_id)
            repo.withdraw_audio_consent(introduction_id)
        if erased:
            self.store.erase_traces(at_once=True)


def keeps(policy: Policy, asked: str | None, consent: Consent | None) -> bool:
    """Whether a recording is kept.

    Asked for outright, it is kept or refused. Where only the server's habit would keep it, a
    consent that is missing or does not cover it means that it is not kept.

    Args:
        policy: the server's habit, and whether it demands consent.
        asked: `clip`, `none`, or None for the habit.
        consent: what came with the recording.

    Raises:
        ConsentMissing: `clip` was asked for, and the consent does not allow it.
    """
    if (asked or policy.keep_audio) != "clip":
        return False
    if consent is None:
        allowed = not policy.require_consent
        why = "This server keeps recordings only with consent. Send the field consent: "
    else:
        allowed = consent.for_audio
        why = f"The consent that was sent is not for {AUDIO}, so the recording is not kept. Send "
    if not allowed and asked == "clip":
        raise ConsentMissing(f"{why}{EXAMPLE}, or keep_audio=none.", field="consent")
    return allowed


def keeps_again(
    policy: Policy, had_clip: bool, before: RecordedConsent | None, consent: Consent | None
) -> bool:
    """Whether another take of an introduction is kept: as the first was, where that is allowed.

    Args:
        policy: the server's habit, and whether it demands consent.
        had_clip: a recording of it is kept now.
        before: what was agreed to with an earlier take, withdrawn or not.
        consent: what came with this one.
    """
    if consent is None and before is not None:
        if before.withdrawn_at is not None:
            return False
        consent = before.consent
    try:
        return keeps(policy, "clip" if had_clip else None, consent)
    except ConsentMissing:
        return False


def told_by(who: str, now: datetime | None = None) -> Consent:
    """The consent that somebody at the review pages vouches for by ticking a box."""
    by = f"the person, as {who} says" if who else "the person"
    return Consent(by, now or datetime.now(UTC), ("pronunciation", AUDIO))
