"""`WorkerPool`: all worker processes, who waits for them, and whether they work."""

from __future__ import annotations

import asyncio
import logging
import math
import threading
import time
from collections import Counter
from collections.abc import Callable

from namemem.errors import DeadlineExceeded, EngineBusy, EngineUnavailable, NamememError
from namemem.workers.jobs import Heard, Job, PoolState, PoolStats
from namemem.workers.process import Builder
from namemem.workers.seat import Seat, Ticket
from namemem.workers.waiting import WaitingRoom

_log = logging.getLogger(__name__)

DEADLINE = 60.0
"""Seconds from a recording's arrival to its answer, waiting included."""
HEARTBEAT = 30.0
"""Seconds after which an idle worker is probed without anybody's asking."""
FRESH = 5.0
"""Seconds for which a worker's last proof of life is enough for `/readyz`."""
_PATIENCE = 2.0  # seconds a worker may do nothing for a probe before it counts as not ready
_WORK = 6.0  # seconds of processor time it may take for one; half of `probe_seconds` at most
_UNDECIDED = 1.5  # seconds more that a worker which does nothing may be looked at


class WorkerPool:
    """Worker processes, each with its own engines.

    Spaces take turns, and none can keep another out: see `namemem.workers.waiting`.

    Args:
        prepare: runs once in the server, in a thread: settles which engines it will be (and may
            fetch their weights); gives the function that makes them in each worker, which must be
            picklable (a module-level function, or a `functools.partial` of one).
        workers: processes.
        queue_size: recordings that may wait beyond those being heard.
        deadline: seconds from a recording's arrival to its answer.
        probe_seconds: for which a worker that is probed may do nothing, or compute, without an
            answer; then it is replaced. What other programs keep it from does not count.
        heartbeat: seconds between such probes while nothing else proves that it works.
        nice: how much lower the workers' priority is than the server's (Unix), 0 to 19.
        grace: seconds for which a worker may still finish what nobody waits for any more.
            Starting another one takes longer.
    """

    def __init__(
        self,
        prepare: Callable[[], Builder],
        *,
        workers: int,
        queue_size: int,
        deadline: float = DEADLINE,
        probe_seconds: float = 10.0,
        heartbeat: float = HEARTBEAT,
        nice: int = 0,
        grace: float = 2.0,
    ) -> None:
        self._prepare = prepare
        self._workers = workers
        self._queue_size = queue_size
        self._deadline = deadline
        self._grace = grace
        self._seats: list[Seat] = []
        self._problem = "The engines are loading."
        self._mean_seconds = 1.0
        self._generation = 0
        # Shared with the seats, under this lock:
        self.condition = threading.Condition(threading.RLock())
        self.waiting_room: WaitingRoom[Ticket] = WaitingRoom()
        self.restarts: Counter[str] = Counter()
        self.stopping = True
        self.probe_seconds = probe_seconds
        self.heartbeat = heartbeat
        self.nice = nice

    def start(self) -> None:
        """Starts the processes and loads the engines, in the background."""
        with self.condition:
            self.stopping = False
            self._problem = "The engines are loading."
            self._generation += 1
            generation = self._generation
        threading.Thread(
            target=self._start, args=(generation,), name="namemem-prepare", daemon=True
        ).start()

    def _start(self, generation: int) -> None:
        try:
            build = self._prepare()
        except NamememError as error:
            self._problem = error.message
            _log.error("The engines could not be chosen: %s", error.message)
            return
        except Exception as error:  # a bug of an engine: nothing can be heard, and /readyz says so
            self._problem = f"The engines could not be chosen ({type(error).__name__})."
            _log.exception("The engines could not be chosen.")
            return
        with self.condition:
            if self.stopping or generation != self._generation:
                return
            self._seats = [Seat(self, n + 1, build) for n in range(self._workers)]
            for seat in self._seats:
                seat.start()

    def told_ready(self, seat: Seat) -> None:
        """A seat's engines are loaded."""
        _log.debug("Worker %d is ready (pid %d)", seat.number, seat.pid)

    def took(self, seconds: float) -> None:
        """A recording took so long in its worker."""
        with self.condition:
            self._mean_seconds += 0.2 * (seconds - self._mean_seconds)

    def state(self) -> PoolState:
        """Whether recordings can be heard now: at least one worker can, and none is stuck."""
        with self.condition:
            if self.stopping or not self._seats:
                return PoolState(False, problem=self._problem)
            loaded = next((s.loaded for s in self._seats if s.ready and s.loaded), None)
            if loaded is None:
                known = next((s.problem for s in self._seats if s.problem), None)
                stuck = any(s.stuck for s in self._seats)
                late = "A worker stopped answering and is being replaced." if stuck else None
                return PoolState(False, problem=late or known or self._problem)
            slow = [s for s in self._seats if self._is_late(s)]
            stuck_seats = [s for s in self._seats if s.stuck and not s.ready]
            problem = None
            if slow:
                problem = f"Worker {slow[0].number} has not answered its probe for some seconds."
            elif stuck_seats:
                problem = f"Worker {stuck_seats[0].number} was stuck and is being replaced."
            missing = sum(1 for s in self._seats if not s.ready)
            notes = loaded.notes
            if missing:
                notes += (f"{missing} of {len(self._seats)} workers are being replaced.",)
            return PoolState(problem is None, loaded.engines, notes, problem)

    def stats(self) -> PoolStats:
        """How busy it is."""
        with self.condition:
            return PoolStats(
                workers=self._workers,
                ready=sum(1 for s in self._seats if s.ready),
                busy=self._busy(),
                waiting=len(self.waiting_room),
                restarts=dict(self.restarts),
            )

    @property
    def in_flight(self) -> int:
        """Recordings being heard or waiting."""
        with self.condition:
            return self._busy() + len(self.waiting_room)

    def pids(self) -> list[int]:
        """The workers' process ids."""
        with self.condition:
            return [seat.pid for seat in self._seats if seat.pid]

    def _busy(self) -> int:
        return sum(1 for s in self._seats if s.phase == "busy")

    async def prove(self, patience: float = _PATIENCE + 0.5) -> None:
        """Has every idle worker run its engines once, where its last proof is not fresh.

        Returns when they have, or after `patience` seconds; `state` then says who is stuck. One
        that is at work on its probe is not, however busy the machine is; and a busy worker proves
        itself by its recording, which has a deadline.
        """
        with self.condition:
            now = time.monotonic()
            asked = [s for s in self._seats if s.phase == "idle" and now - s.proof > FRESH]
            for seat in asked:
                seat.probe_wanted = True
            self.condition.notify_all()
        until = now + patience
        while undecided := [
            s for s in asked if s.probe_wanted and s.ready and not self._is_late(s)
        ]:
            late = time.monotonic() - until
            if late > _UNDECIDED or (late > 0 and all(self._is_at_it(s) for s in undecided)):
                break
            await asyncio.sleep(0.02)

    def _is_late(self, seat: Seat) -> bool:
        with self.condition:
            return seat.is_late(_PATIENCE, min(_WORK, self.probe_seconds / 2))

    def _is_at_it(self, seat: Seat) -> bool:
        """Whether its probe is under way, and most of the time it does something for it."""
        with self.condition:
            watched = seat.stillness
            return watched is not None and watched.still < _PATIENCE / 2

    async def hear(self, job: Job) -> Heard:
        """Hears one recording in a worker.

        Who stops waiting (by cancelling this) gives up their place; a worker that hears for
        nobody may finish within a short grace, and is replaced after it.

        Raises:
            EngineBusy: the queue is full, or this recording's place in it went to another space.
            DeadlineExceeded: it took too long.
            EngineFailed: two workers died of it.
            EngineUnavailable: the engines cannot be loaded.
        """
        began = time.monotonic()
        seconds = self._deadline if job.wait is None else min(self._deadline, job.wait)
        ticket = Ticket(job, began + seconds)
        pushed_out = self._admit(ticket)
        if pushed_out is not None:
            pushed_out.fail(self._full("Other callers had to get their turn. "))
        reason = "hung_up"
        try:
            async with asyncio.timeout(seconds) as limit:
                return await asyncio.wrap_future(ticket.future)
        except TimeoutError:
            if not limit.expired():
                raise
            reason = "deadline"
            raise self._too_late(ticket, seconds) from None
        finally:
            self._leave(ticket, reason)

    def _admit(self, ticket: Ticket) -> Ticket | None:
        with self.condition:
            if self.stopping or not self._seats:
                raise EngineUnavailable(self._problem)
            if all(seat.problem for seat in self._seats):
                raise EngineUnavailable(self._seats[0].problem or self._problem)
            room = self._workers + self._queue_size - self._busy()
            admitted, pushed_out = self.waiting_room.admit(ticket.job.space, ticket, room)
            if not admitted:
                raise self._full()
            self.condition.notify_all()
            return pushed_out

    def _full(self, why: str = "") -> EngineBusy:
        waiting = len(self.waiting_room)
        seconds = math.ceil(self._mean_seconds * (waiting + 1) / self._workers)
        return EngineBusy(
            f"{why}All {self._workers} workers are busy and {waiting} recordings are waiting. "
            "Send it again in a moment.",
            retry_after=min(60, max(1, seconds)),
        )

    def _too_late(self, ticket: Ticket, seconds: float) -> DeadlineExceeded:
        if ticket.started is None:
            how = "no worker was free in that time. Send it again later, or allow more time."
        else:
            how = "hearing it was stopped. Send a shorter recording, or allow more time."
        return DeadlineExceeded(
            f"This recording was to be heard within {seconds:g} s, waiting included; {how}",
            retry_after=min(60, max(1, math.ceil(self._mean_seconds))),
            deadline_seconds=seconds,
            started=ticket.started is not None,
        )

    def _leave(self, ticket: Ticket, reason: str) -> None:
        """Nobody waits for it any more: out of the queue, or soon out of its worker."""
        with self.condition:
            if ticket.future.done() and not ticket.future.cancelled():
                return
            if self.waiting_room.remove(ticket.job.space, ticket) or ticket.seat is None:
                return
            late = threading.Timer(self._grace, self._free, (ticket, ticket.seat, reason))
            late.daemon = True
            late.start()

    def _free(self, ticket: Ticket, seat: Seat, reason: str) -> None:
        """Ends a worker that is still hearing for nobody."""
        with self.condition:
            if ticket.seat is seat:
                seat.kill(reason)

    def stop(self) -> None:
        """Ends the processes; what they were hearing is given up."""
        with self.condition:
            self.stopping = True
            self._problem = "The server is stopping."
            seats, self._seats = self._seats, []
            given_up = self.waiting_room.empty()
            for seat in seats:
                seat.kill("stopped")
            self.condition.notify_all()
        for ticket in given_up:
            ticket.fail(EngineUnavailable("The server is stopping. Send it again."))
        for seat in seats:
            seat.join(timeout=10)
