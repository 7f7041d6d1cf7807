"""What runs in a worker process: it builds its engines, then answers one order after another."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from namemem import garbage
from namemem.audio import SAMPLE_RATE, Waveform
from namemem.discretion import trouble
from namemem.errors import EngineError, EngineFailed, NamememError
from namemem.introductions import Ear
from namemem.phones import parse_ipa
from namemem.scratch import is_full, no_temporary_space
from namemem.workers.jobs import Heard, Job, hear_job

Builder = Callable[[], tuple[Ear, tuple[str, ...]]]
"""Makes the engines, and remarks on the choice."""

PROBE = "probe"
"""The order to run every engine once; the answer is None."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A worker's first word: who hears in it."""

    engines: dict[str, str]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Broke:
    """An exception in a worker; `summary` stands in where it cannot be sent whole.

    `trouble` is where it was, for the log: what is sent has neither traceback nor cause. Empty
    where the message says all there is to say.
    """

    error: BaseException | None
    summary: str = field(default="")
    trouble: tuple[str, ...] = ()

    @property
    def readable(self) -> NamememError:
        """The error for whoever can do nothing about a bug."""
        if isinstance(self.error, NamememError):
            return self.error
        return EngineFailed(f"An engine broke: {self.summary}.")


def main(connection: Connection, build: Builder, nice: int) -> None:
    """The life of a worker process: says `Loaded` or `Broke`, then answers until hung up on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's to handle
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if nice and hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(nice)  # those who only ask for a name do not wait for those who hear
    # OSError, EOFError: the server is gone.
    with contextlib.suppress(OSError, EOFError, KeyboardInterrupt):
        try:
            with garbage.undisturbed():
                ear, notes = build()
                ear.load()
            garbage.settle()
        except BaseException as error:
            connection.send(_broke(error))
            return
        connection.send(Loaded(_engines(ear), notes))
        while True:
            order: Job | str = connection.recv()
            _send(connection, _answer(ear, order))
            garbage.tidy()


def _answer(ear: Ear, order: Job | str) -> Heard | Broke | None:
    try:
        if isinstance(order, Job):
            return hear_job(ear, order)
        probe(ear)
    except Exception as error:
        return _broke(error)
    return None


def _send(connection: Connection, answer: Any) -> None:
    try:
        connection.send(answer)
    except (OSError, EOFError):
        raise
    except Exception as error:  # what cannot be pickled fails in as many ways as there are types
        summary = f"{type(error).__name__} while answering"
        connection.send(Broke(None, summary, tuple(trouble(error))))


def _broke(error: BaseException) -> Broke:
    """The error as it is where it can be sent, else its type: its words may quote the speaker."""
    import pickle

    where = () if _says_all(error) else tuple(trouble(error))
    if is_full(error):
        error = no_temporary_space()
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own object
    except Exception:
        return Broke(None, type(error).__name__, where)
    return Broke(error, type(error).__name__, where)


def _says_all(error: BaseException) -> bool:
    """Whether its message is enough: the recording is to blame, or something is not installed."""
    if isinstance(error, EngineError):
        return not isinstance(error, EngineFailed) and error.__cause__ is None
    return isinstance(error, NamememError)


def _engines(ear: Ear) -> dict[str, str]:
    return {
        "transcriber": f"{ear.transcriber.name} {ear.transcriber.version}",
        "phone_recognizer": ear.recognizer.identity,
        "g2p": ear.g2p.identity,
    }


def probe(ear: Ear) -> None:
    """Runs every engine once, on a sound that is none of anybody's.

    Raises:
        EngineFailed: one of them gives no answer of the right kind.
        EngineError: what it raises itself.
    """
    waveform = probe_sound()
    ear.transcriber.transcribe(waveform)
    listening = ear.recognizer.listen(waveform)
    from namemem.phone_recognition import Context, Span

    seconds = len(waveform.samples) / SAMPLE_RATE
    said = parse_ipa("ˈænə")
    if len(listening.score([said], Span(0.0, seconds), Context())) != 1:
        raise EngineFailed(f"The phone recogniser {ear.recognizer.identity} scores nothing.")
    if not ear.g2p.candidates("Anna"):
        raise EngineFailed(f"{ear.g2p.identity} reads no spelling.")


def probe_sound() -> Waveform:
    """Three quarters of a second of a buzz at 120 Hz with two formants, as in "ah"; synthetic."""
    time = np.arange(round(0.75 * SAMPLE_RATE)) / SAMPLE_RATE
    buzz = sum(
        np.sin(2 * np.pi * 120 * k * time) / (1 + ((120 * k - 700) / 300) ** 2)
        + np.sin(2 * np.pi * 120 * k * time) / (1 + ((120 * k - 1200) / 300) ** 2)
        for k in range(1, 30)
    )
    samples = np.asarray(buzz) * np.hanning(len(time))
    return Waveform((0.3 * samples / np.abs(samples).max()).astype(np.float32))
