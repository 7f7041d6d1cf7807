"""A hearer that knows for whom it hears: it stops when they do not wait any more, and measures."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

from namemem.errors import CallerGone
from namemem.observing.metrics import Metrics
from namemem.observing.notes import RequestNote, current_note
from namemem.observing.tracing import NoTracing, Tracing
from namemem.workers import Heard, Hearer, Job, PoolState, PoolStats
from namemem.workers.jobs import Counted, Provable


class AttendedHearer:
    """Hears with another hearer, on behalf of the request at hand.

    When its caller hangs up, the recording leaves the queue or its worker, and nothing is stored;
    from the moment it is heard on, the request is finished whether anyone waits or not.

    Args:
        hearer: who really hears.
        tracing: makes spans.

    Attributes:
        metrics: what is measured; set once the metrics are made, which look at this.
    """

    def __init__(self, hearer: Hearer, tracing: Tracing | None = None) -> None:
        self.hearer = hearer
        self.metrics: Metrics | None = None
        self._tracing = tracing or NoTracing()

    async def hear(self, job: Job) -> Heard:
        """As the other hears; raises `CallerGone` besides."""
        note = current_note()
        if note is not None and note.wait is not None:
            note.waited = True
            job = replace(job, wait=note.wait if job.wait is None else min(job.wait, note.wait))
        began = time.perf_counter()
        with self._tracing.hearing() as span:
            try:
                heard = await self._hear(job, note)
            except BaseException as error:
                if self.metrics is not None:
                    self.metrics.not_heard(error, time.perf_counter() - began)
                raise
            self._tracing.stages(heard.hearing.timings_ms)
            if heard.hearing.readings:
                span.set("namemem.confidence", heard.hearing.chosen.confidence)
        if self.metrics is not None:
            self.metrics.heard(heard, time.perf_counter() - began)
        return heard

    async def _hear(self, job: Job, note: RequestNote | None) -> Heard:
        if note is None or note.loop is not asyncio.get_running_loop():
            return await self.hearer.hear(job)
        hearing = asyncio.ensure_future(self.hearer.hear(job))
        leaving = asyncio.ensure_future(note.gone.wait())
        try:
            await asyncio.wait({hearing, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if hearing.done():
                return hearing.result()
            raise CallerGone("The caller hung up before the recording was heard.")
        finally:
            for task in (hearing, leaving):
                task.cancel()
            await asyncio.gather(hearing, leaving, return_exceptions=True)

    def state(self) -> PoolState:
        """Whether the other can."""
        return self.hearer.state()

    async def prove(self) -> None:
        """Has the other show that it works, where it can."""
        if isinstance(self.hearer, Provable):
            await self.hearer.prove()

    def stats(self) -> PoolStats | None:
        """How busy the other is, where it knows."""
        return self.hearer.stats() if isinstance(self.hearer, Counted) else None
