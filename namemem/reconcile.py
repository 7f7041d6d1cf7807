"""The choice: what was heard against what the spelling may stand for. Pure functions.

Evidence is the log-likelihood of the audio under each candidate, which an engine gives; the prior
says how likely each one was before anybody listened. Both are summed, weighted as the engine's
`Scoring` says, and turned into probabilities.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from namemem.g2p import Candidate
from namemem.people import HEARD_FREELY, Hearing, Reading
from namemem.phone_recognition import Context, Listening, Scoring, Span
from namemem.phones import Pronunciation, phonetic_distance, to_arpabet

PLAUSIBLE = 0.02
"""A reading less probable than this is not offered by itself."""

MAX_READINGS = 40
"""How many readings of one hearing are kept as evidence."""

_SHARED = 0.6  # of the sum of two takes' evidence
_OTHER_NAME = 0.3  # PFER between two takes from which on they may be two names
_FAR_WORSE = 12.0  # nats by which the first answer has to fit the second take worse
_SUREST = 6.0  # log-odds beyond which a softmax says nothing more
_NEIGHBOUR = 0.06
"""Readings closer than this (PFER) to a refused one are refused a little as well."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One candidate with what the ear made of it (natural log)."""

    candidate: Candidate
    log_likelihood: float


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of the stretch that an answer comes from.

    Attributes:
        uncertainty: mean entropy of the ear's posteriors over it, in nats.
        seconds: its length.
        phones: those said around the name in it, such as the carrier phrase's.
        lacking: by sounds, the nats by which a candidate is worse than the best labels of all
            frames, at least 0; empty from an engine that cannot tell.
    """

    uncertainty: float
    seconds: float
    phones: int = 0
    lacking: Mapping[tuple[str, ...], float] = field(default_factory=dict)

    @classmethod
    def of(
        cls, listening: Listening, span: Span, context: Context, evidence: Sequence[Evidence] = ()
    ) -> Surroundings:
        """Of the place where a name was heard; `evidence` of this recording alone."""
        around = sum(len(p.phones) for p in (context.before, context.after) if p is not None)
        ceiling = listening.ceiling(span)
        lacking = {
            e.candidate.pronunciation.segmental: max(0.0, ceiling - e.log_likelihood)
            for e in evidence
            if not math.isnan(ceiling) and math.isfinite(e.log_likelihood)
        }
        return cls(listening.uncertainty(span), span.seconds, around, lacking)

    def said(self, pronunciation: Pronunciation) -> int:
        """Phones of a name and of what is said around it."""
        return self.phones + len(pronunciation.phones)

    def fit(self, pronunciation: Pronunciation) -> float:
        """Nats per phone that a candidate leaves unexplained, at most 0; 0 where none can tell."""
        return -self.lacking.get(pronunciation.segmental, 0.0) / max(1, self.said(pronunciation))


def rank(
    evidence: Sequence[Evidence],
    scoring: Scoring,
    *,
    hears_ipa: bool,
    spelling_known: bool,
    surroundings: Surroundings | None = None,
) -> tuple[Reading, ...]:
    """Orders candidates by evidence and prior.

    Readings that the engine cannot tell apart (the same ARPABET phones, unless it hears IPA)
    share one probability: the one with the best prior stands for them, the others follow as
    alternatives of what is left. Where the engine's `Scoring.accent` is not 0, what differs from a
    dictionary's first entry by accent only speaks for that entry too.

    Args:
        evidence: candidates with log-likelihoods of the same audio; `-inf` ones are left out.
        scoring: the engine's weights.
        hears_ipa: whether the engine distinguishes more than 39 English phones.
        spelling_known: whether the candidates come from a spelling that can be trusted.
        surroundings: of the stretch; without them the confidence leaves them out.

    Returns:
        Best first, at most `MAX_READINGS`; empty when nothing fits at all.
    """
    usable = [e for e in evidence if math.isfinite(e.log_likelihood)]
    if not usable:
        return ()
    top = max(e.log_likelihood for e in usable)
    total = [
        scoring.evidence * (e.log_likelihood - top) + scoring.prior * e.candidate.log_prior
        for e in usable
    ]
    peak = max(total)
    weights = [math.exp((t - peak) / scoring.temperature) for t in total]
    mass = sum(weights)
    groups: dict[tuple[str, ...] | str, list[int]] = {}
    for index, item in enumerate(usable):
        sound = item.candidate.pronunciation
        key = sound.segmental if hears_ipa else to_arpabet(sound, stress=False).value
        groups.setdefault(key, []).append(index)

    def prior_of(index: int) -> float:
        return usable[index].candidate.log_prior

    shares = [
        (sum(weights[i] for i in members) / mass, sorted(members, key=lambda i: -prior_of(i)))
        for members in groups.values()
    ]
    claimed = _claimed_by_entry([w / mass for w in weights], usable) if scoring.accent else {}

    def claim(share: tuple[float, list[int]]) -> float:
        return share[0] + sum(claimed.get(index, 0.0) for index in share[1])

    shares.sort(key=lambda item: (-claim(item), -prior_of(item[1][0])))
    alone, first = shares[0]
    likeliest = min(1.0, claim(shares[0]))
    cap = scoring.confidence_cap
    if not spelling_known:
        cap *= _unwritten(usable[first[0]].candidate, scoring)
    sure = min(cap, _calibrated(likeliest, usable[first[0]].candidate, scoring, surroundings) * cap)
    rest = (cap - sure) / max(cap * (1.0 - alone), 1e-9)
    readings: list[Reading] = []
    for place, (probability, members) in enumerate(shares):
        share = sure if place == 0 else min(sure, cap * probability * rest)
        for index in members:
            item = usable[index]
            confidence = round(share, 4) if index == members[0] else 0.0
            readings.append(
                Reading(
                    item.candidate.pronunciation,
                    item.candidate.sources[0],
                    item.log_likelihood,
                    item.candidate.log_prior,
                    confidence,
                )
            )
    readings.sort(key=lambda r: (-r.confidence, -r.log_prior))
    return tuple(readings[:MAX_READINGS])


def _unwritten(best: Candidate, scoring: Scoring) -> float:
    """What it costs an answer's confidence that nobody told the spelling.

    Of development clips whose transcript had another name in it, 2 % (full ear) and 5 % (compact)
    got a reading of that name as the answer: the sound and the word seldom agree by chance.
    """
    if scoring.word_confidence is None or best.sources[0] in HEARD_FREELY:
        return scoring.free_confidence
    return scoring.word_confidence


def _claimed_by_entry(shares: Sequence[float], evidence: Sequence[Evidence]) -> dict[int, float]:
    """Where a dictionary's first entry is, and the share of all that differs by accent only."""
    for index, item in enumerate(evidence):
        if "cmudict" in item.candidate.sources:
            entry = item.candidate.pronunciation
            return {
                index: sum(
                    share
                    for share, other in zip(shares, evidence, strict=True)
                    if other.candidate.pronunciation.segmental != entry.segmental
                    and other.candidate.pronunciation.accent == entry.accent
                )
            }
    return {}


def _calibrated(
    probability: float, candidate: Candidate, scoring: Scoring, around: Surroundings | None
) -> float:
    """How often an answer of this probability and kind is right."""
    by = scoring.calibration
    if by is None:
        return probability
    inside = min(max(probability, 1e-9), 1.0 - 1e-9)
    odds = by.bias + by.odds * min(max(math.log(inside / (1.0 - inside)), -_SUREST), _SUREST)
    if candidate.listed:
        odds += by.listed
    if candidate.sources[0].startswith(("cmudict", "g2p:")):
        odds += by.reading
    if around is not None and around.seconds > 0.0:
        odds += by.entropy * around.uncertainty
        odds += by.pace * around.said(candidate.pronunciation) / around.seconds
        odds += by.fit * around.fit(candidate.pronunciation)
    return 1.0 / (1.0 + math.exp(-odds))


def fuse(first: Sequence[Reading], second: Sequence[Evidence]) -> list[Evidence]:
    """Adds the evidence of two takes, candidate by candidate; both together count as 1.2 takes.

    Takes share what the ear mishears in a voice, an accent or a room. Added in full, they
    outweighed the prior by it: of 120 pairs of people saying one name (development recordings) 11
    fused answers were wrong and 7 of the single ones; as it is, 1.

    A candidate that one take did not know gets that take's worst log-likelihood: it cannot win
    by having been heard once only.
    """
    floor_first = min((r.log_likelihood for r in first), default=0.0)
    finite = [e.log_likelihood for e in second if math.isfinite(e.log_likelihood)]
    floor_second = min(finite, default=0.0)
    known = {r.pronunciation.segmental: r for r in first}
    result: list[Evidence] = []
    seen: set[tuple[str, ...]] = set()
    for item in second:
        sound = item.candidate.pronunciation.segmental
        seen.add(sound)
        before = known[sound].log_likelihood if sound in known else floor_first
        result.append(Evidence(item.candidate, _SHARED * (before + item.log_likelihood)))
    for reading in first:
        if reading.pronunciation.segmental not in seen:
            candidate = Candidate(reading.pronunciation, (reading.source,), reading.log_prior)
            result.append(Evidence(candidate, _SHARED * (reading.log_likelihood + floor_second)))
    return result


def is_another_name(first: Hearing, second: Sequence[Evidence], scoring: Scoring) -> bool:
    """Whether a second take is plainly another name than the first one.

    So when what fits it best sounds very different from the first answer, and the first answer
    fits it far worse.
    """
    finite = [e for e in second if math.isfinite(e.log_likelihood)]
    if not finite:
        return False
    best = max(finite, key=lambda e: scoring.evidence * e.log_likelihood + e.candidate.log_prior)
    before = first.chosen.pronunciation
    same = [e for e in finite if e.candidate.pronunciation.segmental == before.segmental]
    if phonetic_distance(best.candidate.pronunciation, before) < _OTHER_NAME:
        return False
    if not same:
        return True
    worse = scoring.evidence * (best.log_likelihood - same[0].log_likelihood)
    return worse > _FAR_WORSE


def reject(readings: Sequence[Reading], refused: Pronunciation) -> tuple[Reading, ...]:
    """Takes a refused reading out, and what nobody could tell from it; its neighbours lose, too.

    What is left gets the refused share, but no reading becomes surer than the refused one was.

    Returns:
        What is left, best first, probabilities summing to what they may; possibly empty.
    """
    left: list[Reading] = []
    spoken = to_arpabet(refused, stress=True).value
    for reading in readings:
        if reading.pronunciation.segmental == refused.segmental:
            continue
        distance = phonetic_distance(reading.pronunciation, refused)
        same_in_english = to_arpabet(reading.pronunciation, stress=True).value == spoken
        if same_in_english and distance < _NEIGHBOUR:
            continue
        factor = 0.5 if distance < _NEIGHBOUR else 1.0
        left.append(replace(reading, confidence=reading.confidence * factor))
    before = sum(r.confidence for r in readings)
    mass = sum(r.confidence for r in left)
    if mass <= 0.0:
        return tuple(replace(r, confidence=0.0) for r in left)
    # The refused share goes to the others, but a refusal also says that we hear this one badly.
    scale = min(before, 0.8) / mass
    surest = max(
        (r.confidence for r in readings if r.pronunciation.segmental == refused.segmental),
        default=1.0,
    )
    scale = min(scale, max(1.0, surest / max(r.confidence for r in left)))
    scaled = [replace(r, confidence=round(min(1.0, r.confidence * scale), 4)) for r in left]
    return tuple(sorted(scaled, key=lambda r: (-r.confidence, -r.log_prior)))


def choose(readings: Sequence[Reading], index: int) -> tuple[Reading, ...]:
    """The alternatives reordered so that `readings[index]` leads, as the person chose it."""
    chosen = replace(readings[index], confidence=max(readings[index].confidence, 0.9))
    rest = [r for i, r in enumerate(readings) if i != index]
    return (chosen, *rest)


def distinct(readings: Sequence[Reading], limit: int) -> tuple[Reading, ...]:
    """The alternatives worth offering: those that sound different, most probable first."""
    offered: list[Reading] = list(readings[:1])
    for reading in readings[1:]:
        if len(offered) > limit:
            break
        spoken = to_arpabet(reading.pronunciation, stress=True).value
        if all(to_arpabet(o.pronunciation, stress=True).value != spoken for o in offered):
            offered.append(reading)
    return tuple(offered[1:])
