"""The server itself does what waits, without any queue beside the table: one machine, SQLite.

Several processes may do so on one PostgreSQL; the table says who does what.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging

from namemem.errors import NamememError
from namemem.service import Service
from namemem.service.queueing import NoQueue

_log = logging.getLogger(__name__)
_EVERY = 1.0  # seconds between looks for what nobody announced here: others' jobs, ended leases


class LocalRunner(NoQueue):
    """Takes jobs from the table, several at once; is itself the service's `Queue`.

    Args:
        service: does the jobs.
        concurrency: how many at once.
    """

    def __init__(self, service: Service, concurrency: int) -> None:
        self._service = service
        self._concurrency = concurrency
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """There is something to do; from any thread."""
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # it is just closing
                loop.call_soon_threadsafe(self._woken.set)

    async def run(self) -> None:
        """Works until it is cancelled; then what is not done yet is let go, for others to do."""
        self._loop = asyncio.get_running_loop()
        try:
            while True:
                self._woken.clear()
                await self._start_what_waits()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_EVERY):
                        await self._woken.wait()
        finally:
            self._loop = None
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _start_what_waits(self) -> None:
        while len(self._tasks) < self._concurrency and self._service.hearer.state().ready:
            try:
                taken = await asyncio.to_thread(self._service.take_next)
            except NamememError as error:
                _log.warning("Waiting jobs cannot be looked up: %s", error.message)
                return
            if taken is None:
                return
            task = asyncio.create_task(self._service.work(taken))
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._woken.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("A job broke off: %s", type(error).__name__)
