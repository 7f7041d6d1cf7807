"""What a target can say: IPA units and its symbols for them, and the way there for all others.

An inventory is a TSV file beside its notation (columns `ipa`, `symbols`, `exact`, `unstressed`;
the last three optional). A unit that it lacks is adapted step by step with `adaptations.tsv`, and
at last by the articulatory features of the nearest unit it has. Nothing is left out in silence.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources

from namemem.phones import segments
from namemem.phones.conversion import Substitution
from namemem.phones.distance import feature_distance
from namemem.phones.model import Phone, Pronunciation, Stress, Syllable

# How English says its consonants anyway: aspirated, dental, unreleased.
_UNHEARD = frozenset("ʰ̪̚")
_NASAL = "̃"
_R_COLOURED = ("ɜ", "ɝ", "ɚ")


@dataclass(frozen=True, slots=True)
class Entry:
    """The target's symbols for one unit; `unstressed` where it differs without stress."""

    symbols: tuple[str, ...]
    exact: bool
    unstressed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WrittenSyllable:
    """A syllable in a target's symbols. A nucleus may end in a consonant (/ɑ̃/ as `A: n`)."""

    onset: tuple[str, ...]
    nucleus: tuple[str, ...]
    coda: tuple[str, ...]
    stress: Stress

    @property
    def symbols(self) -> tuple[str, ...]:
        """All symbols in order."""
        return self.onset + self.nucleus + self.coda


@dataclass(frozen=True, slots=True)
class Written:
    """A pronunciation in a target's symbols, and what it cost."""

    words: tuple[tuple[WrittenSyllable, ...], ...]
    substitutions: tuple[Substitution, ...]


@dataclass(frozen=True)
class Inventory:
    """Units a target has (IPA, NFD) and its symbols for them."""

    name: str
    entries: Mapping[str, Entry]

    def symbols_for(
        self, unit: tuple[Phone, ...], *, stressed: bool = True
    ) -> tuple[tuple[str, ...], bool]:
        """(symbols, whether they are the same phoneme) for a phone or diphthong.

        The symbols are empty only where `adaptations.tsv` says that nothing stands in.
        """
        return self._find(unit, stressed, 0)

    @cached_property
    def _single(self) -> tuple[Phone, ...]:
        return tuple(Phone(key) for key in self.entries if segments.is_segment(key))

    def _find(
        self, unit: tuple[Phone, ...], stressed: bool, depth: int
    ) -> tuple[tuple[str, ...], bool]:
        found = self._listed(unit, stressed)
        if found is None:
            found = self._adapted(unit, stressed, depth)
        if found is None and len(unit) > 1:
            joined = tuple(Phone(p.base) for p in unit)
            plain = self._listed(joined, stressed) or self._adapted(joined, stressed, depth)
            marks = {d for p in unit for d in p.diacritics}
            if plain is not None:
                found = plain[0], plain[1] and marks <= {segments.NON_SYLLABIC}
            else:
                parts = [self._find((Phone(p.base),), stressed, depth)[0] for p in unit]
                found = tuple(s for part in parts for s in part), False
        return found or self._without_marks(unit[0], stressed, depth)

    def _listed(
        self, unit: tuple[Phone, ...], stressed: bool
    ) -> tuple[tuple[str, ...], bool] | None:
        entry = self.entries.get("".join(p.ipa for p in unit))
        geminate = False
        if entry is None:
            entry = self.entries.get("".join(p.base + p.diacritics for p in unit))
            geminate = any(p.length and not p.is_vowel for p in unit)
        if entry is None:
            return None
        symbols = entry.unstressed if entry.unstressed and not stressed else entry.symbols
        return symbols, entry.exact and not geminate

    def _adapted(
        self, unit: tuple[Phone, ...], stressed: bool, depth: int
    ) -> tuple[tuple[str, ...], bool] | None:
        step = _adaptations().get("".join(p.base + p.diacritics for p in unit))
        if step is None or depth > 4:
            return None
        into, exact = step
        parts = [self._find(part, stressed, depth + 1) for part in into]
        exact = exact and bool(parts) and all(e for _, e in parts)
        geminate = any(p.length and not p.is_vowel for p in unit)
        return tuple(s for symbols, _ in parts for s in symbols), exact and not geminate

    def _without_marks(
        self, phone: Phone, stressed: bool, depth: int
    ) -> tuple[tuple[str, ...], bool]:
        plain = Phone(phone.base, "", phone.length)
        if phone.diacritics:
            symbols, exact = self._find((plain,), stressed, depth + 1)
            if phone.is_vowel and _NASAL in phone.diacritics:
                return symbols + self._find((Phone("n"),), stressed, depth + 1)[0], False
            if phone.is_syllabic and not phone.is_vowel:  # button: ə n
                return self._find((Phone("ə"),), stressed, depth + 1)[0] + symbols, False
            return symbols, exact and set(phone.diacritics) <= _UNHEARD
        alike = [p for p in self._single if p.is_vowel == phone.is_vowel]
        nearest = min(alike, key=lambda p: feature_distance(Phone(phone.base), p))
        return self.entries[nearest.base].symbols, False

    def write(self, pronunciation: Pronunciation, *, tones: bool = False) -> Written:
        """A pronunciation in this inventory's symbols.

        Vowel length that the inventory does not tell apart is dropped; everything else that
        changes is reported, tones too unless the caller writes `tones` itself. Positions count
        units, as `Pronunciation.units` does.
        """
        changes: list[Substitution] = []
        words = []
        position = 0
        for word in pronunciation.words:
            written = []
            for syllable in word:
                parts, position = self._syllable(syllable, position, changes, tones)
                written.append(parts)
            words.append(tuple(written))
        return Written(tuple(words), tuple(changes))

    def _syllable(
        self, syllable: Syllable, position: int, changes: list[Substitution], tones: bool
    ) -> tuple[WrittenSyllable, int]:
        onset: list[str] = []
        nucleus: list[str] = []
        coda: list[str] = []
        stressed = syllable.stress is not Stress.NONE
        seen = False
        merged = self._merges_r(syllable)
        for unit, is_nucleus in syllable.units():
            if merged and seen and not coda and not is_nucleus:
                position, merged = position + 1, ()  # said with its vowel already
                continue
            if merged and is_nucleus:
                symbols, exact = merged, True
            else:
                symbols, exact = self.symbols_for(unit, stressed=stressed)
            if not exact:
                source = unicodedata.normalize("NFC", "".join(p.ipa for p in unit))
                changes.append(Substitution(source, " ".join(symbols), position))
            if is_nucleus:
                seen = True
                nucleus.extend(symbols)
                if syllable.tone and not tones:
                    changes.append(Substitution(syllable.tone, "", position))
            else:
                (coda if seen else onset).extend(symbols)
            position += 1
        return WrittenSyllable(tuple(onset), tuple(nucleus), tuple(coda), syllable.stress), position

    def _merges_r(self, syllable: Syllable) -> tuple[str, ...]:
        """Symbols of the nucleus with the /ɹ/ after it, where the two are one here."""
        if not syllable.coda or syllable.coda[0] != Phone("ɹ"):
            return ()
        base = "".join(p.base for p in syllable.nucleus)
        marks = {d for p in syllable.nucleus for d in p.diacritics}
        if not marks <= {segments.NON_SYLLABIC}:
            return ()
        if base in _R_COLOURED:  # /ɜːɹ/ is one r-coloured vowel
            symbols, exact = self.symbols_for(syllable.nucleus)
            return symbols if exact else ()
        row = self.entries.get(base + "ɹ")
        return row.symbols if row else ()


def read_tsv(package: str, filename: str) -> list[list[str]]:
    """Rows of a table that ships with a package: comments and the header left out, NFD."""
    text = resources.files(package).joinpath(filename).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")][1:]
    return [unicodedata.normalize("NFD", line).split("\t") for line in lines]


@cache
def load_inventory(package: str, filename: str) -> Inventory:
    """The inventory in a TSV file of a package; read once."""
    entries = {}
    for ipa, *rest in read_tsv(package, filename):
        symbols = rest[0] if rest else ipa
        exact = len(rest) < 2 or rest[1] == "1"
        unstressed = rest[2] if len(rest) > 2 else ""
        entries[ipa] = Entry(tuple(symbols.split()), exact, tuple(unstressed.split()))
    return Inventory(filename.removesuffix(".tsv"), entries)


@cache
def _adaptations() -> dict[str, tuple[tuple[tuple[Phone, ...], ...], bool]]:
    from namemem.phones.parsing import parse_ipa

    table = {}
    for ipa, english, exact in read_tsv("namemem.phones", "adaptations.tsv"):
        units = tuple(parse_ipa(text).phones for text in english.split())
        table[ipa] = units, exact == "1"
    return table
