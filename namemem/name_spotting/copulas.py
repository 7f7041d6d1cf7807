"""Names with "I am" written onto them, as Turkish does: "Ayşe'yim", "ben mehmetim"."""

from __future__ import annotations

from dataclasses import replace

from namemem.name_spotting.lines import Line
from namemem.name_spotting.patterns import PhraseBook
from namemem.name_spotting.units import Unit, fold

_VOWELS = frozenset("aeıioöuü")
_APOSTROPHES = ("'", "’")
_BINDS = "y"  # stands between two vowels


def without(line: Line, book: PhraseBook) -> Line:
    """The line with its names as they are without "I am"."""
    if not book.copulas:
        return line
    bare = [_bare(line, at, book) for at in range(len(line.units))]
    for at in range(1, len(bare)):
        if bare[at - 1].end < line.units[at - 1].end:
            bare[at] = replace(bare[at], breaks=True, joint=None)  # the name ends with "I am"
    return replace(line, units=tuple(bare))


def _bare(line: Line, at: int, book: PhraseBook) -> Unit:
    unit = line.units[at]
    written = unit.text.casefold()
    ending = next((e for e in book.copulas if written.endswith(e)), "")
    stem = written[: len(written) - len(ending)] if ending else ""
    if len(stem) < 3:
        return unit
    if stem.endswith(_APOSTROPHES):
        return _cut(unit, len(ending) + 1)
    if fold(stem) in book.bearers:
        return _cut(unit, len(ending))
    # No name ends in "-ayım"; what does is a name with a capital, but nationalities have one too.
    capital = line.cased and unit.is_capitalised and at > 0 and not unit.ends
    bound = ending.startswith(_BINDS) and stem[-1] in _VOWELS
    if capital and bound and not written.endswith(book.inflected):
        return _cut(unit, len(ending))
    return unit


def _cut(unit: Unit, characters: int) -> Unit:
    text = unit.text[: len(unit.text) - characters]
    return replace(unit, text=text, key=fold(text), end=unit.end - characters)
