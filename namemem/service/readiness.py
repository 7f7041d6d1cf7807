"""Whether everything works now: each engine is run, and the database asked, within a bound."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from namemem.errors import NamememError
from namemem.service.base import ServiceBase
from namemem.workers.jobs import Provable

FRESH = 5.0
"""Seconds for which an answer of the preview voice and of the G2P is good enough."""
PATIENCE = 2.0
"""Seconds within which each must answer, on a machine that lets this process run."""
STARVED = 2.0
"""How many times as long they may take where other programs keep this process from running."""
LOADING = 30.0
"""Seconds within which each must answer the first time."""
_TURN = 0.005  # seconds between looks
_LONGEST_TURN = 0.02  # seconds that one may count for


@dataclass(frozen=True, slots=True)
class Readiness:
    """What works.

    Attributes:
        engines: role → engine's name and version, as far as they are loaded.
        notes: remarks that keep nobody from being served.
        reasons: what does not work; nothing when ready.
    """

    engines: dict[str, str]
    notes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether everything works."""
        return not self.reasons


@dataclass
class _Question:
    """Something that is tried now and then, in a thread of its own, since it may never return."""

    what: str
    try_it: Callable[[], object]
    fresh: float
    problem: str | None = None
    _asked: float = float("-inf")
    _answered: float = float("-inf")
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self) -> None:
        """Tries it, unless that is under way, or the last answer is fresh."""
        now = time.monotonic()
        with self._lock:
            if self._asked > self._answered or now - self._answered < self.fresh:
                return
            self._asked = now
        threading.Thread(target=self._run, name=f"namemem-probe-{self.what}", daemon=True).start()

    def _run(self) -> None:
        problem: str | None = None
        try:
            self.try_it()
        except NamememError as error:
            problem = error.message
        except Exception as error:  # its message is for nobody's eyes; its type will do
            problem = f"{self.what} broke: {type(error).__name__}."
        with self._lock:
            self.problem = problem
            # A clock may give the same moment twice, and this answers what was asked.
            self._answered = max(time.monotonic(), self._asked)

    def patience(self, usual: float) -> float:
        """Seconds to wait for an answer: longer for the first, which loads what it needs."""
        return usual if self._answered > float("-inf") else LOADING

    @property
    def outstanding(self) -> bool:
        """Whether it is being tried."""
        with self._lock:
            return self._asked > self._answered

    def reason(self) -> str | None:
        """Why it is not ready; None when it is."""
        if self.outstanding:
            seconds = time.monotonic() - self._asked
            return f"{self.what} has not answered for {seconds:.0f} s."
        return self.problem


class Prober:
    """Tries everything that a service needs.

    The worker processes run transcriber, phone recogniser and G2P on a synthetic sound; this
    process tries its own G2P, the preview voice and the database. A probe that never returns
    holds up nobody: it is said, and not begun a second time.
    """

    def __init__(self, service: ServiceBase, *, patience: float = PATIENCE) -> None:
        self._service = service
        self._patience = patience
        self._questions = (
            _Question("The G2P", lambda: service.g2p.candidates("Anna"), FRESH),
            _Question("The preview voice", lambda: service.voice.speak("ah"), FRESH),
            _Question("The database", lambda: service.store.ping(), 0.0),
        )

    async def check(self) -> Readiness:
        """Asks all of them at once; takes a few seconds at the most."""
        asked = self._questions
        for question in asked:
            question.ask()
        if isinstance(self._service.hearer, Provable):
            await self._service.hearer.prove()
        await self._wait(asked)
        state = self._service.hearer.state()
        reasons = [] if state.ready else [state.problem or "The engines are loading."]
        reasons += [reason for q in self._questions if (reason := q.reason()) is not None]
        return Readiness(state.engines, state.notes, tuple(reasons))

    async def _wait(self, asked: Sequence[_Question]) -> None:
        """Until all have answered, or have had their time.

        What is asked runs beside this loop; where the loop comes late to its turns, so do they,
        and the time that it was kept waiting is not held against them.
        """
        waited, elapsed, then = 0.0, 0.0, time.monotonic()

        def may(question: _Question) -> bool:
            patience = question.patience(self._patience)
            return question.outstanding and waited < patience and elapsed < STARVED * patience

        while any(may(question) for question in asked):
            await asyncio.sleep(_TURN)
            turn, then = time.monotonic() - then, time.monotonic()
            waited, elapsed = waited + min(turn, _LONGEST_TURN), elapsed + turn
