"""What an introduction is answered with, and reading one again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from namemem.consent import RecordedConsent
from namemem.dialogue import NextStep, next_step
from namemem.people import Introduction, Name, Person, Status
from namemem.phones import to_respelling
from namemem.service.repeating import Repeating
from namemem.store import Claim, Repository
from namemem.tts import Rendering, get_target
from namemem.tts.sentences import render_line

ALTERNATIVES = 5
"""How many alternatives an answer offers."""
ANOTHER = "another_name"
"""The finding that a recording gives another name than was heard or agreed on before."""
SETTLED = (Status.CONFIRMED, Status.CORRECTED, Status.APPROVED)


@dataclass(frozen=True, slots=True)
class IntroductionView:
    """An introduction as it is answered: with its person, name, rendering and next step."""

    introduction: Introduction
    person: Person
    name: Name
    rendering: Rendering | None
    next: NextStep
    say_text: str
    say_markup: str | None
    consent: RecordedConsent | None = None

    @property
    def waits(self) -> bool:
        """Whether another name was agreed on, which stays until this one is confirmed."""
        return waits(self.introduction, self.name)


Answer = Callable[[IntroductionView], Mapping[str, Any]]
"""What is kept of an introduction, to be answered again."""


class Answering(Repeating):
    """The use cases of reading an introduction."""

    def introduction(self, space: str, introduction_id: str) -> IntroductionView:
        """An introduction as it now stands. Raises `NotFound`."""
        with self.store.transaction(space, read_only=True) as repo:
            return self._view(repo, repo.introduction(introduction_id))

    def clip(self, space: str, introduction_id: str) -> tuple[bytes, str]:
        """The kept recording and its media type. Raises `NotFound` where none was kept."""
        with self.store.transaction(space, read_only=True) as repo:
            clip = repo.clip(introduction_id)
            return clip.audio, clip.media_type

    def _view(self, repo: Repository, introduction: Introduction) -> IntroductionView:
        person = repo.person(introduction.person_id)
        name = repo.name(person.id, introduction.name_id)
        chosen = introduction.hearing.chosen
        # A name that nobody spelled is shown, and said without phones, as it sounds: SASH-uh.
        spelled = (
            introduction.hearing.spelling
            or name.spelling
            or to_respelling(chosen.pronunciation).value
        )
        step = next_step(
            chosen.confidence,
            language=introduction.hearing.language,
            settled=introduction.state == "confirmed"
            or (name.status in SETTLED and ANOTHER not in introduction.hearing.quality),
            exhausted=introduction.state == "exhausted",
            # A retake after a no brings phones of its own, and is another recording.
            refused=bool(introduction.hearing.rejected) and not introduction.hearing.phones,
            replaces=(name.spelling or "somebody else") if waits(introduction, name) else None,
        )
        rendering = markup = None
        if introduction.target is not None:
            voice = introduction.voice
            renderer = get_target(introduction.target)
            rendering = renderer.render_name(spelled, chosen.pronunciation, voice)
            markup = render_line(renderer, step.line, rendering, voice)
        text = step.line.replace("{name}", spelled)
        consent = repo.consent_to(introduction.id)
        return IntroductionView(introduction, person, name, rendering, step, text, markup, consent)


def waits(introduction: Introduction, name: Name) -> bool:
    """Whether an introduction gives another name than was agreed on, and nobody confirmed it."""
    flagged = ANOTHER in introduction.hearing.quality and introduction.state != "confirmed"
    return flagged and name.status in SETTLED


def renamed(repo: Repository, person: Person, before: Name, now: Name) -> None:
    """Where a person is shown by a name, it is shown as it is now."""
    shown = _shown(now)
    if shown and person.display_name in _shown(before) and person.display_name != shown[0]:
        repo.update_person(person.id, display_name=shown[0])


def _shown(name: Name) -> list[str]:
    """What a person may be shown by who has that name: its spelling, else its sound."""
    return [x for x in (name.spelling, name.pronunciation and name.pronunciation.ipa) if x]


def finish(
    repo: Repository, claim: Claim | None, view: IntroductionView, answer: Answer | None
) -> None:
    """Stores the answer with what it tells of, where the request may be sent again."""
    if claim is not None:
        kept = answer(view) if answer is not None else None
        repo.finish(claim, introduction_id=view.introduction.id, answer=kept)
