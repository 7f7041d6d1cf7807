"""Worker pools of tiny ears: `make_pool`, and what is heard in them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from plugins import ears
from plugins.speech import samples_wav

from namemem.introductions import Hints
from namemem.workers import Job, WorkerPool

SOUND = samples_wav(0.1 * np.sin(np.arange(8000) / 20))
MakePool = Callable[..., WorkerPool]


def wait_until(condition: Callable[[], object]) -> None:
    """Waits for another process; how long matters only when it never happens."""
    for _ in range(12_000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it never happened")


def job(command: str = "", **more: Any) -> Job:
    """A recording that makes an `ObedientEar` do something."""
    return Job(SOUND, Hints(spelling=command or None), **more)


def hear(pool: WorkerPool, command: str = "", **more: Any) -> str:
    """Its answer: the worker's process id and how often it has heard."""
    return asyncio.run(pool.hear(job(command, **more))).hearing.transcript


@pytest.fixture
def make_pool() -> Iterator[MakePool]:
    """Makes pools that are stopped at the end."""
    made: list[WorkerPool] = []

    def make(
        prepare: Any = ears.prepare,
        *,
        ready: bool = True,
        workers: int = 1,
        queue_size: int = 0,
        **more: Any,
    ) -> WorkerPool:
        pool = WorkerPool(prepare, workers=workers, queue_size=queue_size, **more)
        made.append(pool)
        pool.start()
        if ready:
            wait_until(lambda: pool.state().ready)
        return pool

    yield make
    for pool in made:
        pool.stop()
