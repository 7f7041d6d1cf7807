"""Reviewing: what character designers need beyond the use cases that callers have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from namemem.dialogue import CONFIRM_FROM, GREET_FROM
from namemem.errors import (
    InvalidPronunciation,
    InvalidRequest,
    NamememError,
    NotFound,
    VersionConflict,
)
from namemem.introductions import Hints
from namemem.people import Hearing, Name, Person, Status
from namemem.phones import Pronunciation, parse_ipa
from namemem.phones.model import dotted
from namemem.phones.respelling import from_respelling
from namemem.service.answering import IntroductionView
from namemem.service.confirming import Confirming
from namemem.service.consenting import told_by
from namemem.service.introducing import IntroduceRequest, check_version, other_names
from namemem.service.remembering import Remembering
from namemem.service.saying import Saying
from namemem.store import ReviewFilter
from namemem.tts import Rendering, get_target, target_names

PAGE = 25
"""Names on one page of the list."""
CONFIDENCES: dict[str, tuple[float | None, float | None]] = {
    "sure": (GREET_FROM, None),
    "unsure": (CONFIRM_FROM, GREET_FROM),
    "doubtful": (None, CONFIRM_FROM),
}
"""Bands of confidence by what the character does with it: greets, asks back, asks again."""


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One name with its person; `distance` where it was looked for by sound."""

    person: Person
    name: Name | None
    distance: float | None = None


@dataclass(frozen=True, slots=True)
class ReviewList:
    """One page of the list: its rows, how many there are in all, and how far the review is.

    `sound` is what was looked for, where the search was by sound.
    """

    rows: list[ReviewRow]
    total: int
    page: int
    pages: int
    approved: int
    names: int
    sound: Pronunciation | None = None


@dataclass(frozen=True, slots=True)
class TargetView:
    """How one target gets a name; `problem` where it cannot get it at all."""

    name: str
    title: str
    rendering: Rendering | None
    problem: str = ""


def exact_ipa(pronunciation: Pronunciation) -> str:
    """IPA with every syllable boundary written, which `parse_ipa` reads back as it was."""
    return " ".join(dotted(word) for word in pronunciation.words)


class Reviewing(Confirming, Saying, Remembering):
    """The use cases of the review, made of those of the other parts."""

    def review_list(
        self,
        space: str,
        *,
        q: str = "",
        by_sound: bool = False,
        status: Status | None = None,
        confidence: str = "",
        page: int = 1,
    ) -> ReviewList:
        """One page of the names of a space, those that need somebody first.

        Args:
            space: whose people.
            q: part of a spelling or id; with `by_sound` a name as it sounds: IPA, a respelling
                or any spelling.
            by_sound: nearest-sounding people first, whatever their spelling.
            status: names of this status only.
            confidence: one of `CONFIDENCES`, or empty.
            page: counted from 1; the last one where there are fewer.

        Raises:
            InvalidRequest: a `confidence` or `q` that is none.
        """
        if confidence and confidence not in CONFIDENCES:
            raise InvalidRequest(
                f"`confidence` is one of {', '.join(CONFIDENCES)}.", field="confidence"
            )
        if by_sound and q.strip():
            return self._sounding_like(space, self.sound_of(q), status, confidence)
        low, high = CONFIDENCES.get(confidence, (None, None))
        wanted = ReviewFilter(q.strip() or None, status, low, high)
        with self.store.transaction(space, read_only=True) as repo:
            counts = repo.name_counts()
            page = max(1, page)
            rows, total = repo.review_rows(wanted, limit=PAGE, offset=(page - 1) * PAGE)
            pages = max(1, -(-total // PAGE))
            if page > pages:
                page = pages
                rows, total = repo.review_rows(wanted, limit=PAGE, offset=(page - 1) * PAGE)
        return ReviewList(
            [ReviewRow(person, name) for person, name in rows],
            total,
            page,
            pages,
            counts[Status.APPROVED],
            sum(counts.values()),
        )

    def _sounding_like(
        self, space: str, sound: Pronunciation, status: Status | None, confidence: str
    ) -> ReviewList:
        low, high = CONFIDENCES.get(confidence, (None, None))
        near = self.people_sounding_like(space, sound.ipa, 8 * PAGE)  # before the filters
        rows = [
            ReviewRow(person, name, distance)
            for person, distance in near
            for name in person.names
            if (status is None or name.status is status)
            and (low is None or (name.confidence is not None and name.confidence >= low))
            and (high is None or (name.confidence is not None and name.confidence < high))
        ]
        with self.store.transaction(space, read_only=True) as repo:
            counts = repo.name_counts()
        approved, names = counts[Status.APPROVED], sum(counts.values())
        rows = rows[:PAGE]
        return ReviewList(rows, len(rows), 1, 1, approved, names, sound)

    def sound_of(self, text: str) -> Pronunciation:
        """What somebody means who types a sound: IPA, else a respelling, else any spelling.

        Raises:
            InvalidRequest: none of them.
        """
        text = text.strip()
        readers: list[Callable[[str], Pronunciation]] = []
        if not text.isascii() or text.startswith(("/", "[")):
            readers.append(parse_ipa)
        if "-" in text or text.isupper():
            readers.append(from_respelling)
        for read in readers:
            try:
                return read(text)
            except InvalidPronunciation:
                continue
        predicted = self.g2p.predict(text, None) if text else None
        if predicted is None:
            raise InvalidRequest(f"Nobody can tell how {text[:60]!r} sounds.", field="q")
        return predicted

    def approve(
        self, space: str, names: Sequence[tuple[str, str, int]], who: str
    ) -> list[tuple[str, NamememError | None]]:
        """Approves several names, each (person id, name id, version) in its own transaction.

        Returns:
            For each name id what kept it from being approved, or None.
        """
        outcome: list[tuple[str, NamememError | None]] = []
        for person_id, name_id, version in names:
            try:
                self.change_name(
                    space,
                    person_id,
                    name_id,
                    expected_version=version,
                    who=who,
                    status=Status.APPROVED,
                )
            except (NotFound, VersionConflict, InvalidRequest) as error:
                outcome.append((name_id, error))
            else:
                outcome.append((name_id, None))
        return outcome

    def evidence(self, space: str, name: Name) -> IntroductionView | None:
        """What was heard of a name, None where it was typed in."""
        if name.introduction_id is None:
            return None
        try:
            return self.introduction(space, name.introduction_id)
        except NotFound:
            return None

    def predicted(self, name: Name, heard: IntroductionView | None = None) -> Pronunciation | None:
        """What the spelling alone gives; as it was when the name was heard, where that is given.

        None where nobody can read the spelling.
        """
        if heard is not None:
            hearing = heard.introduction.hearing
            if hearing.spelling == name.spelling and hearing.predicted is not None:
                return hearing.predicted
        return self.g2p.predict(name.spelling, name.language) if name.spelling else None

    def on_targets(self, name: Name) -> list[TargetView]:
        """How every target gets a name, in the order of the registry."""
        views = []
        pronunciation, _ = self._pronounced(name)
        for target in target_names():
            renderer = get_target(target)
            try:
                rendering = renderer.render_name(name.spelling, pronunciation)
            except NamememError as error:
                views.append(TargetView(target, renderer.title, None, error.message))
            else:
                views.append(TargetView(target, renderer.title, rendering))
        return views

    def dismiss_suggestion(
        self, space: str, person_id: str, name_id: str, who: str, *, expected_version: int
    ) -> Name:
        """Forgets what was heard after the approval. Raises `NotFound`, `VersionConflict`."""
        with self.store.transaction(space) as repo:
            repo.name(person_id, name_id)
            return repo.update_name(
                name_id,
                expected_version=expected_version,
                who=who,
                what="suggestion dismissed",
                suggestion=None,
            )

    async def try_take(self, space: str, name: Name, audio: bytes) -> Hearing:
        """Hears another recording of a name together with the first, and stores nothing.

        Raises:
            NoSpeech, NoNameHeard, AudioError, EngineError: as `retake` does.
        """
        view = self.evidence(space, name)
        known = other_names(self.person(space, name.person_id), name.spelling)
        hints = replace(_hints(name), known=known)
        job = self._job(space, IntroduceRequest(audio, hints, keep_audio="none"))
        before = view.introduction.hearing if view is not None else None
        return (await self.hearer.hear(replace(job, before=before))).hearing

    async def save_take(
        self, space: str, name: Name, audio: bytes, who: str, *, keep: bool
    ) -> Name:
        """Takes another recording of a name for what it says: the designer has heard it.

        A name that was approved already becomes `corrected`, with what is heard now.

        Args:
            space: whose people.
            name: as it was read; a change since then is refused.
            audio: the recording.
            who: for the history.
            keep: keep the recording, where the name has none yet: the person agrees, `who` says.

        Raises:
            VersionConflict: the name was changed meanwhile, even while it was heard.
            NoSpeech, NoNameHeard, AudioError, EngineError: nothing is changed.
        """
        check_version(self.name(space, name.person_id, name.id), name.version)
        view = self.evidence(space, name)
        if view is not None:
            done = await self.retake(
                space, view.introduction.id, audio, who, _hints(name), name_version=name.version
            )
        else:
            request = IntroduceRequest(
                audio,
                _hints(name),
                person_id=name.person_id,
                kind=name.kind,
                keep_audio="clip" if keep else "none",
                consent=told_by(who) if keep else None,
                name_id=name.id,
                name_version=name.version,
                who=who,
            )
            done = await self.introduce(space, request)
        after = done.name  # as it was stored, not as somebody may have changed it since
        if after.status is not Status.APPROVED:
            return after
        said = exact_ipa(done.introduction.hearing.chosen.pronunciation)
        return self.change_name(
            space,
            name.person_id,
            name.id,
            expected_version=after.version,
            who=who,
            why="said again in a new recording",
            said={"ipa": said},
        )


def _hints(name: Name) -> Hints:
    return Hints(spelling=name.spelling or None, language=name.language, asked=True)
