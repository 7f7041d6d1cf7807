"""The states that CTC sequences go through, and the forward pass over many of them at once.

Shapes and units are those of `ctc.py`: log-posteriors [T, V] in nats, labels as column indices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating]
Scores = NDArray[np.float64]
IntArray = NDArray[np.intp]

_HOPELESS = 80.0
"""Nats below the best frame at which nothing enters from the prefix any more."""


@dataclass(frozen=True, slots=True)
class Lattice:
    """States of N sequences, [S, N]: blank, label, blank, …, label, blank, padded with blanks.

    `ids` are the labels of the states, `skip` (0 or 1) whether a state may be entered from two
    states before, `lengths` the number of labels of each sequence.
    """

    ids: IntArray
    skip: Scores
    lengths: IntArray

    @classmethod
    def of(cls, sequences: Sequence[Sequence[int]], blank: int) -> Lattice:
        """The states of some sequences."""
        lengths = np.array([len(s) for s in sequences], dtype=np.intp)
        ids = np.full((2 * int(lengths.max(initial=0)) + 1, len(sequences)), blank, dtype=np.intp)
        for n, sequence in enumerate(sequences):
            ids[1 : 2 * len(sequence) : 2, n] = sequence
        skip = np.zeros(ids.shape)
        skip[3::2] = ids[3::2] != ids[1:-2:2]
        return cls(ids, skip, lengths)

    def reaching(self, matrix: Scores, start: FloatArray | None) -> Scores:
        """[T] log-probability of being at the last label of the one sequence in each frame."""
        ids, last = self.ids[:, 0], 2 * int(self.lengths[0]) - 1
        before = cumulative(start)
        with np.errstate(divide="ignore"):
            skip = np.log(self.skip[2:, 0])
        alpha = np.full(len(ids), -np.inf)
        alpha[: 2 if before is None else 0] = matrix[0][ids[:2]] if before is None else 0.0
        if before is not None:
            alpha[1] = matrix[0][ids[1]]
        found = np.full(len(matrix), -np.inf)
        found[0] = alpha[last]
        emitted = matrix[:, ids]
        for t in range(1, len(matrix)):
            grown = alpha.copy()
            np.logaddexp(grown[1:], alpha[:-1], out=grown[1:])
            np.logaddexp(grown[2:], alpha[:-2] + skip, out=grown[2:])
            if before is not None:
                grown[1] = np.logaddexp(grown[1], before[t - 1])
            alpha = grown + emitted[t]
            found[t] = alpha[last]
        return found

    def forward_scaled(
        self,
        matrix: Scores,
        start: FloatArray | None,
        end: FloatArray | None,
        entry: Scores | None = None,
    ) -> Scores:
        """The forward pass in probabilities, rescaled now and then; -inf on underflow.

        With `entry` ([T] log-probabilities, see `reaching`) the first label of every sequence is
        the last one of what was said before it, and its probabilities are given.
        """
        states, count = self.ids.shape
        columns = np.arange(count)
        last_label, last_blank = np.maximum(2 * self.lengths - 1, 0), 2 * self.lengths
        before = cumulative(start)
        probabilities = np.exp(matrix)
        alpha = np.zeros((states, count))
        grown = np.empty_like(alpha)
        skipped = np.empty((max(states - 2, 0), count))
        emitted = np.empty_like(alpha)
        scale = np.zeros(count)
        leaving = np.zeros(
            (len(matrix), count)
        )  # probability of the last label, for the end filler
        scales = np.zeros((len(matrix), count))
        first = 0
        if entry is not None:
            likely = np.flatnonzero(entry > entry.max() - _HOPELESS)
            first = int(likely[0]) if likely.size else len(matrix)
            scale += entry[first] if likely.size else 0.0
            alpha[1] = 1.0
        else:
            alpha[:2] = probabilities[0].take(self.ids[:2])
        if before is not None:
            alpha[0] = 0.0
        for t in range(first, len(matrix)):
            if t > first:
                np.copyto(grown, alpha)
                grown[1:] += alpha[:-1]
                np.multiply(alpha[:-2], self.skip[2:], out=skipped)
                grown[2:] += skipped
                if before is not None:
                    grown[1:2] += np.exp(np.minimum(before[t - 1] - scale, 700.0))
                np.take(probabilities[t], self.ids, out=emitted)
                np.multiply(grown, emitted, out=alpha)
                if entry is not None:
                    alpha[1] = np.exp(np.minimum(entry[t] - scale, 700.0))
            if t % 4 == 3:
                peak = alpha.max(axis=0)
                alive = peak > 0
                factor = np.where(alive, peak, 1.0)
                alpha /= factor
                scale += np.log(factor)
            if end is not None:
                leaving[t], scales[t] = alpha[last_label, columns], scale
        with np.errstate(divide="ignore"):
            if end is not None:
                every = np.log(leaving) + scales + remaining(end)[:, None]
                return np.asarray(np.logaddexp.reduce(every, axis=0), dtype=np.float64)
            trailing = np.where(self.lengths > 0, alpha[last_blank, columns], 0.0)
            final = alpha[last_label, columns] + trailing
            return np.asarray(np.log(final) + scale, dtype=np.float64)

    def forward_log(
        self, matrix: Scores, start: FloatArray | None, end: FloatArray | None
    ) -> Scores:
        """The same in logarithms: slower, and nothing underflows."""
        states, count = self.ids.shape
        columns = np.arange(count)
        last_label, last_blank = np.maximum(2 * self.lengths - 1, 0), 2 * self.lengths
        before = cumulative(start)
        with np.errstate(divide="ignore"):
            skip = np.log(self.skip)
        alpha = np.full((states, count), -np.inf)
        alpha[:2] = matrix[0].take(self.ids[:2])
        if before is not None:
            alpha[0] = -np.inf
        done = np.full(count, -np.inf)
        rest = remaining(end) if end is not None else np.zeros(0)
        for t in range(len(matrix)):
            if t:
                grown = alpha.copy()
                grown[1:] = np.logaddexp(grown[1:], alpha[:-1])
                grown[2:] = np.logaddexp(grown[2:], alpha[:-2] + skip[2:])
                if before is not None:
                    grown[1:2] = np.logaddexp(grown[1:2], before[t - 1])
                alpha = grown + matrix[t].take(self.ids)
            if end is not None:
                done = np.logaddexp(done, alpha[last_label, columns] + rest[t])
        if end is not None:
            return done
        trailing = np.where(self.lengths > 0, alpha[last_blank, columns], -np.inf)
        return np.asarray(np.logaddexp(alpha[last_label, columns], trailing), dtype=np.float64)


def remaining(filler: FloatArray) -> Scores:
    """Sum of the filler's scores after each frame."""
    values = np.asarray(filler, dtype=np.float64)
    return np.append(np.cumsum(values[:0:-1])[::-1], 0.0)


def cumulative(filler: FloatArray | None) -> Scores | None:
    """Sum of the filler's scores up to each frame."""
    return None if filler is None else np.cumsum(np.asarray(filler, dtype=np.float64))
