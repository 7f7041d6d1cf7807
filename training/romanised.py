"""Names of other scripts in the Latin letters that people write them in abroad.

`Дмитрий` is written Dmitriy, Dmitri or Dmitry, and still said by Russian rules. Here are such
spellings of Faker's names, so that the letter model learns what they stand for; what has no usual
Latin form that can be derived from the letters (Arabic and Persian, which write no vowels, Thai,
Tamil) is left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from training import material

_INDIC = {"hi": "devanagari", "mr": "devanagari", "ne": "devanagari", "bn": "bengali",
          "gu": "gujarati"}  # fmt: skip
_AS_WRITTEN = {"ś": "sh", "ṣ": "sh", "c": "ch", "ṃ": "n", "ṁ": "n", "ṅ": "n", "ñ": "n", "ṛ": "ri"}


def romanised(voice: str) -> Iterator[tuple[str, str]]:
    """(name in its own script, Latin spelling) of one espeak-ng voice's names."""
    if voice == "ja":
        yield from _japanese()
        return
    ways = _WAYS.get(voice)
    if ways is None:
        return
    for locale in material.LANGUAGES[voice]:
        for name in material.names(locale):
            for latin in sorted(set(ways(name))):
                if latin.isascii() and any(c.isalpha() for c in latin):
                    yield name, latin


def _japanese() -> Iterator[tuple[str, str]]:
    from faker.providers.person.ja_JP import Provider

    for _, kana, latin in (*Provider.first_name_pairs, *Provider.last_name_pairs):
        yield kana, latin


def _plain(name: str) -> str:
    from anyascii import anyascii

    return re.sub(r"['`]", "", anyascii(name)).capitalize()


def _letters(name: str) -> list[str]:
    return [_plain(name)]


def _greek(name: str) -> list[str]:
    return [_plain(name).replace("oy", "ou").replace("Oy", "Ou")]


def _russian(name: str) -> list[str]:
    latin = _plain(name)
    return [latin, *(re.sub("[iy]y$", end, latin) for end in ("i", "y", "ij")),
            re.sub("([aeiou])y([aeou])", r"\1i\2", latin)]  # fmt: skip


def _korean(name: str) -> list[str]:
    latin = _plain(name).lower()
    return [latin, re.sub("(?<!e)u", "oo", latin), latin.replace("eo", "u")]


def _armenian(name: str) -> list[str]:
    return [_plain(name).replace("ow", "u").replace("rr", "r")]


def _indic(script: str) -> Callable[[str], list[str]]:
    def ways(name: str) -> list[str]:
        from indic_transliteration import sanscript

        latin = sanscript.transliterate(name, script, sanscript.IAST)
        latin = unicodedata.normalize("NFC", latin)
        # The last inherent vowel is not said behind a single consonant; a written one is long here.
        latin = re.sub("(?<=[aeiouāīūṛ][^aeiouāīūṛ])a$|(?<=[aeiouāīūṛ].h)a$", "", latin)
        latin = "".join(_AS_WRITTEN.get(c, c) for c in re.sub("[ṃṁ](?=[bpm])", "m", latin))
        latin = unicodedata.normalize("NFD", latin)
        latin = "".join(c for c in latin if not unicodedata.combining(c)).replace("chh", "ch")
        return [latin.capitalize()]

    return ways


_WAYS: dict[str, Callable[[str], list[str]]] = {
    "ru": _russian, "uk": _russian, "bg": _letters, "mk": _letters, "el": _greek,
    "ka": _letters, "hy": _armenian, "ko": _korean, "cmn": _letters,
    **{voice: _indic(script) for voice, script in _INDIC.items()},
}  # fmt: skip
