"""Where an utterance starts and ends in a stream that goes on.

    Endpointer.push (samples as they come) → SpeechStarted, Silence…, SpeechResumed, SpeechEnded

Pure: no clock, no thread, no socket; time is counted in samples. What follows a pause decides what
the pause was, so a silence is told at several lengths: after the shortest one somebody may begin to
hear, and after the longest the utterance is over.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

import numpy as np

from namemem.audio.voice_activity import FRAME, FRAME_SECONDS, Samples, VoiceActivity
from namemem.audio.waveform import SAMPLE_RATE, Waveform


@dataclass(frozen=True, slots=True)
class Endpoints:
    """How an endpointer decides; the defaults were chosen by `benchmarks/endpointing.py`.

    Attributes:
        speech: probability from which a frame is speech.
        silence: probability below which a silence begins.
        least_speech: seconds of speech before an utterance has started.
        before: seconds kept from before the start, since a weak first consonant is found late.
        marks: lengths of silence in seconds that are told, ascending; the last one ends it.
        longest: seconds (with `before`) after which an utterance is given up.
    """

    speech: float = 0.5
    silence: float = 0.35
    least_speech: float = 0.096
    before: float = 0.5
    marks: tuple[float, ...] = (0.096, 0.224, 0.8)
    longest: float = 30.0


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Somebody speaks since `at` (seconds from the start of the stream)."""

    at: float


@dataclass(frozen=True, slots=True)
class Silence:
    """It has been silent for `seconds`, the mark number `mark`; the utterance may go on."""

    mark: int
    seconds: float


@dataclass(frozen=True, slots=True)
class SpeechResumed:
    """Speech goes on after a silence that was told."""


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The utterance is over.

    Attributes:
        sound: the utterance with what was kept before it; empty where it was too long.
        start: seconds from the start of the stream to the start of `sound`.
        end: seconds from the start of the stream to the last speech.
        why: `silence`, `limit` (too long; what still comes of it is left out), or `told`.
    """

    sound: Waveform
    start: float
    end: float
    why: Literal["silence", "limit", "told"]


Event = SpeechStarted | Silence | SpeechResumed | SpeechEnded


class Endpointer:
    """Finds the utterances of one stream (mono, 16 kHz).

    Args:
        detector: of this stream alone, since it remembers.
        endpoints: how to decide.
    """

    def __init__(self, detector: VoiceActivity, endpoints: Endpoints = Endpoints()) -> None:
        self.endpoints = endpoints
        self._detector = detector
        self._rest = np.zeros(0, np.float32)  # less than one frame
        self._frames = 0  # so far
        self._before: deque[Samples] = deque(maxlen=_frames(endpoints.before))
        self._run: list[Samples] = []  # speech that is not yet long enough to be an utterance
        self._kept: list[Samples] | None = None  # the utterance; None outside of one
        self._first = 0  # frame number of `_kept[0]`
        self._last_speech = 0  # frame number behind the last speech
        self._silent = 0  # frames since then, 0 while speech goes on
        self._told = 0  # marks of this silence already told
        self._too_long = False

    @property
    def speaking(self) -> bool:
        """Whether an utterance has started and not ended."""
        return self._kept is not None

    @property
    def seconds(self) -> float:
        """Length of the stream so far."""
        return self._frames * FRAME_SECONDS + self._rest.size / SAMPLE_RATE

    def push(self, samples: Samples) -> list[Event]:
        """What these samples (shape (n,), float32 within [-1, 1], any n) decide."""
        samples = np.concatenate((self._rest, samples)) if self._rest.size else samples
        whole = samples.size - samples.size % FRAME
        self._rest = samples[whole:].copy()
        if not whole:
            return []
        samples = samples[:whole]
        found = self._detector.probabilities(samples)
        events: list[Event] = []
        for frame, probability in zip(samples.reshape(-1, FRAME), found.tolist(), strict=True):
            self._frames += 1
            if self._kept is None and not self._too_long:
                events += self._outside(frame, probability)
            else:
                events += self._inside(frame, probability)
        return events

    def sound(self) -> Waveform:
        """The utterance so far; empty outside of one."""
        parts = self._kept or []
        return Waveform(np.concatenate(parts) if parts else np.zeros(0, np.float32))

    def settle(self) -> SpeechEnded | None:
        """Takes the utterance as over in a silence shorter than the last mark."""
        return self._over("silence") if self._kept is not None else None

    def end(self) -> SpeechEnded | None:
        """Ends the utterance here; None where there is none."""
        self._too_long = False
        if self._kept is None and self._run:  # too short to be told, but somebody says it was all
            self._begin()
        if self._kept is not None and self._rest.size:
            self._kept.append(self._rest)
        ended = self._over("told") if self._kept is not None else None
        self._frames += 1 if self._rest.size else 0
        self._rest = np.zeros(0, np.float32)
        self._before.clear()
        return ended

    def _outside(self, frame: Samples, probability: float) -> list[Event]:
        if probability < self.endpoints.speech:
            self._before.extend((*self._run, frame))
            self._run = []
            return []
        self._run.append(frame)
        self._last_speech = self._frames
        if len(self._run) < _frames(self.endpoints.least_speech):
            return []
        return [self._begin()]

    def _begin(self) -> SpeechStarted:
        started = self._frames - len(self._run)
        self._kept = [*self._before, *self._run]
        self._first = self._frames - len(self._kept)
        self._before.clear()
        self._run = []
        self._silent = self._told = 0
        return SpeechStarted(round(started * FRAME_SECONDS, 3))

    def _inside(self, frame: Samples, probability: float) -> list[Event]:
        events: list[Event] = []
        if self._kept is not None:
            self._kept.append(frame)
        if probability >= self.endpoints.speech:
            if self._told and not self._too_long:
                events.append(SpeechResumed())
            self._silent = self._told = 0
            self._last_speech = self._frames
        elif self._silent or probability < self.endpoints.silence:
            self._silent += 1
        else:
            self._last_speech = self._frames
        marks = self.endpoints.marks
        while self._told < len(marks) and self._silent >= _frames(marks[self._told]):
            if not self._too_long and self._told < len(marks) - 1:
                events.append(Silence(self._told, marks[self._told]))
            self._told += 1
        if self._told == len(marks):
            if not self._too_long:
                return [*events, self._over("silence")]
            self._too_long = False
            self._silent = self._told = 0
        elif self._kept is not None and len(self._kept) * FRAME_SECONDS > self.endpoints.longest:
            self._kept = []
            events.append(self._over("limit"))
            self._too_long = True
        return events

    def _over(self, why: Literal["silence", "limit", "told"]) -> SpeechEnded:
        ended = SpeechEnded(
            self.sound(),
            round(self._first * FRAME_SECONDS, 3),
            round(self._last_speech * FRAME_SECONDS, 3),
            why,
        )
        if why != "limit":  # so that the next utterance does not lack what came before it
            self._before.extend((self._kept or [])[-self._silent :] if self._silent else ())
        self._kept = None
        self._silent = self._told = 0
        return ended


def _frames(seconds: float) -> int:
    return max(1, round(seconds / FRAME_SECONDS))
