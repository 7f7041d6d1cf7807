"""Which syllable was stressed: duration, loudness and pitch of each nucleus, against the prior.

English and most languages of Europe mark stress by longer, louder and higher vowels (Fry 1955,
"Duration and intensity as physical correlates of linguistic stress"; Lieberman 1960). What the
spelling's readings say comes first: prosody decides between their stress patterns, and only weakly
proposes one of its own.
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

_FRAME = 0.01  # seconds between pitch estimates
_WINDOW = 0.04  # seconds of audio a pitch estimate sees
_PITCH_RANGE = (70.0, 400.0)  # Hz
_LONG_VOWELS = frozenset("aɪ aʊ eɪ oʊ ɔɪ əʊ".split())


@dataclass(frozen=True, slots=True)
class Weights:
    """Nats per unit of each cue, relative to the mean of the name's nuclei.

    Chosen on held-out synthetic voices, a little below what was best there: synthesisers mark
    stress more regularly than people.
    """

    duration: float = 1.5  # per doubling
    energy: float = 0.12  # per dB
    pitch: float = 0.15  # per semitone
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
    durations, energies, pitches = [], [], []
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
        pitches.append(_pitch(waveform, start, end))
    voiced = [p for p in pitches if p is not None]
    base = sum(voiced) / len(voiced) if voiced else 0.0
    semitones = np.array([p - base if p is not None else 0.0 for p in pitches])
    return np.asarray(
        weights.duration * (np.array(durations) - np.mean(durations))
        + weights.energy * (np.array(energies) - np.mean(energies))
        + weights.pitch * semitones,
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


def _pitch(waveform: Waveform, start: float, end: float) -> float | None:
    """Median pitch of a stretch in semitones above 100 Hz; None where it is unvoiced.

    Normalised autocorrelation (Boersma 1993), coarse: only differences between syllables matter.
    """
    rate = waveform.sample_rate
    window = int(_WINDOW * rate)
    low, high = int(rate / _PITCH_RANGE[1]), int(rate / _PITCH_RANGE[0])
    found: list[float] = []
    for middle in np.arange(start + _FRAME, end, _FRAME):
        first = int(middle * rate) - window // 2
        piece = waveform.samples[max(0, first) : first + window].astype(np.float64)
        if len(piece) < window:
            continue
        piece = piece - piece.mean()
        spectrum = np.abs(np.fft.rfft(piece, 2 * window)) ** 2
        correlation = np.fft.irfft(spectrum)[:window]
        if correlation[0] <= 1e-8:
            continue
        correlation = correlation / correlation[0] / (1.0 - np.arange(window) / window + 1e-3)
        lag = low + int(correlation[low:high].argmax())
        if correlation[lag] > 0.5:
            found.append(12.0 * math.log2(rate / lag / 100.0))
    return float(np.median(found)) if found else None
