"""Every notation by name, and the way from one to another over the canonical form.

>>> from namemem.phones.notations import convert
>>> convert("ʃɪˈvɔːn", "ipa", "x-sampa").value
'SI"vO:n'
>>> convert("shi-VAWN", "respelling", "ipa").value
'ʃɪˈvɔn'
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from namemem.errors import InvalidRequest
from namemem.phones.arpabet import from_arpabet, to_arpabet
from namemem.phones.conversion import Conversion
from namemem.phones.espeak import espeak_voices, from_espeak, to_espeak
from namemem.phones.fitting import Grade, grade
from namemem.phones.kirshenbaum import from_kirshenbaum, to_kirshenbaum
from namemem.phones.model import Pronunciation
from namemem.phones.parsing import parse_ipa
from namemem.phones.respelling import READERS, from_respelling, to_respelling
from namemem.phones.x_sampa import from_x_sampa, to_x_sampa


@dataclass(frozen=True, slots=True)
class Notation:
    """A way of writing a pronunciation; a variant is a voice (espeak) or a reader (respelling)."""

    title: str
    read: Callable[[str, str], Pronunciation]
    write: Callable[[Pronunciation, str], Conversion]
    variants: Callable[[], tuple[str, ...]] = tuple


def _ipa(pronunciation: Pronunciation, _variant: str) -> Conversion:
    return Conversion(pronunciation.ipa, (), pronunciation.ipa)


NOTATIONS: dict[str, Notation] = {
    "ipa": Notation("International Phonetic Alphabet", lambda text, _: parse_ipa(text), _ipa),
    "x-sampa": Notation("X-SAMPA", lambda text, _: from_x_sampa(text), lambda p, _: to_x_sampa(p)),
    "arpabet": Notation(
        "ARPABET (CMUdict)", lambda text, _: from_arpabet(text), lambda p, _: to_arpabet(p)
    ),
    "espeak": Notation(
        "espeak-ng mnemonics",
        lambda text, voice: from_espeak(text, voice or "en-us"),
        lambda p, voice: to_espeak(p, voice or "en-us"),
        espeak_voices,
    ),
    "kirshenbaum": Notation(
        "Kirshenbaum (ASCII IPA)",
        lambda text, _: from_kirshenbaum(text),
        lambda p, _: to_kirshenbaum(p),
    ),
    "respelling": Notation(
        "Readable respelling",
        lambda text, reader: from_respelling(text, reader or "en"),
        lambda p, reader: to_respelling(p, reader or "en"),
        lambda: READERS,
    ),
}


_ALSO = {"xsampa": "x-sampa", "x_sampa": "x-sampa", "cmu": "arpabet"}
"""Other names of notations."""


@dataclass(frozen=True, slots=True)
class Converted:
    """What a conversion gives: `conversion`, the pronunciation it went through, and its grade."""

    conversion: Conversion
    pronunciation: Pronunciation
    grade: Grade


def notations() -> tuple[str, ...]:
    """Names of all notations; `espeak:de` is a voice's, `respelling:fr` for readers of French."""
    return tuple(NOTATIONS)


def _notation(name: str) -> tuple[Notation, str]:
    base, _, variant = name.strip().partition(":")
    key = _ALSO.get(base.lower(), base.lower())
    if key not in NOTATIONS:
        raise InvalidRequest(
            f"There is no notation {base[:60]!r}; there are: {', '.join(NOTATIONS)}.",
            known=list(NOTATIONS),
        )
    return NOTATIONS[key], variant


def read_notation(value: str, notation: str) -> Pronunciation:
    """Reads a pronunciation in any notation.

    Raises:
        InvalidRequest: no such notation.
        InvalidPronunciation: with the position in `value`.
        UnknownVoice: `espeak:…` with a voice whose phonemes are not known.
    """
    found, variant = _notation(notation)
    return found.read(value, variant)


def write_notation(pronunciation: Pronunciation, notation: str) -> Conversion:
    """Writes a pronunciation in any notation. Raises `InvalidRequest`, `UnknownVoice`."""
    found, variant = _notation(notation)
    return found.write(pronunciation, variant)


def convert(value: str, source: str, target: str) -> Conversion:
    """From one notation to another. Raises as `read_notation` and `write_notation`."""
    return converted(value, source, target).conversion


def converted(value: str, source: str, target: str) -> Converted:
    """As `convert`, with the pronunciation in between and the grade."""
    _notation(target)  # a wrong target is said before a wrong value
    pronunciation = read_notation(value, source)
    conversion = write_notation(pronunciation, target)
    if not conversion.spoken:
        conversion = replace(conversion, spoken=pronunciation.ipa if conversion.exact else "")
    return Converted(
        conversion, pronunciation, grade(conversion.substitutions, len(pronunciation.units))
    )
