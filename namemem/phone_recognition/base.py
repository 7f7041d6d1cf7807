"""The interface of every phone recogniser, whatever it is made of."""

from __future__ import annotations

import math
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from namemem.audio import Waveform
from namemem.errors import EngineFailed, NamememError
from namemem.people import HeardPhone
from namemem.phones import Pronunciation, parse_ipa


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a recording, in seconds from its start."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Context:
    """What is said around the name inside the span that is searched.

    Attributes:
        before: the carrier phrase directly before the name ("my name is"), or None.
        after: the same directly after it ("… here").
        open_start, open_end: other speech may stand before `before` or after `after`; without
            them only silence may.
    """

    before: Pronunciation | None = None
    after: Pronunciation | None = None
    open_start: bool = False
    open_end: bool = False


@dataclass(frozen=True, slots=True)
class Alignment:
    """A pronunciation laid on the audio: its phones with times, and where it starts and ends."""

    phones: tuple[HeardPhone, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Letters:
    """A name spelled aloud: its letters (`hina karpov`), and where they are."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Calibration:
    """Logistic regression from what is known of an answer to how often such answers are right.

    Platt 1999, "Probabilistic outputs for support vector machines", with more than one input.

    Attributes:
        bias: log-odds of an answer with all else at zero.
        odds: factor on the softmax's log-odds.
        listed: for an answer that a dictionary lists.
        reading: for any reading of the spelling (not a recombination or an edit).
        entropy: per nat of the posteriors' mean entropy over the span: how unsure the ear is.
        pace: per phone a second, carrier and name over the span: too few, and some are missing.
        fit: per nat and phone by which the answer, with what is said around it, is worse than the
            best labels of all frames: what it leaves unexplained.
    """

    bias: float
    odds: float
    listed: float
    reading: float
    entropy: float = 0.0
    pace: float = 0.0
    fit: float = 0.0


@dataclass(frozen=True, slots=True)
class Scoring:
    """How to read an engine's log-likelihoods; tuned on development data, one set per engine.

    All penalties are in nats and belong to the prior.

    Attributes:
        evidence: factor on log-likelihoods before they meet the prior: acoustic frames are not
            independent, so raw likelihoods are too sure of themselves.
        prior: factor on the natural log of the prior.
        temperature: divides the sum before the softmax that gives probabilities.
        calibration: how the softmax becomes a confidence that keeps its word; None leaves it.
        confidence_cap: no answer of this engine is surer than this.
        free_confidence: factor on the confidence when no spelling is known.
        word_confidence: the same for an answer that reads a word which a transcriber wrote.
        recombined: how many recombinations of the languages' readings are weighed.
        mix_factor, mix_penalty: on the log prior of a recombination.
        edited: how many of the best candidates are tried with one phone changed.
        edit_penalty: of one changed phone; `inf` leaves edits out.
        listed: bonus for a reading that a dictionary lists.
        accent: penalty of a reading that differs from a dictionary's by accent only.
        letters: factor on the letter model's log-probability of a candidate, see `letters.py`.
        spelled, spelled_native: how many readings of the letter model's own are weighed, by English
            rules and by those of other languages.
        spelled_penalty: of such a reading.
        guess_penalty: of a spelling that a transcriber guessed.
        lexicon: how many of a dictionary's words that sound alike are weighed where no spelling is
            known; `lexicon_penalty` is what each of them costs.
        ear_penalty, per_phone: of what was heard without any spelling, and of each of its phones.
        word_trust: what is heard freely costs so much more where a transcriber wrote a word.
    """

    evidence: float
    prior: float
    temperature: float
    confidence_cap: float
    free_confidence: float
    calibration: Calibration | None = None
    word_confidence: float | None = None
    recombined: int = 0
    mix_factor: float = 1.0
    mix_penalty: float = 2.0
    edited: int = 0
    edit_penalty: float = math.inf
    listed: float = 0.0
    accent: float = 0.0
    letters: float = 0.0
    spelled: int = 0
    spelled_native: int = 0
    spelled_penalty: float = 2.0
    guess_penalty: float = 1.0
    lexicon: int = 0
    lexicon_penalty: float = 10.0
    ear_penalty: float = 4.0
    per_phone: float = 0.0
    word_trust: float = 0.0


class Listening(ABC):
    """What one recogniser got out of one recording. Not shared between threads."""

    @abstractmethod
    def score(
        self, pronunciations: Sequence[Pronunciation], span: Span, context: Context
    ) -> list[float]:
        """Log-likelihood of the audio in `span` under each pronunciation, in `context`.

        Returns:
            One natural log per pronunciation, comparable with each other within this call and
            between calls with the same span and context; `-inf` for what cannot fit.
        """

    @abstractmethod
    def align(self, pronunciation: Pronunciation, span: Span, context: Context) -> Alignment | None:
        """Where each phone of `pronunciation` is; None when it cannot fit into `span`."""

    @abstractmethod
    def free_phones(self, span: Span) -> tuple[HeardPhone, ...]:
        """The phones heard when nothing is known about what was said."""

    def explained(self, pronunciations: Sequence[Pronunciation], span: Span) -> float:
        """How well the best of some pronunciations alone explains all of the span; see `fit`."""
        return max(self.fit(p, span, Context()) for p in pronunciations)

    def support(
        self, pronunciations: Sequence[Pronunciation], span: Span, context: Context
    ) -> float:
        """Nats per phone by which the best of some pronunciations beats no name at all.

        `inf` from an engine that cannot tell.
        """
        return math.inf

    def uncertainty(self, span: Span) -> float:
        """Mean entropy of the posteriors over the span, in nats; 0 from an engine without any."""
        return 0.0

    def ceiling(self, span: Span) -> float:
        """What no pronunciation can beat: the log-likelihood, as of `score`, of the best labels.

        `nan` from an engine that cannot tell.
        """
        return math.nan

    def spelled(self, span: Span) -> Letters | None:
        """The letters, where `span` is somebody spelling a name aloud; None from most engines."""
        return None

    def guesses(self, span: Span, context: Context) -> list[Pronunciation]:
        """What may have been said, best first, from the sound alone; here, the free phones."""
        if context.before is not None:
            carrier = self.align(context.before, span, Context(open_start=True, open_end=True))
            if carrier is not None and carrier.span.end < span.end:
                span = Span(carrier.span.end, span.end)
        heard = self.free_phones(span)
        return [parse_ipa("".join(p.ipa for p in heard))] if heard else []

    @abstractmethod
    def fit(self, pronunciation: Pronunciation, span: Span, context: Context) -> float:
        """How well the audio fits: mean log-likelihood ratio per second against free phones.

        About 0 where the pronunciation is as good as anything; the more negative, the less it
        was said. Comparable between recordings.
        """


class PhoneRecognizer(ABC):
    """An engine. Construction is cheap; `load` does the heavy work, once.

    Attributes:
        name: its name in the registry.
        scoring: how to read its log-likelihoods.
        hears_ipa: whether it tells foreign phones from their English neighbours.
    """

    name: str
    scoring: Scoring
    hears_ipa: bool = False
    finds_carriers: bool = False
    """Can look for a carrier phrase itself, so that a known spelling needs no transcriber."""
    min_fit: float = float("-inf")
    """A known name by which the sound is `explained` worse than this was not said."""
    farthest: float = float("inf")
    """Nor was one that is farther (PFER) from what is heard freely."""

    def __init__(self) -> None:
        self._load_lock = threading.Lock()
        self._loaded = False

    @property
    @abstractmethod
    def version(self) -> str:
        """Version of the engine and its weights, for the record."""

    @property
    def identity(self) -> str:
        """Name and version, as written into every hearing."""
        return f"{self.name} {self.version}"

    def load(self) -> None:
        """Loads the model, once, whoever asks first.

        Raises:
            EngineUnavailable: something is not installed or not there; the message says what.
        """
        with self._load_lock:
            if not self._loaded:
                self._load()
                self._loaded = True

    def listen(self, waveform: Waveform) -> Listening:
        """Runs the acoustic model over a recording (at least 0.1 s).

        Raises:
            EngineUnavailable: the engine cannot be loaded.
            EngineFailed: it broke.
        """
        self.load()
        try:
            return self._listen(waveform)
        except NamememError:
            raise
        except Exception as error:
            raise EngineFailed(f"The phone recogniser {self.name} failed: {error}") from error

    @abstractmethod
    def _load(self) -> None: ...

    @abstractmethod
    def _listen(self, waveform: Waveform) -> Listening: ...
