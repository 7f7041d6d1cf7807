"""One worker process from the server's side: a thread that starts it, feeds it, and replaces it.

A seat blocks on its worker's pipe; whoever has had enough of waiting kills the worker, which
wakes the seat. So no answer, no order and no probe can hold it longer than its limit.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import threading
import time
from concurrent.futures import Future, InvalidStateError
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from multiprocessing import connection as connections
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import TYPE_CHECKING, Any, Literal

from namemem.errors import EngineFailed
from namemem.workers import process as inside
from namemem.workers.jobs import Heard, Job
from namemem.workers.liveness import Stillness

if TYPE_CHECKING:
    from namemem.workers.pool import WorkerPool

_log = logging.getLogger(__name__)
_SPAWN = multiprocessing.get_context("spawn")

LOAD_LIMIT = 600.0
"""Seconds in which the engines must be loaded: a large model from a slow disk."""
ATTEMPTS = 2
"""How often a recording is heard whose worker dies, before it is taken for the cause."""
_LOOK = 1.0  # seconds between looks whether an idle worker is still alive
_GLANCE = 0.1  # seconds between looks at a worker that is being probed
_STARVED = 12.0  # times its limit after which a probe has failed, however busy the machine is
_LATE = 5.0  # seconds after a deadline at which the seat itself gives up
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0  # seconds between two tries to load engines that cannot be loaded

Phase = Literal["loading", "idle", "busy", "probing", "down"]


@dataclass(eq=False, slots=True)
class Ticket:
    """One recording on its way: waiting, in a seat, or done.

    `ends` is when it must be done (`time.monotonic`), `started` when a worker first took it;
    `context` is of whoever waits for it, for what is logged of it.
    """

    job: Job
    ends: float
    future: Future[Heard] = field(default_factory=Future)
    seat: Seat | None = None
    attempts: int = 0
    started: float | None = None
    context: Context = field(default_factory=copy_context)

    def answer(self, heard: Heard) -> None:
        """Done; nobody may be waiting any more."""
        with contextlib.suppress(InvalidStateError):
            self.future.set_result(heard)

    def fail(self, error: BaseException) -> None:
        """Failed; nobody may be waiting any more."""
        with contextlib.suppress(InvalidStateError):
            self.future.set_exception(error)


class _Gone(Exception):
    """The worker is dead, by itself or by us."""


class _Broken(Exception):
    """Its engines do not load, or do not answer a probe."""

    def __init__(self, broke: inside.Broke) -> None:
        super().__init__(broke.summary)
        self.broke = broke


class Seat:
    """A place for one worker process.

    All attributes are written under the pool's lock.

    Attributes:
        number: 1, 2, … in logs.
        phase: what it is doing; `down` is waiting to try again after its engines did not load.
        since: when the phase began, `time.monotonic`.
        proof: when the worker last showed that it works, `time.monotonic`.
        stuck: its worker was replaced because it did not answer, and the next is not there yet.
        problem: why its engines could not be loaded.
        probe_wanted: somebody wants to know whether it works.
        stillness: of the probe that is under way: what the worker does meanwhile.
        pid: of the worker, 0 without one.
    """

    def __init__(self, pool: WorkerPool, number: int, build: inside.Builder) -> None:
        self.number = number
        self.phase: Phase = "loading"
        self.since = time.monotonic()
        self.proof = 0.0
        self.stuck = False
        self.problem: str | None = None
        self.probe_wanted = False
        self.stillness: Stillness | None = None
        self.pid = 0
        self.loaded: inside.Loaded | None = None
        self._pool = pool
        self._build = build
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None
        self._killed: str | None = None
        self._thread = threading.Thread(
            target=self._run, name=f"namemem-seat-{number}", daemon=True
        )

    @property
    def ready(self) -> bool:
        """Whether its engines are loaded."""
        return self.phase in ("idle", "busy", "probing")

    def is_late(self, patience: float, work: float) -> bool:
        """Whether it has kept its probe waiting without reason.

        A worker that is stopped, or waits for what never comes, is late after `patience` seconds;
        one that computes, after so many seconds of processor time (`work`). One that other
        programs keep from running is not. Call it under the pool's lock.
        """
        if self.phase != "probing" or self.stillness is None:
            return False
        return self.stillness.still > patience or self.stillness.cpu > work

    def start(self) -> None:
        """Starts the thread, which starts the process."""
        self._thread.start()

    def join(self, timeout: float) -> None:
        """Waits for the thread's end."""
        self._thread.join(timeout)

    def kill(self, reason: str) -> None:
        """Ends the worker at once; the seat starts another. Call it under the pool's lock."""
        if self._killed is None:
            self._killed = reason
        self.phase, self.since = "down", time.monotonic()
        if self._process is not None:
            self._process.kill()

    # --- in the seat's thread ------------------------------------------------------------------

    def _run(self) -> None:
        pause = _FIRST_PAUSE
        while not self._pool.stopping:
            problem: str | None = None
            trouble: tuple[str, ...] = ()
            try:
                self._launch()
                pause = _FIRST_PAUSE
                self._serve()
            except _Gone:
                self._note_loss()
                if self.phase == "loading":
                    problem = "A worker died while it loaded its engines. Is there enough memory?"
            except _Broken as error:
                self._note_loss("broke")
                problem, trouble = error.broke.readable.message, error.broke.trouble
            except OSError as error:
                problem = f"A worker cannot be started: {error.strerror}."
            finally:
                self._end()
            if problem is not None and not self._pool.stopping:
                self._set("down", problem, trouble)
                with self._pool.condition:
                    self._pool.condition.wait_for(lambda: self._pool.stopping, pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    def _set(self, phase: Phase, problem: str | None = None, trouble: tuple[str, ...] = ()) -> None:
        with self._pool.condition:
            if problem is not None and problem != self.problem:
                more = {"trouble": trouble}
                _log.error("Worker %d has no engines: %s", self.number, problem, extra=more)
            self.phase, self.problem, self.since = phase, problem, time.monotonic()

    def _launch(self) -> None:
        """Starts a process, waits for its engines, and runs each of them once.

        Raises:
            _Gone: it died.
            _Broken: its engines cannot be loaded.
        """
        ours, theirs = _SPAWN.Pipe()
        process = _SPAWN.Process(
            target=inside.main,
            args=(theirs, self._build, self._pool.nice),
            name=f"namemem-worker-{self.number}",
            daemon=True,
        )
        with self._pool.condition:
            self._killed = None
            self._connection = ours
        # What came before stays in view until it is better: "loading" hides no problem.
        self._set("loading", self.problem)
        process.start()
        theirs.close()
        with self._pool.condition:
            self._process, self.pid = process, process.pid or 0
            if self._pool.stopping:
                process.kill()
        first = self._receive(LOAD_LIMIT)
        if isinstance(first, inside.Broke):
            raise _Broken(first)
        self.loaded = first
        self._ask_probe(LOAD_LIMIT)
        with self._pool.condition:
            self.stuck = False
        self._set("idle")
        self._pool.told_ready(self)

    def _serve(self) -> None:
        """Hears one recording after another. Raises `_Gone` when the worker is, and `_Broken`."""
        while True:
            ticket = self._next()
            if ticket is not None:
                self._hear(ticket)
            elif self._pool.stopping:
                return
            elif self._process is None or not self._process.is_alive():
                raise _Gone
            elif self._probe_due():
                self._set("probing")
                self._ask_probe(self._pool.probe_seconds, watch=True)
                self._set("idle")

    def _probe_due(self) -> bool:
        return self.probe_wanted or time.monotonic() - self.proof > self._pool.heartbeat

    def _next(self) -> Ticket | None:
        """The next recording; None after a while without one, or when something else is due."""
        pool = self._pool
        with pool.condition:
            alive = self._process is not None and self._process.is_alive()
            if not alive or pool.stopping:
                return None
            if not pool.waiting_room and not self._probe_due():
                pool.condition.wait(_LOOK)
            if self._probe_due() and not pool.waiting_room:
                return None
            ticket = pool.waiting_room.take()
            if ticket is not None:
                now = time.monotonic()
                ticket.seat, ticket.attempts = self, ticket.attempts + 1
                ticket.started = ticket.started or now
                self.phase, self.since, self.probe_wanted = "busy", now, False
            return ticket

    def _hear(self, ticket: Ticket) -> None:
        began = time.monotonic()
        try:
            try:
                self._send(ticket.job)
            except (OSError, EOFError):
                raise _Gone from None
            except Exception as error:  # it cannot be pickled; nothing was sent
                self._is_free(ticket)
                ticket.fail(error)
                return
            # The caller's deadline kills the worker; this is for callers who vanished.
            answer = self._receive(max(0.0, ticket.ends - time.monotonic()) + _LATE)
        except _Gone:
            self._give_up(ticket)
            raise
        self._is_free(ticket)
        if isinstance(answer, inside.Broke):
            if answer.trouble:
                ticket.context.run(self._tell_trouble, answer)
            ticket.fail(answer.readable if answer.error is None else answer.error)
        else:
            ticket.answer(answer)
        self._proved()
        self._pool.took(time.monotonic() - began)

    def _tell_trouble(self, broke: inside.Broke) -> None:
        more = {"trouble": broke.trouble}
        _log.error("An engine broke in worker %d: %s", self.number, broke.summary, extra=more)

    def _is_free(self, ticket: Ticket) -> None:
        with self._pool.condition:
            ticket.seat = None
            self.phase, self.since = "idle", time.monotonic()

    def _give_up(self, ticket: Ticket) -> None:
        """Its worker is gone: heard again by another, unless it may be to blame itself."""
        with self._pool.condition:
            ticket.seat = None
            self.phase, self.since = "down", time.monotonic()
            wanted = not (self._pool.stopping or ticket.future.cancelled())
            if self._killed is None and ticket.attempts < ATTEMPTS and wanted:
                self._pool.waiting_room.put_first(ticket.job.space, ticket)
                self._pool.condition.notify_all()
                return
        if self._killed == "stuck":
            ticket.fail(EngineFailed("The worker stopped answering. Send the recording again."))
        elif self._killed is None:
            ticket.fail(
                EngineFailed(
                    f"{ATTEMPTS} workers died while they heard this recording, so it is not tried "
                    "again; others have taken their place. Send another recording.",
                    retry_after=1,
                )
            )

    def _ask_probe(self, limit: float, *, watch: bool = False) -> None:
        """Has it run its engines; with `watch`, `limit` counts while it does nothing for them."""
        with self._pool.condition:
            self.stillness = Stillness(self.pid, time.monotonic()) if watch else None
        try:
            self._send(inside.PROBE)
        except (OSError, EOFError):
            raise _Gone from None
        if self.stillness is not None:
            self._watch(self.stillness, limit)
            limit = 0.0
        answer = self._receive(limit)
        with self._pool.condition:
            self.probe_wanted, self.stillness = False, None
        if isinstance(answer, inside.Broke):
            raise _Broken(answer)
        self._proved()

    def _watch(self, stillness: Stillness, limit: float) -> None:
        """Waits for its word, or until it has been still, or has computed, for `limit` seconds."""
        connection, process = self._connection, self._process
        if connection is None or process is None:  # pragma: no cover - it was sent an order
            raise _Gone
        until = time.monotonic() + _STARVED * limit
        while not connections.wait([connection, process.sentinel], min(_GLANCE, limit)):
            now = time.monotonic()
            with self._pool.condition:
                stillness.observe(now)
            if max(stillness.still, stillness.cpu) > limit or now > until:
                return

    def _proved(self) -> None:
        with self._pool.condition:
            self.proof = time.monotonic()

    def _send(self, order: Job | str) -> None:
        if self._connection is None:  # pragma: no cover - there is one while it serves
            raise _Gone
        self._connection.send(order)

    def _receive(self, limit: float) -> Any:
        """The worker's next word. Raises `_Gone` when it dies, and after `limit` kills it."""
        connection, process = self._connection, self._process
        if connection is None or process is None:  # pragma: no cover - as above
            raise _Gone
        ready = connections.wait([connection, process.sentinel], limit)
        if not ready:
            with self._pool.condition:
                self.stuck = True
                self.kill("stuck")
            raise _Gone
        with contextlib.suppress(OSError, EOFError):
            if connection in ready or connection.poll():
                return connection.recv()
        raise _Gone

    def _note_loss(self, reason: str | None = None) -> None:
        with self._pool.condition:
            if self._pool.stopping:
                return
            reason = reason or self._killed or "died"
            self._pool.restarts[reason] += 1
            if self.phase != "loading":
                self.phase, self.since = "down", time.monotonic()
        _log.warning("Worker %d is gone (%s); another takes its place", self.number, reason)

    def _end(self) -> None:
        with self._pool.condition:
            process, self._process, self.pid = self._process, None, 0
            connection, self._connection = self._connection, None
        if process is not None:
            process.kill()
            process.join(_LATE)
            if process.exitcode is None:  # stuck in the kernel: not even SIGKILL reaches it yet
                _log.error("Worker %d (pid %s) cannot be ended", self.number, process.pid)
            else:
                process.close()
        if connection is not None:
            connection.close()
