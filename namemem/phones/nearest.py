"""Which of thousands of pronunciations sound like one: `phonetic_distance` to all of them at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from namemem.errors import InvalidPronunciation
from namemem.phones.distance import feature_distance
from namemem.phones.model import Phone, Pronunciation
from namemem.phones.parsing import parse_ipa

_SYLLABLES = re.compile(r"[.\s\u02c8\u02cc]+")
_CHUNK = 20_000
"""Pronunciations that are compared at once: 20,000 of 40 phones take 20 MB."""


class Sounds:
    """Many pronunciations as rows of phone numbers.

    Args:
        texts: IPA, each with its syllables apart as `pronunciation_to_text` writes them. What is no
            IPA, or has no phone, is as far from everything as can be.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._inventory: dict[Phone, int] = {}
        said = [_phones(text) for text in texts]
        self._lengths = np.array([len(one) for one in said], dtype=np.int64)
        longest = int(self._lengths.max(initial=1))
        self._rows = np.zeros((len(said), longest), dtype=np.int32)
        number = self._inventory.setdefault
        for row, one in zip(self._rows, said, strict=True):
            row[: len(one)] = [number(phone, len(self._inventory)) for phone in one]

    def distances(self, wanted: Pronunciation) -> npt.NDArray[np.float32]:
        """`phonetic_distance` between `wanted` and each of them, in [0, 1]."""
        heard = [Phone(p.base, p.diacritics) for p in wanted.phones]
        if not heard or not len(self._rows):
            return np.ones(len(self._rows), dtype=np.float32)
        known = list(self._inventory)
        costs = np.array(
            [[feature_distance(h, k) for k in known] or [1.0] for h in heard], dtype=np.float32
        )
        parts = [
            _edits(costs, self._rows[at : at + _CHUNK], self._lengths[at : at + _CHUNK])
            for at in range(0, len(self._rows), _CHUNK)
        ]
        found = np.concatenate(parts) / np.maximum(self._lengths, len(heard))
        return np.where(self._lengths == 0, 1.0, found).astype(np.float32)


def _edits(
    costs: npt.NDArray[np.float32], rows: npt.NDArray[np.int32], lengths: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """Weighted Levenshtein distance to each row; `costs` [heard, inventory] of a substitution."""
    count, longest = rows.shape
    before = np.tile(np.arange(longest + 1, dtype=np.float32)[:, None], (1, count))
    for i, cost in enumerate(costs, 1):
        now = np.empty_like(before)
        now[0] = i
        swapped = before[:-1] + cost[rows.T]
        np.minimum(swapped, before[1:] + 1.0, out=now[1:])
        for j in range(1, longest + 1):
            np.minimum(now[j], now[j - 1] + 1.0, out=now[j])
        before = now
    result: npt.NDArray[np.float32] = before[lengths, np.arange(count)]
    return result


def _phones(text: str) -> tuple[Phone, ...]:
    """The phones of a pronunciation without length; none where it cannot be read."""
    try:
        return tuple(p for part in _SYLLABLES.split(text) if part for p in _syllable(part))
    except InvalidPronunciation:
        pass
    try:
        return tuple(Phone(p.base, p.diacritics) for p in parse_ipa(text).phones)
    except InvalidPronunciation:
        return ()


@lru_cache(maxsize=16384)
def _syllable(text: str) -> tuple[Phone, ...]:
    """The phones of one syllable. Names share them, and reading one is what takes the time."""
    return tuple(Phone(p.base, p.diacritics) for p in parse_ipa(text).phones)
