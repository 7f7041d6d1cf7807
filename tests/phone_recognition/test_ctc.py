"""CTC arithmetic against brute force over all paths, and against torch where it is installed."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from namemem.phone_recognition import ctc
from namemem.phone_recognition.ctc_lattice import Lattice


def random_log_probs(frames: int, labels: int, seed: int, sharp: float = 1.5) -> np.ndarray:
    raw = np.random.default_rng(seed).standard_normal((frames, labels)) * sharp
    return (raw - np.log(np.exp(raw).sum(1, keepdims=True))).astype(np.float32)


def collapse(path: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(k for k, _ in itertools.groupby(path) if k != 0)


def brute_force(matrix: np.ndarray) -> dict[tuple[int, ...], float]:
    """Likelihood of every label sequence, summed over all its paths."""
    frames, labels = matrix.shape
    out: dict[tuple[int, ...], float] = {}
    for path in itertools.product(range(labels), repeat=frames):
        score = float(np.exp(sum(float(matrix[t, k]) for t, k in enumerate(path))))
        out[collapse(path)] = out.get(collapse(path), 0.0) + score
    return out


@pytest.mark.parametrize("seed", range(3))
def test_log_likelihoods_equal_the_sum_over_all_paths(seed: int) -> None:
    matrix = random_log_probs(5, 4, seed)
    expected = brute_force(matrix)
    sequences = list(expected)
    found = ctc.log_likelihoods(matrix, sequences)
    np.testing.assert_allclose(np.exp(found), [expected[s] for s in sequences], rtol=1e-5)
    assert np.exp(found).sum() == pytest.approx(1.0, abs=1e-5)


def test_a_sequence_that_does_not_fit_is_impossible() -> None:
    matrix = random_log_probs(3, 4, 0)
    found = ctc.log_likelihoods(matrix, [[1, 1], [1, 1, 2], [1, 2, 3, 1], []])
    assert np.isfinite(found[[0, 3]]).all()
    assert np.isneginf(found[[1, 2]]).all()
    assert ctc.log_likelihoods(matrix, []).shape == (0,)


def test_prefix_and_suffix_are_said_around_every_candidate() -> None:
    matrix = random_log_probs(12, 5, 1)
    whole = ctc.log_likelihoods(matrix, [[1, 2, 3, 4], [1, 2, 1, 4]])
    parts = ctc.log_likelihoods(matrix, [[3], [1]], prefix=[1, 2], suffix=[4])
    np.testing.assert_allclose(whole, parts)


def test_log_likelihoods_equal_torch() -> None:
    torch = pytest.importorskip("torch")
    matrix = random_log_probs(60, 40, 2)
    rng = np.random.default_rng(3)
    candidates = [list(rng.integers(1, 40, int(rng.integers(1, 14)))) for _ in range(40)]
    found = ctc.log_likelihoods(matrix, candidates)
    for labels, score in zip(candidates, found, strict=True):
        loss = torch.nn.functional.ctc_loss(
            torch.from_numpy(matrix)[:, None],
            torch.tensor([labels]),
            torch.tensor([60]),
            torch.tensor([len(labels)]),
            reduction="sum",
        )
        assert score == pytest.approx(-float(loss), rel=1e-4)


def test_underflow_is_done_again_in_logarithms() -> None:
    matrix = np.full((400, 3), -np.inf)
    matrix[:, 0] = -1e-9
    matrix[:, 1] = -40.0
    matrix[:, 2] = -900.0
    found = ctc.log_likelihoods(matrix, [[1], [2], [1, 2, 1]])
    assert np.isfinite(found).all()
    assert found[0] == pytest.approx(-40.0 + np.log(400), abs=0.1)
    assert found[1] == pytest.approx(-900.0 + np.log(400), abs=0.1)


def spans_brute_force(
    matrix: np.ndarray, labels: list[int], start: np.ndarray, end: np.ndarray
) -> float:
    """Sum over all stretches that begin and end with a label's frame."""
    total = 0.0
    frames = len(matrix)
    for a in range(frames):
        for b in range(a + 1, frames + 1):
            for path in itertools.product(range(matrix.shape[1]), repeat=b - a):
                if collapse(path) == tuple(labels) and path[0] != 0 and path[-1] != 0:
                    inside = sum(float(matrix[a + t, k]) for t, k in enumerate(path))
                    total += np.exp(inside + float(start[:a].sum()) + float(end[b:].sum()))
    return float(np.log(total))


@pytest.mark.parametrize("labels", [[1], [1, 2], [2, 2], [1, 2, 1]])
def test_fillers_sum_over_all_places(labels: list[int]) -> None:
    matrix = random_log_probs(5, 3, 7)
    for filler in (ctc.filler_best_path(matrix, 0.3), ctc.filler_phone_loop(matrix, 0.2)):
        found = ctc.log_likelihoods(matrix, [labels], filler_start=filler, filler_end=filler)
        assert found[0] == pytest.approx(
            spans_brute_force(matrix, labels, filler, filler), rel=1e-5
        )
        lattice = Lattice.of([labels], 0)
        again = lattice.forward_log(matrix.astype(np.float64), filler, filler)
        assert again[0] == pytest.approx(found[0], rel=1e-6)


def spoken(labels: list[int], frames_each: int, total: int, size: int, first: int) -> np.ndarray:
    """Posteriors of a clear voice: spikes of `frames_each` frames every ten frames from `first`."""
    matrix = np.full((total, size), 0.01)
    matrix[:, 0] = 1.0
    for i, label in enumerate(labels):
        at = first + 10 * i
        matrix[at : at + frames_each] = 0.01
        matrix[at : at + frames_each, label] = 1.0
    return np.log(matrix / matrix.sum(1, keepdims=True)).astype(np.float32)


def test_greedy_has_labels_times_and_confidence() -> None:
    heard = ctc.greedy(spoken([3, 1, 1], 2, 50, 5, 10))
    assert [t.label for t in heard] == [3, 1, 1]
    assert heard[0].start == pytest.approx(0.2)
    assert heard[0].end == pytest.approx(0.24)
    assert 0.9 < heard[0].confidence <= 1.0
    assert ctc.greedy(np.zeros((0, 5), dtype=np.float32)) == []


def test_a_name_is_found_inside_a_longer_clip() -> None:
    matrix = spoken([4, 4, 1, 2, 3, 4], 2, 90, 6, 10)
    filler = ctc.filler_best_path(matrix)
    names = [[1, 2, 3], [1, 3, 2], [5, 5, 5]]
    scores = ctc.log_likelihoods(matrix, names, filler_start=filler, filler_end=filler)
    assert int(scores.argmax()) == 0
    aligned = ctc.align(matrix, names[0], filler_start=filler, filler_end=filler)
    assert [t.label for t in aligned] == names[0]
    assert aligned[0].start == pytest.approx(0.60 - 0.08)
    assert aligned[-1].end == pytest.approx(1.04 + 0.08)
    assert aligned[0].end == pytest.approx(aligned[1].start)


@pytest.mark.parametrize("seed", range(4))
def test_alignment_is_the_best_path(seed: int) -> None:
    matrix = random_log_probs(6, 3, seed)
    labels = [1, 2, 2]
    best = max(
        (p for p in itertools.product(range(3), repeat=6) if collapse(p) == tuple(labels)),
        key=lambda p: sum(float(matrix[t, k]) for t, k in enumerate(p)),
    )
    runs = [(k, [t for t, _ in g]) for k, g in itertools.groupby(enumerate(best), lambda x: x[1])]
    expected = [(k, ts[0], ts[-1] + 1) for k, ts in runs if k]
    found = ctc.align(matrix, labels, frame_seconds=1.0, share_blanks=0.0)
    assert [(t.label, t.start, t.end) for t in found] == expected
    assert ctc.align(matrix[:3], labels) == []
    assert ctc.align(matrix, []) == []


def test_entropy_runs_from_certain_to_ignorant() -> None:
    certain = np.full((1, 4), -np.inf)
    certain[0, 2] = 0.0
    ignorant = np.full((1, 4), -np.log(4))
    np.testing.assert_allclose(ctc.entropy(np.vstack([certain, ignorant])), [0.0, np.log(4)])


def test_three_hundred_candidates_are_quick() -> None:
    matrix = random_log_probs(150, 108, 1)
    rng = np.random.default_rng(0)
    candidates = [list(rng.integers(1, 108, int(rng.integers(4, 10)))) for _ in range(300)]
    times = []
    for _ in range(5):
        began = time.perf_counter()
        ctc.log_likelihoods(matrix, candidates)
        times.append(time.perf_counter() - began)
    # About 10 ms on one core; the limit only catches a return to a loop over candidates.
    assert min(times) < 0.15


def test_a_shared_prefix_changes_nothing():
    rng = np.random.default_rng(3)
    matrix = rng.normal(size=(70, 12)) * 2
    matrix -= np.logaddexp.reduce(matrix, axis=1)[:, None]
    fillers = ctc.filler_best_path(matrix) - 0.5
    prefix, suffix = [3, 5, 5, 7, 2], [4, 1]
    # One begins as the prefix ends: a blank has to stand between them.
    several = [[2, 4], *(rng.integers(1, 12, n).tolist() for n in (1, 2, 3, 4, 5, 6, 3))]
    for start, end in ((None, None), (fillers, None), (fillers, fillers), (None, fillers)):
        given = {"prefix": prefix, "suffix": suffix, "filler_start": start, "filler_end": end}
        together = ctc.log_likelihoods(matrix, several, **given)
        apart = [ctc.log_likelihoods(matrix, [one], **given)[0] for one in several]
        np.testing.assert_allclose(together, apart, rtol=1e-9)
