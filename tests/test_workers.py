"""The worker pool: bounded, and none the worse for a worker that dies."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from plugins import ears
from plugins.speech import samples_wav

from namemem.errors import (
    EngineBusy,
    EngineFailed,
    EngineUnavailable,
    NoNameHeard,
    UnreadableAudio,
)
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


def job(command: str = "", **more: object) -> Job:
    return Job(SOUND, Hints(spelling=command or None), **more)  # type: ignore[arg-type]


def hear(pool: WorkerPool, command: str = "", **more: object) -> str:
    return asyncio.run(pool.hear(job(command, **more))).hearing.transcript


@pytest.fixture
def make_pool() -> Iterator[MakePool]:
    made: list[WorkerPool] = []

    def make(prepare=ears.prepare, *, ready=True, workers=1, queue_size=0, deadline=60.0):
        pool = WorkerPool(prepare, workers=workers, queue_size=queue_size, deadline=deadline)
        made.append(pool)
        pool.start()
        if ready:
            wait_until(lambda: pool.state().ready)
        return pool

    yield make
    for pool in made:
        pool.stop()


def test_hears_in_another_process_with_engines_that_stay(make_pool):
    pool = make_pool()
    state = pool.state()
    assert state.engines["phone_recognizer"] == "tiny 1"
    assert state.notes == ("a note",)
    first, second = hear(pool), hear(pool)
    assert first.split()[0] == second.split()[0]
    assert (first.split()[1], second.split()[1]) == ("1", "2")
    heard = asyncio.run(pool.hear(job(want_clip=True)))
    assert heard.clip is not None
    assert heard.clip.startswith(b"RIFF")
    assert heard.hearing.timings_ms["decode"] >= 0
    assert pool.in_flight == 0


def test_errors_come_back_whole(make_pool):
    pool = make_pool()
    with pytest.raises(NoNameHeard) as caught:
        hear(pool, "raise")
    assert caught.value.details["transcript"] == "nice weather"
    with pytest.raises(UnreadableAudio):
        asyncio.run(pool.hear(Job(b"no audio at all")))
    assert hear(pool)


def test_a_bug_in_an_engine_leaves_the_pool_working(make_pool):
    pool = make_pool()
    with pytest.raises(Exception, match="a bug"):
        hear(pool, "crash")
    assert hear(pool)
    assert pool.in_flight == 0


def test_full_queue_answers_at_once(make_pool, tmp_path):
    pool = make_pool(queue_size=1)
    gate = tmp_path / "gate"

    async def three():
        waiting = [asyncio.create_task(pool.hear(job(f"wait:{gate}"))) for _ in range(2)]
        await asyncio.sleep(0)
        assert pool.in_flight == 2
        with pytest.raises(EngineBusy) as caught:
            await pool.hear(job())
        assert caught.value.retry_after >= 1
        gate.touch()
        return await asyncio.gather(*waiting)

    assert len(asyncio.run(three())) == 2
    assert hear(pool)


def test_killed_worker_is_replaced(make_pool):
    pool = make_pool()
    before = hear(pool).split()[0]
    with pytest.raises(EngineFailed, match="died"):
        hear(pool, "die")
    after = hear(pool)
    assert after.split()[0] != before
    assert after.split()[1] == "1"
    assert pool.in_flight == 0
    assert pool.state().ready


def test_one_death_does_not_take_the_others_along(make_pool, tmp_path):
    pool = make_pool(workers=2, queue_size=4)
    gate = tmp_path / "gate"

    async def both():
        slow = asyncio.create_task(pool.hear(job(f"wait:{gate}")))
        while not list(tmp_path.glob("gate.begun.*")):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        with pytest.raises(EngineFailed):
            await pool.hear(job("die"))
        gate.touch()
        return await slow

    assert asyncio.run(both()).hearing.transcript


def test_deadline(make_pool, tmp_path):
    pool = make_pool(deadline=1.0)
    with pytest.raises(EngineFailed, match="more than 1 s"):
        hear(pool, f"wait:{tmp_path / 'never'}")
    assert hear(pool)


def test_caller_who_leaves_frees_the_place(make_pool, tmp_path):
    pool = make_pool()

    async def leave():
        task = asyncio.create_task(pool.hear(job(f"wait:{tmp_path / 'never'}")))
        while not list(tmp_path.glob("never.begun.*")):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(leave())
    assert pool.in_flight == 0
    assert hear(pool)


def test_before_it_is_started():
    pool = WorkerPool(ears.prepare, workers=1, queue_size=0)
    assert not pool.state().ready
    with pytest.raises(EngineUnavailable):
        hear(pool)
    pool.stop()


@pytest.mark.parametrize("prepare", [ears.prepare_nothing, ears.fail_to_prepare])
def test_engines_that_are_missing(make_pool, prepare):
    pool = make_pool(prepare, ready=False)
    wait_until(lambda: "loading" not in (pool.state().problem or ""))
    assert not pool.state().ready
    assert pool.state().problem in (
        "The weights are not here. Fetch them.",
        "Whisper was asked for and is not installed.",
    )
    with pytest.raises(EngineUnavailable):
        hear(pool)


def test_stop_ends_the_workers(make_pool, tmp_path: Path):
    pool = make_pool()
    pid = int(hear(pool).split()[0])
    pool.stop()
    assert not pool.state().ready
    wait_until(lambda: not Path(f"/proc/{pid}/exe").exists())
    with pytest.raises(EngineUnavailable):
        hear(pool)
    pool.stop()  # twice does no harm


def test_stop_right_after_start():
    pool = WorkerPool(ears.prepare, workers=1, queue_size=0)
    pool.start()
    pool.stop()
    assert not pool.state().ready


def test_start_again_after_stop(make_pool):
    pool = make_pool()
    pool.stop()
    pool.start()
    wait_until(lambda: pool.state().ready)
    assert hear(pool)
