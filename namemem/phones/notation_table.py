"""The one table of notations, `notations.tsv`: a row an IPA unit, a column a notation.

Its head says how a cell is written. A column is asked for as an `Inventory` (what a notation has
for a unit, and the way there for all others), or as the symbols that it reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from namemem.phones.adapting import read_rows
from namemem.phones.inventory import Entry, Inventory, read_tsv

_SAME, _NEAR, _NOTHING, _WEAK, _ALSO = "≡≈∅↓←"


@dataclass(frozen=True, slots=True)
class Cell:
    """What a notation has for a unit.

    Attributes:
        symbols: of the notation; none where it has nothing for the unit, or only reads it.
        unstressed: the symbols in a syllable without stress, where they are others.
        also: other spellings that are read.
        exact: the symbols are the same sound to the notation.
        reads_back: and they are read as this very unit.
        writes: the notation has a row for the unit, be it that nothing stands in for it.
    """

    symbols: tuple[str, ...]
    unstressed: tuple[str, ...]
    also: tuple[str, ...]
    exact: bool
    reads_back: bool
    writes: bool


def _cell(text: str) -> Cell:
    words = text.split()
    also: list[str] = []
    weak: list[str] = []
    if _ALSO in words[:-1]:
        at = words.index(_ALSO)
        words, also = words[:at], words[at + 1 :]
    if _WEAK in words[:-1]:
        at = words.index(_WEAK)
        words, weak = words[:at], words[at + 1 :]
    sign = words[0] if words and words[0] in (_SAME, _NEAR, _NOTHING) else ""
    symbols = tuple(words[1:] if sign else words)
    exact = bool(symbols) and sign != _NEAR
    return Cell(
        symbols,
        tuple(weak),
        tuple(also),
        exact,
        exact and sign != _SAME,
        bool(symbols) or sign == _NOTHING,
    )


@cache
def _header() -> tuple[str, ...]:
    return tuple(read_rows("namemem.phones", "notations.tsv")[0])


@cache
def column(name: str) -> dict[str, Cell]:
    """Unit (IPA, NFD) → its cell, in the table's order; empty cells left out.

    Raises:
        KeyError: no such column.
    """
    if name not in _header()[1:]:
        raise KeyError(name)
    at = _header().index(name)
    return {
        row[0]: _cell(row[at]) for row in read_tsv("namemem.phones", "notations.tsv") if row[at]
    }


def variants(notation: str) -> tuple[str, ...]:
    """What stands behind the colon in the columns of a notation, such as espeak-ng's voices."""
    found = (name.partition(":") for name in _header())
    return tuple(variant for base, _, variant in found if base == notation and variant)


@cache
def readings(name: str) -> dict[str, str]:
    """Symbols, joined, → the unit (IPA, NFD) that a column reads them as.

    What it writes goes before what it reads besides.
    """
    cells = column(name)
    found = {"".join(cell.symbols): ipa for ipa, cell in cells.items() if cell.reads_back}
    for ipa, cell in cells.items():
        for spelling in cell.also:
            found.setdefault(spelling, ipa)
    return found


@cache
def notation_inventory(name: str) -> Inventory:
    """A column as an inventory.

    Raises:
        KeyError: no such column.
    """
    cells = column(name)
    entries = {
        ipa: Entry(cell.symbols, cell.exact, cell.unstressed, cell.reads_back)
        for ipa, cell in cells.items()
        if cell.writes
    }
    for owner, language, phonotactics, source in read_tsv("namemem.phones", "notation_columns.tsv"):
        if owner == name:
            about = {"source": source, "phonotactics": "yes" if phonotactics == "1" else ""}
            return Inventory(name, entries, language or "en", about)
    raise KeyError(name)
