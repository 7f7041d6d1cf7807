"""Finds names by the phrases of one language, and settles which of them hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from namemem.name_spotting import bare, corrections, dense, lettering, owners, slots, spelled
from namemem.name_spotting.candidates import Candidate, Reading
from namemem.name_spotting.lines import Line, Slot, filler, longest, matches
from namemem.name_spotting.patterns import ASKED, STRONG, WEAK, Node, Phrase, PhraseBook
from namemem.people import NameKind

_WHENCE = 3
"""Words at most that say where somebody is from."""


def read(line: Line, text: str, book: PhraseBook, *, asked: bool, letters: bool = False) -> Reading:
    """Finds the names that the phrases of one language give.

    Args:
        line: what was said, in units.
        text: the same as written.
        book: the language's phrases.
        asked: a bare name counts.
        letters: letters alone count as well.
    """
    runs = spelled.find(line.units, book.letters)
    line = replace(line, letters=tuple((run.first, run.end) for run in runs))
    found, wrong, tried = _settled(line, book)
    corrected = bool(wrong)
    right = _right_ones(line, book, wrong, found)
    parts = (NameKind.NICKNAME, NameKind.FAMILY)
    partly = any(c.slot.kind in parts and c.of == "speaker" and c.rank[0] > ASKED for c in found)
    spelt = lettering.spelled_behind(line, book, found, runs)
    surely = any(c.of == "speaker" and c.rank[0] > ASKED for c in found)
    keep = [
        c
        for c in found
        if asked
        or corrected
        or partly
        or c.rank[0] > ASKED
        or c in spelt
        or (surely and (c.slot.kind is NameKind.NICKNAME or _says_that(c)))
    ]  # "it's Elizabeth" says little by itself
    if not any(c.of == "speaker" for c in keep):
        keep += right
    keep += _before_nickname(line, book, keep)
    keep = owners.bond(line, book, sorted(keep, key=lambda c: c.slot.first))
    if asked and not any(c.of == "speaker" for c in keep):
        keep += owners.bond(line, book, [c]) if (c := _bare(line, book)) is not None else []
    if not keep:
        keep += [c] if (c := lettering.described(line, book, runs)) is not None else []
    keep += owners.more(line, book, keep)
    keep = corrections.marked(line, book, [*keep, *corrections.behind(line, book, keep)])
    keep = lettering.with_letters(line, text, book, keep, runs, asked=asked or letters)
    return Reading(tuple(owners.whose(line, book, keep)), tried)


def _says_that(c: Candidate) -> bool:
    """Whether it is "this is Luis", behind the speaker's own name."""
    return c.phrase is not None and c.phrase.of == "either"


def _settled(
    line: Line, book: PhraseBook
) -> tuple[list[Candidate], list[Candidate], tuple[int, int] | None]:
    """Candidates that do not overlap, the best first come; names that are said to be wrong."""
    everything, tried = [], None
    for candidate, where in _all(line, book):
        if candidate is None:
            tried = tried or where
        else:
            everything.append(candidate)
    everything = owners.with_company(line, book, everything)
    everything.sort(key=lambda c: (-c.rank[0], -c.rank[1], _is_apart(line, c), c.opens))
    taken: set[int] = set()
    found: list[Candidate] = []
    wrong: list[Candidate] = []
    for c in everything:
        c = _cut(line, book, c, taken)
        covers = set(range(c.opens, c.closes))
        if covers & taken or _denies_a_word(line, book, c):
            continue
        taken |= covers
        (wrong if c.phrase and c.phrase.of == "wrong" else found).append(c)
    return found, wrong, tried


def _is_apart(line: Line, c: Candidate) -> bool:
    """Whether a pause parts the name from the phrase behind it: "yanlış anladınız, adım Filiz"."""
    behind = c.phrase is not None and not c.phrase.before and c.slot.end < len(line.units)
    return behind and line.units[c.slot.end].breaks


def _denies_a_word(line: Line, book: PhraseBook, c: Candidate) -> bool:
    """Whether what is denied is no name: "he did not come", "not to be believed"."""
    unit = line.units[c.slot.first]
    small = unit.key in book.stop_words - book.names
    if line.cased:
        small = unit.text[:1].islower() and not unit.is_capitalised
    return small and c.phrase is not None and c.phrase.of == "wrong"


def _cut(line: Line, book: PhraseBook, c: Candidate, taken: set[int]) -> Candidate:
    """The name without what better phrases took of its end: "I'm Benjamin, Ben for short"."""
    end = min(taken.intersection(range(c.slot.first + 1, c.slot.end)), default=None)
    if end is None or c.phrase is None or c.phrase.after:
        return c
    alone = replace(line, units=line.units[:end])
    slot = slots.find(alone, c.slot.first, book, c.phrase.strength)
    return _candidate(c.phrase, slot, c.opens, slot.end) if slot is not None else c


def _all(line: Line, book: PhraseBook) -> Iterator[tuple[Candidate | None, tuple[int, int]]]:
    for at in range(len(line.units)):
        if line.in_letters(at):
            continue
        node, end = book.before, at
        if book.script == "hangul" and line.units[at].joint == "":
            node = Node()  # in the middle of a word no phrase begins
        while end < len(line.units):
            step = node.children.get(line.units[end].key)
            if step is None:
                aside = longest(line.units, end, book.asides | book.amid) if end > at else 0
                if not aside:
                    break
                end += aside
                continue
            node, end = step, end + 1
            for phrase in node.phrases:
                yield _behind_asides(line, book, phrase, at, end), (at, end)
        for phrase in book.behind.get(line.units[at].key, ()):
            if matches(line.units, at, phrase.after):
                candidate = _in_front(line, book, phrase, at)
                if candidate is not None:
                    yield candidate, (at, at + len(phrase.after))


def _behind_asides(
    line: Line, book: PhraseBook, phrase: Phrase, opens: int, at: int
) -> Candidate | None:
    """The same behind words that may stand anywhere: "I'm actually Ana", "I'm, you know, Ana"."""
    found = _behind(line, book, phrase, opens, at)
    if found is None and (words := _whence(line, at, book)):
        found = _behind(line, book, phrase, opens, at + words)
    while found is None and (aside := longest(line.units, at, book.asides)):
        opened, at = line.units[at].breaks, at + aside
        if at < len(line.units) and line.units[at].breaks and not opened:
            return None  # "I'm actually, Ana, ..." speaks to her
        found = _behind(line, book, phrase, opens, at)
    return found


def _whence(line: Line, at: int, book: PhraseBook) -> int:
    """Words that say where somebody is from, before the name: "ben muhasebeden Metin"."""
    units = line.units
    for end in range(at + 1, min(at + _WHENCE, len(units) - 1) + 1) if book.whence else ():
        unit = units[end - 1]
        if unit.breaks or (unit.is_capitalised and line.cased):
            return 0
        if unit.text.casefold().endswith(book.whence):
            named = line.cased or units[end].key in book.bearers
            return end - at if named and not units[end].breaks else 0
    return 0


def _behind(line: Line, book: PhraseBook, phrase: Phrase, opens: int, at: int) -> Candidate | None:
    """The name behind the first half of a phrase."""
    if at >= len(line.units) or line.in_letters(at):
        return None
    if phrase.apart and line.units[at].breaks and not line.units[at].ends:
        return None  # "Nice to meet you, Ana" speaks to her
    if phrase.of == "wrong" and any(u.breaks for u in line.units[opens + 1 : at + 1]):
        return None  # "No, it is Ana" is another thing than "no Ana"
    if phrase.of == "wrong" and phrase.before[0] in book.particles and opens > 0:
        before = line.units[opens - 1]
        if not line.units[opens].breaks and before.key not in book.stop_words:
            return None  # Irish "ní": "not", and a part of names
    if not phrase.after:
        strict = phrase.of in ("either", "other", "pair")
        slot = slots.find(line, at, book, phrase.strength, strict=strict)
        if slot is None or (phrase.of == "other" and _is_small(line, slot, book)):
            return None
        denial = _denial(line, book, slot.end) if phrase.of == "speaker" else None
        if denial is not None:
            return _candidate(denial, slot, opens, slot.end + len(denial.after))
        return _candidate(phrase, slot, opens, slot.end)
    if line.units[at].is_dense:
        within = book.script == "hangul" and line.units[at].joint == ""
        if within and (phrase.before[-1] not in book.particles or line.units[at - 1].joint != ""):
            return None  # in the middle of a word
        nick = phrase.kind is NameKind.NICKNAME
        for end in range(at + 1, min(len(line.units), at + 17) + 1):
            if matches(line.units, end, phrase.after) and dense.closes(line, end, phrase.after):
                found = dense.exactly(line, at, end, book, phrase.strength, whole=nick)
                if found is None and book.script == "hangul" and phrase.of == "speaker":
                    found = dense.behind_a_calling(line, at, end, book, phrase.strength)
                closes = end + len(phrase.after)
                return _candidate(phrase, found, opens, closes) if found else None
        return None
    slot = slots.find(line, at, book, max(phrase.strength, STRONG))
    if slot is None or (phrase.strength < STRONG and not _weakly(line, slot, book, phrase)):
        return None
    end = slot.end + longest(line.units, slot.end, book.titles_after)
    for stop in range(end, slot.first, -1):
        if matches(line.units, stop, phrase.after):
            cut = replace(slot, end=min(slot.end, stop))
            return _candidate(phrase, cut, opens, stop + len(phrase.after))
    return None


def _is_small(line: Line, slot: Slot, book: PhraseBook) -> bool:
    """Whether no word of a name has a capital where names have one: "introduce the topic"."""
    said = [u for u in line.units[slot.first : slot.end] if u.key not in book.particles]
    return line.cased and not any(u.is_capitalised or u.is_dense for u in said)


def _denial(line: Line, book: PhraseBook, at: int) -> Phrase | None:
    """What makes the name before it a wrong one: Turkish "adım Can değil"."""
    if at >= len(line.units) or line.units[at].breaks:
        return None
    behind = book.behind.get(line.units[at].key, ())
    return next((p for p in behind if p.of == "wrong" and matches(line.units, at, p.after)), None)


def _weakly(line: Line, slot: Slot, book: PhraseBook, phrase: Phrase) -> bool:
    weak = slots.find(line, slot.first, book, phrase.strength)
    if weak is not None:
        return True
    alone = replace(line, units=line.units[: slot.end])
    return slots.find(alone, slot.first, book, phrase.strength) is not None


def _candidate(phrase: Phrase, slot: Slot, opens: int, closes: int) -> Candidate:
    kind = phrase.kind if phrase.kind is not None else slot.kind
    if slot.title and slot.kind is NameKind.FAMILY and kind is NameKind.NICKNAME:
        kind = NameKind.FAMILY  # "call me Mr. Pemberton"
    of = "other" if phrase.of == "other" else "speaker"
    return Candidate(replace(slot, kind=kind), opens, closes, phrase, of=of)


def _starts(line: Line, at: int, book: PhraseBook, strength: int) -> list[int]:
    """Where a name that ends before `at` may begin: at a pause, behind a greeting or "and"."""
    low = next((i for i in range(at - 1, 0, -1) if line.units[i].breaks), 0)
    found, start = [low], low
    while start < at and (length := filler(line.units, start, book.fillers)):
        start += length
        found.append(start)
    found += [i + 1 for i in range(low, at - 1) if line.units[i].key in book.joiners]
    if book.script == "kana":
        found += [i + 1 for i in range(low, at - 1) if line.units[i].key in "のたる"]
    found += [i for i in range(low + 1, at) if _denied(line, i, book)]
    if book.script == "hangul" and strength > ASKED:
        found += [i for i in range(low + 1, at) if line.units[i].joint is None]
        return sorted(set(found), reverse=True)
    return sorted(set(found), reverse=True) if start > low else sorted(set(found))


def _denied(line: Line, at: int, book: PhraseBook) -> bool:
    """Whether a wrong name is named right before `at`: Japanese "渡辺ではなく"."""
    ends = [at]
    if book.script == "hangul":  # "아니" goes on: "아니라"
        ends = [at, at - 1, at - 2] if line.units[at].joint is None else []
    keys = [u.key for u in line.units]
    return any(tuple(keys[max(0, e - n) : e]) in book.denials for e in ends for n in range(2, 8))


def _in_front(line: Line, book: PhraseBook, phrase: Phrase, at: int) -> Candidate | None:
    """The name in front of a phrase such as "here" or "is my name"."""
    closes = at + len(phrase.after)
    units = line.units
    if phrase.strength < STRONG and closes < len(units):
        after = units[closes]
        if not (after.breaks or after.key in book.follow or after.key in book.joiners):
            return None
    short = phrase.kind is NameKind.NICKNAME and phrase.after and at > 0
    starts = _starts(line, at, book, phrase.strength)
    if short and at - 1 not in starts:
        starts = [*starts, at - 1]
    alone = replace(line, units=units[:at])
    for start in starts:
        if start >= at or any(u.breaks for u in units[start + 1 : at]):
            continue
        slot: Slot | None
        if units[start].is_dense:
            nick = phrase.kind is NameKind.NICKNAME
            if book.script == "hangul" and not nick and dense.is_topic(line, start):
                continue  # "이건 불고기라고 해요"
            slot = dense.exactly(line, start, at, book, phrase.strength, whole=nick)
            if not dense.closes(line, at, phrase.after):
                continue
            if slot is not None and phrase.strength == WEAK and _is_any_word(slot, phrase, book):
                continue
        else:
            slot = slots.find(alone, start, book, phrase.strength)
            if slot is not None and filler(units, start, book.fillers) >= slot.end - start:
                continue  # "Certo, mi chiamo Ilaria"
            reach = slot.end + longest(alone.units, slot.end, book.titles_after) if slot else 0
            if reach != at:
                continue
        if slot is not None:
            return _candidate(phrase, slot, start, closes)
    return None


def _is_any_word(slot: Slot, phrase: Phrase, book: PhraseBook) -> bool:
    """Whether anything can stand there: only a family name shows that it is a name.

    Before a bare "です" one character is as often a wood as Mr. Mori, and さん is for others.
    """
    if slot.kind is NameKind.GIVEN:
        return True
    little = book.script == "kana" and phrase.weight <= len("です")
    return little and (slot.end - slot.first == 1 or bool(slot.title))


def _right_ones(
    line: Line, book: PhraseBook, wrong: list[Candidate], found: list[Candidate]
) -> list[Candidate]:
    """What is said in the place of a wrong name: "not Tom, Priya"."""
    for c in wrong:
        before = _ahead(line, book, c.opens)
        if before is not None and not any(f.slot.first < c.opens for f in found):
            return [before]
        at = c.closes
        while at < len(line.units) and (
            line.units[at].key in book.joiners or filler(line.units, at, book.fillers)
        ):
            at += max(1, filler(line.units, at, book.fillers))
        slot = bare.slot(line, at, book)
        if slot is not None and not any(f.slot.first == slot.first for f in found):
            return [Candidate(slot, c.opens, slot.end, None)]
        many = c.slot.end - c.slot.first
        if at >= len(line.units) and many == 2 and not line.units[c.slot.end - 1].joint:
            last = slots.find(line, c.slot.end - 1, book, ASKED)
            if last is not None:
                return [Candidate(last, c.opens, last.end, None)]
    return []


def _bare(line: Line, book: PhraseBook) -> Candidate | None:
    """The name as the whole answer, as in “Um, Siobhan.”"""
    units, at = line.units, 0
    if tuple(u.key for u in units) in book.answers:
        return None
    while at < len(units) and (length := filler(units, at, book.fillers)):
        at += length
    if at < len(units) and tuple(u.key for u in units[at:]) in book.answers:
        return None
    slot = bare.slot(line, at, book)
    return Candidate(slot, at, slot.end, None) if slot is not None else None


def _ahead(line: Line, book: PhraseBook, end: int) -> Candidate | None:
    """The name that is all that stands in front of `end`, but for fillers."""
    at = 0
    while at < end and (length := filler(line.units, at, book.fillers)):
        at += length
    if at >= end:
        return None
    before = replace(line, units=line.units[:end])
    slot = bare.slot(before, at, book)
    if slot is None and line.units[at].is_dense:
        slot = dense.exactly(before, at, end, book, WEAK)
    if slot is None or slot.end != end:
        return None
    return Candidate(slot, at, end, None)


def _before_nickname(line: Line, book: PhraseBook, keep: list[Candidate]) -> list[Candidate]:
    """The name in front of "…, but call me" or "short for": it needs no phrase of its own."""
    own = [c for c in keep if c.of == "speaker"]
    if len(own) != 1:
        return []
    if own[0].slot.kind is not NameKind.NICKNAME and not owners.explains(own[0], book):
        return []
    end = own[0].opens
    while end > 0 and line.units[end - 1].key in book.joiners:
        end -= 1
    found = _ahead(line, book, end)
    return [found] if found is not None else []
