"""Hearing in worker processes: bounded, off the event loop, replaced when one dies.

pocketsphinx holds Python's lock while it decodes, so threads would stop the server for seconds;
and an audio file that crashes a codec takes down one worker, not the service.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field, replace
from typing import Protocol

from pebble import ProcessExpired, ProcessPool

from namemem.audio import decode, encode_wav
from namemem.errors import EngineBusy, EngineFailed, EngineUnavailable, NamememError
from namemem.introductions import Ear, Hints
from namemem.people import Hearing, NameKind

_log = logging.getLogger(__name__)

DEADLINE = 60.0
"""Seconds that hearing one recording may take before its worker is replaced."""


@dataclass(frozen=True, slots=True)
class Job:
    """One recording to be heard.

    Attributes:
        audio: the file as it was uploaded.
        hints: what the caller knows.
        before: an earlier take of the same introduction.
        want_clip: also give the recording back as WAV.
        max_seconds, max_bytes: limits of the decoder.
    """

    audio: bytes
    hints: Hints = field(default_factory=Hints)
    before: Hearing | None = None
    want_clip: bool = False
    max_seconds: float = 30.0
    max_bytes: int = 25_000_000


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of it; `clip` is a 16-bit mono WAV at 16 kHz."""

    hearing: Hearing
    kind: NameKind
    clip: bytes | None = None


@dataclass(frozen=True, slots=True)
class PoolState:
    """Whether recordings can be heard now.

    `engines` maps a role to its engine's name and version; `notes` are remarks such as why
    Whisper is not used; `problem` says what is wrong when not ready.
    """

    ready: bool
    engines: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    problem: str | None = None


class Hearer(Protocol):
    """Whoever hears recordings for the service: the pool, or a fake in tests."""

    async def hear(self, job: Job) -> Heard:
        """Hears one recording; raises what `Ear.hear` and `decode` raise, or `EngineBusy`."""

    def state(self) -> PoolState:
        """Whether it can."""


def hear_job(ear: Ear, job: Job) -> Heard:
    """Decodes and hears one recording in this process."""
    started = time.perf_counter()
    waveform = decode(job.audio, max_seconds=job.max_seconds, max_bytes=job.max_bytes)
    decoded = (time.perf_counter() - started) * 1000
    hearing, kind = ear.hear(waveform, job.hints, job.before)
    timings = {"decode": round(decoded, 1), **hearing.timings_ms}
    timings["total"] = round(timings.get("total", 0.0) + decoded, 1)
    clip = encode_wav(waveform) if job.want_clip else None
    return Heard(replace(hearing, timings_ms=timings), kind, clip)


# --- in the worker process ---------------------------------------------------------------------

Builder = Callable[[], tuple[Ear, tuple[str, ...]]]
"""Makes the engines, and remarks on the choice."""

_build: Builder | None = None
_ear: tuple[Ear, tuple[str, ...]] | None = None


def _start(build: Builder) -> None:
    global _build
    _build = build
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's to handle
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def _the_ear() -> tuple[Ear, tuple[str, ...]]:
    global _ear
    if _ear is None:
        if _build is None:  # pragma: no cover - the pool always starts its workers with one
            raise EngineUnavailable("The worker was started without engines.")
        ear, notes = _build()
        ear.load()
        _ear = (ear, notes)
    return _ear


def _probe() -> PoolState:
    ear, notes = _the_ear()
    return PoolState(
        ready=True,
        engines={
            "transcriber": f"{ear.transcriber.name} {ear.transcriber.version}",
            "phone_recognizer": ear.recognizer.identity,
            "g2p": ear.g2p.identity,
        },
        notes=notes,
    )


def _work(job: Job) -> Heard:
    return hear_job(_the_ear()[0], job)


# --- in the server -----------------------------------------------------------------------------


class WorkerPool:
    """Worker processes, each with its own engines.

    Args:
        prepare: runs once in the server, in a thread: settles which engines it will be (and may
            fetch their weights); gives the function that makes them in each worker, which must be
            picklable (a module-level function, or a `functools.partial` of one).
        workers: processes.
        queue_size: recordings that may wait beyond those being heard.
        deadline: seconds one recording may take.
    """

    def __init__(
        self,
        prepare: Callable[[], Builder],
        *,
        workers: int,
        queue_size: int,
        deadline: float = DEADLINE,
    ) -> None:
        self._prepare = prepare
        self._workers = workers
        self._limit = workers + queue_size
        self._deadline = deadline
        self._pool: ProcessPool | None = None
        self._in_flight = 0
        self._stopping = False
        self._lock = threading.Lock()
        self._state = PoolState(False, problem="The engines are loading.")

    def start(self) -> None:
        """Starts the processes and loads the engines, in the background."""
        self._stopping = False
        threading.Thread(target=self._start, name="namemem-prepare", daemon=True).start()

    def _start(self) -> None:
        try:
            build = self._prepare()
        except NamememError as error:
            self._state = PoolState(False, problem=error.message)
            _log.error("The engines could not be chosen: %s", error.message)
            return
        with self._lock:
            if self._stopping:
                return
            pool = ProcessPool(
                max_workers=self._workers,
                initializer=_start,
                initargs=(build,),
                context=multiprocessing.get_context("spawn"),
            )
            self._pool = pool
        for _ in range(self._workers):
            pool.schedule(_probe, timeout=600).add_done_callback(self._loaded)

    def _loaded(self, future: Future[PoolState]) -> None:
        with contextlib.suppress(CancelledError):
            error = future.exception()
            if error is None:
                state = future.result()
                self._state = state
            elif not self._state.ready:
                problem = error.message if isinstance(error, NamememError) else str(error)
                self._state = PoolState(False, problem=problem or type(error).__name__)
                _log.error("The engines could not be loaded: %s", problem)

    def state(self) -> PoolState:
        """Whether recordings can be heard now."""
        if self._pool is not None and not self._pool.active:
            return PoolState(False, problem="The workers are stopped.")
        return self._state

    @property
    def in_flight(self) -> int:
        """Recordings being heard or waiting."""
        return self._in_flight

    async def hear(self, job: Job) -> Heard:
        """Hears one recording in a worker.

        Raises:
            EngineBusy: the queue is full.
            EngineFailed: the worker died or took too long; another has taken its place.
            EngineUnavailable: the engines cannot be loaded.
        """
        pool = self._pool
        if pool is None or not pool.active:
            raise EngineUnavailable(self._state.problem or "The workers are stopped.")
        with self._lock:
            if self._in_flight >= self._limit:
                raise EngineBusy(
                    f"All {self._workers} workers are busy and {self._limit - self._workers} "
                    "recordings are waiting. Send it again in a moment.",
                    retry_after=max(1, self._limit // self._workers),
                )
            self._in_flight += 1
        try:
            future = pool.schedule(_work, args=(job,), timeout=self._deadline)
            return await asyncio.wrap_future(future)
        except FutureTimeout as error:
            raise EngineFailed(
                f"Hearing this recording took more than {self._deadline:.0f} s and was stopped. "
                "Send a shorter recording."
            ) from error
        except ProcessExpired as error:
            raise EngineFailed(
                "The worker that heard this recording died; another has taken its place. "
                "Send the recording again."
            ) from error
        finally:
            with self._lock:
                self._in_flight -= 1

    def stop(self) -> None:
        """Ends the processes; what they were hearing is given up."""
        with self._lock:
            self._stopping = True
            pool, self._pool = self._pool, None
        self._state = PoolState(False, problem="The server is stopping.")
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join(timeout=10)
