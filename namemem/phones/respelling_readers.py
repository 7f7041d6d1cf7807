"""Respelling for readers of German, French and Spanish: `schi-WONN`, `chi-VONN`, `shi-BON`.

The same frame as the English one (syllables joined by hyphens, the stressed one in capitals), but
letter by letter: written by the column of `notations.tsv`, and read by
`respelling_reading_<language>.tsv`, so that what is written reads back as the same
sounds of that language.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from functools import cache

from namemem.errors import EmptyPronunciation, InvalidPronunciation, UnknownPhone
from namemem.phones.conversion import Conversion
from namemem.phones.inventory import read_tsv
from namemem.phones.model import Phone, Pronunciation, Stress, Syllable
from namemem.phones.notation_table import notation_inventory
from namemem.phones.parsing import parse_ipa
from namemem.phones.written import WrittenSyllable

OTHER_READERS = ("de", "fr", "es")
_VOWELS = "aeiouyäöüéèâôœêîû"
_DIGRAPHS = frozenset("sh ch th dh zh wh kh ng gn ss rr ll tch dj pf sch nn mm".split())


def respell(pronunciation: Pronunciation, reader: str) -> Conversion:
    """A pronunciation in the letters of a language; `reader` is one of `OTHER_READERS`."""
    written = notation_inventory(f"respelling:{reader}").write(_with_stress(pronunciation))
    words = []
    for word in written.words:
        syllables = [s for s in word if s.symbols]
        alone = len(syllables) == 1
        words.append("-".join(_spell(s, reader, alone) for s in syllables))
    text = unicodedata.normalize("NFC", " ".join(w for w in words if w))
    return Conversion(text, written.substitutions, written.spoken)


def _with_stress(pronunciation: Pronunciation) -> Pronunciation:
    """A word of one syllable is written in capitals, and read with stress: say so beforehand."""
    words = [
        (replace(word[0], stress=Stress.PRIMARY),) if len(word) == 1 else word
        for word in pronunciation.words
    ]
    return pronunciation.with_words(words)


def _spell(syllable: WrittenSyllable, reader: str, alone: bool) -> str:
    onset, coda = list(syllable.onset), list(syllable.coda)
    if onset and onset[0] == "ss" and reader == "fr":
        onset[0] = "s"
    # What follows the first vowel, /n/ of a nasal vowel included, spells like a coda.
    vowels = list(syllable.nucleus)
    while len(vowels) > 1 and vowels[-1][0] not in _VOWELS:
        coda.insert(0, vowels.pop())
    nucleus = unicodedata.normalize("NFC", "".join(vowels))
    if reader == "fr" and coda and coda[0] in ("n", "m"):
        coda[0] *= 2  # a consonant after the vowel, and not a nasal vowel
    stressed = syllable.stress is Stress.PRIMARY or alone
    if reader == "de" and coda == ["n"] and len(nucleus) == 1 and stressed:
        coda = ["nn"]
    if reader in ("fr", "es") and onset and onset[-1] == "g" and nucleus[:1] in set("eiéèêœ"):
        onset[-1] = "gu"
    text = _apart(onset) + nucleus + _apart(coda)
    return text.upper() if stressed else text


def _apart(symbols: list[str]) -> str:
    """Symbols in a row; an apostrophe where two of them would be read as another one."""
    text = ""
    for symbol in symbols:
        joint = (text[-1:] or " ") + symbol[:1]
        merges = joint in _DIGRAPHS or text[-2:] + symbol in _DIGRAPHS or joint[0] == joint[-1]
        text += ("'" if text and merges else "") + symbol
    return text


@cache
def _readings(reader: str) -> dict[str, dict[str, str]]:
    tables: dict[str, dict[str, str]] = {"c": {}, "v": {}, "s": {}, "u": {}}
    for spelling, kind, ipa in read_tsv("namemem.phones", f"respelling_reading_{reader}.tsv"):
        tables[kind].setdefault(unicodedata.normalize("NFC", spelling), ipa)
    return tables


def read_respelling(text: str, reader: str) -> Pronunciation:
    """Reads what `respell` writes, and what a reader of that language would type.

    Raises:
        UnknownPhone: letters that spell no sound here, with their position in `text`.
        InvalidPronunciation: a syllable with no vowel or two.
        EmptyPronunciation: nothing to say.
    """
    text = unicodedata.normalize("NFC", text)
    words: list[tuple[Syllable, ...]] = []
    for match in re.finditer(r"\S+", text):
        parts = list(re.finditer(r"[^-.\u2010-\u2013·]+", match.group()))
        syllables = tuple(
            _read(m.group(), match.start() + m.start(), text, reader, len(parts) == 1)
            for m in parts
        )
        if syllables:
            words.append(syllables)
    if not words:
        raise EmptyPronunciation("The respelling has no sounds in it.", position=0, value=text)
    return Pronunciation(tuple(words))


def _read(part: str, offset: int, text: str, reader: str, alone: bool) -> Syllable:
    tables = _readings(reader)
    letters = [c.lower() if len(c.lower()) == 1 else c for c in part]
    lower = "".join(letters)
    stressed = alone or (part.isupper() and any(c.isalpha() for c in part))
    vowels = tables["v"] | tables["s" if stressed else "u"]
    onset: list[Phone] = []
    nucleus: tuple[Phone, ...] = ()
    coda: list[Phone] = []
    i = 0
    while i < len(lower):
        if lower[i] == "'":
            i += 1
            continue
        for size in range(min(4, len(lower) - i), 0, -1):
            piece = lower[i : i + size]
            if not nucleus and piece in vowels and not _takes_its_n(lower, i, piece, reader):
                nucleus = parse_ipa(vowels[piece]).phones
            elif piece in tables["c"] and not _is_gu_before_back(lower, i, piece):
                (coda if nucleus else onset).extend(parse_ipa(tables["c"][piece]).phones)
            else:
                continue
            i += size
            break
        else:
            raise UnknownPhone(part[i], offset + i, text, f"respelling ({reader})")
    if not nucleus:
        raise InvalidPronunciation(
            f"The syllable {part!r} at position {offset} has no vowel.",
            position=offset,
            symbol=part,
            value=text,
        )
    stress = Stress.PRIMARY if stressed else Stress.NONE
    return Syllable(tuple(onset), nucleus, tuple(coda), stress)


def _takes_its_n(lower: str, i: int, piece: str, reader: str) -> bool:
    """French `ann`: the vowel a and the consonant n, not the nasal vowel."""
    after = lower[i + len(piece) : i + len(piece) + 1]
    return reader == "fr" and len(piece) > 1 and piece[-1] == "n" and after in ("n", "g")


def _is_gu_before_back(lower: str, i: int, piece: str) -> bool:
    """Spanish and French `gu` is one consonant before e and i only."""
    return piece in ("gu", "qu") and lower[i + 2 : i + 3] not in tuple("eiéèêœíé")
