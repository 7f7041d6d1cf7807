"""Tells when jobs have ended that other processes work on: one query for all that wait here."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict

from namemem.errors import NamememError
from namemem.store import Store

_EVERY = 0.05  # seconds between looks while anybody waits


class Watcher:
    """Looks into the table while somebody waits, and only then.

    For one event loop at a time.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._looking: asyncio.Task[None] | None = None

    async def wait(self, job_id: str, seconds: float) -> bool:
        """Returns when the job has ended or is gone; False where it has not in that time."""
        ended = asyncio.Event()
        self._waiting[job_id].add(ended)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            async with asyncio.timeout(seconds):
                await ended.wait()
        except TimeoutError:
            return False
        finally:
            waiting = self._waiting[job_id]
            waiting.discard(ended)
            if not waiting:
                del self._waiting[job_id]
        return True

    async def _look(self) -> None:
        while self._waiting:
            with contextlib.suppress(NamememError):  # the database is away for a moment
                for job_id in await asyncio.to_thread(self._ended, list(self._waiting)):
                    for event in self._waiting.get(job_id, ()):
                        event.set()
            await asyncio.sleep(_EVERY)

    def _ended(self, job_ids: list[str]) -> set[str]:
        with self._store.transaction(read_only=True) as repo:
            return repo.ended_jobs(job_ids)
