"""The pipeline: one recording (and what the caller knows) in, a `Hearing` out.

Engines are passed in; nothing here knows which ones they are, who the person is, or HTTP.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from namemem.asr import Transcriber
from namemem.audio import Waveform, assess, speech_span
from namemem.audio.voice_activity import SileroModel
from namemem.doubts import Doubts
from namemem.errors import HearingError, NoSpeech
from namemem.evidence import Gatherer
from namemem.finding import Finder, Hints, cased, no_name
from namemem.g2p import CandidateSource
from namemem.identifying import Verdicts, by_distance, by_ear
from namemem.name_spotting import spot
from namemem.people import (
    Engines,
    HeardPhone,
    Hearing,
    NameKind,
    Reading,
    SpellingSource,
)
from namemem.phone_recognition import Context, Listening, PhoneRecognizer, Span
from namemem.placing import (
    Place,
)
from namemem.prosody import prominence, restress
from namemem.reconcile import Evidence, Surroundings, fuse, is_another_name, rank
from namemem.repetition import said_once

__all__ = ["Ear", "Hints"]

_NOTHING = Hints()
_DOUBT = 0.35  # factor on the confidence where something speaks against the answer
_GUESSED = 0.6
"""The most where only a transcriber that guesses wrote the name: of 28 development clips with
nothing given that either ear was at least 75 % sure of, 17 were right."""


@dataclass
class _Clock:
    """Milliseconds by stage."""

    started: float = field(default_factory=time.perf_counter)
    stages: dict[str, float] = field(default_factory=dict)
    last: float = field(default_factory=time.perf_counter)

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.stages[stage] = round((now - self.last) * 1000, 1)
        self.last = now

    def done(self) -> dict[str, float]:
        return {
            **self.stages,
            "total": round((time.perf_counter() - self.started) * 1000, 1),
        }


class Ear:
    """Hears introductions with one set of engines; safe to share between threads.

    With `voice`, an answer without any voice in it (music, machines) is doubted.
    """

    def __init__(
        self,
        transcriber: Transcriber,
        recognizer: PhoneRecognizer,
        g2p: CandidateSource,
        voice: SileroModel | None = None,
    ) -> None:
        self.transcriber = transcriber
        self.recognizer = recognizer
        self.g2p = g2p
        self._gatherer = Gatherer(g2p, recognizer)
        self._doubts = Doubts(self._gatherer, recognizer, voice)
        self._finder = Finder(transcriber, recognizer, g2p, self._gatherer, self._doubts)

    def load(self) -> None:
        """Loads every engine, so that the first introduction is not slow."""
        self.transcriber.load()
        self.recognizer.load()
        self.g2p.candidates("Anna")
        spot("I'm Anna.")  # reads the phrase books
        self._doubts.load()

    def hear(
        self,
        waveform: Waveform,
        hints: Hints = _NOTHING,
        before: Hearing | None = None,
    ) -> tuple[Hearing, NameKind]:
        """Hears one introduction.

        Args:
            waveform: the whole recording.
            hints: what the caller knows.
            before: an earlier take of the same introduction; its evidence is added.

        Returns:
            The hearing, and which kind of name the words say it is.

        Raises:
            NoSpeech: silence, or nothing that resembles speech.
            NoNameHeard: nobody gives a name; `details["transcript"]` has the words.
        """
        hearing, kind, _ = self._heard(waveform, hints, before, ())
        return hearing, kind

    def identify(
        self, waveform: Waveform, hints: Hints, known: Sequence[str]
    ) -> tuple[Hearing, NameKind, Verdicts]:
        """Hears who of many known people gives their name.

        Args:
            waveform: the whole recording.
            hints: what the caller knows.
            known: IPA of each name that it may be, syllables apart.

        Returns:
            What `hear` returns, and which of `known` it is, or none of them.

        Raises:
            NoSpeech, NoNameHeard: as `hear`.
        """
        return self._heard(waveform, hints, None, known)

    def _heard(
        self, waveform: Waveform, hints: Hints, before: Hearing | None, known: Sequence[str]
    ) -> tuple[Hearing, NameKind, Verdicts]:
        quality = assess(waveform)
        try:
            return self._hear(waveform, hints, before, known, quality.flags, float(quality.peak))
        except HearingError as error:  # what is wrong with the recording helps to mend it
            error.details.setdefault("quality", list(quality.flags))
            raise

    def _hear(
        self,
        waveform: Waveform,
        hints: Hints,
        before: Hearing | None,
        known: Sequence[str],
        quality: Iterable[str],
        peak: float,
    ) -> tuple[Hearing, NameKind, Verdicts]:
        clock = _Clock()
        speech = speech_span(waveform)
        if speech is None:
            raise NoSpeech(
                "There is no speech in this recording. Check that the microphone is on and close "
                "enough, and record again.",
                peak=round(peak, 4),
            )
        whole = Span(*speech)
        listening = self.recognizer.listen(waveform)
        clock.lap("listen")
        place = self._finder.by_sound(listening, whole, hints)
        if place is not None:
            transcriber = "none"
            text = f"{place.phrase} …".strip() if place.phrase else ""
        else:
            transcript, transcriber = self._finder.words(waveform, hints)
            text = transcript.text
            clock.lap("transcribe")
            place = self._finder.by_words(transcript, whole, hints, listening)
            place = self._finder.respelled(waveform, listening, place, transcript, hints)
            # A caller's own words already say how often the name is among them.
            if not (hints.spelling or hints.transcript or place.only_letters):
                place = said_once(listening, place)
        spelling, source = _spelling(place, hints)
        readable = bool(self._gatherer.readings(spelling, hints.language))
        trusted = source is not SpellingSource.TRANSCRIPT and readable
        # What is heard is not silent, however low the recording is.
        flags = tuple(sorted({"quiet" if f == "silent" else f for f in quality}))
        if place.only_letters:
            evidence = [Evidence(c, 0.0) for c in self._gatherer.readings(spelling, hints.language)]
            flags = (*flags, "only_spelled")
        else:
            place, evidence = self._weigh(listening, place, spelling, hints, trusted, before)
        around = Surroundings.of(listening, place.span, place.context, evidence)
        if before is not None and before.engines.phone_recognizer == self.recognizer.identity:
            if is_another_name(before, evidence, self.recognizer.scoring):
                flags = (*flags, "another_name")
            evidence = fuse(before.readings, evidence)
        readings = rank(
            evidence,
            self.recognizer.scoring,
            hears_ipa=self.recognizer.hears_ipa,
            spelling_known=trusted and bool(spelling),
            surroundings=around,
        )
        if (
            readings
            and hints.spelling
            and not place.only_letters
            and self._doubts.contradicts(listening, place, spelling, hints.language, readings[0])
        ):
            flags = (*flags, "spelling_unlikely")
        if not hints.spelling and self._doubts.is_one_of_two(place, hints.language):
            flags = (*flags, "two_names")
        if {"another_name", "two_names", "spelling_unlikely", "only_spelled"} & set(flags):
            readings = _doubted(readings)
        elif source is SpellingSource.TRANSCRIPT and hints.transcript is None:
            most = _GUESSED if self.transcriber.capabilities.guesses else 1.0
            readings = tuple(replace(r, confidence=min(r.confidence, most)) for r in readings)
        if not readings:
            raise no_name(text, "no-fit", "No pronunciation fits what is in the recording.")
        best = readings[0].pronunciation
        if not spelling and not any(phone.is_syllabic for phone in best.phones):
            raise no_name(text, "no-fit", "What is heard has no vowel.")
        if source is SpellingSource.TRANSCRIPT and self._doubts.misspelt(
            readings[0], spelling, hints.language
        ):
            spelling, source = "", SpellingSource.NONE
            flags = (*flags, "transcript_unlikely")
        if place.unproven and not self._doubts.was_said(listening, place, spelling, hints.language):
            raise no_name(text, "not-said", f"“{spelling}” was not said.")
        clock.lap("recognise")
        verdicts = Verdicts()
        if known:
            verdicts = self.judge(listening, place, evidence, readings, known)
            clock.lap("identify")
        alignment = None if place.only_letters else listening.align(best, place.span, place.context)
        phones: tuple[HeardPhone, ...] = alignment.phones if alignment else ()
        where = alignment.span if alignment else place.span
        if alignment is not None and self._doubts.is_unlike_speech(waveform, best, where):
            flags, readings = (*flags, "unlike_speech"), _doubted(readings)
        if alignment is not None:
            readings = self._stressed(waveform, readings, phones, spelling, hints.language)
        heard = () if place.only_letters else listening.free_phones(where)
        clock.lap("align")
        hearing = Hearing(
            transcript=text,
            spelling=spelling,
            spelling_source=source,
            language=hints.language,
            readings=readings,
            phones=phones,
            start=round(where.start, 3),
            end=round(where.end, 3),
            predicted=self.g2p.predict(spelling, hints.language) if spelling else None,
            heard_freely="".join(p.ipa for p in heard),
            engines=Engines(transcriber, self.recognizer.identity, self.g2p.identity),
            timings_ms=clock.done(),
            takes=1 + (before.takes if before else 0),
            rejected=before.rejected if before else (),
            quality=flags,
            others=place.others,
        )
        return hearing, place.name.kind if place.name else _kind(spelling), verdicts

    def _weigh(
        self,
        listening: Listening,
        place: Place,
        spelling: str,
        hints: Hints,
        trusted: bool,
        before: Hearing | None,
    ) -> tuple[Place, list[Evidence]]:
        """The evidence, in the place's context or, where nothing fits into that, without it.

        Words that a caller sends may claim a phrase that the recording does not have.
        """
        for context in (place.context, Context(open_start=True, open_end=True)):
            place = replace(place, context=context)
            evidence = self._gatherer.gather(
                listening,
                place.span,
                context,
                spelling=spelling,
                language=hints.language,
                trusted=trusted,
                before=before,
                known=hints.known,
            )
            if any(math.isfinite(e.log_likelihood) for e in evidence):
                break
        return place, evidence

    def judge(
        self,
        listening: Listening,
        place: Place,
        evidence: Sequence[Evidence],
        readings: Sequence[Reading],
        known: Sequence[str],
    ) -> Verdicts:
        """Which of the known names was said at that place, or none of them."""
        if place.only_letters:
            return by_distance(readings, known)
        where = (listening, place.span, place.context)
        return by_ear(*where, evidence, readings, known, self.recognizer.scoring)

    def _stressed(
        self,
        waveform: Waveform,
        readings: tuple[Reading, ...],
        phones: tuple[HeardPhone, ...],
        spelling: str,
        language: str | None,
    ) -> tuple[Reading, ...]:
        """The answer with the stress that was heard, where the readings leave it open."""
        best = readings[0]
        heard = prominence(waveform, best.pronunciation, phones)
        patterns = [
            (c.pronunciation, c.log_prior) for c in self._gatherer.readings(spelling, language)
        ]
        said = restress(best.pronunciation, patterns, heard)
        return (replace(best, pronunciation=said), *readings[1:])


def _doubted(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    return tuple(replace(r, confidence=round(r.confidence * _DOUBT, 4)) for r in readings)


def _spelling(place: Place, hints: Hints) -> tuple[str, SpellingSource]:
    if hints.spelling:
        return hints.spelling.strip(), SpellingSource.CALLER
    if place.name is None:
        return "", SpellingSource.NONE
    return cased(place.name.text), place.name.spelling_source


def _kind(spelling: str) -> NameKind:
    return NameKind.FULL if len(spelling.split()) > 1 else NameKind.GIVEN
