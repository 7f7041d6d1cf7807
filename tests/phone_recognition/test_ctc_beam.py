"""The beam against every sequence there is, alone and between phrases."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from namemem.phone_recognition import ctc
from namemem.phone_recognition.ctc_beam import beam_search


def random_log_probs(frames: int, labels: int, seed: int, sharp: float = 2.5) -> np.ndarray:
    raw = np.random.default_rng(seed).standard_normal((frames, labels)) * sharp
    return (raw - np.log(np.exp(raw).sum(1, keepdims=True))).astype(np.float32)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("prefix", "suffix"), [((), ()), ((2,), ()), ((1, 2), ()), ((), (3, 1)), ((3, 3), (2,))]
)
@pytest.mark.parametrize("ends", ["closed", "start", "end", "both"])
def test_every_sequence_gets_its_likelihood(
    seed: int, prefix: tuple[int, ...], suffix: tuple[int, ...], ends: str
) -> None:
    matrix = random_log_probs(8, 4, seed)
    filler = ctc.filler_best_path(matrix) - 0.7
    around = {
        "prefix": prefix,
        "suffix": suffix,
        "filler_start": filler if ends in ("start", "both") else None,
        "filler_end": filler if ends in ("end", "both") else None,
    }
    found = beam_search(matrix, **around, width=10_000, n_best=10_000, floor=-1e9)  # type: ignore[arg-type]
    shortest = 1 if prefix or suffix or ends != "closed" else 0
    every = [s for n in range(shortest, 4) for s in itertools.product(range(1, 4), repeat=n)]
    scores = dict(zip(every, ctc.log_likelihoods(matrix, every, **around), strict=True))  # type: ignore[arg-type]
    heard = {h.labels: h.log_likelihood for h in found}
    for labels, score in scores.items():
        if np.isneginf(score):
            assert labels not in heard
        else:
            assert heard[labels] == pytest.approx(score, abs=1e-3), labels
    assert [h.log_likelihood for h in found] == sorted(heard.values(), reverse=True)


def test_a_narrow_beam_finds_the_likeliest() -> None:
    matrix = random_log_probs(30, 12, 5, sharp=4.0)
    wide = beam_search(matrix, width=500, n_best=3, floor=-1e9, per_frame=12)
    narrow = beam_search(matrix, width=16, n_best=3)
    assert narrow[0].labels == wide[0].labels


def test_the_first_phone_is_kept_that_is_heard_before_the_phrase_is_over() -> None:
    """A phrase that ends in 4, and a name whose first label comes in the same breath."""
    rows = np.full((24, 6), 0.01)
    for at, label in ((2, 3), (6, 4), (7, 1), (12, 2), (17, 5)):
        rows[at, label] = 1.0
    rows[rows.max(1) < 1.0, 0] = 1.0
    matrix = np.log(rows / rows.sum(1, keepdims=True)).astype(np.float32)
    assert beam_search(matrix, prefix=[3, 4])[0].labels == (1, 2, 5)
    assert beam_search(matrix, prefix=[3, 4], suffix=[5])[0].labels == (1, 2)
