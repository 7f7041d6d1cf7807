"""Every way to a pronunciation that is compared, from the spelling alone to the whole product.

What hears only the name (greedy decoding, pocketsphinx, the choices) is told which carrier phrase
was said, so that all of them look at the same stretch; the whole pipeline is told nothing of it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.clips import Clip, Samples
from namemem.asr import Transcriber, Transcript
from namemem.audio import Waveform, speech_span
from namemem.errors import InvalidPronunciation, NoNameHeard, NoSpeech
from namemem.evidence import Gatherer
from namemem.g2p import Candidates
from namemem.introductions import Ear, Hints
from namemem.people import Hearing
from namemem.phone_recognition import Context, Listening, PhoneRecognizer, Span
from namemem.phone_recognition.ctc_listening import CtcListening
from namemem.phone_recognition.sphinx import SphinxPhones
from namemem.phone_recognition.spoken import as_ipa
from namemem.phones import Pronunciation, from_arpabet, parse_ipa, to_arpabet
from namemem.reconcile import Evidence, Surroundings, distinct, rank

SPELLING_ALONE = "spelling alone (espeak en-us)"
PHONE_LOOP = "pocketsphinx phone loop, no spelling"
FORCED_CHOICE = "pocketsphinx forced choice"
GREEDY_IPA = "CTC greedy, IPA output, no spelling"
GREEDY_ENGLISH = "CTC greedy, English output, no spelling"
BEAM = "CTC beam between the phrases, no spelling"
FREE = "+ words that sound alike, no spelling"
CHOICE_IPA = "CTC choice, IPA output"
CHOICE_ENGLISH = "CTC choice, English output"
CHOICE = "CTC choice, both outputs"
WITH_PRIOR = "+ prior"
WITH_MIXED = "+ recombined"
WITH_EDITS = "+ edits"
PIPELINE_SPELLING = "whole pipeline, spelling given"
PIPELINE_TRANSCRIPT = "whole pipeline, transcript given"
PIPELINE_NOTHING = "whole pipeline, nothing given"
PIPELINE_WRONG = "whole pipeline, wrong spelling given"

ALL = (
    SPELLING_ALONE, PHONE_LOOP, FORCED_CHOICE, GREEDY_IPA, GREEDY_ENGLISH, BEAM,
    FREE, CHOICE_IPA, CHOICE_ENGLISH, CHOICE, WITH_PRIOR, WITH_MIXED, WITH_EDITS, PIPELINE_SPELLING,
    PIPELINE_TRANSCRIPT, PIPELINE_NOTHING,
)  # fmt: skip

_MARGIN = 0.06
"""Seconds that a listening adds around a span, taken off again where a phrase adjoins."""

_CARRIER_IPA = {
    "hi, my name is": "haɪ maɪ neɪm ɪz",
    "i'm": "aɪm",
    "my name is": "maɪ neɪm ɪz",
    "call me": "kɔl mi",
    "hello, i am": "həloʊ aɪ æm",
    "this is": "ðɪs ɪz",
    ", nice to meet you": "naɪs tə mit ju",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What one method says of one clip; `readings` is empty where it says that nobody gave a name.

    Attributes:
        readings: the answer and its really different alternatives, best first.
        confidence: of the answer, where the method has one.
        span: where the name is, where the method says so.
        hearing: of the pipeline, to be fused with another take.
    """

    readings: tuple[Pronunciation, ...] = ()
    confidence: float | None = None
    span: tuple[float, float] | None = None
    hearing: Hearing | None = None


class Lab:
    """The engines, loaded once."""

    def __init__(
        self, recognizer: PhoneRecognizer, transcriber: Transcriber, baselines: bool = True
    ) -> None:
        self.recognizer = recognizer
        self._last: tuple[Samples, Listening] | None = None
        self._listen = recognizer.listen
        recognizer.listen = self._remembering  # type: ignore[method-assign]
        self.g2p = Candidates()
        self.ear = Ear(transcriber, recognizer, self.g2p)
        self.ear.load()
        self.gatherer = Gatherer(self.g2p, recognizer)
        self.sphinx = SphinxPhones() if baselines else None
        if self.sphinx is not None:
            self.sphinx.load()

    def _remembering(self, waveform: Waveform) -> Listening:
        """The same recording goes through many methods: the acoustic model runs once."""
        if self._last is None or self._last[0] is not waveform.samples:
            self._last = waveform.samples, self._listen(waveform)
        return self._last[1]

    def by_name_alone(self, clip: Clip, slow: bool = True) -> dict[str, Answer]:
        """All methods that are told the carrier; pocketsphinx's only if `slow`."""
        found = speech_span(clip.waveform)
        spoken = self.g2p.predict(clip.spelling, "en-us")
        answers = {SPELLING_ALONE: Answer((spoken,) if spoken else ())}
        if found is None:
            return answers
        whole, context = Span(*found), context_of(clip)
        listening = self.recognizer.listen(clip.waveform)
        if isinstance(listening, CtcListening):
            answers |= self._ctc(clip, listening, whole, context)
        if self.sphinx is not None and slow:
            own = self._own_span(listening, whole, context)
            answers |= self._pocketsphinx(clip, whole, context, own)
        return answers

    def _ctc(
        self, clip: Clip, listening: CtcListening, whole: Span, context: Context
    ) -> dict[str, Answer]:
        own = self._own_span(listening, whole, context)
        answers = {}
        readings = self.gatherer.readings(clip.spelling, None)
        sounds = [c.pronunciation for c in readings]
        for single, greedy, choice in zip(
            listening.separately(), (GREEDY_IPA, GREEDY_ENGLISH), (CHOICE_IPA, CHOICE_ENGLISH),
            strict=False,
        ):  # fmt: skip
            answers[greedy] = Answer(_joined([p.ipa for p in single.free_phones(own)]))
            scores = single.score(sounds, whole, context)
            answers[choice] = _best([(s, p) for s, p in zip(scores, sounds, strict=True)])
        answers[BEAM] = Answer(tuple(listening.guesses(whole, context)[:3]))
        unspelled = self.gatherer.gather(listening, whole, context, spelling="", trusted=False)
        around = Surroundings.of(listening, whole, context, unspelled)
        answers[FREE] = self._ranked(unspelled, around, spelling_known=False)
        gathered = self.gatherer.gather(listening, whole, context, spelling=clip.spelling)
        weights = self.recognizer.scoring

        def stage(without: tuple[str, ...], prior: float) -> Answer:
            kept = [e for e in gathered if e.candidate.sources[0] not in without]
            return _best(
                [
                    (
                        weights.evidence * e.log_likelihood + prior * e.candidate.log_prior,
                        e.candidate.pronunciation,
                    )
                    for e in kept
                ]
            )

        answers[CHOICE] = stage(("recombined", "letters", "ear"), 0.0)
        answers[WITH_PRIOR] = stage(("recombined", "letters", "ear"), weights.prior)
        answers[WITH_MIXED] = stage(("ear",), weights.prior)
        around = Surroundings.of(listening, whole, context, gathered)
        answers[WITH_EDITS] = self._ranked(gathered, around)
        return answers

    def _ranked(
        self, gathered: Sequence[Evidence], around: Surroundings, spelling_known: bool = True
    ) -> Answer:
        readings = rank(
            gathered, self.recognizer.scoring, hears_ipa=self.recognizer.hears_ipa,
            spelling_known=spelling_known, surroundings=around,
        )  # fmt: skip
        if not readings:
            return Answer()
        offered = (readings[0], *distinct(readings, 2))
        return Answer(tuple(r.pronunciation for r in offered), readings[0].confidence)

    def _own_span(self, listening: Listening, whole: Span, context: Context) -> Span:
        """Where the name is: behind the aligned carrier phrase, and before what follows."""
        start, end = whole.start, whole.end
        if context.before is not None:
            opened = Context(open_start=True, open_end=True)
            found = listening.align(context.before, whole, opened)
            start = found.span.end + _MARGIN if found else start
        if context.after is not None:
            opened = Context(open_start=True, open_end=True)
            found = listening.align(context.after, whole, opened)
            end = found.span.start - _MARGIN if found else end
        return Span(start, max(end, start + 0.1))

    def _pocketsphinx(
        self, clip: Clip, whole: Span, context: Context, own: Span
    ) -> dict[str, Answer]:
        assert self.sphinx is not None
        listening = self.sphinx.listen(clip.waveform)
        answers = {PHONE_LOOP: Answer(_joined([p.ipa for p in listening.free_phones(own)]))}
        by_phones: dict[str, Pronunciation] = {}
        for candidate in self.gatherer.readings(clip.spelling, None):
            phones = to_arpabet(candidate.pronunciation, stress=False).value
            by_phones.setdefault(phones, candidate.pronunciation)
        graph: list[tuple[int, int, str]] = []
        state = 0
        if context.before is not None:
            graph.append((0, 1, to_arpabet(context.before, stress=False).value))
            state = 1
        graph += [(state, state + 1, phones) for phones in by_phones if phones]
        state += 1
        if context.after is not None:
            graph.append((state, state + 1, to_arpabet(context.after, stress=False).value))
            state += 1
        samples = clip.waveform.slice(max(0.0, whole.start - 0.1), whole.end + 0.1).samples
        decoded = self.sphinx.decode((samples * 32767).astype("int16"), graph, state)
        heard = {word.replace("_", " ") for word, *_ in decoded[1]} if decoded else set()
        chosen = [p for phones, p in by_phones.items() if phones in heard]
        answers[FORCED_CHOICE] = Answer(tuple(chosen[:1]))
        return answers

    def pair(self, clip: Clip, other: Pronunciation) -> bool | None:
        """Whether what was said fits better than another reading; None where nothing is heard."""
        found = speech_span(clip.waveform)
        if found is None or clip.said is None:
            return None
        listening = self.recognizer.listen(clip.waveform)
        said, rival = listening.score([clip.said, other], Span(*found), context_of(clip))
        return said > rival

    def hear(
        self, clip: Clip, *, spelling: str | None = None, words: bool = False,
        before: Hearing | None = None,
    ) -> Answer:  # fmt: skip
        """The whole product, on the whole recording.

        Args:
            clip: with its carrier, noise and all.
            spelling: as a caller gives it.
            words: whether the caller gives the transcript.
            before: an earlier take to fuse with.
        """
        text = clip.carrier.format(clip.spelling)
        transcript = Transcript(text, (), "caller", timed=False) if words else None
        hints = Hints(spelling=spelling, asked=clip.carrier == "{}" and clip.said is not None,
                      transcript=transcript)  # fmt: skip
        try:
            hearing, _ = self.ear.hear(clip.waveform, hints, before)
        except (NoNameHeard, NoSpeech):
            return Answer()
        offered = (hearing.readings[0], *distinct(hearing.readings, 2))
        return Answer(
            tuple(r.pronunciation for r in offered),
            hearing.readings[0].confidence,
            (hearing.start, hearing.end),
            hearing,
        )


def context_of(clip: Clip) -> Context:
    """What is said around the name in a clip."""
    before, _, after = clip.carrier.partition("{}") if clip.said else ("", "", "")
    first = _CARRIER_IPA.get(before.strip().casefold())
    last = _CARRIER_IPA.get(after.strip().casefold())
    return Context(parse_ipa(first) if first else None, parse_ipa(last) if last else None)


def _best(scored: Sequence[tuple[float, Pronunciation]]) -> Answer:
    if not scored:
        return Answer()
    return Answer((max(scored, key=lambda item: item[0])[1],))


def _joined(phones: Sequence[str]) -> tuple[Pronunciation, ...]:
    """Freely heard phones (IPA, or ARPABET of the English output) as a pronunciation, if any."""
    if not phones:
        return ()
    with contextlib.suppress(InvalidPronunciation):
        if all(p.isascii() and p.isupper() for p in phones):
            return (from_arpabet(" ".join(phones)),)
        return (parse_ipa(as_ipa(phones)),)
    return ()
