"""What accents of English do to a reading without making it another one.

Who says /ˈd͡ʒɑːvɪs/ says the name that a dictionary writes /ˈd͡ʒɑɹvɪs/; a voice with another accent
is to say it in its own. Three differences that run through the whole vocabulary count as accent
(Wells, Accents of English, 1982, sections 2.3.3 to 2.3.5 and 3.1.6): /ɹ/ said or not before a
consonant or a pause, which vowel stands for the reduced one of an unstressed syllable, and /i/ or
/j/ before a vowel. Vowels of stressed syllables are never accent here: /ˈtɑnjə/ and /ˈtænjə/ are
two people's names.
"""

from __future__ import annotations

from namemem.phones.model import Pronunciation, Stress

_WEAK = frozenset("ə ɐ ʌ ɜ ɪ ɨ ᵻ a æ ɑ".split())
_COLOURED = {"ɚ": "ə", "ɝ": "ɜ"}
_SAME = {"əʊ": "oʊ"}


def accent_key(pronunciation: Pronunciation) -> tuple[str, ...]:
    """The same for two readings that differ by accent only; length and stress marks are left out.

    Returns:
        One text per unit that is left, the words of a name apart by an empty one.
    """
    key: list[str] = []
    for number, word in enumerate(pronunciation.words):
        if number:
            key.append("")
        units = [
            ("".join(p.base + p.diacritics for p in phones), nucleus, syllable.stress)
            for syllable in word
            for phones, nucleus in syllable.units()
        ]
        for place, (unit, nucleus, stress) in enumerate(units):
            vowel_follows = place + 1 < len(units) and units[place + 1][1]
            if unit == "ɹ" and not vowel_follows:
                continue
            unit = _SAME.get(_COLOURED.get(unit, unit), _COLOURED.get(unit, unit))
            if nucleus and stress is Stress.NONE:
                if unit == "i" and vowel_follows:
                    unit = "j"
                elif unit in _WEAK:
                    unit = "ə"
            key.append(unit)
    return tuple(key)
