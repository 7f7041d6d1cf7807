"""Strict reading of IPA: all is understood, or `UnknownPhone` says what was not, and where."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace
from typing import Literal

from namemem.errors import EmptyPronunciation, InvalidPronunciation, UnknownPhone
from namemem.phones import segments
from namemem.phones.model import Phone, Pronunciation, Stress, Syllable
from namemem.phones.syllables import syllabify

MAX_LENGTH = 500
"""Longest IPA text that is read, in characters; no name needs more."""

# Look-alikes and older letters for the same phone. ASCII g is the classic one.
_ALIASES = {
    "g": "ɡ", ":": "ː", "'": "ˈ", "’": "ˈ", "`": "ˈ", ",": "ˌ", "ʧ": "t͡ʃ", "ʤ": "d͡ʒ", "ʦ": "t͡s",
    "ʣ": "d͡z", "ʨ": "t͡ɕ", "ʥ": "d͡ʑ", "ɩ": "ɪ", "ɷ": "ʊ", "ᵻ": "ɪ", "ᵿ": "ʊ", "ɿ": "ɨ",
    "ǝ": "ə", "ε": "ɛ", "ϴ": "θ", "ß": "β", "∫": "ʃ", "ʌ": "ʌ", "ɡ": "ɡ", "χ": "χ", "ʱ": "ʱ",
    "ʴ": "˞", "ˀ": "̰", "‿": "͡", "͜": "͡",
}  # fmt: skip
# Tied pairs that many dictionaries write for another: Polish cz, Mandarin zh.
_PAIRS = {"t͡ʂ": "ʈ͡ʂ", "d͡ʐ": "ɖ͡ʐ"}
_STRESS = {"ˈ": Stress.PRIMARY, "ˌ": Stress.SECONDARY}
_IGNORABLE = "/[]⁀\u200b\u200c\u200d\ufeff"
_BREAKS = ".-"
# A vowel with the non-syllabic mark before its nucleus is a glide: u̯an is wan.
_GLIDES = {"i": "j", "ɪ": "j", "u": "w", "ʊ": "w", "y": "ɥ", "ʏ": "ɥ"}


@dataclass
class _Word:
    phones: list[Phone] = field(default_factory=list)
    breaks: set[int] = field(default_factory=set)
    stresses: dict[int, Stress] = field(default_factory=dict)
    tones: dict[int, str] = field(default_factory=dict)


def parse_ipa(text: str, stress_mark: Literal["syllable", "vowel"] = "syllable") -> Pronunciation:
    """Reads IPA strictly.

    Args:
        text: IPA in any Unicode form; slashes and brackets around it are allowed. `g ʧ tʃ : '`
            are read as `ɡ t͡ʃ t͡ʃ ː ˈ`, and `i̯ u̯ y̯` before a vowel as `j w ɥ`. A space separates
            words, a dot syllables.
        stress_mark: where the writer put `ˈ` and `ˌ`: before the syllable (the IPA's rule) or
            directly before its vowel (espeak-ng, Kokoro).

    Returns:
        The pronunciation; syllables are found by the maximal onset principle where the text does
        not show them.

    Raises:
        UnknownPhone: a symbol that is no IPA, with its position in `text`.
        InvalidPronunciation: a mark with nothing to stand on, or text longer than `MAX_LENGTH`.
        EmptyPronunciation: nothing but marks and spaces.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidPronunciation(
            f"A pronunciation has at most {MAX_LENGTH} characters; this one has {len(text)}.",
            position=MAX_LENGTH,
        )
    words = [_Word()]
    pending: Stress | None = None
    pending_at = 0
    prefix = ""
    symbols = _normalised(text)
    i = 0
    while i < len(symbols):
        symbol, position = symbols[i]
        word = words[-1]
        if symbol in _IGNORABLE:
            i += 1
        elif symbol.isspace() or symbol == "|":
            if word.phones:
                words.append(_Word())
            i += 1
        elif symbol in _BREAKS:
            word.breaks.add(len(word.phones))
            i += 1
        elif symbol in _STRESS:
            pending, pending_at = _STRESS[symbol], position
            if stress_mark == "syllable":
                word.breaks.add(len(word.phones))
            i += 1
        elif symbol in segments.TONE_LETTERS:
            if not word.phones:
                raise _nothing_before(text[position], position, text)
            at = len(word.phones) - 1
            word.tones[at] = word.tones.get(at, "") + symbol
            i += 1
        elif symbol in "ᵐⁿᵑ":
            prefix += segments.PRENASAL_N if symbol == "ⁿ" else symbol
            i += 1
        else:
            phone, i = _read_phone(symbols, i, text, has_before=bool(word.phones))
            if prefix:
                phone = Phone(phone.base, _ordered(prefix + phone.diacritics), phone.length)
                prefix = ""
            if pending is not None:
                word.stresses[len(word.phones)] = pending
                pending = None
            word.phones.append(phone)
    if pending is not None:
        raise InvalidPronunciation(
            f"The stress mark at position {pending_at} has no syllable after it.",
            position=pending_at,
            symbol="ˈ",
            value=text,
        )
    if prefix:
        raise _nothing_before(prefix, len(text), text)
    filled = [w for w in words if w.phones]
    if not filled:
        raise EmptyPronunciation("The pronunciation has no phones in it.", position=0, value=text)
    return Pronunciation(tuple(_syllables(w) for w in filled))


def _syllables(word: _Word) -> tuple[Syllable, ...]:
    found = syllabify(word.phones, word.breaks - {0}, word.stresses, word.tones)
    return tuple(
        replace(s, onset=tuple(_on_glide(p) for p in s.onset)) if s.nucleus else s for s in found
    )


def _on_glide(phone: Phone) -> Phone:
    """The glide that a non-syllabic close vowel is in an onset; other phones as they are."""
    if phone.base not in _GLIDES or segments.NON_SYLLABIC not in phone.diacritics:
        return phone
    marks = phone.diacritics.replace(segments.NON_SYLLABIC, "")
    return Phone(_GLIDES[phone.base], marks, phone.length)


def _normalised(text: str) -> list[tuple[str, int]]:
    """NFD characters with the position each has in `text`; aliases replaced."""
    out: list[tuple[str, int]] = []
    for position, char in enumerate(text):
        # ç (and the vowels with a centralising or nasal mark) are letters: keep ç whole.
        parts = char if char == "ç" else unicodedata.normalize("NFD", char)
        for part in parts:
            for replaced in _ALIASES.get(part, part):
                if replaced == "̧" and out and out[-1][0] == "c":  # c + cedilla, sent as NFD
                    out[-1] = ("ç", out[-1][1])
                else:
                    out.append((replaced, position))
    return out


def _read_phone(
    symbols: list[tuple[str, int]], i: int, text: str, *, has_before: bool
) -> tuple[Phone, int]:
    symbol, position = symbols[i]
    base = symbol if symbol == "ç" else unicodedata.normalize("NFD", symbol)
    if symbol in segments.DIACRITICS or symbol in segments.LENGTH_MARKS or symbol == "͡":
        if not has_before:
            raise _nothing_before(text[position], position, text)
        raise InvalidPronunciation(
            f"The mark {text[position]!r} at position {position} cannot stand here.",
            position=position,
            symbol=text[position],
            value=text,
        )
    if symbol == "ç":
        base = unicodedata.normalize("NFD", "ç")
    if not segments.is_segment(base):
        raise UnknownPhone(text[position], position, text)
    i += 1
    diacritics, i = _marks(symbols, i)
    # A tied pair: both letters make one phone where the table has it, else a joined vowel pair.
    if i + 1 < len(symbols) and symbols[i][0] == segments.TIE_BAR:
        second = symbols[i + 1][0]
        pair = base + segments.TIE_BAR + second
        pair = _PAIRS.get(pair, pair)
        if segments.is_segment(pair):
            base, i = pair, i + 2
            more, i = _marks(symbols, i)
            diacritics += more
        elif segments.is_segment(second) and segments.is_vowel_letter(second):
            del symbols[i]
            symbols.insert(i + 1, (segments.NON_SYLLABIC, symbols[i][1]))
        elif segments.is_segment(second):
            raise UnknownPhone(pair, position, text)
        else:
            at = symbols[i + 1][1]
            raise UnknownPhone(text[at], at, text)
    elif i < len(symbols) and not diacritics and base + symbols[i][0] in segments.UNTIED:
        base, i = base + segments.TIE_BAR + symbols[i][0], i + 1
        more, i = _marks(symbols, i)
        diacritics += more
    length = ""
    while i < len(symbols) and symbols[i][0] in segments.LENGTH_MARKS:
        length = symbols[i][0] if not length else "ː"
        i += 1
    more, i = _marks(symbols, i)
    return Phone(base, _ordered(diacritics + more), length), i


def _marks(symbols: list[tuple[str, int]], i: int) -> tuple[str, int]:
    marks = ""
    while i < len(symbols) and symbols[i][0] in segments.DIACRITICS:
        if symbols[i][0] == "ⁿ" and _prenasal(symbols, i):
            break
        if symbols[i][0] not in marks:
            marks += symbols[i][0]
        i += 1
    return marks, i


def _prenasal(symbols: list[tuple[str, int]], i: int) -> bool:
    """Whether the ⁿ between a vowel and a consonant belongs to the consonant: aⁿda."""
    before = next((s for s, _ in reversed(symbols[:i]) if segments.is_segment(s)), "")
    after = symbols[i + 1][0] if i + 1 < len(symbols) else ""
    if not segments.is_segment(after) or segments.is_vowel_letter(after):
        return False
    return bool(before) and segments.is_vowel_letter(before)


def _ordered(marks: str) -> str:
    """Each mark once, combining ones first in canonical order, then modifier letters."""
    marks = "".join(dict.fromkeys(marks))
    combining = [m for m in marks if unicodedata.combining(m)]
    combining.sort(key=lambda m: (unicodedata.combining(m), m))
    return "".join(combining) + "".join(sorted(m for m in marks if not unicodedata.combining(m)))


def _nothing_before(symbol: str, position: int, text: str) -> InvalidPronunciation:
    return InvalidPronunciation(
        f"The mark {symbol!r} at position {position} has no phone to stand on.",
        position=position,
        symbol=symbol,
        value=text,
    )
