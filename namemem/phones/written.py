"""A pronunciation in a target's symbols, and the IPA that those symbols say."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from namemem.phones.conversion import Substitution
from namemem.phones.model import Stress


@dataclass(frozen=True, slots=True)
class Found:
    """What stands for a unit: the target's symbols, and the IPA units (NFD) they are."""

    symbols: tuple[str, ...]
    ipa: tuple[str, ...]
    exact: bool

    def __add__(self, other: Found) -> Found:
        return Found(self.symbols + other.symbols, self.ipa + other.ipa, False)


@dataclass(frozen=True, slots=True)
class WrittenSyllable:
    """A syllable in a target's symbols. A nucleus may end in a consonant (/ɑ̃/ as `A: n`).

    `ipa` is what the symbols stand for, NFD, without stress.
    """

    onset: tuple[str, ...]
    nucleus: tuple[str, ...]
    coda: tuple[str, ...]
    stress: Stress
    ipa: str = field(default="", compare=False)

    @property
    def symbols(self) -> tuple[str, ...]:
        """All symbols in order."""
        return self.onset + self.nucleus + self.coda


@dataclass(frozen=True, slots=True)
class Written:
    """A pronunciation in a target's symbols, and what it cost."""

    words: tuple[tuple[WrittenSyllable, ...], ...]
    substitutions: tuple[Substitution, ...]

    @property
    def spoken(self) -> str:
        """IPA (NFC) of what the symbols stand for, a dot between syllables."""
        marks = {Stress.NONE: "", Stress.PRIMARY: "ˈ", Stress.SECONDARY: "ˌ"}
        words = (".".join(marks[s.stress] + s.ipa for s in w if s.ipa) for w in self.words)
        return unicodedata.normalize("NFC", " ".join(words))
