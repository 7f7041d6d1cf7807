"""One utterance as the phrases see it, and what is asked of it again and again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from namemem.name_spotting.patterns import Keys
from namemem.name_spotting.units import Unit
from namemem.people import NameKind

_LONGEST, _LONGEST_DENSE = 5, 10  # units of a set phrase: words, or characters

_AGAIN = 8
"""Words that are said twice, at most: a name, or the phrase before it as well."""


@dataclass(frozen=True, slots=True)
class Line:
    """One utterance as the phrases see it.

    Attributes:
        units: its words.
        cased: it is written with capitals where they belong, so that a small letter says something.
        letters: where letters are said aloud; no name reaches into them.
    """

    units: tuple[Unit, ...]
    cased: bool
    letters: tuple[tuple[int, int], ...] = ()

    def in_letters(self, at: int) -> bool:
        """Whether the unit belongs to a word that is being spelled."""
        return any(first <= at < end for first, end in self.letters)


@dataclass(frozen=True, slots=True)
class Slot:
    """A name where one was expected: units `first` to `end` (one past the last)."""

    first: int
    end: int
    kind: NameKind
    title: str = ""


def fluent(said: Line, sounds: Collection[Keys]) -> Line:
    """The line without "um" and "uh", and without the commas around them."""
    kept: list[Unit] = []
    at, dropped, ends = 0, False, False
    while at < len(said.units):
        unit = said.units[at]
        length = longest(said.units, at, sounds)
        if length and _hesitates(said, at, length):
            dropped, ends, at = True, ends or unit.ends, at + length
            continue
        if dropped and kept:
            ends = ends or unit.ends
            unit = replace(unit, breaks=ends, ends=ends, joint=None if ends else unit.joint)
        kept.append(unit)
        at, dropped, ends = at + 1, False, False
    return replace(said, units=tuple(kept)) if kept else said


def _hesitates(said: Line, at: int, length: int) -> bool:
    """Whether the sound is no part of a word, nor written as a name ("I'm Em")."""
    unit, end = said.units[at], at + length
    if unit.is_dense and not "가" <= unit.key <= "힣":
        return True  # written without spaces
    whole = unit.joint is None and (end == len(said.units) or said.units[end].joint is None)
    named = said.cased and unit.is_capitalised and at > 0 and not unit.ends
    return whole and not named


def said_once(said: Line) -> Line:
    """The line without what is said again at once, up to a pause or the end: "robert robert"."""
    units = list(said.units)
    end = 1
    while end <= len(units):
        size = 0
        if end == len(units) or units[end].breaks:
            size = next((n for n in range(1, _AGAIN + 1) if _is_again(units, end, n)), 0)
        if size:
            del units[end - size : end]
            end -= size
        else:
            end += 1
    return replace(said, units=tuple(units)) if len(units) < len(said.units) else said


def _is_again(units: Sequence[Unit], end: int, size: int) -> bool:
    first, again = units[max(0, end - 2 * size) : end - size], units[end - size : end]
    return (
        [u.key for u in first] == [u.key for u in again]
        and again[0].joint is None
        and (end == len(units) or units[end].joint is None)
        and not any(u.is_dense for u in again)
        and any(len(u.key) > 1 for u in again)  # letters that are spelled do repeat
    )


def is_cased(units: Sequence[Unit]) -> bool:
    """Whether capitals were used as one writes: some words have one, not all are all capitals."""
    words = [u.text for u in units if u.text[:1].isalpha() and not u.is_dense]
    capital = [w for w in words if w[:1].isupper()]
    if not capital or words[0][:1].islower():
        return any(w[:1].isupper() and w[1:].islower() for w in words[1:])
    return len(words) == 1 or any(not w.isupper() or len(w) == 1 for w in words)


def matches(units: Sequence[Unit], at: int, phrase: Keys) -> bool:
    """Whether the words of `phrase` stand at `at`."""
    if at + len(phrase) > len(units):
        return False
    return all(units[at + i].key == key for i, key in enumerate(phrase))


def longest(units: Sequence[Unit], at: int, phrases: Collection[Keys]) -> int:
    """The number of units of the longest of these phrases that stands at `at`; 0 for none."""
    most = _LONGEST_DENSE if at < len(units) and units[at].is_dense else _LONGEST
    for length in range(min(most, len(units) - at), 0, -1):
        if tuple(u.key for u in units[at : at + length]) in phrases:
            return length
    return 0


def filler(units: Sequence[Unit], at: int, fillers: Collection[Keys]) -> int:
    """The same for what people say before a name; in Korean it is a whole word."""
    length = longest(units, at, fillers)
    inside = 0 < length < len(units) - at and units[at + length].joint == ""
    hangul = inside and "가" <= units[at].key <= "힣"
    return 0 if hangul else length
