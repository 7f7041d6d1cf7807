"""Prefix beam search over CTC posteriors: what may have been said, alone or between known phrases.

Shapes and units are those of `ctc.py`. Source: Hannun et al. 2014, "First-Pass Large Vocabulary
Continuous Speech Recognition using Bi-Directional Recurrent DNNs".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from namemem.phone_recognition.ctc_lattice import FloatArray, Lattice, Scores, remaining

Labels = tuple[int, ...]
Ends = tuple[float, float]
"""Log-probability of a prefix that ends in blank, and of one that ends in its last label."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A label sequence and its log-likelihood in nats, summed over all its CTC paths."""

    labels: Labels
    log_likelihood: float


def beam_search(
    log_probs: NDArray[np.floating],
    *,
    prefix: Sequence[int] = (),
    suffix: Sequence[int] = (),
    filler_start: FloatArray | None = None,
    filler_end: FloatArray | None = None,
    width: int = 16,
    n_best: int = 8,
    per_frame: int = 12,
    floor: float = -9.0,
    blank: int = 0,
) -> list[Hypothesis]:
    """Prefix beam search without a language model; best first.

    `width` prefixes survive a frame, extended by at most `per_frame` labels with a log-posterior
    above `floor`. Scores are lower bounds of the true log-likelihoods: what was pruned is missing.

    `prefix`, `suffix` and the fillers are those of `ctc.log_likelihoods`: where the phrase before
    ends and the one after begins is left open until all was heard, because the first phone of a
    name is often there before the phrase is over. Hypotheses are then never empty.
    """
    matrix = np.asarray(log_probs, dtype=np.float64)
    around = bool(len(prefix) or len(suffix)) or filler_start is not None or filler_end is not None
    entries = _entries(matrix, prefix, filler_start, blank)
    after, at_label = _after(matrix, suffix, filler_end, blank)
    beams: dict[Labels, Ends] = {}
    ended: dict[Labels, float] = {}
    for t, row in enumerate(matrix):
        top = np.argsort(row)[::-1][:per_frame]
        labels = [int(k) for k in top if row[k] > floor and k != blank]
        grown: dict[Labels, Ends] = {}
        for before, (ends_blank, ends_label) in ((((), entries[t])), *beams.items()):
            total = float(np.logaddexp(ends_blank, ends_label))
            if total == -np.inf:
                continue
            last = before[-1] if before else prefix[-1] if len(prefix) else None
            if before:
                _add(grown, before, total + float(row[blank]), ends_label + float(row[before[-1]]))
            for k in labels:
                source = ends_blank if k == last else total
                _add(grown, (*before, k), -np.inf, source + float(row[k]))
        ranked = sorted(grown.items(), key=lambda item: -float(np.logaddexp(*item[1])))
        beams = dict(ranked[:width])
        if after[t + 1] > -np.inf:
            for labels_so_far, (ends_blank, ends_label) in beams.items():
                left = ends_label if at_label else float(np.logaddexp(ends_blank, ends_label))
                if len(suffix) and suffix[0] == labels_so_far[-1]:
                    left = ends_blank
                here = left + float(after[t + 1])
                ended[labels_so_far] = float(np.logaddexp(ended.get(labels_so_far, -np.inf), here))
    if not around:
        ended[()] = float(matrix[:, blank].sum())
    found = [Hypothesis(labels, score) for labels, score in ended.items() if score > -np.inf]
    return sorted(found, key=lambda h: -h.log_likelihood)[:n_best]


def _entries(
    matrix: Scores, prefix: Sequence[int], filler: FloatArray | None, blank: int
) -> list[Ends]:
    """For each frame, how likely it is that the prefix was all that came before it."""
    count = len(matrix)
    if not len(prefix):
        if filler is None:  # silence before the first label
            return [(float(v), -np.inf) for v in np.cumsum([0.0, *matrix[:-1, blank]])[:count]]
        return [(float(v), -np.inf) for v in np.cumsum([0.0, *filler[:-1]])[:count]]
    at_last = Lattice.of([prefix], blank).reaching(matrix, filler)
    found: list[Ends] = [(-np.inf, -np.inf)]
    ends_blank = -np.inf
    for t in range(1, count):
        if t > 1:
            ends_blank = float(np.logaddexp(ends_blank, at_last[t - 2]) + matrix[t - 1, blank])
        found.append((ends_blank, float(at_last[t - 1])))
    return found


def _after(
    matrix: Scores, suffix: Sequence[int], filler: FloatArray | None, blank: int
) -> tuple[Scores, bool]:
    """[T + 1] log-probability of all frames from each on, the hypothesis being over before it.

    And whether the hypothesis has to be at its last label then, because the filler counts silence.
    """
    count = len(matrix)
    if len(suffix):
        backwards = None if filler is None else np.asarray(filler)[::-1]
        reached = Lattice.of([suffix[::-1]], blank).reaching(matrix[::-1], backwards)
        return np.append(reached[::-1], -np.inf), False
    if filler is not None:
        return np.append(-np.inf, remaining(filler)), True
    return np.append(np.full(count, -np.inf), 0.0), False


def _add(beams: dict[Labels, Ends], prefix: Labels, ends_blank: float, ends_label: float) -> None:
    known = beams.get(prefix)
    if known is None:
        beams[prefix] = (ends_blank, ends_label)
    else:
        beams[prefix] = (
            float(np.logaddexp(known[0], ends_blank)),
            float(np.logaddexp(known[1], ends_label)),
        )
