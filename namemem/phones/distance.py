"""How far apart two pronunciations are: edits over phones, plain or weighted by features."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeVar

import numpy as np

from namemem.phones.model import Phone, Pronunciation


@lru_cache(maxsize=65536)
def feature_distance(a: Phone, b: Phone) -> float:
    """Share of articulatory features in which two phones differ, in [0, 1].

    The cost of a substitution in PFER (panphon's `hamming_feature_edit_distance`, Mortensen et
    al. 2016); half a difference where one phone leaves a feature unspecified.
    """
    difference = np.abs(a.features - b.features) / 2.0
    return float(difference.mean())


_T = TypeVar("_T")


def phone_edits(
    reference: Sequence[_T], heard: Sequence[_T], cost: Callable[[_T, _T], float] | None = None
) -> float:
    """Levenshtein distance between two sequences; insertions and deletions cost 1.

    Args:
        reference: what should be there.
        heard: what is there.
        cost: cost of a substitution, in [0, 1]; equality (0 or 1) when not given.
    """
    compare = cost or (lambda a, b: 0.0 if a == b else 1.0)
    row = [float(j) for j in range(len(heard) + 1)]
    for i, ref in enumerate(reference, 1):
        diagonal, row[0] = row[0], float(i)
        for j, hyp in enumerate(heard, 1):
            best = min(row[j] + 1.0, row[j - 1] + 1.0, diagonal + compare(ref, hyp))
            diagonal, row[j] = row[j], best
    return row[-1]


def phonetic_distance(a: Pronunciation, b: Pronunciation) -> float:
    """PFER between two pronunciations: feature-weighted edits over the longer one's phones.

    Stress, tone and length do not count. 0 is the same, 1 is nothing in common; a name said
    with another vowel is about 0.05, two different names are mostly above 0.3.
    """
    first = [Phone(p.base, p.diacritics) for p in a.phones]
    second = [Phone(p.base, p.diacritics) for p in b.phones]
    return phone_edits(first, second, feature_distance) / max(len(first), len(second))
