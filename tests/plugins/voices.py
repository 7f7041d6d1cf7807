"""A recogniser and a G2P that say what a test tells them to."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from namemem.g2p import Candidate, Leaning
from namemem.phone_recognition import Alignment, Context, Listening, Scoring, Span
from namemem.phones import Pronunciation, parse_ipa

SCORING = Scoring(
    evidence=0.5,
    prior=1.0,
    temperature=1.0,
    confidence_cap=0.99,
    free_confidence=0.6,
    recombined=50,
    mix_penalty=1.0,
    edited=1,
    edit_penalty=4.0,
)


class ToldListening(Listening):
    """`likes` gives the score of a pronunciation; everything that was asked is remembered."""

    def __init__(
        self,
        likes: Callable[[Pronunciation, Context], float],
        guesses: Sequence[str] = (),
    ) -> None:
        self._likes = likes
        self._guesses = [parse_ipa(g) for g in guesses]
        self.asked: list[str] = []

    def score(
        self, pronunciations: Sequence[Pronunciation], span: Span, context: Context
    ) -> list[float]:
        self.asked += [p.ipa for p in pronunciations]
        return [self._likes(p, context) for p in pronunciations]

    def align(self, pronunciation: Pronunciation, span: Span, context: Context) -> Alignment | None:
        return None

    def free_phones(self, span: Span) -> tuple:
        return ()

    def guesses(self, span: Span, context: Context) -> list[Pronunciation]:
        return self._guesses

    def fit(self, pronunciation: Pronunciation, span: Span, context: Context) -> float:
        return self._likes(pronunciation, context)


class ToldRecognizer:
    """What `Gatherer` needs of a recogniser."""

    def __init__(self, scoring: Scoring = SCORING) -> None:
        self.scoring = scoring


class ToldG2p:
    """The same readings for every spelling: IPA → share."""

    identity = "told 1"

    def __init__(self, **readings: float) -> None:
        self.readings = readings
        self.calls = 0

    def candidates(
        self, spelling: str, language: str | None = None, leaning: Leaning = ()
    ) -> list[Candidate]:
        self.calls += 1
        return [
            Candidate(parse_ipa(ipa), ("g2p:xx",), math.log(share))
            for ipa, share in self.readings.items()
        ]

    def sounding_like(self, heard, limit):
        return []

    def predict(self, text: str, language: str | None = None) -> Pronunciation:
        return parse_ipa("maɪ neɪm ɪz")
