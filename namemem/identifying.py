"""Who of many known people says their name: the ear weighs the sounds of their names.

The people nearest to what was heard freely are scored against the audio itself, beside everything
else that may have been said. Pure functions; who the people are is not known here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from namemem.people import Reading
from namemem.phone_recognition import Context, Listening, Scoring, Span
from namemem.phones import Pronunciation, parse_ipa
from namemem.phones.nearest import Sounds
from namemem.reconcile import Evidence

FAR = 0.5
"""PFER from which on two names have nothing in common."""
SHORTLIST = 60
"""How many sounds the ear weighs."""
_HEARD = 6  # readings that the shortlist is near to
_EARED = 4  # of them, those that fit the audio best, whatever the spelling says
_STEEPNESS = 12.0  # of PFER, where there is no audio to ask
_LEAST = 1e-4  # probability below which a sound is not worth a comparison
_SHARPNESS = 1.0  # factor on the evidence between the known people


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of one sound.

    Attributes:
        index: which of the sounds that were asked for.
        distance: expected PFER between what was said and this sound, in [0, 1].
        probability: that this sound is what was said, and by somebody who is known.
    """

    index: int
    distance: float
    probability: float


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The nearest sounds, most probable first, and the probability that it is none of them."""

    known: tuple[Verdict, ...] = ()
    stranger: float = 1.0


@dataclass(frozen=True, slots=True)
class Signs:
    """What tells whether somebody known was heard; see `familiarity`.

    Attributes:
        margin: nats (weighted as the engine's `Scoring` says) by which the best known sound fits
            worse than the best of all that may have been said; at most 0.
        per_phone: the same per phone.
        distance: PFER between the best known sound and the answer.
        known: how many different sounds are known.
        surest: confidence of the answer.
    """

    margin: float
    per_phone: float
    distance: float
    known: int
    surest: float


def familiarity(signs: Signs) -> float:
    """Probability that the best known sounds are what was said, not a stranger's name."""
    odds = 2.0 + 0.5 * signs.margin - 10.0 * signs.distance
    return 1.0 / (1.0 + math.exp(-odds))


def by_ear(
    listening: Listening,
    span: Span,
    context: Context,
    evidence: Sequence[Evidence],
    readings: Sequence[Reading],
    texts: Sequence[str],
    scoring: Scoring,
) -> Verdicts:
    """Weighs the known sounds on the audio.

    Args:
        listening: the recogniser's view of the recording.
        span, context: where the name is, and what surrounds it.
        evidence: everything that was weighed there without knowing anybody.
        readings: what came of it, best first.
        texts: IPA of each known sound, syllables apart.
        scoring: the engine's weights.
    """
    weighed = weigh(listening, span, context, evidence, readings, texts, scoring)
    if weighed is None:
        return by_distance(readings, texts)
    return judge(weighed, familiarity(weighed.signs), readings)


@dataclass(frozen=True)
class Weighed:
    """The shortlist with its scores: indices into the sounds, their IPA, weighted nats."""

    indices: tuple[int, ...]
    texts: tuple[str, ...]
    said: tuple[Pronunciation, ...]
    scores: npt.NDArray[np.float64]
    signs: Signs


def weigh(
    listening: Listening,
    span: Span,
    context: Context,
    evidence: Sequence[Evidence],
    readings: Sequence[Reading],
    texts: Sequence[str],
    scoring: Scoring,
) -> Weighed | None:
    """Scores the shortlist; None where nothing known is near or fits."""
    finite = [e for e in evidence if math.isfinite(e.log_likelihood)]
    if not finite or not readings:
        return None
    sounds = Sounds(texts)
    eared = sorted(finite, key=lambda e: -e.log_likelihood)[:_EARED]
    heard = [r.pronunciation for r in readings[:_HEARD]]
    queries = list(dict.fromkeys([*heard, *(e.candidate.pronunciation for e in eared)]))
    distances = np.min([sounds.distances(query) for query in queries], axis=0)
    near = [int(i) for i in np.argsort(distances, kind="stable")[:SHORTLIST]]
    near = [i for i in near if distances[i] < FAR]
    said = [_parsed(texts[i]) for i in near]
    scores = listening.score(said, span, context)
    kept = [k for k, score in enumerate(scores) if math.isfinite(score)]
    if not kept:
        return None
    nats = scoring.evidence * np.array([scores[k] for k in kept])
    best = int(nats.argmax())
    margin = min(0.0, float(nats[best]) - scoring.evidence * eared[0].log_likelihood)
    first = said[kept[best]]
    signs = Signs(
        margin=margin,
        per_phone=margin / max(1, len(first.phones)),
        distance=float(Sounds([texts[near[kept[best]]]]).distances(heard[0])[0]),
        known=len(set(texts)),
        surest=readings[0].confidence,
    )
    return Weighed(
        tuple(near[k] for k in kept),
        tuple(texts[near[k]] for k in kept),
        tuple(said[k] for k in kept),
        nats,
        signs,
    )


def judge(weighed: Weighed, familiar: float, readings: Sequence[Reading]) -> Verdicts:
    """Shares the probability that it is somebody known out by the evidence."""
    shares = np.exp(_SHARPNESS * (weighed.scores - weighed.scores.max()))
    shares *= familiar / shares.sum()
    return _verdicts(weighed, shares, 1.0 - familiar, readings)

def by_distance(readings: Sequence[Reading], texts: Sequence[str]) -> Verdicts:
    """Weighs the known sounds by their distances from what was heard alone, without the audio."""
    likely = [r for r in readings[:_HEARD] if r.confidence > 0.0] or list(readings[:1])
    if not likely or not texts:
        return Verdicts()
    sounds = Sounds(texts)
    each = np.array([sounds.distances(r.pronunciation) for r in likely])
    trust = np.array([max(r.confidence, 1e-6) for r in likely])
    expected = (trust @ each) / trust.sum()
    near = [int(i) for i in np.argsort(expected, kind="stable")[:SHORTLIST]]
    near = [i for i in near if expected[i] < FAR]
    if not near:
        return Verdicts()
    closeness = np.exp(-_STEEPNESS * each[:, near].astype(float))  # [readings, sounds]
    # Of what each reading says, a part goes to the sounds like it, and the rest to nobody.
    best = closeness.max(axis=1, keepdims=True)
    shares = trust @ (closeness / closeness.sum(axis=1, keepdims=True) * best)
    return Verdicts(
        _in_order(
            Verdict(i, round(float(expected[i]), 4), round(float(share), 4))
            for i, share in zip(near, shares, strict=True)
        ),
        round(max(0.0, 1.0 - float(shares.sum())), 4),
    )


def _verdicts(
    weighed: Weighed,
    shares: npt.NDArray[np.float64],
    stranger: float,
    readings: Sequence[Reading],
) -> Verdicts:
    """With the expected distance of each: the known sounds and the readings are what was said."""
    expected = np.zeros(len(weighed.indices))
    sounds = Sounds(weighed.texts)
    for said, share in zip(weighed.said, shares, strict=True):
        if share > _LEAST:
            expected += share * sounds.distances(said)
    others = readings[:_HEARD]
    trust = sum(r.confidence for r in others) or 1.0
    for reading in others:
        expected += stranger * reading.confidence / trust * sounds.distances(reading.pronunciation)
    expected /= max(1e-9, stranger + float(shares[shares > _LEAST].sum()))
    return Verdicts(
        _in_order(
            Verdict(index, round(float(distance), 4), round(float(share), 4))
            for index, distance, share in zip(weighed.indices, expected, shares, strict=True)
        ),
        round(stranger, 4),
    )


def _in_order(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    return tuple(sorted(verdicts, key=lambda v: (-v.probability, v.distance, v.index)))


@lru_cache(maxsize=1024)
def _parsed(text: str) -> Pronunciation:
    return parse_ipa(text)
