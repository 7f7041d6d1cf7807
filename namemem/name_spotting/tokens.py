"""Text as words with their places in it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# Vowel signs and points are part of a word, though `\w` leaves them out.
_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0dff\u200c\u200d"
)
_CHAR = rf"(?:[^\W_]|[{_MARKS}])"
_WORD = re.compile(rf"{_CHAR}+(?:[’'`´\-‐‑.·]{_CHAR}+)*[’']?", re.UNICODE)
_SPLIT_INSIDE = re.compile(r"\.(?=[^\W\d_]{2})")
_END = re.compile(r"(?<!\.)\.(?!\.)|[;!?。！？।؟]")
_BREAK = re.compile(r"[.,;:!?…。、，！？()\"“”„«»\n–—।؟،؛¿¡「」]")


@dataclass(frozen=True, slots=True)
class Token:
    """One word.

    Attributes:
        text: as written.
        key: lower case, straight apostrophes, NFC: what patterns are matched against.
        start, end: character offsets in the text.
        breaks_before: punctuation stands between this word and the one before it.
        ends_before: a sentence ends between them.
    """

    text: str
    key: str
    start: int
    end: int
    breaks_before: bool
    ends_before: bool = False

    @property
    def is_capitalised(self) -> bool:
        """Begins with an upper-case letter."""
        return self.text[:1].isupper()


def tokenize(text: str) -> tuple[Token, ...]:
    """The words of `text`; apostrophes, hyphens and dots inside a word belong to it."""
    tokens: list[Token] = []
    last_end = 0
    for match in _WORD.finditer(text):
        start, end = match.span()
        word = match.group()
        dotted = _SPLIT_INSIDE.search(word)
        if dotted:  # "hello.my" is two words
            end = start + dotted.start()
            word = text[start:end]
        between = text[last_end:start]
        ends = bool(_END.search(between))
        tokens.append(Token(word, key(word), start, end, bool(_BREAK.search(between)), ends))
        last_end = end
        if dotted:
            rest_start = end + 1
            rest = text[rest_start : match.end()]
            tokens.append(Token(rest, key(rest), rest_start, match.end(), True, True))
            last_end = match.end()
    return tuple(tokens)


def key(word: str) -> str:
    """The form in which words are compared."""
    straight = word.replace("’", "'").replace("´", "'").replace("`", "'")
    return unicodedata.normalize("NFC", straight).casefold()
