"""Was the name said that the caller or the words claim? What speaks against an answer.

Engines are passed in, as everywhere in the pipeline.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from namemem.asr import Transcript
from namemem.audio import SAMPLE_RATE, Waveform
from namemem.audio.voice_activity import FRAME, FRAME_SECONDS, SileroModel
from namemem.errors import InvalidPronunciation
from namemem.evidence import Gatherer
from namemem.name_spotting import no_answers
from namemem.people import HEARD_FREELY, HeardPhone, Reading
from namemem.phone_recognition import Context, Listening, PhoneRecognizer, Span
from namemem.phones import Pronunciation, parse_ipa, phonetic_distance
from namemem.placing import Place

_PROBES = 16
"""How many readings are tried to see whether a known name was said at all."""
_SUPPORTED = (
    -3.3
)  # nats per phone; of development clips 7 % of right names and 94 % of others are below
_FAR = 0.33  # PFER between the spelling's readings and the word that the transcriber wrote
_SLOWEST = 0.6  # seconds a phone takes on average; real names up to 0.3, however drawn out
_VOICED = 0.12  # seconds of voice that a name has at least
_LEVEL = 0.7  # peak at which voice is looked for
_AROUND, _ENOUGH = 0.3, 2.0  # seconds before and behind it, and of it, that are looked at
_ALIKE = 0.15  # PFER up to which two spellings may be one name
_AS_WRITTEN = -0.8  # nats per phone from which on an answer sounds like its transcript
_LONGEST_ANSWER = 2.0  # seconds of an answer that is taken for a bare name of unknown spelling


class Doubts:
    """Asks the ear about claims; safe to share between threads."""

    def __init__(
        self, gatherer: Gatherer, recognizer: PhoneRecognizer, voice: SileroModel | None = None
    ) -> None:
        self._gatherer, self._recognizer, self._voice = gatherer, recognizer, voice

    def load(self) -> None:
        """Loads the detector of voices, if there is one."""
        if self._voice is not None:
            self._voice.load()

    def is_unlike_speech(self, waveform: Waveform, said: Pronunciation, span: Span) -> bool:
        """Whether nobody can have said it so: far too slowly, or without a voice."""
        if span.seconds > _SLOWEST * len(said.phones):
            return True
        if self._voice is None:
            return False
        start = max(0, round((span.start - _AROUND) * SAMPLE_RATE))
        end = round(min(span.end + _AROUND, span.start + _ENOUGH) * SAMPLE_RATE)
        heard = waveform.samples[start:end]
        loudest = float(np.abs(heard).max(initial=0.0))
        louder = heard * np.float32(_LEVEL / max(loudest, 1e-6))  # quiet voices are missed
        whole = np.pad(louder, (0, -len(heard) % FRAME))
        speech = self._voice.stream().probabilities(whole) > 0.5
        return bool(speech.sum() * FRAME_SECONDS < _VOICED)

    def contradicts(
        self, listening: Listening, place: Place, spelling: str, language: str | None, best: Reading
    ) -> bool:
        """Whether the caller's spelling is plainly not what the recording says."""
        readings = self._gatherer.readings(spelling, language)[:_PROBES]
        if not readings:
            return False
        tried = [c.pronunciation for c in readings]
        if listening.support(tried, place.span, place.context) < _SUPPORTED:
            return True
        if place.name is None:
            return False
        written = self._gatherer.predict(place.name.text, language)
        if written is None:
            return False
        return min(phonetic_distance(written, p) for p in (*tried, best.pronunciation)) > _FAR

    def misspelt(self, best: Reading, spelling: str, language: str | None) -> bool:
        """Whether a transcriber wrote another word for a name that it does not know.

        Such a word says nothing of the name ("Utter Shit" for Saoirse) and is nobody's spelling.
        """
        if best.source not in HEARD_FREELY:
            return False
        written = self._gatherer.predict(spelling, language)
        return written is not None and phonetic_distance(written, best.pronunciation) > _FAR

    def is_one_of_two(self, place: Place, language: str | None) -> bool:
        """Whether the speaker gave two names of one kind that sound different.

        Two people in one recording, or somebody who says it otherwise the second time: which of
        them it is, only they know.
        """
        if place.name is None:
            return False
        spelling = place.name.text
        words, said = _words(spelling), self._gatherer.predict(spelling, language)
        for other in place.others:
            if other.of != "speaker" or other.kind is not place.name.kind:
                continue
            if words <= _words(other.spelling) or words >= _words(other.spelling):
                continue  # "Anna Maria. Anna."
            also = self._gatherer.predict(other.spelling, language)
            if said is None or also is None or phonetic_distance(said, also) > _ALIKE:
                return True
        return False

    def is_unknown_word(self, transcript: Transcript, speech: Span, listening: Listening) -> bool:
        """Whether a short answer is something else than the words that were written down for it.

        A name that the transcriber does not know comes out as other words ("we'll see" for
        Athena); an answer that is no name ("I don't know") sounds like its words.
        """
        if speech.seconds > _LONGEST_ANSWER or not self._has_syllables(listening, speech):
            return False
        for text in (transcript.text, *no_answers()):
            said = self._gatherer.predict(text, "en-US")
            if said is not None and listening.fit(said, speech, Context()) >= _AS_WRITTEN:
                return False
        return True

    def _has_syllables(self, listening: Listening, span: Span) -> bool:
        """Whether at least two phones are heard, one of them a vowel: no knock on the table."""
        heard = listening.free_phones(span)
        try:
            return len(heard) > 1 and any(p.is_syllabic for p in joined(heard).phones)
        except InvalidPronunciation:
            return False

    def was_said(
        self, listening: Listening, place: Place, spelling: str, language: str | None
    ) -> bool:
        """Whether a known name is in the sound at all, as one of the readings of its spelling."""
        if place.context.open_start and not self._recognizer.finds_carriers:
            return False  # such an engine finds any name in longer speech
        tried = self._gatherer.probes(spelling, language)
        if not tried:
            return True  # a spelling nobody can read: the phones decide alone
        if self._recognizer.finds_carriers:
            explained = listening.explained(tried, place.span) >= self._recognizer.min_fit
            return explained and self._resembles(listening, tried, place.span)
        scores = listening.score(tried, place.span, place.context)
        best = tried[scores.index(max(scores))]
        return listening.fit(best, place.span, place.context) >= self._recognizer.min_fit

    def _resembles(self, listening: Listening, tried: Sequence[Pronunciation], span: Span) -> bool:
        """Whether what is heard freely is anything like one of the readings.

        Music and clicks have few labels, so that any name explains their frames about as well.
        """
        heard = listening.free_phones(span)
        if not heard:
            return False
        try:
            said = joined(heard)
        except InvalidPronunciation:  # consonants alone, and the like: nothing to compare
            return True
        nearest = min(phonetic_distance(reading, said) for reading in tried)
        return nearest <= self._recognizer.farthest


def joined(heard: Sequence[HeardPhone]) -> Pronunciation:
    """What was heard freely as a pronunciation. Raises `InvalidPronunciation`: consonants alone."""
    return parse_ipa(".".join(phone.ipa for phone in heard))


def _words(text: str) -> set[str]:
    return set(text.casefold().split())
