"""Which phone follows which in names: what is heard freely should look like one.

A trigram model of the labels of each output (`phone_lm.npz`: counts; `training/phone_lm.py`), with
interpolated smoothing (Jelinek and Mercer 1980).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from namemem.phone_recognition.whisper_ctc import WEIGHTS

FloatArray = npt.NDArray[np.float32]
FILE = WEIGHTS / "phone_lm.npz"
_SMOOTHING = 5.0  # how often a context counts as seen with what its shorter one says


def smoothed(counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Counts [n, n, n] of three symbols → natural log of the third one's probability."""
    one = counts.sum((0, 1)) + 1.0
    one /= one.sum()
    two = counts.sum(0) + _SMOOTHING * one
    two /= two.sum(1, keepdims=True)
    three = counts + _SMOOTHING * two[None]
    three /= three.sum(2, keepdims=True)
    found: npt.NDArray[np.float64] = np.log(three)
    return found


def table(names: tuple[str, ...]) -> FloatArray | None:
    """The model of an output with these labels.

    Args:
        names: of the columns, as of `Output.names`; the blank is one of them.

    Returns:
        Float32 [V + 1, V + 1, V + 1], natural-log probabilities of the third label; V is a name's
        edge. None for labels that no model is known of.
    """
    with np.load(FILE) as file:
        for key in ("arpabet", "ipa"):
            if tuple(file[f"{key}_labels"].tolist()) == names:
                counts = np.zeros((len(names) + 1,) * 3)
                counts[tuple(file[f"{key}_trigrams"].T)] = file[f"{key}_counts"]
                return smoothed(counts).astype(np.float32)
    return None


def last_two(labels: Sequence[int], edge: int) -> tuple[int, int]:
    """The context that a label after `labels` has."""
    first, second = (edge, edge, *labels)[-2:]
    return first, second
