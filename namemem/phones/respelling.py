"""Respelling: a pronunciation in letters that a reader of English says right, `shi-VAWN`.

Syllables are joined by hyphens, the stressed one is in capitals (so is a name of one syllable),
words are apart by spaces. It works with every text-to-speech system and in chat, and it is the
coarsest notation: /ʌ/ and /ə/ are both `uh`, secondary stress and length are not written.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from namemem.errors import EmptyPronunciation, InvalidPronunciation, InvalidRequest, UnknownPhone
from namemem.phones.conversion import Conversion
from namemem.phones.inventory import read_tsv
from namemem.phones.model import Phone, Pronunciation, Stress, Syllable
from namemem.phones.notation_table import notation_inventory
from namemem.phones.parsing import MAX_LENGTH, parse_ipa
from namemem.phones.respelling_readers import OTHER_READERS, read_respelling, respell
from namemem.phones.syllables import syllabify
from namemem.phones.written import WrittenSyllable

_CHECKED = frozenset(["a", "eh", "ih", "o", "uu"])
"""Vowels that English does not end a stressed syllable on: the next consonant is drawn in."""
_DIGRAPHS = frozenset(["sh", "zh", "th", "kh", "gh", "wh", "hl", "ng"])
"""Two letters that would be read as one sound when they are two."""
_BEFORE_R = {"eh": "air", "ih": "eer", "ee": "eer", "aw": "or", "o": "or", "o:": "or", "oh": "or",
             "oo": "oor", "uu": "oor", "ay": "air"}  # fmt: skip


READERS = ("en", *OTHER_READERS)
"""Languages of readers for whom names are respelled."""


def to_respelling(pronunciation: Pronunciation, reader: str = "en") -> Conversion:
    """A pronunciation respelled for readers of English: Siobhan `shi-VAWN`, Charles `CHAHRLZ`.

    The same pronunciation always gives the same respelling. Sounds that the reader's language
    lacks become the nearest it has, each reported.

    Args:
        pronunciation: any.
        reader: language of the reader, one of `READERS`.

    Raises:
        InvalidRequest: nobody respells for readers of that language here.
    """
    if _reader(reader) != "en":
        return respell(pronunciation, _reader(reader))
    written = notation_inventory("respelling:en").write(pronunciation)
    words = []
    for word in written.words:
        drawn = _draw_in(list(word))
        alone = len(drawn) == 1
        words.append("-".join(_spell(s, alone) for s in drawn))
    return Conversion(" ".join(words), written.substitutions, written.spoken)


def _reader(language: str) -> str:
    """The reader's language without its region."""
    base = language.lower().replace("_", "-").split("-")[0]
    if base not in READERS:
        raise InvalidRequest(
            f"Names are respelled for readers of {', '.join(READERS)}, not of {language[:35]!r}.",
            known=list(READERS),
        )
    return base


def _draw_in(word: list[WrittenSyllable]) -> list[WrittenSyllable]:
    """PAR-is, not PA-ris: a checked vowel keeps the consonant after it."""
    for i in range(len(word) - 1):
        here, after = word[i], word[i + 1]
        if "".join(after.onset[:2]) in _DIGRAPHS and len(after.onset) > 1:  # KLAHK-huh
            word[i] = replace(here, coda=here.coda + after.onset[:1])
            word[i + 1] = replace(after, onset=after.onset[1:])
            continue
        checked = len(here.nucleus) == 1 and here.nucleus[0] in _CHECKED
        if not checked or here.coda or here.stress is Stress.NONE or not after.onset:
            continue
        if after.onset[0] in ("y", "w", "h", "kh", "wh", "ng"):
            continue
        if len(after.onset) == 1 or after.onset[0] in ("s", "r"):
            word[i] = replace(here, coda=after.onset[:1])
            word[i + 1] = replace(after, onset=after.onset[1:])
    return word


def _spell(syllable: WrittenSyllable, alone: bool) -> str:
    nucleus, coda = list(syllable.nucleus), list(syllable.coda)
    if not nucleus:
        text = "".join(syllable.onset)
        return text.upper() if syllable.stress is Stress.PRIMARY or alone else text
    # What follows the first vowel, /n/ of a nasal vowel included, spells like a coda.
    vowel, rest = nucleus[0], nucleus[1:] + coda
    if rest and rest[0] == "r" and vowel in _BEFORE_R:
        vowel, rest = _BEFORE_R[vowel], rest[1:]
    elif rest and rest[0] == "r" and vowel == "uh" and syllable.stress is Stress.NONE:
        vowel, rest = "er", rest[1:]
    elif vowel == "eh" and rest:
        vowel = "e"
    elif vowel == "ih" and (rest or syllable.stress is Stress.NONE):
        vowel = "i"
    elif vowel == "oh" and rest[:1] == ["n"]:
        vowel = "oa"  # JOAN, not JOHN
    elif vowel == "o:":
        vowel = "oh" if rest else "o"
    elif vowel == "y" and (not syllable.onset or syllable.onset[-1] == "y"):
        vowel = "eye"
    onset = list(syllable.onset)
    if onset and onset[-1] == "g" and vowel[0] in "eiy":
        onset[-1] = "gh"
    if rest == ["s"]:
        rest = ["ss"]
    text = "".join(onset) + vowel + "".join(rest)
    return text.upper() if syllable.stress is Stress.PRIMARY or alone else text


@cache
def _readings() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    tables: dict[str, dict[str, str]] = {"c": {}, "v": {}, "r": {}}
    for spelling, kind, ipa in read_tsv("namemem.phones", "respelling_reading.tsv"):
        tables[kind][spelling] = ipa
    return tables["c"], tables["v"], tables["r"]


def from_respelling(text: str, reader: str = "en") -> Pronunciation:
    """Reads a respelling: syllables apart by hyphens (or dots), the stressed one in capitals.

    `th` is read as /θ/ (write `dh` for /ð/), `uh` as /ʌ/ with stress and /ə/ without, `o` before a
    consonant as /ɒ/. A word of one syllable is stressed.

    Raises:
        UnknownPhone: letters that spell no sound here, with their position in `text`.
        InvalidPronunciation: a syllable with no vowel or two, or a text too long.
        EmptyPronunciation: nothing to say.
        InvalidRequest: nobody respells for readers of that language here.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidPronunciation(
            f"A respelling has at most {MAX_LENGTH} characters; this one has {len(text)}.",
            position=MAX_LENGTH,
        )
    if _reader(reader) != "en":
        return read_respelling(text, _reader(reader))
    words = []
    for match in re.finditer(r"\S+", text):
        parts = list(re.finditer(r"[^-.\u2010-\u2013·]+", match.group()))
        syllables = [
            _read_syllable(m.group(), match.start() + m.start(), text, len(parts) == 1)
            for m in parts
        ]
        if syllables:
            words.append(_join(syllables))
    if not words:
        raise EmptyPronunciation("The respelling has no sounds in it.", position=0, value=text)
    return Pronunciation(tuple(words))


def _join(
    parts: list[tuple[list[Phone], tuple[Phone, ...], list[Phone], Stress]],
) -> tuple[Syllable, ...]:
    """Syllables where the hyphens are, but `PAR-iss` is /ˈpæ.ɹɪs/: what was drawn in goes back."""
    phones: list[Phone] = []
    breaks: set[int] = set()
    stresses: dict[int, Stress] = {}
    before: tuple[tuple[Phone, ...], list[Phone], Stress] | None = None
    for onset, nucleus, coda, stress in parts:
        drawn = False
        if before is not None and not onset:
            vowel, closing, marked = before
            drawn = bool(marked and vowel[0].base in "æɛɪɒʊ" and len(vowel) == len(closing) == 1)
            drawn = drawn and closing[0].base != "ŋ"
        breaks.add(len(phones) - drawn)
        phones.extend(onset)
        stresses[len(phones)] = stress
        phones.extend(nucleus)
        phones.extend(coda)
        before = nucleus, coda, stress
    breaks.discard(0)
    return syllabify(phones, breaks, stresses, {})


def _read_syllable(
    part: str, offset: int, text: str, alone: bool
) -> tuple[list[Phone], tuple[Phone, ...], list[Phone], Stress]:
    # One by one: the lower case of İ is two characters, and places in the text would shift.
    letters = "".join(c.lower() if len(c.lower()) == 1 else c for c in part)
    stressed = alone or (part.isupper() and any(c.isalpha() for c in part))
    consonants, vowels, with_r = _readings()
    onset: list[Phone] = []
    nucleus: tuple[Phone, ...] = ()
    coda: list[Phone] = []
    i = 0
    while i < len(letters):
        if not nucleus:
            size, ipa, extra = _vowel_at(letters, i, vowels, with_r)
            if size:
                if ipa == "ʌ" and not stressed:
                    ipa = "ə"
                nucleus = parse_ipa(ipa).phones
                coda.extend(parse_ipa(extra).phones if extra else ())
                i += size
                continue
        for size in range(min(3, len(letters) - i), 0, -1):
            ipa = consonants.get(letters[i : i + size], "")
            if ipa:
                (coda if nucleus else onset).extend(parse_ipa(ipa).phones)
                i += size
                break
        else:
            raise UnknownPhone(part[i], offset + i, text, "respelling")
    if not nucleus:
        raise InvalidPronunciation(
            f"The syllable {part!r} at position {offset} has no vowel.",
            position=offset,
            symbol=part,
            value=text,
        )
    return onset, nucleus, coda, Stress.PRIMARY if stressed else Stress.NONE


def _vowel_at(
    letters: str, i: int, vowels: dict[str, str], with_r: dict[str, str]
) -> tuple[int, str, str]:
    """(letters used, IPA of the nucleus, IPA of an /ɹ/ that comes with it); 0 where none starts."""
    rest = letters[i:]
    if rest[0] == "y" and len(rest) > 1 and rest[1] in "aeiou" and rest != "ye":
        return 0, "", ""  # yoo, yuh: a consonant
    for size in range(min(3, len(rest)), 0, -1):
        spelling = rest[:size]
        if spelling in with_r:
            return size, with_r[spelling].removesuffix("ɹ"), "ɹ"
        if spelling not in vowels:
            continue
        if spelling == "o" and size == len(rest):
            return size, "o", ""
        return size, vowels[spelling], ""
    return 0, "", ""
