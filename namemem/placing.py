"""Where in the recording the name is, and what is said around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from namemem.asr import Transcript
from namemem.evidence import best_score
from namemem.g2p import Candidate, CandidateSource
from namemem.name_spotting import SpottedName, tokenize
from namemem.name_spotting.carriers import Carrier, carriers, followers
from namemem.people import Mention, NameKind, SpellingSource
from namemem.phone_recognition import Context, Letters, Listening, Span
from namemem.phones import Pronunciation

_LEAD = 0.15  # seconds kept before the carrier: word times drift
_TAIL = 0.35  # seconds kept after the last word of the name
_LONGEST_NAME = 3.0  # seconds a name may last, for a bare one to be believed
_CARRIER_FIT = -0.9
"""Nats per phone that a carrier phrase may be worse than the best labels of its frames."""
_SURE_FIT = -0.6  # the same, where nothing else says that somebody gives a name
_SURE_LENGTH = 6  # phones of a phrase that is believed by itself
_SHORTEST_NAME = 0.15  # seconds
_FOLLOWING = 4
"""How many words after the name are looked for where the words have no times."""
_PROBED = 8
"""How many readings of the spelling are tried behind each carrier phrase."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the name is expected.

    Attributes:
        span: seconds from the start of the audio; includes the carrier phrase, if any.
        context: what surrounds the name in it.
        name: the name in the words, where words were heard.
        phrase: the carrier phrase that the sound itself showed.
        unproven: neither words nor a carrier phrase say that a name is here; the phones must.
        others: the other names in the words: the speaker's own second ones, and other people's.
    """

    span: Span
    context: Context
    name: SpottedName | None = None
    phrase: str = ""
    unproven: bool = False
    others: tuple[Mention, ...] = ()

    @property
    def only_letters(self) -> bool:
        """The name was spelled aloud and not said, so that no phone of it can be heard."""
        return self.name is not None and not self.name.said


def by_letters(letters: Letters) -> Place:
    """A name that was spelled aloud, as the sound itself shows."""
    text = letters.text.title()
    kind = NameKind.FULL if " " in text else NameKind.GIVEN
    name = SpottedName(
        text, 0, 0, 0, 0, kind, spelling_source=SpellingSource.SPELLED_ALOUD, said=False
    )
    return Place(letters.span, Context(), name=name)


def from_words(
    name: SpottedName, transcript: Transcript, speech: Span, g2p: CandidateSource
) -> Place:
    """The stretch from the carrier phrase to the end of the name, with the carrier's phones."""
    tokens = tokenize(transcript.text)
    keys = [t.key for t in tokens]
    times = [(w.start or 0.0, w.end or 0.0) for w in transcript.words]
    if not transcript.timed or len(times) != len(tokens) or any(b <= a for a, b in times):
        # Words without times, or counted differently: the whole utterance, but what is said
        # around the name is known, so that it is not taken for a part of it.
        first, stop = name.carrier or (name.first_word, name.first_word)
        rest = keys[name.last_word + 1 :]
        context = Context(
            before=_spoken(keys[first:stop], g2p),
            after=_spoken(rest[:_FOLLOWING], g2p),
            open_start=name.first_word > 0,
            open_end=bool(rest),
        )
        return Place(speech, context, name)
    last_end = times[name.last_word][1]
    follows = name.last_word + 1 < len(times)
    end = min(speech.end + _LEAD, last_end + (0.1 if follows else _TAIL))
    if not follows:
        end = max(end, speech.end)
    if name.carrier is None:
        start = max(0.0, min(times[name.first_word][0], speech.start) - _LEAD)
        return Place(Span(start, end), Context(open_end=follows), name)
    first, stop = name.carrier
    start = max(0.0, times[first][0] - _LEAD)
    before = _spoken(keys[first:stop], g2p)
    context = Context(before=before, open_start=first > 0, open_end=follows)
    return Place(Span(start, end), context, name)


def _spoken(words: Sequence[str], g2p: CandidateSource) -> Pronunciation | None:
    """How English words around a name sound; None for none, or for what is no English."""
    text = " ".join(words)
    return g2p.predict(text, "en-US") if re.fullmatch(r"[a-z' ]+", text) else None


def from_sound(
    listening: Listening, readings: Sequence[Candidate], speech: Span, language: str | None
) -> Place | None:
    """The place behind a carrier phrase that is heard in the phones themselves.

    Of all phrases that fit about as well as anything could, the longest is taken.
    """
    probes = [c.pronunciation for c in readings[:_PROBED]]
    if not probes:
        return None
    score = best_score(listening, probes, speech)
    bare = score(Context(open_start=True, open_end=True))
    found: Carrier | None = None
    for carrier in carriers(language):
        length = len(carrier.pronunciation.phones)
        if found is not None and length <= len(found.pronunciation.phones):
            continue
        context = Context(before=carrier.pronunciation, open_start=True, open_end=True)
        if (score(context) - bare) / length >= _CARRIER_FIT:
            found = carrier
    if found is None:
        return None
    context = Context(before=found.pronunciation, open_start=True, open_end=True)
    return Place(speech, context, phrase=found.phrase)


def where_written(transcript: Transcript, spelling: str, speech: Span) -> Place | None:
    """The place of a known spelling that the transcriber wrote down just so, wherever it stands."""
    keys = [t.key for t in tokenize(transcript.text)]
    wanted = [t.key for t in tokenize(spelling)]
    for first in range(len(keys) - len(wanted) + 1):
        if wanted and keys[first : first + len(wanted)] == wanted:
            last = first + len(wanted) - 1
            context = Context(open_start=first > 0, open_end=last + 1 < len(keys))
            times = transcript.words
            if not transcript.timed or len(times) != len(keys):
                return Place(speech, context)
            start, end = times[first].start or 0.0, times[last].end or 0.0
            if end <= start:
                return Place(speech, context)
            return Place(Span(max(0.0, start - _LEAD), end + _LEAD), context)
    return None


def behind_carrier(listening: Listening, speech: Span, language: str | None) -> Place | None:
    """The place behind a phrase that nearly always introduces a name, heard in the phones.

    For a name of which neither spelling nor words are known.
    """
    found: tuple[float, Carrier, Span] | None = None
    for carrier in carriers(language):
        length = len(carrier.pronunciation.phones)
        if not carrier.certain or length < _SURE_LENGTH:
            continue
        fit = listening.fit(carrier.pronunciation, speech, Context())
        if fit < _SURE_FIT or (found is not None and fit * length <= found[0]):
            continue
        aligned = listening.align(
            carrier.pronunciation, speech, Context(open_start=True, open_end=True)
        )
        if aligned is not None and speech.end - aligned.span.end >= _SHORTEST_NAME:
            found = (fit * length, carrier, aligned.span)
    if found is None:
        return None
    _, carrier, where = found
    after = _following(listening, Span(where.end, speech.end), language)
    context = Context(before=carrier.pronunciation, after=after, open_start=True)
    return Place(Span(where.start, speech.end), context, phrase=carrier.phrase)


def _following(listening: Listening, rest: Span, language: str | None) -> Pronunciation | None:
    """The phrase that ends the utterance behind the name, if one does."""
    best: tuple[float, Pronunciation] | None = None
    for phrase in followers(language):
        fit = listening.fit(phrase, rest, Context())
        if fit < _SURE_FIT or (best is not None and fit <= best[0]):
            continue
        aligned = listening.align(phrase, rest, Context(open_start=True, open_end=True))
        if (
            aligned is not None
            and aligned.span.start - rest.start >= _SHORTEST_NAME
            and rest.end - aligned.span.end <= _TAIL
        ):
            best = fit, phrase
    return best[1] if best else None


def bare(speech: Span, spelling: str) -> Place:
    """The whole utterance, if it is no longer than a name may be; else anywhere in it."""
    expected = 0.35 + 0.12 * len(spelling)
    longer = speech.seconds > max(expected * 1.8, 1.2) or speech.seconds > _LONGEST_NAME
    return Place(speech, Context(open_start=longer, open_end=longer), unproven=True)
