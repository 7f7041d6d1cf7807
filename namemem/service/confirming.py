"""What a person says to what was heard: that it is right, that it is not, or their name again."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from namemem.consent import Consent, RecordedConsent
from namemem.errors import Conflict, InvalidRequest
from namemem.introductions import Hints
from namemem.people import Introduction, Name, Person, Status
from namemem.phones import Pronunciation
from namemem.reconcile import PLAUSIBLE, choose, distinct, reject
from namemem.service.answering import (
    ALTERNATIVES,
    ANOTHER,
    Answer,
    IntroductionView,
    finish,
    renamed,
    waits,
)
from namemem.service.consenting import keeps_again
from namemem.service.introducing import (
    IntroduceRequest,
    Introducing,
    check_version,
    flagged,
    is_another,
    other_names,
)
from namemem.service.repeating import Key, Replay, replay_of
from namemem.store import Claim, NameChanges, Outcome, Repository


class Confirming(Introducing):
    """The use cases around an introduction that has been answered."""

    def confirm(self, space: str, introduction_id: str, who: str) -> IntroductionView:
        """The person agreed: the name is `confirmed`, unless a designer has settled it.

        Agreed to an answer that a later one has taken the place of, it counts again, unless that
        one was agreed on.

        Raises:
            NotFound: no such introduction.
            Conflict: every reading of it was refused, or the name has since been agreed on or
                corrected otherwise.
        """
        with self.store.transaction(space) as repo:
            introduction = repo.introduction(introduction_id)
            name = repo.name(introduction.person_id, introduction.name_id)
            if introduction.state == "exhausted":
                raise Conflict(
                    "Every pronunciation of this introduction was refused, so there is none to "
                    "confirm. Send another recording (retake), or the phones as a correction."
                )
            if introduction.state != "confirmed":
                waiting = waits(introduction, name)
                _check_latest(introduction, name, introduction.hearing.chosen.pronunciation)
                introduction = repo.update_introduction(
                    introduction_id, expected=introduction, state="confirmed"
                )
                superseded = name.introduction_id != introduction_id
                if waiting or (superseded and name.status is Status.HEARD):
                    _replace(repo, name, introduction, who, "confirmed")
                elif name.status is Status.HEARD:
                    repo.update_name(
                        name.id,
                        expected_version=name.version,
                        who=who,
                        what="confirmed",
                        status=Status.CONFIRMED,
                    )
            return self._view(repo, introduction)

    def reject_introduction(
        self, space: str, introduction_id: str, who: str, index: int | None = None
    ) -> IntroductionView:
        """The person said no: the next likely reading takes its place, or the chosen one.

        Args:
            space: whose people.
            introduction_id: which one.
            who: for the history.
            index: index into the `alternatives` last answered; None takes the first plausible.

        Raises:
            InvalidRequest: there is no alternative with that index.
            Conflict: the name has since been agreed on or corrected otherwise.
        """
        with self.store.transaction(space) as repo:
            introduction = repo.introduction(introduction_id)
            name = repo.name(introduction.person_id, introduction.name_id)
            hearing = introduction.hearing
            if introduction.state == "exhausted" and index is None:
                return self._view(repo, introduction)
            refused = hearing.chosen.pronunciation
            live = (refused,) if name.introduction_id == introduction_id else ()
            offered = distinct(hearing.readings, ALTERNATIVES)
            left = reject(hearing.readings, refused)
            state = "open"
            if index is not None:
                if not 0 <= index < len(offered):
                    raise InvalidRequest(
                        f"There is no alternative {index}; this introduction offers "
                        f"{len(offered)}, counted from 0.",
                        field="choose",
                    )
                wanted = offered[index].pronunciation
                _check_latest(introduction, name, *live, wanted)
                left = choose(left, [r.pronunciation for r in left].index(wanted))
                state = "confirmed"
            else:
                _check_latest(introduction, name, *live)
                if not left or left[0].confidence < PLAUSIBLE:
                    state, left = "exhausted", hearing.readings
            waiting = waits(introduction, name)
            rejected = (*hearing.rejected, refused.ipa)
            hearing = replace(hearing, readings=left, rejected=rejected)
            if state != "exhausted":
                hearing = replace(hearing, phones=())
            introduction = repo.update_introduction(
                introduction_id, expected=introduction, hearing=hearing, state=state
            )
            if waiting and state == "confirmed":
                _replace(repo, name, introduction, who, "chosen")
            elif state != "exhausted" and name.introduction_id == introduction_id:
                _take(repo, name, introduction, who, "rejected" if index is None else "chosen",
                      Status.HEARD if index is None else Status.CONFIRMED)  # fmt: skip
            elif name.introduction_id == introduction_id and name.status is Status.CONFIRMED:
                # Nothing takes its place, but nobody agrees to it any more.
                repo.update_name(name.id, expected_version=name.version, who=who, what="rejected",
                                 status=Status.HEARD)  # fmt: skip
            return self._view(repo, introduction)

    async def retake(
        self,
        space: str,
        introduction_id: str,
        audio: bytes,
        who: str,
        hints: Hints | None = None,
        *,
        name_version: int | None = None,
        consent: Consent | None = None,
    ) -> IntroductionView:
        """The person says it again: both recordings are used together.

        Args:
            space: whose people.
            introduction_id: which one.
            audio: the recording.
            who: for the history.
            hints: what is known of the name.
            name_version: the version in which the name was read; None accepts any.
            consent: what the person agreed to with this recording.

        Raises:
            NotFound: no such introduction.
            VersionConflict: it was changed while the recording was heard, or its name is not in
                `name_version`.
            NoSpeech, NoNameHeard, AudioError, EngineError: the first take stays as it was.
        """
        return await self._retake(
            space, introduction_id, audio, who, hints, name_version, consent=consent
        )

    async def retake_once(
        self,
        space: str,
        introduction_id: str,
        audio: bytes,
        who: str,
        hints: Hints,
        key: Key[IntroductionView],
        consent: Consent | None = None,
    ) -> IntroductionView | Replay:
        """As `retake`; sent again under its key it gives the first answer."""

        async def work(claim: Claim) -> IntroductionView:
            return await self._retake(
                space, introduction_id, audio, who, hints, None, claim, key.answer, consent
            )

        done = await self._with_claim(space, key.key, key.digest, work)
        return replay_of(done) if isinstance(done, Outcome) else done

    async def _retake(
        self,
        space: str,
        introduction_id: str,
        audio: bytes,
        who: str,
        hints: Hints | None,
        name_version: int | None,
        claim: Claim | None = None,
        answer: Answer | None = None,
        consent: Consent | None = None,
    ) -> IntroductionView:
        def read() -> tuple[Introduction, RecordedConsent | None, Person]:
            with self.store.transaction(space, read_only=True) as repo:
                taken = repo.introduction(introduction_id)
                return taken, repo.consent_to(introduction_id), repo.person(taken.person_id)

        before, agreed, person = await asyncio.to_thread(read)
        hearing = before.hearing
        known = hearing.spelling_source.value in ("caller", "spelled_aloud")
        given = hints or Hints()
        request = IntroduceRequest(
            audio,
            replace(
                given,
                spelling=given.spelling or (hearing.spelling if known else None),
                language=given.language or hearing.language,
                asked=True,
                known=other_names(person, given.spelling or hearing.spelling),
            ),
            keep_audio="none",
        )
        keep = keeps_again(self.policy, before.has_clip, agreed, consent)
        job = replace(self._job(space, request), before=hearing, want_clip=keep)
        heard = await self.hearer.hear(job)

        def write() -> IntroductionView:
            with self.store.transaction(space) as repo:
                name = repo.name(before.person_id, before.name_id)
                check_version(name, name_version)
                introduction = repo.update_introduction(
                    introduction_id,
                    expected=before,
                    hearing=flagged(name, heard.hearing),
                    state="open",
                )
                if consent is not None:
                    repo.add_consent(before.person_id, consent, introduction_id)
                if introduction.has_clip or not before.has_clip:  # not withdrawn meanwhile
                    self._keep_clip(repo, introduction_id, heard)
                waiting = is_another(name, heard.hearing)
                if name.introduction_id == introduction_id and not waiting:
                    # A retake may be of another spelling; without one the old stays.
                    changes: NameChanges = {
                        "spelling": heard.hearing.spelling or name.spelling,
                        "language": heard.hearing.language or name.language,
                    }
                    _take(repo, name, introduction, who, "retaken", Status.HEARD, changes)
                    now = repo.name(introduction.person_id, introduction.name_id)
                    renamed(repo, repo.person(introduction.person_id), name, now)
                view = self._view(repo, repo.introduction(introduction_id))
                finish(repo, claim, view, answer)
                return view

        return await asyncio.to_thread(write)


def _check_latest(introduction: Introduction, name: Name, *answers: Pronunciation) -> None:
    """Nobody says yes or no to an answer whose name has since been settled otherwise.

    Raises:
        Conflict: it has, and is none of `answers`. What a designer approved is no conflict.
    """
    settled = name.status in (Status.CONFIRMED, Status.CORRECTED)
    if settled and not waits(introduction, name) and name.pronunciation not in answers:
        raise Conflict(
            "This name has since been agreed on or corrected otherwise, so this answer no longer "
            "counts. If the person wants it after all, introduce them again and confirm that "
            "introduction, or set the pronunciation with PATCH on the name."
        )


def _replace(repo: Repository, name: Name, introduction: Introduction, who: str, what: str) -> None:
    """The person agreed to be called otherwise than before; to a designer that is an offer."""
    hearing = introduction.hearing
    kept = "" if ANOTHER in hearing.quality else name.spelling
    if name.status is Status.APPROVED:
        repo.set_suggestion(name.id, hearing.chosen.pronunciation, who=who, what=what)
        return
    now = repo.update_name(
        name.id,
        expected_version=name.version,
        who=who,
        what=what,
        spelling=hearing.spelling or kept,
        language=hearing.language,
        pronunciation=hearing.chosen.pronunciation,
        status=Status.CONFIRMED,
        confidence=hearing.chosen.confidence,
        introduction_id=introduction.id,
    )
    renamed(repo, repo.person(introduction.person_id), name, now)


def _take(
    repo: Repository,
    name: Name,
    introduction: Introduction,
    who: str,
    what: str,
    status: Status,
    more: NameChanges | None = None,
) -> None:
    """Writes the introduction's answer into the name, or offers it where that is approved."""
    chosen = introduction.hearing.chosen
    if name.status is Status.APPROVED:
        repo.set_suggestion(name.id, chosen.pronunciation, who=who, what=what)
        return
    changes: NameChanges = {
        **(more or {}),
        "pronunciation": chosen.pronunciation,
        "status": status,
        "confidence": chosen.confidence,
    }
    repo.update_name(name.id, expected_version=name.version, who=who, what=what, **changes)
