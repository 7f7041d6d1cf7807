"""`phonetic_distance` to thousands of pronunciations at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from namemem.errors import InvalidPronunciation
from namemem.phones.distance import feature_distance
from namemem.phones.model import Phone, Pronunciation, Syllable
from namemem.phones.parsing import parse_ipa

_APART = re.compile(r"[.\s]+")
_CHUNK = 20_000
"""Pronunciations that are compared at once: 20,000 of 40 phones take some 20 MB."""


def read_quickly(text: str) -> Pronunciation:
    """`parse_ipa` of a text whose syllables are apart, as stored names have them.

    Names share their syllables, and reading one is what takes the time.

    Raises:
        InvalidPronunciation: the text is no IPA.
    """
    try:
        words = [
            tuple(s for part in word.split(".") if part for s in _syllables(part))
            for word in text.split()
        ]
    except InvalidPronunciation:  # such as a consonant alone
        return parse_ipa(text)
    return Pronunciation(tuple(words)) if words and all(words) else parse_ipa(text)


@lru_cache(maxsize=16384)
def _syllables(text: str) -> tuple[Syllable, ...]:
    return parse_ipa(text).syllables


@lru_cache(maxsize=16384)
def _segments(text: str) -> tuple[Phone, ...]:
    return tuple(Phone(p.base, p.diacritics) for s in _syllables(text) for p in s.phones)


def _phones(text: str) -> list[Phone]:
    """The phones without length; none where the text cannot be read."""
    try:
        return [p for part in _APART.split(text) if part for p in _segments(part)]
    except InvalidPronunciation:
        pass
    try:
        return [Phone(p.base, p.diacritics) for p in parse_ipa(text).phones]
    except InvalidPronunciation:
        return []


class Sounds:
    """Many pronunciations as rows of phone numbers.

    Args:
        texts: IPA, syllables apart. What cannot be read is as far from everything as can be.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        rows = [_phones(text) for text in texts]
        self._inventory: dict[Phone, int] = {}
        self._lengths = np.array([len(row) for row in rows], dtype=np.int64)
        self._rows = np.zeros((len(rows), int(self._lengths.max(initial=1))), dtype=np.int32)
        number = self._inventory.setdefault
        for numbers, row in zip(self._rows, rows, strict=True):
            numbers[: len(row)] = [number(phone, len(self._inventory)) for phone in row]

    def distances(self, wanted: Pronunciation) -> npt.NDArray[np.float32]:
        """`phonetic_distance` between `wanted` and each of them, in [0, 1]."""
        heard = [Phone(p.base, p.diacritics) for p in wanted.phones]
        if not heard or not self._inventory:
            return np.ones(len(self._rows), dtype=np.float32)
        costs = np.array(
            [[feature_distance(h, k) for k in self._inventory] for h in heard], dtype=np.float32
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
        np.minimum(before[:-1] + cost[rows.T], before[1:] + 1.0, out=now[1:])
        for j in range(1, longest + 1):
            np.minimum(now[j], now[j - 1] + 1.0, out=now[j])
        before = now
    result: npt.NDArray[np.float32] = before[lengths, np.arange(count)]
    return result
