"""A name that is said twice in one breath: "Robert. Robert." is no name of four syllables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from namemem.doubts import joined
from namemem.errors import InvalidPronunciation
from namemem.name_spotting.carriers import carriers
from namemem.people import HeardPhone
from namemem.phone_recognition import Context, Listening, Span
from namemem.phones import Pronunciation
from namemem.placing import Place

_PAUSE = 0.18
"""Seconds between the phones around a new start; within a name they are half of that apart."""
_SAME = -1.0
"""Nats per phone that one saying's phones may leave unexplained of the other's sound.

Of synthesised names said twice (eight, three voices, the compact ear) all are above -0.3, of pairs
like Jean and Jane all below -1.8, of other pairs below -4.
"""
_SHORTEST = 2  # phones
_GREETING = 4.0  # nats that a phrase may leave unexplained of what comes before, such as "Hi"


def said_again(
    listening: Listening, span: Span, before: Pronunciation | None = None
) -> float | None:
    """Where what is said last in a span begins, if nothing else was said there, but a phrase.

    Of "I'm Siobhan. Siobhan." it is the second one, also where nobody knows that "I'm" is there. In
    "My name is Robert. Thank you, thank you." no name is said twice. Without a pause it is one
    name: Mimi, or Mary Marie.

    Args:
        listening: the recogniser's view of the recording.
        span: where to look, seconds.
        before: the phrase before the name, if it is known; it is in the span.

    Returns:
        Seconds, in the middle of the pause; None where nothing is said twice.
    """
    sayings = _Sayings(listening, span, before)
    phones = sayings.phones
    for again in range(len(phones) - _SHORTEST, _SHORTEST - 1, -1):
        pause = phones[again].start - phones[again - 1].end
        if pause >= _PAUSE and sayings.repeats(again, len(phones) - again, again):
            return phones[again].start - pause / 2
    return None


class _Sayings:
    """The phones of a span, and whether what they say last was said before."""

    def __init__(self, listening: Listening, span: Span, before: Pronunciation | None) -> None:
        self._listening, self._span, self._before = listening, span, before
        self.phones = listening.free_phones(span)

    def repeats(self, end: int, size: int, again: int) -> bool:
        """Whether all phones up to `end` say what follows `again`, once or more.

        `size` is about how many phones each saying has.
        """
        for start in (end - size, end - size + 1, end - size - 1):
            if start < 0 or end - start < _SHORTEST or not self._same(start, end, again):
                continue
            if self._may_begin(start) or self.repeats(start, size, again):
                return True
        return False

    def _same(self, start: int, end: int, again: int) -> bool:
        first, last = Span(self._at(start), self._at(end)), Span(self._at(again), self._span.end)
        said = _read(self.phones[start:end]), _read(self.phones[again:])
        return _fits(self._listening, said[0], last) or _fits(self._listening, said[1], first)

    def _at(self, index: int) -> float:
        """Seconds, between the phone and the one before it."""
        if index == 0:
            return self._span.start
        return (self.phones[index - 1].end + self.phones[index].start) / 2

    def _may_begin(self, start: int) -> bool:
        """Whether nothing is said before that phone, but for the phrase that introduces a name."""
        if start == 0:
            return self._before is None
        ahead = Span(self._span.start, self._at(start))
        if self._before is not None:
            return self._ends_at(self._before, start)
        known = [c.pronunciation for c in carriers()]
        near = [p for p in known if self._unexplained(p, ahead) <= _GREETING]
        return any(self._ends_at(p, start) for p in near)

    def _ends_at(self, phrase: Pronunciation, start: int) -> bool:
        """Whether a phrase reaches, but for a phone, to where a saying starts."""
        ahead = Span(self._span.start, self._at(start))
        opened = Context(open_start=True, open_end=True)
        found = self._listening.align(phrase, ahead, opened)
        if found is None:
            return False
        return sum(p.start >= found.span.end for p in self.phones[:start]) <= 1

    def _unexplained(self, phrase: Pronunciation, span: Span) -> float:
        """Nats that a phrase does not explain of a span; a phone beside it is about one."""
        return -self._listening.explained([phrase], span) * len(phrase.phones)


def _fits(listening: Listening, said: Pronunciation | None, span: Span) -> bool:
    return said is not None and listening.explained([said], span) >= _SAME


def _read(phones: Sequence[HeardPhone]) -> Pronunciation | None:
    try:
        return joined(phones)
    except InvalidPronunciation:  # consonants alone, and the like
        return None


def said_once(listening: Listening, place: Place) -> Place:
    """The place, without what is said in it twice: only the last time, which nothing precedes."""
    again = said_again(listening, place.span, place.context.before)
    if again is None:
        return place
    context = Context(after=place.context.after, open_end=place.context.open_end)
    return replace(place, span=Span(again, place.span.end), context=context)
