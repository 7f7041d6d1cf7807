"""What speakers of a language make of sounds they lack: `adaptations.tsv`, `phonotactics.tsv`."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources

from namemem.phones.model import Phone

_BACK = frozenset("aɑɒɔoʊuʌɐ")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a phone stands.

    Attributes:
        part: `onset`, `nucleus` or `coda`, `cluster` after the onset's first phone; empty where it
            does not matter.
        before_back: it is in an onset before a back vowel.
        spoken: it may not be dropped.
        final: it is in the coda of a word.
    """

    part: str
    before_back: bool = False
    spoken: bool = False
    final: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What a unit becomes; `exact` where that is the same phoneme of the language."""

    into: tuple[tuple[Phone, ...], ...]
    exact: bool


@cache
def phones_of(ipa: str) -> tuple[Phone, ...]:
    """The phones of a unit in a table; read once."""
    from namemem.phones.parsing import parse_ipa

    return parse_ipa(ipa).phones


def read_rows(package: str, filename: str) -> list[list[str]]:
    """Rows of a table that ships with a package, header included, comments left out; NFD."""
    text = resources.files(package).joinpath(filename).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [unicodedata.normalize("NFD", line).split("\t") for line in lines]


@cache
def _steps() -> dict[tuple[str, str, str], Step]:
    """(language, unit, place or empty) → step."""
    table = {}
    for language, ipa, place, into, exact in read_rows("namemem.phones", "adaptations.tsv")[1:]:
        units = tuple(phones_of(text) for text in into.split())
        table[language, ipa, place] = Step(units, exact == "1")
    return table


def step(language: str, unit: str, part: str, *, here_only: bool = False) -> Step | None:
    """The step for a unit (IPA without length, NFD) in a part of the syllable, or None.

    With `here_only`, only what is said of that very part.
    """
    table = _steps()
    here = table.get((language, unit, part)) or table.get(("any", unit, part))
    if here_only or (part and here):
        return here if part else None
    return table.get((language, unit, "")) or table.get(("any", unit, ""))


@cache
def _rules() -> dict[tuple[str, str, str], str]:
    rows = read_rows("namemem.phones", "phonotactics.tsv")[1:]
    return {(language, place, sounds): into for language, place, sounds, into in rows}


def illegal(language: str, phone: Phone, place: Place) -> tuple[tuple[Phone, ...], ...] | None:
    """What stands for a phone that the language does not say in that place; None if it does."""
    into = _rules().get((language, place.part, phone.base))
    if into is None and place.final:
        into = _rules().get((language, "final", phone.base))
    if into is None or (not into and place.spoken):
        return None
    return tuple(phones_of(text) for text in into.split())


def prothesis(language: str, onset: tuple[Phone, ...]) -> Phone | None:
    """The vowel that a language puts before a word that begins so (Steve → esˈtib), or None."""
    if len(onset) < 2:
        return None
    into = _rules().get((language, "initial", f"{onset[0].base} {onset[1].base}"))
    return Phone(into.split()[0]) if into else None


def is_back(nucleus: tuple[Phone, ...]) -> bool:
    """Whether a nucleus begins with a back or open vowel: /nʲo/ is then said with a /j/."""
    return bool(nucleus) and nucleus[0].base in _BACK
