"""Tiny ears for the worker pool: a module of its own, since worker processes import it."""

from __future__ import annotations

import errno
import gc
import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from namemem.errors import EngineFailed, EngineUnavailable, NoNameHeard
from namemem.people import NameKind
from namemem.testing import fake_hearing

BROKEN = "NAMEMEM_TEST_BROKEN_ENGINES"
"""Environment variable: a file; while it is there, no engine answers a probe.

They fail; where `sleep` is in the file they wait, where `work` is in it they compute.
"""


class ObedientEar:
    """Does what the spelling says.

    `die`, `die-once:FILE` (the first worker that hears it), `raise`, `crash`, `fail`, `unsendable`
    (what is raised), `unsendable-answer`, `full`, `wait:FILE`, `begin:FILE`, `litter`.
    """

    def __init__(self) -> None:
        self.transcriber = SimpleNamespace(name="tiny", version="1", transcribe=_probed)
        listening = SimpleNamespace(score=lambda said, _span, _context: [0.0 for _ in said])
        self.recognizer = SimpleNamespace(identity="tiny 1", listen=lambda _waveform: listening)
        self.g2p = SimpleNamespace(identity="tiny 1", candidates=lambda spelling: [spelling])
        self.heard = 0

    def load(self) -> None:
        """Nothing to load."""

    def hear(self, waveform: Any, hints: Any, before: Any) -> tuple[Any, NameKind]:
        """The hearing's transcript is the process id and how often it has heard."""
        self.heard += 1
        command, _, argument = (hints.spelling or "").partition(":")
        if argument:
            Path(f"{argument}.begun.{os.getpid()}").touch()
        if command == "die-once":
            mark = Path(f"{argument}.died")
            if not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        elif command == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        elif command == "raise":
            raise NoNameHeard("Nobody gives a name here.", transcript="nice weather")
        elif command == "full":
            raise OSError(errno.ENOSPC, "No space left on device", "/tmp/of-somebody")
        elif command == "crash":
            raise ZeroDivisionError("a bug")
        elif command == "fail":
            _fail()
        elif command == "unsendable":
            raise _unsendable()
        elif command == "wait":
            while not Path(argument).exists():
                time.sleep(0.01)
        hearing = replace(fake_hearing(), transcript=f"{os.getpid()} {self.heard}")
        if command == "litter":
            hearing = replace(hearing, transcript=" ".join(map(str, self.litter())))
        if command == "unsendable-answer":
            hearing = replace(hearing, transcript=(_ for _ in ()))  # type: ignore[arg-type]
        return hearing, NameKind.GIVEN

    def litter(self) -> tuple[int, int]:
        """Makes what only a whole garbage collection finds: how many of them were before, and now.

        It is let go once it is old.
        """
        before = gc.get_stats()[2]["collections"]
        kept: list[list[Any]] = [[] for _ in range(600_000)]
        for one in kept:
            one.append(one)
        return before, gc.get_stats()[2]["collections"]


def _fail() -> None:
    try:
        raise ValueError("Zquorblax is no word")
    except ValueError as error:
        raise EngineFailed(f"The transcriber broke: {error}") from error


def _unsendable() -> Exception:
    class Unsendable(Exception):
        """Cannot be pickled: it is nobody's but this function's."""

    return Unsendable("Zquorblax")


def _probed(_waveform: Any) -> None:
    broken = os.environ.get(BROKEN)
    if not broken or not Path(broken).exists():
        return
    how = Path(broken).read_text()
    if not how:
        raise EngineFailed("The transcriber has lost its model.")
    while Path(broken).exists():
        if how == "sleep":
            time.sleep(0.01)


def build() -> tuple[Any, tuple[str, ...]]:
    """Runs in each worker."""
    return ObedientEar(), ("a note",)


def build_nothing() -> tuple[Any, tuple[str, ...]]:
    """Runs in each worker, where the engines are missing."""
    raise EngineUnavailable("The weights are not here. Fetch them.")


def build_badly() -> tuple[Any, tuple[str, ...]]:
    """Runs in each worker, where a model cannot be read."""
    try:
        raise ValueError("Zquorblax is no tensor")
    except ValueError as error:
        raise EngineUnavailable("The model cannot be loaded.") from error


def build_with_a_bug() -> tuple[Any, tuple[str, ...]]:
    """Runs in each worker, and has a bug."""
    raise ZeroDivisionError("Zquorblax")


def prepare() -> Any:
    """Runs once in the server."""
    return build


def prepare_nothing() -> Any:
    """Runs once in the server, where the workers' engines are missing."""
    return build_nothing


def prepare_badly() -> Any:
    """Runs once in the server, where the workers' engines cannot be loaded."""
    return build_badly


def prepare_a_bug() -> Any:
    """Runs once in the server, where the workers' engines have a bug."""
    return build_with_a_bug


def break_in_preparing() -> Any:
    """Runs once in the server, and has a bug."""
    raise ZeroDivisionError("Zquorblax")


def fail_to_prepare() -> Any:
    """Runs once in the server, and fails."""
    raise EngineUnavailable("Whisper was asked for and is not installed.")
