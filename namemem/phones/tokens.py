"""From another notation's tokens, each with its IPA and its place, to a pronunciation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from namemem.errors import EmptyPronunciation, InvalidPronunciation, UnknownPhone
from namemem.phones.model import Pronunciation
from namemem.phones.parsing import parse_ipa


@dataclass(frozen=True, slots=True)
class Token:
    """One symbol of a notation: its IPA, and where it stood in the text (characters from 0)."""

    ipa: str
    position: int


def read_tokens(
    tokens: Sequence[Token],
    text: str,
    notation: str,
    stress_mark: Literal["syllable", "vowel"] = "syllable",
) -> Pronunciation:
    """Reads the tokens' IPA; positions in errors are positions in `text`.

    Raises:
        UnknownPhone, InvalidPronunciation, EmptyPronunciation: as `parse_ipa`.
    """
    ipa = "".join(t.ipa for t in tokens)
    places = [t.position for t in tokens for _ in t.ipa]
    try:
        return parse_ipa(ipa, stress_mark)
    except EmptyPronunciation:
        raise EmptyPronunciation(
            "The pronunciation has no phones in it.", position=0, value=text
        ) from None
    except InvalidPronunciation as error:
        at = error.details.get("position")
        index = at if isinstance(at, int) else 0
        place = places[index] if index < len(places) else len(text)
        if isinstance(error, UnknownPhone):
            raise UnknownPhone(text[place : place + 1], place, text, notation) from None
        raise InvalidPronunciation(
            f"The symbol at position {place} of {text!r} cannot stand there ({notation}).",
            position=place,
            symbol=text[place : place + 1],
            value=text,
        ) from None
