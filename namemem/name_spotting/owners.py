"""Whose each name is, and which of the speaker's own is the one to use."""

from __future__ import annotations

from dataclasses import replace

from namemem.name_spotting import bare, slots
from namemem.name_spotting.candidates import Candidate
from namemem.name_spotting.lines import Line, Slot
from namemem.name_spotting.patterns import ASKED, STRONG, WEAK, PhraseBook
from namemem.people import NameKind


def with_company(line: Line, book: PhraseBook, found: list[Candidate]) -> list[Candidate]:
    """Without what says a name only beside another one: "he's Ed" alone, "we're tired"."""
    out: list[Candidate] = []
    own = [c for c in found if c.phrase and c.phrase.of in ("speaker", "either")]
    known = {c.slot.first for c in own if c.rank[0] > ASKED}
    for c in found:
        of = c.phrase.of if c.phrase is not None else ""
        if of == "pair" and not more(line, book, [c]):
            continue
        if of == "other" and c.rank[0] == WEAK and not known - {c.slot.first}:
            continue
        out.append(c)
    return out


def more(line: Line, book: PhraseBook, found: list[Candidate]) -> list[Candidate]:
    """Who is named with somebody else: "these are my children, Carys and Rhodri"."""
    others: list[Candidate] = []
    for c in found:
        at = c.slot.end
        if c.phrase is None or c.phrase.of not in ("other", "pair") or c.phrase.after:
            continue
        while at < len(line.units) - 1 and line.units[at].key in book.also:
            first = at + 2 if line.units[at + 1].key in book.articles else at + 1
            slot = bare.slot(line, first, book)
            if slot is None or any(o.opens <= slot.first < o.closes for o in found):
                break
            others.append(Candidate(slot, at, slot.end, c.phrase, of="other"))
            at = slot.end
    return others


def bond(line: Line, book: PhraseBook, found: list[Candidate]) -> list[Candidate]:
    """Bond, James Bond; Robert, Robert Smith: the second is the whole name."""
    out: list[Candidate] = []
    for c in found:
        out.append(c)
        end = c.slot.end
        if c.of == "speaker" and end - c.slot.first == 3 and _is_again(line, c.slot):
            out[-1] = replace(c, slot=replace(c.slot, first=c.slot.first + 1))
            continue
        if c.of == "speaker" and end - c.slot.first == 3 and _is_bond(line, c.slot):
            once = replace(c.slot, end=c.slot.first + 1, kind=NameKind.FAMILY)
            out[-1] = replace(c, slot=once, preferred=False)
            full = replace(c.slot, first=c.slot.first + 1, kind=NameKind.FULL)
            out.append(replace(c, slot=full))
            continue
        if c.of != "speaker" or end - c.slot.first != 1 or end >= len(line.units):
            continue
        rest = slots.find(line, end, book, STRONG)
        if rest is None or rest.end - rest.first < 2 or rest.first != end:
            continue
        if line.units[rest.first].key == line.units[c.slot.first].key:  # "Robert, Robert Smith"
            out[-1] = replace(c, slot=replace(rest, kind=NameKind.FULL), closes=rest.end)
            continue
        if line.units[rest.end - 1].key == line.units[c.slot.first].key:
            out[-1] = replace(c, slot=replace(c.slot, kind=NameKind.FAMILY), preferred=False)
            full = replace(rest, kind=NameKind.FULL)
            out.append(replace(c, slot=full, closes=rest.end))
    return out


def _is_bond(line: Line, slot: Slot) -> bool:
    """Without punctuation: "bond james bond"."""
    units = line.units[slot.first : slot.end]
    return units[0].key == units[-1].key and all(u.joint is None for u in units[1:])


def _is_again(line: Line, slot: Slot) -> bool:
    """Without punctuation: "robert robert smith"."""
    first, second, last = line.units[slot.first : slot.end]
    return first.key == second.key != last.key and second.joint is last.joint is None


def whose(line: Line, book: PhraseBook, found: list[Candidate]) -> list[Candidate]:
    """Who each name belongs to, and which of the speaker's own is the one to use."""
    out: list[Candidate] = []
    for c in sorted(found, key=lambda c: c.slot.first):
        of = c.phrase.of if c.phrase is not None else "speaker"
        if of == "either":
            before = c.opens > 0 and line.units[c.opens - 1].key in book.joiners
            of = "other" if before or any(_is_own(o, c, line) for o in found) else "speaker"
        out.append(replace(c, of="other" if "other" in (of, c.of) else "speaker"))
    own = [c for c in out if c.of == "speaker" and c.preferred]
    if len(own) > 1:
        used = [c for c in own if not explains(c, book)]
        best = _best(used or own)
        out = [
            replace(c, preferred=False) if c.of == "speaker" and c is not best else c for c in out
        ]
        if 0 < len(used) < len(own) and best.slot.kind is NameKind.GIVEN:
            short = replace(best, slot=replace(best.slot, kind=NameKind.NICKNAME))
            out = [short if c is best else c for c in out]
    return out


def explains(c: Candidate, book: PhraseBook) -> bool:
    """Whether it only says what the name that is used comes from: "short for Thomas"."""
    return c.phrase is not None and c.phrase.before in book.in_full


def _is_own(one: Candidate, c: Candidate, line: Line) -> bool:
    """Whether another phrase than "this is" gives the speaker's name, and not the same again."""
    if one.of != "speaker" or (one.phrase is not None and one.phrase.of == "either"):
        return one.of == "speaker" and one.slot.first < c.slot.first
    same = line.units[one.slot.first].key == line.units[c.slot.first].key
    return not same or one.slot.first < c.slot.first


def _best(own: list[Candidate]) -> Candidate:
    """The name to use: a correction, the nickname; else the surest, the fullest, the last."""
    order = {NameKind.NICKNAME: 3, NameKind.FULL: 2, NameKind.GIVEN: 1, NameKind.FAMILY: 0}
    return max(own, key=lambda c: (c.corrects, order[c.slot.kind], c.rank[0], c.slot.first))
