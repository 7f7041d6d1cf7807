"""Names whose letters are said: spelled aloud, or described ("Ana with one n")."""

from __future__ import annotations

from dataclasses import replace

from namemem.name_spotting import slots, spelled
from namemem.name_spotting.candidates import Candidate
from namemem.name_spotting.lines import Line, Slot, filler, longest
from namemem.name_spotting.patterns import ASKED, WEAK, Phrase, PhraseBook
from namemem.people import NameKind


def spelled_behind(
    line: Line, book: PhraseBook, found: list[Candidate], runs: tuple[spelled.Spelled, ...]
) -> list[Candidate]:
    """Those names behind which letters are said: "it's Nguyen, N G U Y E N", "... with a P-H"."""
    opens = {run.first for run in runs}
    return [
        c for c in found if c.slot.end in opens or _description(line, book, c.slot.end) is not None
    ]


def described(
    line: Line, book: PhraseBook, runs: tuple[spelled.Spelled, ...] = ()
) -> Candidate | None:
    """A name that is nothing but described or spelled: "Ana with one n", "Ana, A N A"."""
    at = 0
    while at < len(line.units) and (length := filler(line.units, at, book.fillers)):
        at += length
    slot = slots.find(line, at, book, ASKED) if at < len(line.units) else None
    if slot is None:
        return None
    last = next((run for run in runs if run.first == slot.end), None)
    if line.units[slot.first].text.isupper():
        last = None  # "IBM, I B M"
    alone = last is not None and last.end == len(line.units)
    if not alone and _description(line, book, slot.end) is None:
        return None
    return Candidate(slot, at, slot.end, None)


def _description(line: Line, book: PhraseBook, at: int) -> tuple[str, int] | None:
    """The letter, and how often, that stands in "with one n" at `at`; None where nothing does."""
    letters, units = book.letters, line.units
    having = longest(units, at, letters.having)
    lacking = longest(units, at, letters.lacking)
    at += having or lacking
    if not (having or lacking):
        return None
    count = 0 if lacking else 1
    if length := longest(units, at, letters.two | letters.double):
        count, at = (2 if not lacking else 1), at + length
    elif length := longest(units, at, letters.one):
        at += length
    if at >= len(units):
        return None
    name = longest(units, at, letters.names.keys())
    if name and not units[at].is_letter:
        letter = letters.names[tuple(u.key for u in units[at : at + name])]
    elif units[at].is_letter or units[at].text[1:2] in ("'", "’"):
        letter, name = units[at].text[0].casefold(), 1
    else:
        return None
    follows = at + name
    if follows < len(units) and units[follows].is_letter and not units[follows].breaks:
        return "", 1  # "with a p h": two letters, which the transcriber has written already
    return letter, count


def with_letters(
    line: Line,
    text: str,
    book: PhraseBook,
    found: list[Candidate],
    runs: tuple[spelled.Spelled, ...],
    *,
    asked: bool,
) -> list[Candidate]:
    """The names with what was spelled aloud; letters alone are a name where one is expected."""
    out = [_with_description(line, text, book, c) for c in found]
    for run in runs:
        near = [i for i, c in enumerate(out) if c.slot.end <= run.first]
        if near:
            # Letters belong to the name before them; of two for one person, to the last.
            i = near[-1]
            slot = out[i].slot
            said = text[line.units[slot.first].start : line.units[slot.end - 1].end]
            out[i] = replace(out[i], spelling=spelled.apply(said, run.spelling))
            continue
        phrase = _phrase_before(line, book, run.first)
        whole = run.first == 0 or filler(line.units, 0, book.fillers) >= run.first
        if (
            run.introduced
            or phrase is not None
            or (asked and (whole or run.end == len(line.units)))
        ):
            kind = phrase.kind if phrase and phrase.kind else NameKind.GIVEN
            slot = Slot(run.first, run.end, kind)
            out.append(Candidate(slot, run.first, run.end, None, spelling=run.spelling, said=False))
    return out


def _with_description(line: Line, text: str, book: PhraseBook, c: Candidate) -> Candidate:
    described = _description(line, book, c.slot.end)
    if described is None or not described[0]:
        return c
    said = text[line.units[c.slot.first].start : line.units[c.slot.end - 1].end]
    better = spelled.with_letters(said, *described)
    return replace(c, spelling=better) if better != said else c


def _phrase_before(line: Line, book: PhraseBook, at: int) -> Phrase | None:
    """The phrase that ends right before `at`."""
    for start in range(max(0, at - 8), at):
        node = book.before
        for unit in line.units[start:at]:
            step = node.children.get(unit.key)
            if step is None:
                break
            node = step
        else:
            usable = [p for p in node.phrases if p.of == "speaker" and p.strength >= WEAK]
            if usable:
                return usable[0]
    return None
