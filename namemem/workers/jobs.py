"""What is heard, by whom, and what comes of it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol, runtime_checkable

from namemem.audio import decode, encode_wav
from namemem.audio.memory import DECODING_BYTES, memory_bounded
from namemem.identifying import Verdicts
from namemem.introductions import Ear, Hints
from namemem.people import Hearing, NameKind


@dataclass(frozen=True, slots=True)
class Job:
    """One recording to be heard.

    Attributes:
        audio: the file as it was uploaded.
        hints: what the caller knows.
        before: an earlier take of the same introduction.
        want_clip: also give the recording back as WAV.
        max_seconds, max_bytes: limits of the decoder.
        space: whose recording it is; spaces take turns.
        wait: seconds the caller waits, where that is less than the pool's deadline.
        known: IPA of names, syllables apart, among which the heard one is looked for.
    """

    audio: bytes
    hints: Hints = field(default_factory=Hints)
    before: Hearing | None = None
    want_clip: bool = False
    max_seconds: float = 30.0
    max_bytes: int = 25_000_000
    space: str = "default"
    wait: float | None = None
    known: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of it; `clip` is a 16-bit mono WAV at 16 kHz.

    `verdicts` says which of the job's `known` sounds it is; None where none were asked for.
    """

    hearing: Hearing
    kind: NameKind
    clip: bytes | None = None
    verdicts: Verdicts | None = None


@dataclass(frozen=True, slots=True)
class PoolState:
    """Whether recordings can be heard now.

    `engines` maps a role to its engine's name and version; `notes` are remarks such as why
    Whisper is not used, or that one of several workers is being replaced; `problem` says what
    is wrong when not ready.
    """

    ready: bool
    engines: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class PoolStats:
    """How busy it is, for those who run it.

    Attributes:
        workers: processes there should be.
        ready: those with their engines loaded.
        busy: those that hear now.
        waiting: recordings that wait for a worker.
        restarts: workers replaced since the start, by reason: `died`, `stuck`, `deadline` (took
            too long) and `hung_up` (its caller left).
    """

    workers: int
    ready: int
    busy: int
    waiting: int
    restarts: Mapping[str, int]


class Hearer(Protocol):
    """Whoever hears recordings for the service: the pool, or a fake in tests."""

    async def hear(self, job: Job) -> Heard:
        """Hears one recording; raises what `Ear.hear` and `decode` raise, or an `EngineError`."""

    def state(self) -> PoolState:
        """Whether it can."""


@runtime_checkable
class Provable(Protocol):
    """A hearer that can be made to show that it works."""

    async def prove(self) -> None:
        """Runs its engines once, within a few seconds; `state` then knows."""


@runtime_checkable
class Counted(Protocol):
    """A hearer that knows how busy it is."""

    def stats(self) -> PoolStats:
        """How busy it is."""


def hear_job(ear: Ear, job: Job) -> Heard:
    """Decodes and hears one recording in this process."""
    started = time.perf_counter()
    with memory_bounded(DECODING_BYTES):
        waveform = decode(job.audio, max_seconds=job.max_seconds, max_bytes=job.max_bytes)
    decoded = (time.perf_counter() - started) * 1000
    verdicts: Verdicts | None = None
    if job.known:
        hearing, kind, verdicts = ear.identify(waveform, job.hints, job.known)
    else:
        hearing, kind = ear.hear(waveform, job.hints, job.before)
    timings = {"decode": round(decoded, 1), **hearing.timings_ms}
    timings["total"] = round(timings.get("total", 0.0) + decoded, 1)
    clip = encode_wav(waveform) if job.want_clip else None
    return Heard(replace(hearing, timings_ms=timings), kind, clip, verdicts)
