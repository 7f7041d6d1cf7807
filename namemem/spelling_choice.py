"""Which spelling of a name, where a transcriber hears several: the one that the sound fits best."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from namemem.asr import Transcript
from namemem.name_spotting import SpottedName, spot, tokenize
from namemem.people import SpellingSource
from namemem.phone_recognition import Context, Listening, Span
from namemem.phones import Pronunciation

_SURE = 0.85  # from which probability of its least sure word on a spelling needs no other
_MARGIN = 0.7  # nats that one more hypothesis with the same spelling is worth

Probes = Callable[[str, str | None], list[Pronunciation]]


def is_unsure(name: SpottedName, transcript: Transcript) -> bool:
    """Whether the transcriber doubts a word of the name that it wrote."""
    words = transcript.words
    if name.spelling_source is not SpellingSource.TRANSCRIPT or name.last_word >= len(words):
        return False
    sure = [w.confidence for w in words[name.first_word : name.last_word + 1]]
    return any(c is not None and c < _SURE for c in sure)


def other_spellings(hypotheses: Iterable[str], language: str | None) -> list[str]:
    """The speaker's name in each thing that may have been said, where there is one."""
    found = []
    for text in hypotheses:
        name = spot(text, language, asked=True).own
        if name is not None and name.spelling_source is SpellingSource.TRANSCRIPT:
            found.append(name.text)
    return found


def best_spelling(
    first: str,
    others: Sequence[str],
    listening: Listening,
    place: tuple[Span, Context],
    probes: Probes,
    language: str | None,
) -> str:
    """The spelling whose readings fit what was heard; each further hypothesis is a small vote.

    Args:
        first: the spelling in the transcript; it stays where nothing speaks against it.
        others: spellings in further hypotheses, as often as they came.
        listening: what the phone recogniser heard.
        place: where the name is, and what surrounds it.
        probes: readings of a spelling; one that nobody can read is never chosen.
        language: BCP 47 of the name.
    """
    span, context = place

    def fits(spelling: str) -> float:
        readings = probes(spelling, language)
        return max(listening.score(readings, span, context), default=-math.inf)

    votes = [first.casefold(), *(o.casefold() for o in others)]
    best, best_score = first, -math.inf
    for spelling in dict.fromkeys((first, *others)):
        if spelling != first and spelling.casefold() == first.casefold():
            continue
        score = fits(spelling) + _MARGIN * votes.count(spelling.casefold())
        if score > best_score:
            best, best_score = spelling, score
    return best


def as_written(transcript: Transcript) -> str:
    """The text with capitals and punctuation where its words are the same ones."""
    written = [t.key for t in tokenize(transcript.written)]
    same = written == [t.key for t in tokenize(transcript.text)]
    return transcript.written if written and same else transcript.text
