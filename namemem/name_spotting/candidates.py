"""Names that the phrases of one language give."""

from __future__ import annotations

from dataclasses import dataclass

from namemem.name_spotting.lines import Slot
from namemem.name_spotting.patterns import ASKED, Phrase


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name that a phrase (or an answer) gives: units, as everything here.

    Attributes:
        slot: the name.
        opens, closes: from the first unit of the phrase to one past its last (of both sides).
        phrase: what introduced it; None for a bare name.
        of: `speaker` or `other`.
        preferred: the one to use.
        spelling: how it was spelled aloud; None where it was not.
        said: False where only letters were said.
        corrects: it takes back what was said before.
    """

    slot: Slot
    opens: int
    closes: int
    phrase: Phrase | None
    of: str = "speaker"
    preferred: bool = True
    spelling: str | None = None
    said: bool = True
    corrects: bool = False

    @property
    def rank(self) -> tuple[int, int]:
        """How much speaks for it."""
        if self.phrase is None:
            return (ASKED, 0)
        return (self.phrase.strength, self.phrase.weight)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one language's phrases make of the text.

    Attributes:
        names: in the order in which they are said.
        tried: units (first, end) of a phrase behind which no name stands, where there is one.
    """

    names: tuple[Candidate, ...]
    tried: tuple[int, int] | None = None
