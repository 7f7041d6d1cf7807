"""Hearing on another machine: a synchronous request goes through the queue and waits."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from namemem.errors import DeadlineExceeded, EngineFailed, NamememError
from namemem.service.queueing import Queue, error_of
from namemem.service.watching import Watcher
from namemem.service.working import heard_of, job_document
from namemem.store import HEARING, Store, StoredJob
from namemem.workers import Heard, Job, PoolState

_URGENCY = 100_000  # somebody waits for it: before all that is reported later
_GRACE = timedelta(seconds=30)


class QueueHearer:
    """A `Hearer` that hands recordings to `namemem worker` processes.

    Args:
        store: where jobs are.
        queue: carries their ids.
        deadline: seconds a request waits at most.
        workers: asks how many worker processes are alive.
    """

    def __init__(
        self, store: Store, queue: Queue, *, deadline: float, workers: Callable[[], int]
    ) -> None:
        self._store = store
        self._queue = queue
        self._deadline = deadline
        self._workers = workers
        self._watcher = Watcher(store)

    async def hear(self, job: Job) -> Heard:
        """Hears one recording in some worker.

        Raises:
            DeadlineExceeded: no worker has heard it in time; it is withdrawn.
            EngineFailed: the job was erased meanwhile.
            NamememError: what the worker raised.
        """
        seconds = min(self._deadline, job.wait or self._deadline)
        job_id = await asyncio.to_thread(self._add, job, seconds)
        try:
            if not await self._watcher.wait(job_id, seconds):
                raise DeadlineExceeded(
                    f"No worker has heard this recording within {seconds:g} s. Send it again, or "
                    "with ?mode=async.",
                    deadline_seconds=seconds,
                    retry_after=5,
                )
            ended = await asyncio.to_thread(self._ended, job.space, job_id)
        finally:
            withdrawn = asyncio.to_thread(self._withdraw, job.space, job_id)
            with contextlib.suppress(NamememError):  # it will expire
                await asyncio.shield(withdrawn)
        if ended is None:
            raise EngineFailed("The queue has lost this recording. Send it again.")
        if ended.problem is not None:
            raise error_of(ended.problem)
        return heard_of(ended.result or {}, ended.audio)

    def _add(self, job: Job, seconds: float) -> str:
        with self._store.transaction(job.space) as repo:
            added = repo.add_job(
                kind=HEARING,
                request=job_document(job),
                audio=job.audio,
                expires_at=datetime.now(UTC) + timedelta(seconds=seconds) + _GRACE,
                urgency=_URGENCY,
            )
            self._queue.put(repo, added.id, priority=added.priority)
        self._queue.wake()
        return added.id

    def _ended(self, space: str, job_id: str) -> StoredJob | None:
        with self._store.transaction(space, read_only=True) as repo:
            return repo.find_job(job_id, HEARING)

    def _withdraw(self, space: str, job_id: str) -> None:
        """The recording goes, whatever came of it; its bytes leave the files by the next sweep."""
        with self._store.transaction(space) as repo:
            repo.delete_job(job_id)
            repo.note_erasure("jobs")

    def close(self) -> None:
        """Closes its connections."""
        self._store.close()

    def state(self) -> PoolState:
        """Ready as soon as the queue answers: reading needs no worker, and what waits waits."""
        try:
            workers = self._workers()
        except NamememError as error:
            return PoolState(False, problem=error.message)
        if not workers:
            note = "No worker is alive: introductions wait. Start one: namemem worker."
        else:
            note = f"Introductions are heard by worker processes; {workers} alive."
        return PoolState(True, notes=(note,))
