"""CTC arithmetic on a matrix of log-posteriors, in numpy alone.

Everywhere `log_probs` is float, shape [T, V]: natural-log posteriors of V labels (the blank among
them) in T frames, each row summing to one in probability. Label sequences are column indices
without blanks. Log-likelihoods are in nats; times are float seconds, a frame of index t covering
`[t, t + 1) * frame_seconds`.

Sources: Graves et al. 2006, "Connectionist Temporal Classification" (forward variables, the
collapse of repeats and blanks); Kürzinger et al. 2020, "CTC-Segmentation" (alignment with free
ends). What may have been said is searched for in `ctc_beam.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from namemem.phone_recognition.ctc_lattice import Lattice, cumulative, remaining

FloatArray = NDArray[np.floating]
LogProbs = NDArray[np.floating]
Scores = NDArray[np.float64]
IntArray = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class TimedLabel:
    """A label (column index), where it was said in seconds, and how sure that is, 0 to 1.

    `confidence` is the geometric mean of the label's posterior over the frames that bear it.
    """

    label: int
    start: float
    end: float
    confidence: float


_WORTH_SHARING = 6
"""Candidates from which on a common prefix goes forward by itself."""


def greedy(log_probs: LogProbs, *, frame_seconds: float = 0.02, blank: int = 0) -> list[TimedLabel]:
    """The best label of each frame, repeats joined, blanks removed; times are the frames' own."""
    if len(log_probs) == 0:
        return []
    best = np.asarray(log_probs).argmax(axis=1)
    return _runs(np.asarray(log_probs), best, frame_seconds, blank)


def log_likelihoods(
    log_probs: LogProbs,
    candidates: Sequence[Sequence[int]],
    *,
    prefix: Sequence[int] = (),
    suffix: Sequence[int] = (),
    filler_start: FloatArray | None = None,
    filler_end: FloatArray | None = None,
    blank: int = 0,
) -> Scores:
    """Log-likelihood of every candidate, [N] float64 in nats; -inf where none of its paths fits.

    All candidates go forward together, in scaled probabilities; the few that underflow are done
    again in logarithms. `prefix` and `suffix` are labels said before and after every candidate (a
    carrier phrase). With `filler_start` or `filler_end` ([T] log-scores of frames that belong to no
    candidate, see `filler_best_path` and `filler_phone_loop`) the sequence may begin after, or end
    before, any frame; the filler touches the sequence's first or last label, so that silence
    beside it is counted once. Fillers need sequences of at least one label.
    """
    matrix = np.asarray(log_probs, dtype=np.float64)
    full = [(*prefix, *c, *suffix) for c in candidates]
    if not full:
        return np.zeros(0)
    if (filler_start is not None or filler_end is not None) and not all(full):
        raise ValueError("A filler needs sequences of at least one label.")
    if len(matrix) == 0:
        return np.array([0.0 if not c else -np.inf for c in full])
    # The prefix is the same for all: it goes forward once, and only its last label comes along.
    entry = None
    own = full
    if len(prefix) > 1 and len(full) >= _WORTH_SHARING:
        entry = Lattice.of([prefix], blank).reaching(matrix, filler_start)
        own = [sequence[len(prefix) - 1 :] for sequence in full]
    # Candidates of one length together would waste nothing; sorting halves what padding costs.
    order = sorted(range(len(full)), key=lambda i: len(full[i]))
    out = np.full(len(full), -np.inf)
    for start in range(0, len(order), 512):
        chosen = order[start : start + 512]
        lattice = Lattice.of([own[i] for i in chosen], blank)
        if entry is None:
            scores = lattice.forward_scaled(matrix, filler_start, filler_end)
        else:
            scores = lattice.forward_scaled(matrix, None, filler_end, entry)
        lost = np.flatnonzero(np.isneginf(scores))
        if lost.size:
            again = Lattice.of([full[chosen[i]] for i in lost], blank)
            scores[lost] = again.forward_log(matrix, filler_start, filler_end)
        out[chosen] = scores
    return out


def log_likelihood(log_probs: LogProbs, labels: Sequence[int], *, blank: int = 0) -> float:
    """Log-likelihood of one sequence over the whole clip, in nats."""
    return float(log_likelihoods(log_probs, [labels], blank=blank)[0])


def filler_best_path(log_probs: LogProbs, penalty: float = 0.0) -> Scores:
    """[T] log-score of each frame under the best label whatever it is, less `penalty` nats.

    A candidate is then compared with the best path through the same frames: matching more of the
    clip costs nothing if it matches as well, so that long names do not lose to their beginnings.
    """
    best: Scores = np.asarray(log_probs, dtype=np.float64).max(axis=1, initial=-np.inf) - penalty
    return best


def filler_phone_loop(log_probs: LogProbs, penalty: float = 0.0) -> Scores:
    """[T] log-score of each frame under "any labels at all": 0, less `penalty` nats a frame.

    The posteriors of all label sequences sum to one, so a free phone loop has likelihood 1.
    """
    return np.full(len(log_probs), -penalty)


def align(
    log_probs: LogProbs,
    labels: Sequence[int],
    *,
    filler_start: FloatArray | None = None,
    filler_end: FloatArray | None = None,
    frame_seconds: float = 0.02,
    share_blanks: float = 0.08,
    blank: int = 0,
) -> list[TimedLabel]:
    """Viterbi alignment: when each label was said; `[]` if the clip has too few frames for them.

    CTC posteriors are spikes with blanks between them, so each label is stretched into the blanks
    beside it: to the middle between neighbours, at most `share_blanks` seconds. The fillers are
    those of `log_likelihoods`: with them the sequence may lie anywhere in the clip.
    """
    matrix = np.asarray(log_probs, dtype=np.float64)
    if not labels or len(matrix) == 0:
        return []
    path = _best_states(matrix, labels, filler_start, filler_end, blank)
    if path is None:
        return []
    out: list[TimedLabel] = []
    for i, label in enumerate(labels):
        frames = np.flatnonzero(path == 2 * i + 1)
        confidence = float(np.exp(matrix[frames, label].mean()))
        first, last = int(frames[0]), int(frames[-1]) + 1
        out.append(TimedLabel(label, first * frame_seconds, last * frame_seconds, confidence))
    return _stretched(out, share_blanks, len(matrix) * frame_seconds)


def entropy(log_probs: LogProbs) -> Scores:
    """[T] entropy of each frame's posterior in nats: 0 is certain, log V knows nothing."""
    matrix = np.asarray(log_probs, dtype=np.float64)
    probabilities = np.exp(matrix)
    out: Scores = -(probabilities * np.maximum(matrix, -1e9)).sum(axis=1) + 0.0
    return out


def _runs(matrix: LogProbs, path: IntArray, frame_seconds: float, blank: int) -> list[TimedLabel]:
    edges = np.flatnonzero(np.diff(path)) + 1
    starts = np.concatenate(([0], edges))
    ends = np.concatenate((edges, [len(path)]))
    out: list[TimedLabel] = []
    for start, end in zip(starts, ends, strict=True):
        label = int(path[start])
        if label != blank:
            confidence = float(np.exp(matrix[start:end, label].mean()))
            times = float(start) * frame_seconds, float(end) * frame_seconds
            out.append(TimedLabel(label, *times, confidence))
    return out


def _stretched(spans: list[TimedLabel], reach: float, total: float) -> list[TimedLabel]:
    out: list[TimedLabel] = []
    for i, span in enumerate(spans):
        left = spans[i - 1].end if i else 0.0
        right = spans[i + 1].start if i + 1 < len(spans) else total
        before = min(reach, (span.start - left) / (2 if i else 1))
        after = min(reach, (right - span.end) / (2 if i + 1 < len(spans) else 1))
        out.append(TimedLabel(span.label, span.start - before, span.end + after, span.confidence))
    return out


def _best_states(
    matrix: Scores,
    labels: Sequence[int],
    start: FloatArray | None,
    end: FloatArray | None,
    blank: int,
) -> IntArray | None:
    """State of each frame on the best path; -1 in the filler before, -2 in the filler after."""
    lattice = Lattice.of([labels], blank)
    ids = lattice.ids[:, 0]
    skip = np.where(lattice.skip[:, 0] > 0, 0.0, -np.inf)
    frames, states = len(matrix), len(ids)
    # A hair's penalty: of two equal paths the one that gives the labels more frames.
    before = None if start is None else cumulative(np.asarray(start) - 1e-6)
    score = np.full(states, -np.inf)
    score[:2] = matrix[0][ids[:2]]
    if before is not None:
        score[0] = -np.inf
    back = np.zeros((frames, states), dtype=np.int8)
    ends = np.full((frames, 2), -np.inf)
    ends[0] = score[-1], score[-2]
    for t in range(1, frames):
        options = np.full((4, states), -np.inf)
        options[0] = score
        options[1, 1:] = score[:-1]
        options[2, 2:] = score[:-2] + skip[2:]
        if before is not None:
            options[3, 1] = before[t - 1]
        back[t] = options.argmax(axis=0)
        score = options[back[t], np.arange(states)] + matrix[t][ids]
        ends[t] = score[-1], score[-2]
    tails = np.zeros(frames)
    if end is not None:
        tails = remaining(np.asarray(end) - 1e-6)
        ends[:, 0] = -np.inf  # the filler begins right after the last label
    else:
        tails[:-1] = -np.inf
    totals = ends + tails[:, None]
    t, which = (int(v) for v in np.unravel_index(int(totals.argmax()), totals.shape))
    if np.isneginf(totals[t, which]):
        return None
    path = np.full(frames, -2, dtype=np.intp)
    state = states - 1 - which
    while t >= 0:
        path[t] = state
        step = int(back[t, state]) if t else 0
        if step == 3:
            path[:t] = -1
            break
        state -= step
        t -= 1
    return path
