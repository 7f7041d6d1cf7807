"""A name that stands by itself."""

from __future__ import annotations

from namemem.name_spotting import slots
from namemem.name_spotting.lines import Line, Slot, longest
from namemem.name_spotting.patterns import ASKED, PhraseBook

_MAX_WORDS = 4


def slot(line: Line, at: int, book: PhraseBook) -> Slot | None:
    """A name that stands at `at` and is all that stands there, up to a pause or the end."""
    units = line.units
    if at >= len(units) or line.in_letters(at):
        return None
    found = slots.find(line, at, book, ASKED)
    if found is None:
        return None
    words = sum(1 for u in units[found.first : found.end] if u.joint is None)
    if words > _MAX_WORDS and not units[at].is_dense:
        return None
    end = found.end + longest(units, found.end, book.titles_after)
    while end < len(units) and (length := longest(units, end, book.closing)):
        end += length
    closed = end >= len(units) or units[end].breaks or line.in_letters(end)
    return found if closed or longest(units, end, book.letters.having) else None
