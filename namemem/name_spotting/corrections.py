"""A name that is taken back at once: "my name is Tom. I mean Tim", "I'm Beth. Sorry, Seth"."""

from __future__ import annotations

from dataclasses import replace

from namemem.name_spotting import bare
from namemem.name_spotting.candidates import Candidate
from namemem.name_spotting.lines import Line, longest
from namemem.name_spotting.patterns import ASKED, PhraseBook


def behind(line: Line, book: PhraseBook, found: list[Candidate]) -> list[Candidate]:
    """Names that stand alone behind words that take the speaker's own name back."""
    more: list[Candidate] = []
    taken = {at for c in found for at in range(c.opens, c.closes)}
    for c in found:
        if c.of != "speaker" or c.rank[0] == ASKED:
            continue
        at = c.closes
        while length := longest(line.units, at, book.corrections):
            at += length
        slot = bare.slot(line, at, book) if at > c.closes else None
        if slot is not None and not taken.intersection(range(slot.first, slot.end)):
            more.append(Candidate(slot, c.closes, slot.end, None, corrects=True))
    return more


def marked(line: Line, book: PhraseBook, found: list[Candidate]) -> list[Candidate]:
    """The same names; those that come with such words, behind another one, correct it."""
    own = [c.slot.first for c in found if c.of == "speaker"]
    return [
        replace(c, corrects=True)
        if c.of == "speaker" and any(at < c.opens for at in own) and _corrects(line, book, c)
        else c
        for c in found
    ]


def _corrects(line: Line, book: PhraseBook, c: Candidate) -> bool:
    if longest(line.units, c.opens, book.corrections):
        return True
    return any(
        longest(line.units, at, book.corrections) == c.opens - at
        for at in range(max(0, c.opens - 3), c.opens)
    )
