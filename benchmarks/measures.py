"""Error rates, calibration and their intervals. Pure functions; nothing here hears anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from namemem.phones import Phone, Pronunciation, feature_distance, phone_edits

RESAMPLES = 1000
"""How often the clips are drawn again for an interval."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its 95 % bootstrap interval and the number of clips."""

    value: float
    low: float
    high: float
    clips: int

    def as_json(self) -> dict[str, float | int]:
        """For the machine-readable report."""
        return {
            "value": round(self.value, 4),
            "low": round(self.low, 4),
            "high": round(self.high, 4),
            "clips": self.clips,
        }


def ratio(
    parts: Sequence[float], wholes: Sequence[float] | None = None, seed: int = 0
) -> Figure | None:
    """Sum of parts over sum of wholes (their mean without `wholes`), clips drawn again for 95 %.

    Args:
        parts: per clip, such as edits, or 1.0 where it is right.
        wholes: per clip, such as reference phones.
        seed: of the drawing.

    Returns:
        None without clips.
    """
    if not parts:
        return None
    top = np.asarray(parts, dtype=float)
    bottom = np.ones(len(top)) if wholes is None else np.asarray(wholes, dtype=float)
    picks = np.random.default_rng(seed).integers(0, len(top), (RESAMPLES, len(top)))
    spread = top[picks].sum(1) / np.maximum(bottom[picks].sum(1), 1e-9)
    low, high = np.percentile(spread, [2.5, 97.5])
    return Figure(float(top.sum() / max(bottom.sum(), 1e-9)), float(low), float(high), len(top))


def paired_drop(before: Sequence[float], after: Sequence[float], seed: int = 0) -> Figure | None:
    """Relative drop of errors from `before` to `after`, clip by clip: 0.25 is a quarter fewer."""
    if not before or sum(before) == 0:
        return None
    first, second = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    picks = np.random.default_rng(seed).integers(0, len(first), (RESAMPLES, len(first)))
    drawn = first[picks].sum(1)
    some = drawn > 0  # a draw without any error before says nothing of a drop
    spread = 1 - second[picks].sum(1)[some] / drawn[some]
    low, high = np.percentile(spread, [2.5, 97.5])
    return Figure(float(1 - second.sum() / first.sum()), float(low), float(high), len(first))


def token_edits(reference: Sequence[str], heard: Sequence[str]) -> float:
    """Insertions, deletions and substitutions: the numerator of PER."""
    return phone_edits(reference, heard)


def feature_edits(reference: Pronunciation, heard: Pronunciation | None) -> float:
    """The same with the share of differing features as the cost of a substitution: for PFER."""
    first = _plain(reference)
    if heard is None:
        return float(len(first))
    return phone_edits(first, _plain(heard), feature_distance)


def _plain(pronunciation: Pronunciation) -> list[Phone]:
    return [Phone(p.base, p.diacritics) for p in pronunciation.phones]


def ece(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """Expected calibration error: the mean gap over equal-width bins."""
    rows = calibration(confidences, right, bins)
    total = sum(count for _, _, count in rows)
    return sum(abs(c - a) * n for c, a, n in rows) / total if total else 0.0


def ece_figure(confidences: Sequence[float], right: Sequence[bool], seed: int = 0) -> Figure | None:
    """`ece` with its bootstrap interval; ECE is biased upwards where there are few clips."""
    if not confidences:
        return None
    sure, good = np.asarray(confidences, dtype=float), np.asarray(right, dtype=float)
    rng = np.random.default_rng(seed)
    spread = []
    for _ in range(RESAMPLES // 4):
        pick = rng.integers(0, len(sure), len(sure))
        spread.append(_ece_fast(sure[pick], good[pick]))
    low, high = np.percentile(spread, [2.5, 97.5])
    return Figure(ece(confidences, right), float(low), float(high), len(sure))


def ece_by_chance(confidences: Sequence[float], seed: int = 0) -> float:
    """The ECE that confidences which keep their word exactly would show on so few clips, mean."""
    sure = np.asarray(confidences, dtype=float)
    rng = np.random.default_rng(seed)
    draws = (
        _ece_fast(sure, (rng.random(len(sure)) < sure).astype(float)) for _ in range(RESAMPLES)
    )
    return float(np.mean(list(draws))) if len(sure) else 0.0


def _ece_fast(sure: npt.NDArray[np.float64], good: npt.NDArray[np.float64]) -> float:
    place = np.minimum((sure * 10).astype(int), 9)
    gaps = np.bincount(place, sure - good, 10)
    return float(np.abs(gaps).sum() / len(sure))


def calibration(
    confidences: Sequence[float], right: Sequence[bool], bins: int = 10
) -> list[tuple[float, float, int]]:
    """(mean confidence, share right, count) of every bin that has anything in it."""
    rows: dict[int, list[tuple[float, bool]]] = {}
    for sure, good in zip(confidences, right, strict=True):
        rows.setdefault(min(int(sure * bins), bins - 1), []).append((sure, good))
    return [
        (
            float(np.mean([c for c, _ in rows[b]])),
            float(np.mean([r for _, r in rows[b]])),
            len(rows[b]),
        )
        for b in sorted(rows)
    ]


def confusions(pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> Counter[tuple[str, str]]:
    """How often each phone was heard as which, over aligned (reference, heard) sequences.

    An insertion has an empty reference, a deletion an empty answer.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for reference, heard in pairs:
        counts.update(_aligned(reference, heard))
    return counts


def _aligned(reference: Sequence[str], heard: Sequence[str]) -> list[tuple[str, str]]:
    rows, columns = len(reference) + 1, len(heard) + 1
    cost = np.zeros((rows, columns))
    cost[:, 0], cost[0, :] = np.arange(rows), np.arange(columns)
    step: Callable[[int, int], bool] = lambda i, j: reference[i - 1] != heard[j - 1]  # noqa: E731
    for i in range(1, rows):
        for j in range(1, columns):
            cost[i, j] = min(
                cost[i - 1, j - 1] + step(i, j), cost[i - 1, j] + 1, cost[i, j - 1] + 1
            )
    pairs: list[tuple[str, str]] = []
    i, j = len(reference), len(heard)
    while i or j:
        if i and j and cost[i, j] == cost[i - 1, j - 1] + step(i, j):
            pairs.append((reference[i - 1], heard[j - 1]))
            i, j = i - 1, j - 1
        elif i and cost[i, j] == cost[i - 1, j] + 1:
            pairs.append((reference[i - 1], ""))
            i -= 1
        else:
            pairs.append(("", heard[j - 1]))
            j -= 1
    return pairs[::-1]
