r"""X-SAMPA: all of IPA in ASCII, such as `SI"vO:n`.

It has `"`, `\`, `{`, `<` and `'` in it: escape it for whatever it is put into.
Source: J. C. Wells, "Computer-coding the IPA: a proposed extension of SAMPA" (1995).
"""

from __future__ import annotations

import unicodedata
from functools import cache

from namemem.errors import InvalidPronunciation, UnknownPhone
from namemem.phones.conversion import Conversion, Substitution
from namemem.phones.distance import feature_distance
from namemem.phones.inventory import read_tsv
from namemem.phones.model import Phone, Pronunciation, Stress, Syllable, would_tie
from namemem.phones.parsing import MAX_LENGTH
from namemem.phones.tokens import Token, read_tokens

_STRESS = {Stress.NONE: "", Stress.PRIMARY: '"', Stress.SECONDARY: "%"}
# Marks of the model that are another spelling of one in the table.
_SAME = {"̍": "̩", "̊": "̥"}


@cache
def _tables() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """(segment → X-SAMPA, mark → X-SAMPA, X-SAMPA → IPA)."""
    segments: dict[str, str] = {}
    marks: dict[str, str] = {}
    reading: dict[str, str] = {" ": " "}
    for ipa, kind, x_sampa, *also in read_tsv("namemem.phones", "x_sampa.tsv"):
        (segments if kind == "segment" else marks)[ipa] = x_sampa
        for spelling in (x_sampa, *also):
            if spelling:
                reading.setdefault(spelling, ipa)
    return segments, marks, reading


def _written(phone: Phone) -> tuple[str, bool]:
    segments, marks, _ = _tables()
    text, exact = segments.get(phone.base, ""), phone.base in segments
    if not exact:
        plain = Phone(phone.base)
        text = segments[min(segments, key=lambda s: feature_distance(plain, Phone(s)))]
    for mark in phone.diacritics + phone.length:
        written = marks.get(_SAME.get(mark, mark))
        text += written or ""
        exact = exact and written is not None
    return text, exact


def to_x_sampa(pronunciation: Pronunciation, *, dots: bool = False) -> Conversion:
    """A pronunciation in X-SAMPA.

    Args:
        pronunciation: any. Only prenasalisation (ᵐ, ᵑ) and a few rare marks have no X-SAMPA; they
            are left out and the phone is reported; a letter that it lacks (ⱱ) becomes the nearest.
        dots: write every syllable boundary; otherwise only where reading back needs it.
    """
    changes: list[Substitution] = []
    position = 0
    words = []
    for word in pronunciation.words:
        written = []
        for syllable in word:
            text, position = _syllable(syllable, position, changes)
            written.append(text)
        plain = "".join(written)
        if dots or (not changes and _reads_differently(plain, word)):
            plain = ".".join(written)
        words.append(plain)
    return Conversion(" ".join(words), tuple(changes))


def _syllable(syllable: Syllable, position: int, changes: list[Substitution]) -> tuple[str, int]:
    text = _STRESS[syllable.stress]
    before: Phone | None = None
    for unit, _ in syllable.units():
        joins = before is not None and (
            would_tie(before, unit[0]) or (before.base in "ǀǁ" and unit[0].base in "ǀǁ")
        )
        symbols = "." if joins else ""
        before = unit[-1]
        exact = True
        for phone in unit:
            written, same = _written(phone)
            symbols += written
            exact = exact and same
        if not exact:
            source = unicodedata.normalize("NFC", "".join(p.ipa for p in unit))
            changes.append(Substitution(source, symbols, position))
        text += symbols
        position += 1
    marks = _tables()[1]
    return text + "".join(marks[tone] for tone in syllable.tone), position


def _reads_differently(text: str, word: tuple[Syllable, ...]) -> bool:
    try:
        return from_x_sampa(text).words != (word,)
    except InvalidPronunciation:
        return True


def from_x_sampa(text: str) -> Pronunciation:
    """Reads X-SAMPA, the longest symbol first.

    Raises:
        UnknownPhone: a symbol that is not X-SAMPA, with its position in `text`.
        InvalidPronunciation: a mark with nothing to stand on, or a text too long.
        EmptyPronunciation: no phone at all.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidPronunciation(
            f"A pronunciation has at most {MAX_LENGTH} characters; this one has {len(text)}.",
            position=MAX_LENGTH,
        )
    reading = _tables()[2]
    tokens: list[Token] = []
    i = 0
    while i < len(text):
        for size in range(min(5, len(text) - i), 0, -1):
            if text[i : i + size] in reading:
                tokens.append(Token(reading[text[i : i + size]], i))
                i += size
                break
        else:
            raise UnknownPhone(text[i], i, text, "X-SAMPA")
    return read_tokens(tokens, text, "X-SAMPA")
