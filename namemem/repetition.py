"""A name that is said twice in one breath: "Robert. Robert." is no name of four syllables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from namemem.errors import InvalidPronunciation
from namemem.people import HeardPhone
from namemem.phone_recognition import Context, Listening, Span
from namemem.phones import Pronunciation, parse_ipa
from namemem.placing import Place

_PAUSE = 0.18
"""Seconds between the phones around a new start; within a name they are half of that apart."""
_SAME = -0.5
"""Nats per phone by which one saying's phones may fit the other's sound worse than its own labels.

Of synthesised names said twice (eight, three voices, both ears) all are above 0, of pairs like Jean
and Jane all below -0.7, of other pairs below -2.5.
"""
_SHORTEST = 2  # phones


def said_again(listening: Listening, span: Span) -> float | None:
    """Where what is said last in a span begins, if the same was said right before it.

    What comes before both ("I'm Siobhan. Siobhan.") does not matter. Without a pause it is one
    name: Mimi, or Mary Marie.

    Args:
        listening: the recogniser's view of the recording.
        span: where to look, seconds.

    Returns:
        Seconds, in the middle of the pause; None where nothing is said twice.
    """
    phones = listening.free_phones(span)
    for again in range(len(phones) - _SHORTEST, _SHORTEST - 1, -1):
        before, after = phones[again - 1].end, phones[again].start
        if after - before < _PAUSE:
            continue
        middle = (before + after) / 2
        rest = Span(middle, span.end)
        tail = _read(phones[again:])
        for size in (len(phones) - again + d for d in (0, -1, 1)):
            if not _SHORTEST <= size <= again:
                continue
            start = again - size
            begun = span.start if start == 0 else (phones[start - 1].end + phones[start].start) / 2
            first = _read(phones[start:again])
            if _fits(listening, first, rest) or _fits(listening, tail, Span(begun, middle)):
                return middle
    return None


def _fits(listening: Listening, said: Pronunciation | None, span: Span) -> bool:
    return said is not None and listening.fit(said, span, Context()) >= _SAME


def _read(phones: Sequence[HeardPhone]) -> Pronunciation | None:
    try:
        return parse_ipa(".".join(p.ipa for p in phones))
    except InvalidPronunciation:  # consonants alone, and the like
        return None


def said_once(listening: Listening, place: Place) -> Place:
    """The place, without what is said in it twice: only the last time, which nothing precedes."""
    again = said_again(listening, place.span)
    if again is None:
        return place
    context = Context(after=place.context.after, open_end=place.context.open_end)
    return replace(place, span=Span(again, place.span.end), context=context)
