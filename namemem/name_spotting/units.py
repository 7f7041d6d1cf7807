"""Words cut as finely as the phrases need them, in the form in which they are compared.

Scripts that are written without spaces are cut into characters, hyphenated words and letters with
dots between them into their parts: so "Jean-Luc", "S.I.O." and a whole Japanese sentence in one
token are all read alike.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from namemem.name_spotting.tokens import Token, tokenize

_DENSE = "\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7a3"
_PIECE = re.compile(
    rf"[{_DENSE}]|['’](?:s|S)(?=$|[-‐‑.·])|(?:(?!['’][sS](?:$|[-‐‑.·]))[^{_DENSE}\-‐‑.·])+"
)
_ENDING = re.compile(r"\s+(?=['’]s\b)")  # a blank that a template leaves before "'s"
_IS_DENSE = re.compile(f"[{_DENSE}]")
_POINTS = re.compile("[\u0300-\u036f\u064b-\u065f\u0670\u0640\u093c\u200c\u200d]")
_SAME = str.maketrans(
    {
        "ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe",
        "أ": "ا", "إ": "ا", "ى": "ي", "ة": "ه", "ँ": "ं",
        "’": "'", "´": "'", "`": "'",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unit:
    """A word, a part of a hyphenated one, or one character of a script without spaces.

    Attributes:
        text: as written.
        key: lower case without accents: what phrases are compared with.
        start, end: character offsets in the text.
        word: index of the word in `tokenize(text)` that it is of.
        breaks: punctuation stands before it.
        joint: what joins it to the unit before it ("-", ".", or "" within one word); None
            where a blank or punctuation stands between.
        ends: a sentence ends before it.
    """

    text: str
    key: str
    start: int
    end: int
    word: int
    breaks: bool
    joint: str | None
    ends: bool = False

    @property
    def is_capitalised(self) -> bool:
        """Begins with an upper-case letter."""
        return self.text[:1].isupper() or self.text[:2] in ("d'", "d’", "l'", "l’")

    @property
    def is_dense(self) -> bool:
        """Of a script that is written without spaces (or, Korean, with endings attached)."""
        return _IS_DENSE.match(self.text) is not None

    @property
    def is_letter(self) -> bool:
        """A single letter of an alphabet."""
        return len(self.text) == 1 and self.text.isalpha() and not self.is_dense


def fold(text: str) -> str:
    """Lower case, straight apostrophes, no accents but those of ñ and آ: the form compared."""
    parts = unicodedata.normalize("NFD", text.casefold().translate(_SAME))
    # "ene" and "eñe" are two letters; "آنا" (Ana) and "أنا" (I) are two words.
    parts = parts.replace("n\u0303", "ñ").replace("ا\u0653", "آ")
    composed = unicodedata.normalize("NFC", _POINTS.sub("", parts))
    return composed.translate(_SAME)


def units(text: str) -> tuple[Unit, ...]:
    """The units of a text, in order."""
    found: list[Unit] = []
    for index, token in enumerate(tokenize(text)):
        found.extend(_pieces(token, index, text, found[-1].end if found else 0))
    return tuple(found)


def _pieces(token: Token, index: int, text: str, last_end: int) -> list[Unit]:
    pieces: list[Unit] = []
    for match in _PIECE.finditer(token.text):
        start, end = token.start + match.start(), token.start + match.end()
        first = not pieces
        between = text[last_end:start]
        joint = between if between in ("", "-", "‐", "‑", ".", "·", "・", "･") else None
        if first and start == 0:
            joint = None
        piece = match.group()
        key = fold(piece).rstrip("'") or piece
        breaks = token.breaks_before if first else False
        ends = token.ends_before and first
        pieces.append(Unit(piece, key, start, end, index, breaks, None if breaks else joint, ends))
        last_end = end
    return pieces


def keys(text: str) -> tuple[str, ...]:
    """A phrase in the form in which it is compared."""
    text = _ENDING.sub("", text.strip())
    if text[:1] in ("'", "’"):  # an ending has no word before it here
        return tuple(unit.key for unit in units("x" + text)[1:])
    return tuple(unit.key for unit in units(text))
