"""Introductions: a recording becomes a person with a pronounceable name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar

from namemem.consent import Consent
from namemem.errors import InvalidRequest, NotFound, VersionConflict
from namemem.introductions import Hints
from namemem.known_names import KnownName
from namemem.people import Hearing, Name, NameKind, Person, Status
from namemem.phones import parse_ipa, phonetic_distance
from namemem.service.answering import (
    ANOTHER,
    SETTLED,
    Answer,
    Answering,
    IntroductionView,
    finish,
    renamed,
)
from namemem.service.consenting import keeps
from namemem.service.repeating import Replay, digest_of, replay_of
from namemem.store import Claim, Outcome, Repository, new_introduction_id
from namemem.tts import get_target
from namemem.workers import Heard, Job

_T = TypeVar("_T")
_ALIKE = 0.15
"""PFER up to which a name that nobody spelled may be the one that is known."""
_ATTEMPTS = 10
"""How often storing is tried while other introductions of the same person keep coming in."""


@dataclass(frozen=True, slots=True)
class IntroduceRequest:
    """One recording and what the caller says about it; see the HTTP contract.

    Attributes:
        name_id: the name of `person_id` that is said; None takes their first of that kind.
        name_version: the version in which `name_id` was read; None accepts any.
        who: for the history.
        consent: what the person agreed to, kept with the introduction.
    """

    audio: bytes
    hints: Hints = field(default_factory=Hints)
    person_id: str | None = None
    external_id: str | None = None
    kind: NameKind | None = None
    target: str | None = None
    voice: str | None = None
    keep_audio: str | None = None
    idempotency_key: str | None = None
    name_id: str | None = None
    name_version: int | None = None
    who: str = "person"
    consent: Consent | None = None

    def digest(self) -> str:
        """SHA-256 of everything that makes this request what it is."""
        fields = [self.person_id, self.external_id, self.kind, self.target, self.voice,
                  self.keep_audio, self.hints.spelling, self.hints.language, self.hints.asked,
                  self.hints.transcript]  # fmt: skip
        if self.name_id is not None:
            fields += [self.name_id, str(self.name_version)]
        if self.consent is not None:
            fields.append(str(self.consent.as_dict()))
        return digest_of(*fields, audio=self.audio)


Settled = Callable[[Heard], Awaitable[None]]
"""Decides, once a recording is heard, whether and when it is remembered."""


class Introducing(Answering):
    """The use cases around one recording."""

    async def introduce(
        self, space: str, request: IntroduceRequest, settled: Settled | None = None
    ) -> IntroductionView:
        """Hears a recording and remembers whose name is in it.

        Args:
            space: whose people.
            request: the recording and what the caller says about it.
            settled: awaited between hearing and storing; what it raises stops both.

        Raises:
            NotFound: `person_id` names nobody in this space, or they have no such `name_id`.
            VersionConflict: the name is not in `name_version`, or not any more after the hearing.
            NoSpeech, NoNameHeard: nothing is stored.
            AudioError: not audio, cut off, too long or too large; nothing is stored.
            ConsentMissing: the recording is to be kept, and nobody has agreed to that.
            EngineBusy, EngineFailed: try again.
            Conflict: the idempotency key was used for another request, or is in flight.
        """
        done = await self._introduce(space, request, None, settled)
        if not isinstance(done, Outcome):
            return done
        if done.introduction_id is None:
            raise NotFound("What this Idempotency-Key made has been erased. Send a new key.")
        made = done.introduction_id
        return await _in_thread(lambda: self.introduction(space, made))

    async def introduce_once(
        self, space: str, request: IntroduceRequest, answer: Answer
    ) -> IntroductionView | Replay:
        """As `introduce`; sent again under its key it gives the first answer, as it was kept."""
        done = await self._introduce(space, request, answer)
        return replay_of(done) if isinstance(done, Outcome) else done

    async def _introduce(
        self,
        space: str,
        request: IntroduceRequest,
        answer: Answer | None,
        settled: Settled | None = None,
    ) -> IntroductionView | Outcome:
        await _in_thread(lambda: self._check(space, request))

        async def work(claim: Claim | None) -> IntroductionView:
            job = await _in_thread(lambda: self._with_earlier(space, request))
            heard = await self.hearer.hear(job)
            if settled is not None:
                await settled(heard)
            return await _in_thread(lambda: self._remember(space, request, heard, claim, answer))

        if request.idempotency_key is None:
            return await work(None)
        return await self._with_claim(space, request.idempotency_key, request.digest(), work)

    def _check(self, space: str, request: IntroduceRequest) -> None:
        """Finds out early what would fail late."""
        if request.target is not None:
            _check_voice(request.target, request.voice)
        if request.person_id and request.external_id:
            raise InvalidRequest("Send person_id or external_id, not both.", field="person_id")
        if request.name_id is not None and request.person_id is None:
            raise InvalidRequest("Send person_id with name_id.", field="name_id")
        keeps(self.policy, request.keep_audio, request.consent)
        if request.person_id is None:
            return
        with self.store.transaction(space, read_only=True) as repo:
            repo.person(request.person_id)
            if request.name_id is not None:
                name = repo.name(request.person_id, request.name_id)
                check_version(name, request.name_version)

    def _with_earlier(self, space: str, request: IntroduceRequest) -> Job:
        """The job with what is known of the person: their names, and an earlier take of this one.

        What was heard when they gave the same name before is evidence that is added.
        """
        job = self._job(space, request)
        if not (request.person_id or request.external_id):
            return job
        with self.store.transaction(space, read_only=True) as repo:
            if request.person_id:
                person: Person | None = repo.person(request.person_id)
            else:
                person = repo.find_person_by_external_id(request.external_id or "")
            if person is None:
                return job
            taken = _taken_before(person, request)
            before = repo.introduction(taken).hearing if taken is not None else None
            hints = replace(job.hints, known=other_names(person, request.hints.spelling))
            return replace(job, before=before, hints=hints)

    def _job(self, space: str, request: IntroduceRequest) -> Job:
        return Job(
            request.audio,
            request.hints,
            want_clip=keeps(self.policy, request.keep_audio, request.consent),
            max_seconds=self.policy.max_seconds,
            max_bytes=self.policy.max_bytes,
            space=space,
        )

    def _remember(
        self,
        space: str,
        request: IntroduceRequest,
        heard: Heard,
        claim: Claim | None = None,
        answer: Answer | None = None,
    ) -> IntroductionView:
        """Stores what was heard; begins anew when the same person is introduced elsewhere."""
        for _ in range(_ATTEMPTS):
            try:
                return self._store_heard(space, request, heard, claim, answer)
            except VersionConflict as error:
                if request.name_version is not None:
                    raise
                last = error
        raise last

    def _store_heard(
        self,
        space: str,
        request: IntroduceRequest,
        heard: Heard,
        claim: Claim | None,
        answer: Answer | None,
    ) -> IntroductionView:
        with self.store.transaction(space) as repo:
            person = _person(repo, request, heard)
            introduction_id = new_introduction_id()
            known = _known(repo, person, request, heard)
            heard = replace(heard, hearing=flagged(known, heard.hearing))
            name = _store_name(repo, person, request, heard, introduction_id, known)
            if known is not None:
                renamed(repo, person, known, name)
            introduction = repo.add_introduction(
                person_id=person.id,
                name_id=name.id,
                hearing=heard.hearing,
                target=request.target,
                voice=request.voice,
                introduction_id=introduction_id,
            )
            if request.consent is not None:
                repo.add_consent(person.id, request.consent, introduction.id)
            self._keep_clip(repo, introduction.id, heard)
            view = self._view(repo, repo.introduction(introduction.id))
            finish(repo, claim, view, answer)
            return view

    def _keep_clip(self, repo: Repository, introduction_id: str, heard: Heard) -> None:
        if heard.clip is not None:
            expires = datetime.now(UTC) + self.policy.audio_ttl
            repo.save_clip(introduction_id, heard.clip, "audio/wav", expires)


def _person(repo: Repository, request: IntroduceRequest, heard: Heard) -> Person:
    shown = heard.hearing.spelling or heard.hearing.chosen.pronunciation.ipa
    if request.person_id is not None:
        return repo.person(request.person_id)
    if request.external_id is not None:
        return repo.get_or_add_person(request.external_id, shown)[0]
    return repo.add_person(None, shown)


def _taken_before(person: Person, request: IntroduceRequest) -> str | None:
    """The introduction in which this name was heard before, if nobody changed it since."""
    spelling = (request.hints.spelling or "").casefold()
    for name in person.names:
        if not spelling or request.name_id not in (None, name.id):
            continue
        heard = name.status in (Status.HEARD, Status.CONFIRMED)
        if heard and name.introduction_id and name.spelling.casefold() == spelling:
            return name.introduction_id
    return None


def other_names(person: Person, spelling: str | None) -> tuple[KnownName, ...]:
    """The person's names but the one that is given again."""
    written = (spelling or "").casefold()
    return tuple(
        KnownName(n.spelling, n.pronunciation.ipa, n.language, n.status is not Status.HEARD)
        for n in person.names
        if n.pronunciation is not None and n.spelling and n.spelling.casefold() != written
    )


def _known(
    repo: Repository, person: Person, request: IntroduceRequest, heard: Heard
) -> Name | None:
    """The name that is given (again)."""
    if request.name_id is not None:
        return repo.name(person.id, request.name_id)
    kind = request.kind or heard.kind
    return next((n for n in person.names if n.kind is kind), None)


def is_another(known: Name | None, hearing: Hearing) -> bool:
    """Whether a recording gives another name than the one that was agreed on.

    So what is spelled otherwise and sounds otherwise, be it by one phone: Tim is not Kim.
    """
    if known is None or known.status not in SETTLED or known.pronunciation is None:
        return False
    if not (known.spelling and hearing.spelling):
        return not _sounds_alike(known, hearing)
    if known.spelling.casefold() == hearing.spelling.casefold():
        return False
    return known.pronunciation.accent != hearing.chosen.pronunciation.accent


def _sounds_alike(known: Name, hearing: Hearing) -> bool:
    """Whether what was heard may be the same name, said or heard a little otherwise."""
    said = hearing.chosen.pronunciation
    return known.pronunciation is None or phonetic_distance(known.pronunciation, said) <= _ALIKE


def flagged(known: Name | None, hearing: Hearing) -> Hearing:
    """The hearing with the finding that it gives another name than was agreed on, if it does."""
    if ANOTHER in hearing.quality or not is_another(known, hearing):
        return hearing
    return replace(hearing, quality=(*hearing.quality, ANOTHER))


def _store_name(
    repo: Repository,
    person: Person,
    request: IntroduceRequest,
    heard: Heard,
    introduction_id: str,
    existing: Name | None,
) -> Name:
    hearing = heard.hearing
    if existing is None:
        return repo.add_name(
            person.id,
            kind=request.kind or heard.kind,
            spelling=hearing.spelling,
            language=hearing.language,
            pronunciation=hearing.chosen.pronunciation,
            status=Status.HEARD,
            confidence=hearing.chosen.confidence,
            introduction_id=introduction_id,
            who=request.who,
            what="heard",
        )
    check_version(existing, request.name_version)
    if is_another(existing, hearing):
        return existing  # until they confirm that they want to be called so
    if existing.status is Status.APPROVED:
        said = hearing.chosen.pronunciation
        if existing.pronunciation is not None and said.ipa == existing.pronunciation.ipa:
            return existing
        return repo.set_suggestion(existing.id, said, who=request.who, what="heard again")
    said = hearing.chosen.pronunciation
    kept = existing.spelling if _sounds_alike(existing, hearing) else ""
    same = existing.pronunciation is not None and existing.pronunciation.ipa == said.ipa
    return repo.update_name(
        existing.id,
        expected_version=existing.version,
        who=request.who,
        what="heard again",
        spelling=hearing.spelling or kept,
        language=hearing.language or existing.language,
        pronunciation=said,
        status=existing.status if same else Status.HEARD,  # what was agreed on stays agreed on
        confidence=hearing.chosen.confidence,
        introduction_id=introduction_id,
    )


def check_version(name: Name, expected: int | None) -> None:
    """Raises `VersionConflict` where the name is not in the expected version; None accepts any."""
    if expected is not None and name.version != expected:
        raise VersionConflict(
            f"The name is in version {name.version} by now, not in {expected}. "
            "Read it again and repeat the change.",
            name_id=name.id,
            current_version=name.version,
            expected_version=expected,
        )


def _check_voice(target: str, voice: str | None) -> None:
    """Raises `UnknownTarget` or `UnknownVoice` before anything is heard."""
    get_target(target).phones(parse_ipa("a"), voice)


async def _in_thread(work: Callable[[], _T]) -> _T:
    return await asyncio.to_thread(work)
