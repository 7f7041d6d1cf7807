"""Phrases around a name as phones, to be found in the sound itself."""

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


def _rows(file: str) -> list[list[str]]:
    text = resources.files(__package__).joinpath("data", file).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")][1:]
    return [line.split("\t") for line in lines]


@cache
def _all() -> tuple[Carrier, ...]:
    return tuple(
        Carrier(language, phrase, parse_ipa(ipa), certain == "1")
        for language, phrase, ipa, certain in _rows("carriers.tsv")
    )


@cache
def followers(language: str | None = None) -> tuple[Pronunciation, ...]:
    """What is said right behind a name ("nice to meet you"), in English and in `language`."""
    primary = (language or "en").split("-")[0].casefold()
    return tuple(
        parse_ipa(ipa) for spoken, _, ipa in _rows("followers.tsv") if spoken in ("en", primary)
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
