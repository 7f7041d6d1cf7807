"""Names that are spelled aloud: "S-I-O-B-H-A-N", "N for November", "double t", "eñe"."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from namemem.name_spotting.lines import longest
from namemem.name_spotting.patterns import Letters
from namemem.name_spotting.units import Unit, fold

_LONGEST_WORD = 4  # units of the longest name of a letter


@dataclass(frozen=True, slots=True)
class Spelled:
    """Letters said aloud: units `first` to `end` (one past the last), and what they give.

    `introduced`: "spelled", "that's" or the like stands before them.
    """

    first: int
    end: int
    spelling: str
    introduced: bool


def find(units: Sequence[Unit], letters: Letters) -> tuple[Spelled, ...]:
    """Every stretch of letters; a single one, or two initials, are none."""
    found: list[Spelled] = []
    at = 0
    while at < len(units):
        if described := _described(units, at, letters):
            at += described
            continue
        run = _run(units, at, letters)
        if run is None:
            at += 1
            continue
        found.append(run)
        at = run.end
    return tuple(found)


def _described(units: Sequence[Unit], at: int, letters: Letters) -> int:
    """The units of "with one n", which describes a name and spells none; 0 where none stands."""
    having = longest(units, at, letters.having | letters.lacking)
    if not having:
        return 0
    count = longest(units, at + having, letters.one | letters.two)
    letter = _letter(units, at + having + count, letters)[0] if count else 0
    return having + count + letter if letter else 0


def _run(units: Sequence[Unit], first: int, letters: Letters) -> Spelled | None:
    at, last, count, clear, single, spelled = first, first, 0, 0, 0, ""
    times = 1
    while at < len(units):
        if times == 1 and (length := longest(units, at, letters.double)):
            if not _letter(units, at + length, letters)[1]:
                break
            times, at = 2, at + length
            continue
        length, letter = _letter(units, at, letters)
        if length:
            spelled += letter * times
            count, times = count + 1, 1
            sure = length > 1 or _is_sure(units, at, letters)
            single += 1 if not sure and units[at].is_letter else 0
            at += length
            example = _example(units, at, letter, letters)
            clear += 1 if sure or example else 0
            at = last = at + example
            continue
        accent = longest(units, at, letters.accents.keys()) if spelled else 0
        if accent:
            mark = letters.accents[tuple(u.key for u in units[at : at + accent])]
            spelled = unicodedata.normalize("NFC", spelled + mark)
            at = last = at + accent
            continue
        sign = longest(units, at, letters.words.keys()) if spelled else 0
        skipped = longest(units, at, letters.skip) if count else 0
        if not sign and not skipped:
            break
        if sign:
            spelled += letters.words[tuple(u.key for u in units[at : at + sign])]
        at += sign or skipped
    spelled = spelled.rstrip("- '")
    if last == len(units) or units[last].breaks:
        clear += single  # nothing goes on: they are letters, and no small words
    introduced = _introduced(units, first, letters)
    if count < (2 if introduced and clear == count else 3) or clear * 2 < count:
        return None
    return Spelled(first, last, _written(spelled), introduced)


def _letter(units: Sequence[Unit], at: int, letters: Letters) -> tuple[int, str]:
    """How many units name a letter here, and which; (0, "") where none do."""
    if at >= len(units):
        return 0, ""
    length = longest(units, at, letters.names.keys())
    if length > 1 or (length and not units[at].is_letter):
        return length, letters.names[tuple(u.key for u in units[at : at + length])]
    if units[at].is_letter:
        return 1, units[at].text.casefold() if units[at].text != "ß" else "ß"
    return 0, ""


def _is_sure(units: Sequence[Unit], at: int, letters: Letters) -> bool:
    """Whether one unit is a letter and no small word, as Portuguese "e", "é" and "o" may be."""
    if units[at].key not in letters.unclear or units[at].text.isupper():
        return True
    beside = [*units[max(0, at - 1) : at], *units[at + 1 : at + 2]]
    return units[at].is_letter and any(
        (u.is_letter or (u.key,) in letters.names)
        and (u.key not in letters.unclear or u.text.isupper())
        for u in beside
    )


def _example(units: Sequence[Unit], at: int, letter: str, letters: Letters) -> int:
    """The units of "for November" behind an N."""
    length = longest(units, at, letters.as_in)
    if length and at + length < len(units):
        word = units[at + length].key
        if word[:1] == fold(letter)[:1]:
            return length + 1
    return 0


def _introduced(units: Sequence[Unit], first: int, letters: Letters) -> bool:
    return any(
        tuple(u.key for u in units[first - n : first]) in letters.intro
        for n in range(1, min(5, first) + 1)
    )


def _written(spelled: str) -> str:
    """Capitals as in a name: at the start, and behind a blank, a hyphen or an apostrophe."""
    out = ""
    for char in spelled:
        out += char.upper() if char != "ß" and (not out or out[-1] in " -'") else char
    return out


def apply(said: str, spelling: str) -> str:
    """The name as it was said, with the word that was spelled aloud spelled that way."""
    words = said.split()
    if fold(said).replace(" ", "") == fold(spelling).replace(" ", ""):
        if said != said.lower() and said.lower() == spelling.lower():
            return said
        return spelling
    if len(words) < 2 or " " in spelling:
        return spelling
    likeness = [difflib.SequenceMatcher(None, fold(w), fold(spelling)).ratio() for w in words]
    whole = difflib.SequenceMatcher(None, fold(said).replace(" ", ""), fold(spelling)).ratio()
    if whole > max(likeness):
        return spelling
    at = likeness.index(max(likeness))
    same = words[at].casefold() == spelling.casefold()
    return " ".join([*words[:at], words[at] if same else spelling, *words[at + 1 :]])


_MATES = ("ck", "kc", "sz", "zs", "iy", "yi", "vw", "wv", "fv", "vf", "ij", "ji")


def with_letters(said: str, letter: str, count: int) -> str:
    """The name as somebody has it "with one n", "with two t's", "with a k", "without h" (0)."""
    low = said.casefold()
    wanted = letter.casefold()
    at = low.find(wanted)
    doubled = low.find(wanted * 2)
    if count == 0 and at >= 0:
        return said[:at] + said[at + 1 :]
    if count == 1 and doubled >= 0:
        return said[:doubled] + said[doubled + 1 :]
    if count == 2 and doubled < 0 and low.count(wanted) == 1:
        return said[: at + 1] + wanted + said[at + 1 :]
    if count == 1 and at < 0:
        if wanted == "h":
            return said + "h"
        for pair in _MATES:
            if pair[1] == wanted and low.count(pair[0]) == 1:
                where = low.find(pair[0])
                new = wanted.upper() if said[where].isupper() else wanted
                return said[:where] + new + said[where + 1 :]
    return said
