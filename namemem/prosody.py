"""Which syllable was stressed: duration and loudness of each nucleus, against the prior.

English and most languages of Europe mark stress by longer and louder vowels (Fry 1955, "Duration
and intensity as physical correlates of linguistic stress"). What the spelling's readings say comes
first: prosody decides between their stress patterns, and only weakly proposes one of its own.
Pitch was measured too and left out: it helped with synthetic voices alone hardly, and misled on
real people calling a name.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from namemem.audio import Waveform
from namemem.people import HeardPhone
from namemem.phones import Pronunciation, Stress, Syllable

_WEAK = frozenset("əɚɐ")  # vowels that are hardly ever stressed
_LONG_VOWELS = frozenset("aɪ aʊ eɪ oʊ ɔɪ əʊ".split())


@dataclass(frozen=True, slots=True)
class Weights:
    """Nats per unit of each cue, relative to the mean of the name's nuclei.

    Chosen on development clips: 186 espeak-ng names (90.3 % right from the readings alone, 93.5 %
    with prosody) and 120 real wake-word clips (100 % kept).
    """

    duration: float = 0.5  # per doubling
    energy: float = 0.08  # per dB
    final: float = 0.3  # doublings that the last syllable is longer anyway
    floor: float = 0.03  # prior share of a stress pattern that no reading has


WEIGHTS = Weights()


def prominence(
    waveform: Waveform,
    pronunciation: Pronunciation,
    phones: Sequence[HeardPhone],
    weights: Weights = WEIGHTS,
) -> npt.NDArray[np.float64]:
    """How prominent each syllable is, in nats, mean 0.

    Args:
        waveform: the recording.
        pronunciation: what was said; its units are those of `phones`.
        phones: the alignment, one for each unit.
        weights: of the cues.

    Returns:
        float64, shape [number of syllables]; zeros where the alignment does not fit.
    """
    syllables = pronunciation.syllables
    at = 0
    spans: list[tuple[float, float, str]] = []
    for syllable in syllables:
        span = (0.0, 0.0, "")
        for unit, nucleus in syllable.units():
            if at < len(phones) and nucleus:
                span = (phones[at].start, phones[at].end, "".join(p.base for p in unit))
            at += 1
        spans.append(span)
    if at != len(phones) or any(end <= start for start, end, _ in spans):
        return np.zeros(len(syllables))
    durations, energies = [], []
    for index, (start, end, text) in enumerate(spans):
        seconds = end - start
        if text in _LONG_VOWELS:
            seconds /= 1.3
        if text in ("ə", "ɪ", "ɚ"):
            seconds *= 1.1
        doublings = math.log2(max(0.02, seconds))
        if index == len(spans) - 1:
            doublings -= weights.final
        durations.append(doublings)
        piece = waveform.slice(start, end).samples
        energies.append(10.0 * math.log10(float(np.mean(np.square(piece))) + 1e-9))
    return np.asarray(
        weights.duration * (np.array(durations) - np.mean(durations))
        + weights.energy * (np.array(energies) - np.mean(energies)),
        dtype=np.float64,
    )


def restress(
    pronunciation: Pronunciation,
    patterns: Sequence[tuple[Pronunciation, float]],
    heard: npt.NDArray[np.float64],
    weights: Weights = WEIGHTS,
) -> Pronunciation:
    """The pronunciation with its most likely primary stress.

    Args:
        pronunciation: the chosen reading; its own stress is one of the patterns.
        patterns: readings of the spelling with their prior (natural log); those with as many
            syllables say where stress may be.
        heard: `prominence` of each syllable.
        weights: of the cues; `floor` is used here.

    Returns:
        `pronunciation` itself where there is nothing to decide (one syllable, several words).
    """
    count = len(pronunciation.syllables)
    if count < 2 or len(pronunciation.words) != 1 or len(heard) != count:
        return pronunciation
    shares = np.full(count, weights.floor)
    for reading, log_prior in [(pronunciation, _best(patterns)), *patterns]:
        if len(reading.syllables) == count and len(reading.words) == 1:
            primary = reading.primary
            if primary is not None:
                shares[primary] += math.exp(log_prior)
    weak = [
        i for i, s in enumerate(pronunciation.syllables) if {p.base for p in s.nucleus} <= _WEAK
    ]
    shares[weak] = np.maximum(shares[weak] - weights.floor, weights.floor / 100)
    score = np.log(shares / shares.sum()) + heard
    best = int(score.argmax())
    if best == pronunciation.primary:
        return pronunciation
    syllables = [
        replace(s, stress=Stress.PRIMARY if i == best else _without_primary(s))
        for i, s in enumerate(pronunciation.syllables)
    ]
    return Pronunciation((tuple(syllables),))


def _best(patterns: Sequence[tuple[Pronunciation, float]]) -> float:
    return max((prior for _, prior in patterns), default=0.0)


def _without_primary(syllable: Syllable) -> Stress:
    return Stress.NONE if syllable.stress is Stress.PRIMARY else syllable.stress
