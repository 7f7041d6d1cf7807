"""ARPABET as in CMUdict: 39 phones, stress digits on the vowels."""

from __future__ import annotations

import re
from functools import cache

from namemem.errors import EmptyPronunciation, InvalidPronunciation, UnknownPhone
from namemem.phones import segments
from namemem.phones.conversion import Conversion
from namemem.phones.distance import feature_distance
from namemem.phones.model import Phone, Pronunciation, Stress
from namemem.phones.notation_table import column, notation_inventory, readings
from namemem.phones.parsing import parse_ipa
from namemem.phones.syllables import syllabify

VOWELS = frozenset("AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split())


@cache
def _table() -> dict[str, tuple[tuple[str, ...], bool]]:
    return {ipa: (c.symbols, c.exact) for ipa, c in column("arpabet").items() if c.writes}


@cache
def arpabet_of_unit(unit: tuple[Phone, ...]) -> tuple[tuple[str, ...], bool]:
    """(ARPABET phones without stress, whether it is the same phoneme) of one IPA unit.

    A unit that the table lacks is looked up without its diacritics, a diphthong vowel by vowel,
    and at last by the articulatory features of its nearest neighbour in the table.
    """
    table = _table()
    spelled = "".join(p.base + p.diacritics for p in unit)
    if spelled in table:
        return table[spelled]
    if len(unit) > 1:
        joined = "".join(p.base for p in unit)
        if joined in table:
            return table[joined][0], table[joined][1] and all(
                set(p.diacritics) <= {segments.NON_SYLLABIC} for p in unit
            )
        parts = [arpabet_of_unit((p,))[0] for p in unit]
        return tuple(a for part in parts for a in part), False
    phone = unit[0]
    nasal = "̃" in phone.diacritics and phone.is_vowel
    if phone.base in table:
        arpabet, exact = table[phone.base]
    else:
        plain = Phone(phone.base)
        alike = [Phone(key) for key in table if segments.is_segment(key)]
        arpabet = table[min(alike, key=lambda other: feature_distance(plain, other)).base][0]
        exact = False
    if nasal:
        return (*arpabet, "N"), False
    if phone.is_syllabic and not phone.is_vowel:  # button: AH N
        return ("AH", *arpabet), False
    # Aspiration is how English says its stops anyway.
    return arpabet, exact and set(phone.diacritics) <= set("ʰ̪̚")


def to_arpabet(
    pronunciation: Pronunciation, *, stress: bool = True, fit: bool = False
) -> Conversion:
    """A pronunciation in ARPABET, such as `SH IH0 V AO1 N`.

    Args:
        pronunciation: any.
        stress: write the digit of the syllable's stress on each vowel.
        fit: keep to what English begins and ends syllables with, as a voice needs it.

    Returns:
        Phones separated by spaces; foreign sounds become what American English makes of them,
        each reported. A tone is reported with nothing in its place.
    """
    written = notation_inventory("arpabet").write(pronunciation, fit=fit)
    tokens: list[str] = []
    for word in written.words:
        for syllable in word:
            digit = str(int(syllable.stress))
            for token in syllable.symbols:
                if stress and token in VOWELS:
                    tokens.append(token + digit)
                    digit = "0"
                else:
                    tokens.append(token)
    return Conversion(" ".join(tokens), written.substitutions, written.spoken)


def from_arpabet(text: str) -> Pronunciation:
    """Reads ARPABET: phones separated by spaces, stress digits optional.

    `AH0` becomes /ə/ and `ER0` /ɚ/, since that is what CMUdict means by them; without any
    digit in the whole text, a single vowel is stressed and others are not.

    Raises:
        UnknownPhone: a token that is no ARPABET phone, with its position in characters.
        EmptyPronunciation: no phone at all.
    """
    phones_of = readings("arpabet")
    phones: list[Phone] = []
    stresses: dict[int, Stress] = {}
    breaks: set[int] = set()
    matches = list(re.finditer(r"\S+", text))
    has_digits = any(m.group()[-1].isdigit() for m in matches)
    vowels = [m for m in matches if m.group().rstrip("012").upper() in VOWELS]
    for match in matches:
        token = match.group().upper()
        name = token.rstrip("012")
        digit = token[len(name) :]
        vowel = name in VOWELS | {"AX", "AXR"}
        if name not in phones_of or len(digit) > 1 or (digit and not vowel):
            raise UnknownPhone(match.group(), match.start(), text, "ARPABET")
        stress = Stress(int(digit)) if digit else Stress.NONE
        if not has_digits and len(vowels) == 1 and name in VOWELS:
            stress = Stress.PRIMARY
        ipa = phones_of[name]
        if stress is Stress.NONE:
            ipa = {"AH": "ə", "ER": "ɚ"}.get(name, ipa)
        if vowel:
            if phones and phones[-1].is_vowel:
                breaks.add(len(phones))  # two ARPABET vowels are always two syllables
            stresses[len(phones)] = stress
        phones.extend(parse_ipa(ipa).phones)
    if not phones:
        raise EmptyPronunciation("The pronunciation has no phones in it.", position=0, value=text)
    if len(text) > 1000:
        raise InvalidPronunciation("A pronunciation has at most 1000 characters.", position=1000)
    return Pronunciation((syllabify(phones, breaks, stresses, {}),))
