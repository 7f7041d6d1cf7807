"""The worker pool: bounded, and none the worse for a worker that dies."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest
from plugins import ears
from plugins.pools import hear, job, wait_until

from namemem.errors import (
    DeadlineExceeded,
    EngineBusy,
    EngineFailed,
    EngineUnavailable,
    NoNameHeard,
    NoTemporarySpace,
    UnreadableAudio,
)
from namemem.workers import Job, WorkerPool


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


def test_garbage_is_collected_between_hearings(make_pool):
    pool = make_pool()
    before, after = map(int, hear(pool, "litter").split())
    assert after == before, "nobody waits for it"
    again, _ = map(int, hear(pool, "litter").split())
    assert again == after + 1, "it is collected all the same"
    assert int(hear(pool, "").split()[1]) == 3, "by the same worker"


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


def test_a_full_disk_in_a_worker_says_what_to_mend(make_pool):
    pool = make_pool()
    with pytest.raises(NoTemporarySpace, match="Free some space there, or start namemem with TMP"):
        hear(pool, "full")
    assert hear(pool)


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
    with pytest.raises(EngineFailed, match="2 workers died"):
        hear(pool, "die")
    after = hear(pool)
    assert after.split()[0] != before
    assert after.split()[1] == "1"
    assert pool.in_flight == 0
    assert pool.state().ready
    assert pool.stats().restarts == {"died": 2}


def test_recording_whose_worker_dies_is_heard_by_another(make_pool, tmp_path):
    pool = make_pool()
    before = hear(pool).split()[0]
    after = hear(pool, f"die-once:{tmp_path / 'mark'}")
    assert after.split()[0] != before
    assert after.split()[1] == "1"
    assert pool.stats().restarts == {"died": 1}


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


def test_deadline_while_it_is_heard(make_pool, tmp_path):
    pool = make_pool(queue_size=1, grace=0.1)
    with pytest.raises(DeadlineExceeded, match=r"within 0.5 s.*hearing it was stopped") as caught:
        hear(pool, f"wait:{tmp_path / 'never'}", wait=0.5)
    assert caught.value.details["started"]
    assert hear(pool)  # by another worker
    assert pool.stats().restarts == {"deadline": 1}


def test_what_is_nearly_done_at_the_deadline_costs_no_worker(make_pool, tmp_path):
    pool = make_pool(queue_size=1, grace=60.0)
    worker = hear(pool).split()[0]
    gate = tmp_path / "gate"
    with pytest.raises(DeadlineExceeded):
        hear(pool, f"wait:{gate}", wait=0.3)
    gate.touch()
    assert hear(pool).split() == [worker, "3"], "the same one, that has heard it to its end"
    assert pool.stats().restarts == {}


def test_a_recording_that_nobody_waits_for_is_not_heard_again(make_pool, tmp_path):
    pool = make_pool(queue_size=1, grace=60.0)
    with pytest.raises(DeadlineExceeded):
        hear(pool, f"wait:{tmp_path / 'never'}", wait=0.3)
    (begun,) = tmp_path.glob("never.begun.*")
    os.kill(int(begun.suffix[1:]), signal.SIGKILL)
    assert hear(pool)
    assert list(tmp_path.glob("never.begun.*")) == [begun]


def test_deadline_of_the_server_is_the_longest(make_pool, tmp_path):
    pool = make_pool(deadline=0.5)
    with pytest.raises(DeadlineExceeded, match=r"within 0.5 s"):
        hear(pool, f"wait:{tmp_path / 'never'}", wait=1000.0)


def test_deadline_counts_the_waiting(make_pool, tmp_path):
    pool = make_pool(queue_size=1)
    gate = tmp_path / "gate"

    async def one_waits():
        first = asyncio.create_task(pool.hear(job(f"wait:{gate}")))
        while not list(tmp_path.glob("gate.begun.*")):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        with pytest.raises(DeadlineExceeded, match="no worker was free") as caught:
            await pool.hear(job(wait=0.2))
        assert not caught.value.details["started"]
        assert pool.in_flight == 1
        gate.touch()
        return await first

    assert asyncio.run(one_waits())
    assert pool.stats().restarts == {}


def test_caller_who_leaves_frees_the_place(make_pool, tmp_path):
    pool = make_pool(queue_size=1)

    async def leave():
        heard = asyncio.create_task(pool.hear(job(f"wait:{tmp_path / 'never'}")))
        while not list(tmp_path.glob("never.begun.*")):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        waiting = asyncio.create_task(pool.hear(job(f"begin:{tmp_path / 'waiting'}")))
        await asyncio.sleep(0)
        assert pool.in_flight == 2
        for task in (waiting, heard):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(leave())
    wait_until(lambda: pool.in_flight == 0)
    assert hear(pool)
    assert not list(tmp_path.glob("waiting.begun.*"))  # it was never begun
    assert pool.stats().restarts == {"hung_up": 1}


def test_spaces_take_turns(make_pool, tmp_path):
    """One space has three recordings waiting when another's comes: it is heard second."""
    pool = make_pool(queue_size=4)
    gate, heard = tmp_path / "gate", []

    async def one(name, space, command=""):
        await pool.hear(job(command, space=space))
        heard.append(name)

    async def all_of_them():
        first = asyncio.create_task(one("busy", "museum", f"wait:{gate}"))
        while not list(tmp_path.glob("gate.begun.*")):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        tasks = []
        for name, space in (("m1", "museum"), ("m2", "museum"), ("m3", "museum"), ("r1", "robot")):
            tasks.append(asyncio.create_task(one(name, space)))
            await asyncio.sleep(0)
        gate.touch()
        await asyncio.gather(first, *tasks)

    asyncio.run(all_of_them())
    assert heard == ["busy", "m1", "r1", "m2", "m3"]


def test_full_queue_makes_room_for_another_space(make_pool, tmp_path):
    pool = make_pool(queue_size=2)
    gate = tmp_path / "gate"

    async def crowded():
        first = asyncio.create_task(pool.hear(job(f"wait:{gate}", space="museum")))
        while not list(tmp_path.glob("gate.begun.*")):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        museum = [asyncio.create_task(pool.hear(job(space="museum"))) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(EngineBusy):
            await pool.hear(job(space="museum"))
        robot = asyncio.create_task(pool.hear(job(space="robot")))
        with pytest.raises(EngineBusy, match="Other callers") as caught:
            await museum[1]  # the newest of who had most
        assert caught.value.retry_after >= 1
        with pytest.raises(EngineBusy):
            await pool.hear(job(space="robot"))  # one each now: that is fair
        gate.touch()
        return await asyncio.gather(first, museum[0], robot)

    assert len(asyncio.run(crowded())) == 3


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
