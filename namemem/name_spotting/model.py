"""What the name finder answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from namemem.people import NameKind, SpellingSource


class Reason(StrEnum):
    """Why there is no name."""

    NOTHING_SAID = "nothing-said"
    INVENTED = "invented"
    REPEATED = "repeated"
    NO_INTRODUCTION = "no-introduction"
    NOT_A_NAME = "not-a-name"
    NOT_AN_ANSWER = "not-an-answer"


_SENTENCES = {
    Reason.NOTHING_SAID: "Nothing was said.",
    Reason.INVENTED: "These are words that a transcriber invents where nobody speaks.",
    Reason.REPEATED: "The same words are repeated over and over, as a transcriber does on noise.",
    Reason.NO_INTRODUCTION: (
        "Nobody introduces themselves. Say “my name is …”, or send asked=true when the "
        "character has just asked for the name."
    ),
    Reason.NOT_A_NAME: "What follows “{phrase}” is not a name.",
    Reason.NOT_AN_ANSWER: "The answer is not a name.",
}


@dataclass(frozen=True, slots=True)
class SpottedName:
    """One name in a text.

    Attributes:
        text: its spelling: as written, or, where it was spelled aloud, as spelled.
        start, end: character offsets of the name as it was said; of the letters, where nothing
            else was said.
        first_word, last_word: indices of its first and last word in `tokenize(text)`.
        kind: which name of the person it is.
        of: `speaker`, or `other` for somebody they introduce.
        preferred: the one to use, where several are given.
        carrier: the indices (first, one past the last) of the words that introduce it, if any.
        certain: the phrase is nearly always followed by a name ("my name is").
        spelling_source: `transcript`, or `spelled_aloud`.
        title: what stands before the name without being a part of it, such as "Dr.".
        said: False where only its letters were said.
        language: whose phrases found it (BCP 47).
    """

    text: str
    start: int
    end: int
    first_word: int
    last_word: int
    kind: NameKind
    of: str = "speaker"
    preferred: bool = True
    carrier: tuple[int, int] | None = None
    certain: bool = True
    spelling_source: SpellingSource = SpellingSource.TRANSCRIPT
    title: str = ""
    said: bool = True
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Spotted:
    """The names found, the speaker's own first, the one to use before all others.

    Attributes:
        names: empty where nobody gives one.
        reason: why there is none, to be read by a program.
        phrase: what introduced something that is no name ("I'm" in "I'm cold").
    """

    names: tuple[SpottedName, ...]
    reason: Reason | None = None
    phrase: str = ""

    @property
    def own(self) -> SpottedName | None:
        """The speaker's name, the one to use."""
        return next((name for name in self.names if name.of == "speaker"), None)

    @property
    def explanation(self) -> str | None:
        """The reason as a sentence."""
        if self.reason is None:
            return None
        return _SENTENCES[self.reason].format(phrase=self.phrase)
