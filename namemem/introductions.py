"""The pipeline: one recording (and what the caller knows) in, a `Hearing` out.

Engines are passed in; nothing here knows which ones they are, who the person is, or HTTP.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from namemem.asr import Transcriber, Transcript
from namemem.audio import Waveform, assess, speech_span
from namemem.errors import NoNameHeard, NoSpeech
from namemem.g2p import Candidate, CandidateSource
from namemem.name_spotting import SpottedName, spot, tokenize
from namemem.people import Engines, HeardPhone, Hearing, NameKind, SpellingSource
from namemem.phone_recognition import Context, Listening, PhoneRecognizer, Span
from namemem.phones import Pronunciation, parse_ipa
from namemem.reconcile import Evidence, fuse, rank

_LEAD = 0.15  # seconds kept before the carrier: word times drift
_TAIL = 0.35  # seconds kept after the last word of the name
_LONGEST_NAME = 3.0  # seconds a name may last, for a bare one to be believed
_EAR_PRIOR = math.log(0.02)
"""Prior of what was heard freely, against all readings of a spelling together."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What the caller knows beforehand.

    Attributes:
        spelling: the name's spelling, if known.
        language: BCP 47 of the name and the speech.
        asked: the character has just asked for the name.
        transcript: the caller's own recogniser's words; then no transcriber runs.
    """

    spelling: str | None = None
    language: str | None = None
    asked: bool = False
    transcript: Transcript | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the name is expected, and what surrounds it."""

    span: Span
    context: Context
    name: SpottedName | None = None
    unproven: bool = False
    """No words say that a name is here: the phones must."""


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
    """Hears introductions with one set of engines; safe to share between threads."""

    def __init__(
        self, transcriber: Transcriber, recognizer: PhoneRecognizer, g2p: CandidateSource
    ) -> None:
        self.transcriber = transcriber
        self.recognizer = recognizer
        self.g2p = g2p

    def load(self) -> None:
        """Loads every engine, so that the first introduction is not slow."""
        self.transcriber.load()
        self.recognizer.load()
        self.g2p.candidates("Anna")

    def hear(
        self,
        waveform: Waveform,
        hints: Hints = Hints(),
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
        clock = _Clock()
        quality = assess(waveform)
        speech = speech_span(waveform)
        if speech is None:
            raise NoSpeech(
                "There is no speech in this recording. Check that the microphone is on and close "
                "enough, and record again.",
                peak=round(float(quality.peak), 4),
            )
        transcript, transcriber = self._words(waveform, hints)
        clock.lap("transcribe")
        listening = self.recognizer.listen(waveform)
        place = self._locate(transcript, Span(*speech), hints)
        spelling, source = _spelling(place, hints)
        evidence = self._evidence(listening, place, spelling, hints, before)
        known = source is not SpellingSource.TRANSCRIPT and bool(spelling)
        if before is not None:
            evidence = fuse(before.readings, evidence)
        readings = rank(
            evidence,
            self.recognizer.scoring,
            hears_ipa=self.recognizer.hears_ipa,
            spelling_known=known,
        )
        clock.lap("recognise")
        if not readings:
            raise _no_name(transcript, "No pronunciation fits what is in the recording.")
        best = readings[0].pronunciation
        if place.unproven:
            fit = listening.fit(best, place.span, place.context)
            if fit < self.recognizer.min_fit:
                raise _no_name(transcript, f"“{spelling}” was not said.")
        alignment = listening.align(best, place.span, place.context)
        phones: tuple[HeardPhone, ...] = alignment.phones if alignment else ()
        where = alignment.span if alignment else place.span
        free = "".join(p.ipa for p in listening.free_phones(where))
        clock.lap("align")
        hearing = Hearing(
            transcript=transcript.text,
            spelling=spelling,
            spelling_source=source,
            language=hints.language,
            readings=readings,
            phones=phones,
            start=round(where.start, 3),
            end=round(where.end, 3),
            predicted=self.g2p.predict(spelling, hints.language) if spelling else None,
            heard_freely=free,
            engines=Engines(transcriber, self.recognizer.identity, self.g2p.identity),
            timings_ms=clock.done(),
            takes=1 + (before.takes if before else 0),
            rejected=before.rejected if before else (),
            quality=tuple(quality.flags),
        )
        return hearing, place.name.kind if place.name else _kind(spelling)

    def _words(self, waveform: Waveform, hints: Hints) -> tuple[Transcript, str]:
        if hints.transcript is not None:
            return hints.transcript, "caller"
        transcript = self.transcriber.transcribe(
            waveform, language=hints.language, prompt=hints.spelling
        )
        return transcript, f"{self.transcriber.name} {self.transcriber.version}"

    def _locate(self, transcript: Transcript, speech: Span, hints: Hints) -> Place:
        """Where the name is: after a carrier phrase, or the whole utterance where that may be."""
        spotted = spot(transcript.text, hints.language or transcript.language, asked=hints.asked)
        if spotted.names:
            return _around(spotted.names[0], transcript, speech, self.g2p)
        if hints.spelling:
            return _bare_place(speech, hints.spelling)
        raise _no_name(transcript, spotted.reason or "Nobody gives a name.")

    def _evidence(
        self,
        listening: Listening,
        place: Place,
        spelling: str,
        hints: Hints,
        before: Hearing | None,
    ) -> list[Evidence]:
        candidates = list(self.g2p.candidates(spelling, hints.language)) if spelling else []
        if before is not None:
            known = {c.pronunciation.segmental for c in candidates}
            candidates += [
                Candidate(r.pronunciation, (r.source,), r.log_prior)
                for r in before.readings
                if r.pronunciation.segmental not in known
            ]
        refused = set(before.rejected) if before else set()
        candidates = [c for c in candidates if c.pronunciation.ipa not in refused]
        if not spelling or not candidates:
            candidates += _heard_candidates(listening, place.span)
        scores = listening.score([c.pronunciation for c in candidates], place.span, place.context)
        return [Evidence(c, s) for c, s in zip(candidates, scores, strict=True)]


def _around(name: SpottedName, transcript: Transcript, speech: Span, g2p: CandidateSource) -> Place:
    """The stretch from the carrier phrase to the end of the name, with the carrier's phones."""
    tokens = tokenize(transcript.text)
    times = [(w.start or 0.0, w.end or 0.0) for w in transcript.words]
    if not transcript.timed or len(times) != len(tokens) or any(b <= a for a, b in times):
        # Words without times, or counted differently: the whole utterance, open on both sides.
        before, after = name.first_word > 0, name.last_word + 1 < len(tokens)
        return Place(speech, Context(open_start=before, open_end=after), name)
    last_end = times[name.last_word][1]
    follows = name.last_word + 1 < len(times)
    end = min(speech.end + _LEAD, last_end + (0.1 if follows else _TAIL))
    if not follows:
        end = max(end, speech.end)
    if name.carrier is None:
        start = max(0.0, min(times[name.first_word][0], speech.start) - _LEAD)
        return Place(Span(start, end), Context(open_end=follows), name)
    first, stop = name.carrier
    carrier = " ".join(t.key for t in tokens[first:stop])
    start = max(0.0, times[first][0] - (_LEAD if first == 0 else 0.03))
    spoken = g2p.predict(carrier, "en-US") if re.fullmatch(r"[a-z' ]+", carrier) else None
    return Place(Span(start, end), Context(before=spoken, open_end=follows), name)


def _bare_place(speech: Span, spelling: str) -> Place:
    """The whole utterance, if it is no longer than a name may be; else anywhere in it."""
    expected = 0.35 + 0.12 * len(spelling)
    longer = speech.seconds > max(expected * 1.8, 1.2) or speech.seconds > _LONGEST_NAME
    return Place(speech, Context(open_start=longer, open_end=longer), unproven=True)


def _spelling(place: Place, hints: Hints) -> tuple[str, SpellingSource]:
    if hints.spelling:
        return hints.spelling.strip(), SpellingSource.CALLER
    if place.name is None:
        return "", SpellingSource.NONE
    text = place.name.text
    if text == text.lower():
        text = " ".join("-".join(p.capitalize() for p in w.split("-")) for w in text.split())
    return text, SpellingSource.TRANSCRIPT


def _heard_candidates(listening: Listening, span: Span) -> list[Candidate]:
    phones: Sequence[HeardPhone] = listening.free_phones(span)
    if not phones:
        return []
    heard: Pronunciation = parse_ipa("".join(p.ipa for p in phones))
    return [Candidate(heard, ("ear",), _EAR_PRIOR)]


def _kind(spelling: str) -> NameKind:
    return NameKind.FULL if len(spelling.split()) > 1 else NameKind.GIVEN


def _no_name(transcript: Transcript, reason: str) -> NoNameHeard:
    return NoNameHeard(
        f"Nobody gives a name in this recording. {reason}",
        transcript=transcript.text,
        reason=reason,
    )
