"""What a transcriber writes where nobody gives a name: inventions, and words over and over."""

from __future__ import annotations

from collections.abc import Sequence

from namemem.name_spotting.patterns import inventions
from namemem.name_spotting.units import Unit

_REPEATS = 4
_LONGEST = 6  # units of what is repeated


def is_invented(units: Sequence[Unit]) -> bool:
    """Whether the text is one that transcribers write on silence and music."""
    said = tuple(u.key for u in units)
    for phrase in inventions():
        whole = len(phrase) < 3
        if said == phrase or (not whole and _contains(said, phrase)):
            return True
    return False


def _contains(said: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    size = len(phrase)
    return any(said[at : at + size] == phrase for at in range(len(said) - size + 1))


def is_repeated(units: Sequence[Unit]) -> bool:
    """Whether most of the text is one stretch of words said four times or more in a row."""
    said = [u.key for u in units]
    for size in range(1, _LONGEST + 1):
        if len(said) < size * _REPEATS:
            return False
        run = best = size
        for at in range(size, len(said)):
            run = run + 1 if said[at] == said[at - size] else size
            best = max(best, run)
        # Double letters and reduplicated names are short; a stutter fills the text.
        if best >= size * _REPEATS and best * 10 >= len(said) * 7:
            return True
    return False
