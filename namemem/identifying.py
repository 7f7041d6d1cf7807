"""Who of many known people says their name: the ear weighs the sounds of their names.

The names nearest to what was heard freely are scored against the audio itself, beside everything
else that may have been said. Pure functions; who the people are is not known here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from namemem.errors import InvalidPronunciation
from namemem.people import Reading
from namemem.phone_recognition import Context, Listening, Scoring, Span
from namemem.phones import Pronunciation
from namemem.phones.nearest import Sounds, read_quickly
from namemem.reconcile import Evidence

FAR = 0.5
"""PFER from which on two names have nothing in common."""
SHORTLIST = 1500
"""How many sounds the ear weighs, at 30 µs each; of more, those nearest to what was heard."""
VERDICTS = 200
"""How many sounds are told of at most."""
_HEARD = 6  # readings that the shortlist is near to, and that distances are expected from
_EARED = 4  # of what was weighed, those that fit the audio best, whatever the spelling says
_STEEPNESS = 12.0  # of PFER, where there is no audio to ask
_LEAST = 1e-4  # probability below which a sound is not worth a comparison

# Fitted on the compact ear by benchmarks/identifying.py --tune: bias, nats, phones, log known.
_PLACED = (0.60, 0.26, 0.49, -0.23)  # behind a carrier phrase
_NOT_PLACED = (-0.95, 0.03, 0.35, -0.02)  # where the name may be anywhere in the speech
_SHARPNESS = 0.47  # factor on the nats between known sounds: frames are not independent
_MOST_PHONES = 8


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
    """What tells whether somebody known was heard.

    Attributes:
        margin: nats, weighted as the engine's `Scoring` says, by which the best known sound fits
            better than the best of all that was thought of without knowing anybody.
        phones: of the best known sound.
        known: how many different sounds are known.
        placed: whether a carrier phrase ("my name is") showed where the name is.
    """

    margin: float
    phones: int
    known: int
    placed: bool = True


def regressors(signs: Signs) -> tuple[float, float, float, float]:
    """What the logistic regression sees of them: one, and three signs."""
    known = math.log(max(1, signs.known))
    return 1.0, max(-60.0, min(60.0, signs.margin)), float(min(signs.phones, _MOST_PHONES)), known


def familiarity(signs: Signs) -> float:
    """Probability that somebody known was heard and no stranger, as if these were as many.

    The better the best known sound fits the more; chance finds a short one sooner than a long
    one, and one of many sooner than one of few.
    """
    weights = _PLACED if signs.placed else _NOT_PLACED
    odds = sum(w * x for w, x in zip(weights, regressors(signs), strict=True))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odds))))


@dataclass(frozen=True)
class Weighed:
    """The sounds that were scored, best first.

    Attributes:
        indices: into the sounds that were asked for.
        said: their pronunciations.
        nats: float64 [n], what the audio says of each, weighted as `Scoring` says.
        signs: of the best one.
    """

    indices: tuple[int, ...]
    said: tuple[Pronunciation, ...]
    nats: npt.NDArray[np.float64]
    signs: Signs


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
        span: where the name is.
        context: what surrounds it.
        evidence: everything that was weighed there without knowing anybody.
        readings: what came of it, best first.
        texts: IPA of each known sound, syllables apart.
        scoring: the engine's weights.
    """
    weighed = weigh(listening, span, context, evidence, readings, texts, scoring)
    if weighed is None:
        return by_distance(readings, texts)
    return verdicts_of(weighed, readings, texts)


def verdicts_of(weighed: Weighed, readings: Sequence[Reading], texts: Sequence[str]) -> Verdicts:
    """What the scores of the known sounds say, beside the readings that know nobody."""
    familiar = familiarity(weighed.signs)
    shares = np.exp(_SHARPNESS * (weighed.nats - weighed.nats[0]))
    shares *= familiar / shares.sum()
    stranger = 1.0 - familiar
    near = [texts[i] for i in weighed.indices[:VERDICTS]]
    shares = shares[: len(near)]
    sounds = Sounds(near)
    # What was said: one of the known sounds, or else one of the readings.
    expected = np.zeros(len(near))
    for said, share in zip(weighed.said, shares, strict=False):
        if share > _LEAST:
            expected += share * sounds.distances(said)
    others = readings[:_HEARD]
    trust = sum(r.confidence for r in others) or 1.0
    for reading in others:
        expected += stranger * reading.confidence / trust * sounds.distances(reading.pronunciation)
    return Verdicts(
        _in_order(
            Verdict(index, round(min(1.0, float(distance)), 4), round(float(share), 4))
            for index, distance, share in zip(
                weighed.indices[: len(near)], expected, shares, strict=True
            )
            if distance < FAR
        ),
        round(stranger, 4),
    )


def weigh(
    listening: Listening,
    span: Span,
    context: Context,
    evidence: Sequence[Evidence],
    readings: Sequence[Reading],
    texts: Sequence[str],
    scoring: Scoring,
) -> Weighed | None:
    """Scores the known sounds, as `by_ear` is told of them; None where none of them fits."""
    finite = [e for e in evidence if math.isfinite(e.log_likelihood)]
    if not finite or not readings:
        return None
    eared = sorted(finite, key=lambda e: -e.log_likelihood)[:_EARED]
    near: Sequence[int] = range(len(texts))
    if len(texts) > SHORTLIST:
        heard = [r.pronunciation for r in readings[:_HEARD]]
        queries = dict.fromkeys([*heard, *(e.candidate.pronunciation for e in eared)])
        sounds = Sounds(texts)
        distances = np.min([sounds.distances(query) for query in queries], axis=0)
        near = [int(i) for i in np.argpartition(distances, SHORTLIST)[:SHORTLIST]]
    said: list[tuple[int, Pronunciation]] = []
    for index in near:
        try:
            said.append((index, read_quickly(texts[index])))
        except InvalidPronunciation:  # a newer namemem wrote it
            continue
    scores = np.array(listening.score([sound for _, sound in said], span, context))
    order = [int(k) for k in np.argsort(-scores, kind="stable") if np.isfinite(scores[k])]
    if not order:
        return None
    nats = scoring.evidence * scores[order]
    margin = float(nats[0]) - scoring.evidence * eared[0].log_likelihood
    return Weighed(
        tuple(said[k][0] for k in order),
        tuple(said[k][1] for k in order),
        nats,
        Signs(margin, len(said[order[0]][1].phones), len(set(texts)), context.before is not None),
    )


def by_distance(readings: Sequence[Reading], texts: Sequence[str]) -> Verdicts:
    """Weighs the known sounds by their distances from what was heard alone, without the audio."""
    likely = [r for r in readings[:_HEARD] if r.confidence > 0.0] or list(readings[:1])
    if not likely or not texts:
        return Verdicts()
    sounds = Sounds(texts)
    each = np.array([sounds.distances(r.pronunciation) for r in likely])
    trust = np.array([max(r.confidence, 1e-6) for r in likely])
    expected = (trust @ each) / trust.sum()
    trust /= max(1.0, trust.sum())
    near = [int(i) for i in np.argsort(expected, kind="stable")[:VERDICTS]]
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


def _in_order(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    return tuple(sorted(verdicts, key=lambda v: (-v.probability, v.distance, v.index)))
