"""Carrier phrases as phones, to be found in the sound itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

from namemem.phones import Pronunciation, parse_ipa

_LONG_ENOUGH = 6
"""Phones from which on another language's phrase is looked for unasked: chance finds are rare."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """A phrase that introduces a name: its words, how it sounds, and how surely a name follows."""

    language: str
    phrase: str
    pronunciation: Pronunciation
    certain: bool


@cache
def _all() -> tuple[Carrier, ...]:
    text = resources.files(__package__).joinpath("data/carriers.tsv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")][1:]
    rows = (line.split("\t") for line in lines)
    return tuple(
        Carrier(language, phrase, parse_ipa(ipa), certain == "1")
        for language, phrase, ipa, certain in rows
    )


@cache
def carriers(language: str | None = None) -> tuple[Carrier, ...]:
    """The phrases to look for: English, those of `language` (BCP 47), all long certain ones."""
    primary = (language or "en").split("-")[0].casefold()
    return tuple(
        carrier
        for carrier in _all()
        if carrier.language in ("en", primary)
        or (carrier.certain and len(carrier.pronunciation.phones) >= _LONG_ENOUGH)
    )
