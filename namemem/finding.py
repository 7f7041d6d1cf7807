"""Where in a recording the name is: by sound where its spelling is known, else by words.

Engines are passed in, as everywhere in the pipeline.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from namemem.asr import Transcriber, Transcript
from namemem.asr.from_caller import check_times
from namemem.audio import Waveform
from namemem.doubts import Doubts
from namemem.errors import NoNameHeard
from namemem.evidence import Gatherer
from namemem.g2p import CandidateSource
from namemem.known_names import KnownName
from namemem.name_spotting import spot
from namemem.people import Mention, SpellingSource
from namemem.phone_recognition import Context, Listening, PhoneRecognizer, Span
from namemem.placing import (
    Place,
    bare,
    behind_carrier,
    by_letters,
    from_sound,
    from_words,
    where_written,
)
from namemem.spelling_choice import as_written, best_spelling, is_unsure, other_spellings


@dataclass(frozen=True, slots=True)
class Hints:
    """What the caller knows beforehand.

    Attributes:
        spelling: the name's spelling, if known.
        language: BCP 47 of the name and the speech.
        asked: the character has just asked for the name.
        transcript: the caller's own recogniser's words; then no transcriber runs.
        known: other names of whoever speaks.
    """

    spelling: str | None = None
    language: str | None = None
    asked: bool = False
    transcript: Transcript | None = None
    known: tuple[KnownName, ...] = ()


class Finder:
    """Finds the name with one set of engines; safe to share between threads."""

    def __init__(
        self,
        transcriber: Transcriber,
        recognizer: PhoneRecognizer,
        g2p: CandidateSource,
        gatherer: Gatherer,
        doubts: Doubts,
    ) -> None:
        self._transcriber = transcriber
        self._recognizer = recognizer
        self._g2p = g2p
        self._gatherer = gatherer
        self._doubts = doubts

    def by_sound(self, listening: Listening, speech: Span, hints: Hints) -> Place | None:
        """Finds a name of known spelling in the phones, so that no transcriber has to run."""
        if not (hints.spelling and self._recognizer.finds_carriers and hints.transcript is None):
            return None
        readings = self._gatherer.readings(hints.spelling, hints.language)
        place = from_sound(listening, readings, speech, hints.language)
        if place is not None or not readings:
            return place
        place = bare(speech, hints.spelling)
        return (
            place
            if self._doubts.was_said(listening, place, hints.spelling, hints.language)
            else None
        )

    def words(self, waveform: Waveform, hints: Hints) -> tuple[Transcript, str]:
        """The words that were said, and who wrote them down; InvalidRequest for wrong times."""
        if hints.transcript is not None:
            check_times(hints.transcript, waveform.seconds)
            return hints.transcript, "caller"
        transcript = self._transcriber.transcribe(
            waveform, language=hints.language, prompt=hints.spelling
        )
        return transcript, f"{self._transcriber.name} {self._transcriber.version}"

    def by_words(
        self, transcript: Transcript, speech: Span, hints: Hints, listening: Listening
    ) -> Place:
        """Where the words say that the name is, or the whole utterance where it may be."""
        language = hints.language or transcript.language
        spotted = spot(as_written(transcript), language, asked=hints.asked)
        name = spotted.own
        others = tuple(Mention(cased(n.text), n.kind, n.of) for n in spotted.names if n != name)
        listens = self._recognizer.finds_carriers and hints.transcript is None
        spelled = name is not None and name.spelling_source is SpellingSource.SPELLED_ALOUD
        if listens and not (hints.spelling or spelled):
            letters = listening.spelled(speech)
            if letters is not None:
                return by_letters(letters)
        if listens and not (hints.spelling or others or spelled):
            # The sound shows the phrase better than words that were guessed around a new name.
            place = behind_carrier(listening, speech, language)
            if place is not None:
                return replace(place, name=name)
        if name is not None:
            return replace(from_words(name, transcript, speech, self._g2p), others=others)
        if hints.spelling:
            place = where_written(transcript, hints.spelling, speech)
            if place is not None:
                return place
        if hints.spelling and (listens or _as_short(transcript, hints)):
            return bare(speech, hints.spelling)
        if listens and hints.asked and self._doubts.is_unknown_word(transcript, speech, listening):
            return Place(speech, Context())
        if others:
            raise no_name(transcript.text, "only-others", "Only somebody else is introduced.")
        raise no_name(transcript.text, str(spotted.reason), spotted.explanation or "")

    def respelled(
        self,
        waveform: Waveform,
        listening: Listening,
        place: Place,
        transcript: Transcript,
        hints: Hints,
    ) -> Place:
        """The name in the spelling that the sound fits, where the transcriber doubts its own."""
        name, engine = place.name, self._transcriber
        if name is None or hints.spelling or hints.transcript is not None:
            return place
        if not (engine.capabilities.hypotheses and is_unsure(name, transcript)):
            return place
        clip = waveform.slice(place.span.start, place.span.end)
        language = hints.language or transcript.language
        heard = engine.hypotheses(clip, language=language)
        spelling = best_spelling(
            name.text,
            other_spellings(heard, language),
            listening,
            (place.span, place.context),
            self._gatherer.probes,
            hints.language,
        )
        return replace(place, name=replace(name, text=spelling))


def cased(text: str) -> str:
    """A name that a transcriber wrote without capitals, with them."""
    if text != text.lower():
        return text
    return " ".join("-".join(p.capitalize() for p in w.split("-")) for w in text.split())


def _as_short(transcript: Transcript, hints: Hints) -> bool:
    """Whether so few words were heard that they may be a name which the transcriber misheard.

    Someone who was asked may put a short phrase before it.
    """
    allowed = 3 * len((hints.spelling or "").split()) + (3 if hints.asked else 0)
    return len(transcript.words) <= allowed


def no_name(transcript: str, reason: str, sentence: str) -> NoNameHeard:
    """The error that says that nobody gives a name, and why."""
    return NoNameHeard(
        f"Nobody gives a name in this recording. {sentence}",
        transcript=transcript,
        reason=reason,
    )
