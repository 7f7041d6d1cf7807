"""Names in scripts without spaces: how far one reaches, and which kind of name it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from namemem.name_spotting.lines import Line, Slot, longest
from namemem.name_spotting.patterns import STRONG, WEAK, Keys, PhraseBook
from namemem.name_spotting.units import Unit
from namemem.people import NameKind

MAX_CHARACTERS = {"han": 6, "kana": 16, "hangul": 6}
"""The longest name, in characters."""
_POINTS = ("・", "･", "·")
_MIXED = re.compile(
    "[\u3040-\u309f]+[\u30a1-\u30fa]|[てでっんゃゅょ][\u4e00-\u9fff]|[っんゃゅょーッンャュョ]"
)
"""Japanese that is no name: "たしアヤ", "て火曜", and what begins with half a sound."""
_FULL = 3  # syllables of nearly every Korean name with its family name
_OPEN_ENDINGS = (("에", "요"), ("야",), ("고",), ("고", "요"))
"""What a consonant has an 이 before."""
_TOPICS = frozenset("은는을를건걸")
_SHORT = 2  # syllables of an ending that is also a part of many words
_POINTED = 16  # characters of a foreign name, whose parts have points between them


def find(line: Line, first: int, book: PhraseBook, strength: int, title: str) -> Slot | None:
    """The name that begins with the character at `first`, if one does."""
    end = _reach(line, first, book, strength)
    if end is None or end <= first:
        return None
    return exactly(line, first, end, book, strength, title)


def closes(line: Line, at: int, ending: Keys) -> bool:
    """Whether a Korean ending begins at `at`: neither one syllable later nor in a longer word.

    A short ending is the last of its word: in "배고픈데요" and "태오라고요" 고 ends nothing.
    """
    end = at + len(ending)
    attached = len(ending) <= _SHORT and "가" <= ending[0] <= "힣" and line.units[at].joint == ""
    goes_on = end < len(line.units) and line.units[end].joint == ""
    return not (attached and goes_on) and not _belongs(line, at, ending)


def _belongs(line: Line, at: int, ending: Keys) -> bool:
    """Whether the 이 is of the name: "이라고" follows a consonant only, as not in "제이라고"."""
    before = line.units[at - 1].text if at else ""
    if ending == ("요",) and before in ("에", "예"):
        return True
    if ending in _OPEN_ENDINGS and before == "이" and at > 1:
        return _is_closed(line.units[at - 2].text)  # "말이에요" is 말 with 이에요
    if ending[:2] != ("이", "라") or not "가" <= before <= "힣":
        return False
    return not _is_closed(before)


def _is_closed(syllable: str) -> bool:
    """Whether a Korean syllable ends with a consonant."""
    return "가" <= syllable <= "힣" and (ord(syllable) - ord("가")) % 28 > 0


def behind_a_calling(
    line: Line, first: int, end: int, book: PhraseBook, strength: int
) -> Slot | None:
    """The full name that is the last word of these: "저는 마케팅팀 신하균(입니다)"."""
    last = next((i for i in range(end - 1, first, -1) if line.units[i].joint is None), first)
    if last == first or end - last != _FULL or any(u.breaks for u in line.units[first + 1 : end]):
        return None
    if line.units[end - 1].text in book.callings or line.units[last - 1].text in _TOPICS:
        return None
    slot = exactly(line, last, end, book, strength)
    return slot if slot is not None and slot.kind is NameKind.FULL else None


def is_topic(line: Line, at: int) -> bool:
    """Whether the word before says what the talk is of: "이건", "팀장은"."""
    return at > 0 and not line.units[at].breaks and line.units[at - 1].text in _TOPICS


def exactly(
    line: Line,
    first: int,
    end: int,
    book: PhraseBook,
    strength: int,
    title: str = "",
    *,
    whole: bool = False,
) -> Slot | None:
    """The name of exactly these characters, if they can be one; `whole`: with its ちゃん."""
    units = line.units
    if book.script == "hangul" and "".join(u.key for u in units[first:end]) in book.common:
        return None  # "손님" is no Mr. Son
    suffixed = next(
        (n for n in range(4, 0, -1) if end - n > first and _is_title(units[end - n : end], book)), 0
    )
    suffixed = 0 if whole else suffixed
    if suffixed:
        title = "".join(u.text for u in units[end - suffixed : end])
        end -= suffixed
    if book.script == "hangul" and _is_a_sentence(units[first:end], book, strength):
        return None
    text = "".join(u.key for u in units[first:end])
    pointed = any(u.joint in _POINTS for u in units[first + 1 : end])
    if not pointed and not _can_be(text, book, strength):
        return None
    if any(u.breaks for u in units[first + 1 : end]):
        return None
    if book.pronouns and _first_word(units[first:end]) in book.pronouns:
        return None
    if book.script == "hangul" and _stops(units, first, book) and text not in book.names:
        return None
    following = longest(units, end, book.titles_after) if not suffixed else 0
    title = title or "".join(u.text for u in units[end : end + following])
    if book.script == "hangul" and len(text) == 1 and strength == WEAK and not title:
        return None
    surname = _surname(text, book)
    given = len(text) - surname
    if _first_word(units[first:end]) in book.names:
        kind = NameKind.FULL  # "존 스미스"
    elif text in book.names and not pointed:
        kind = NameKind.GIVEN
    elif pointed or (surname and 1 <= given <= (3 if book.script == "kana" else 2)):
        kind = NameKind.FULL
    elif surname and given == 0:
        kind = NameKind.FAMILY
    else:
        kind = NameKind.FAMILY if title else NameKind.GIVEN
    return Slot(first, end, kind, title)


def _stops(units: Sequence[Unit], at: int, book: PhraseBook) -> bool:
    """Whether a small word stands here; one Korean syllable ("예") only where it is all."""
    length = longest(units, at, book.stop)
    if length != 1 or book.script != "hangul":
        return length > 0
    return units[at].joint is None and (at + 1 >= len(units) or units[at + 1].joint is None)


def _is_a_sentence(units: Sequence[Unit], book: PhraseBook, strength: int) -> bool:
    """Whether there are blanks where a Korean name has none.

    It has one behind the family name, or behind the first one if it is foreign, or else one
    between all its syllables.
    """
    blanks = sum(u.joint is None for u in units[1:])
    if blanks > 1:
        return blanks < len(units) - 1
    first = _first_word(units)
    return bool(first) and strength < STRONG and first not in book.surnames | book.names


def _first_word(units: Sequence[Unit]) -> str:
    """The word before a blank; nothing where there is no blank."""
    blank = next((i for i, u in enumerate(units) if i and u.joint is None), 0)
    return "".join(u.key for u in units[:blank])


def _is_title(units: Sequence[Unit], book: PhraseBook) -> bool:
    return tuple(u.key for u in units) in book.titles_after


def _is_hiragana(text: str) -> bool:
    return all("\u3040" <= c <= "\u309f" or c == "ー" for c in text)


def _surname(text: str, book: PhraseBook) -> int:
    """Characters of the family name that the text begins with; 0 for none."""
    if book.script == "hangul" and len(text) == 2 and text not in book.surnames:
        return 0
    return next((n for n in (4, 3, 2, 1) if text[:n] in book.surnames and len(text) >= n), 0)


def _can_be(text: str, book: PhraseBook, strength: int) -> bool:
    if text in book.names:
        return True
    if not text or text in book.common or len(text) > MAX_CHARACTERS.get(book.script, 6):
        return False
    least = 2 if strength < STRONG or not _is_hiragana(text) else 3  # "そうた" is no "そう"
    if any(len(c) >= least and text.startswith(c) for c in book.common):
        return False
    known = text in book.surnames
    if not known and any(text.endswith(e) and len(text) > len(e) for e in book.endings):
        return False
    plain = book.script == "kana" and not _is_hiragana(text)
    if book.script == "kana" and _MIXED.match(text):
        return False
    if plain and any(mark in text for mark in "はがをにのでともへ"):
        return False
    if book.script == "han" and not _surname(text, book):
        if strength == STRONG:
            return len(text) >= 2
        return len(text) >= 2 and all(c in book.sounds for c in text)
    if len(text) == 1:
        return strength == STRONG or text in book.surnames
    return book.script != "han" or strength == STRONG or len(text) <= _surname(text, book) + 2


def _reach(line: Line, first: int, book: PhraseBook, strength: int) -> int | None:
    """Where a name ends that nothing closes: at a pause, a stop word, or its natural length."""
    units, end = line.units, first
    pointed = any(u.joint in _POINTS for u in units[first + 1 : first + _POINTED])
    limit = _POINTED if pointed else MAX_CHARACTERS.get(book.script, 6)
    spaces = 0
    while end < len(units) and end - first <= limit:
        unit = units[end]
        if not unit.is_dense or line.in_letters(end):
            break
        if end > first and unit.breaks:
            break
        if _stops(units, end, book) or (end > first and longest(units, end, book.titles_after)):
            break
        if end > first and unit.joint is None and book.script == "hangul":
            spaces += 1
            if spaces > 1 or end - first > 2:
                break
        end += 1
    closed = end >= len(units) or units[end].breaks
    closed = closed or _stops(units, end, book)
    closed = closed or longest(units, end, book.titles_after) > 0
    text = "".join(u.key for u in units[first:end])
    natural = _surname(text, book) + 2
    if book.script == "han" and not pointed and natural > 2 and len(text) > natural:
        return first + natural if strength == STRONG else None
    return end if closed else None
