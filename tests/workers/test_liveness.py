"""Workers that stop answering are found out, said so, and replaced."""

from __future__ import annotations

import asyncio
import os
import signal
import threading

import pytest
from plugins import ears
from plugins.pools import hear, job, wait_until

from namemem.errors import EngineFailed
from namemem.workers import WorkerPool
from namemem.workers import pool as pools
from namemem.workers.liveness import Look, Stillness


@pytest.fixture
def always_ask(monkeypatch):
    """No proof of life is fresh enough, so that every question probes."""
    monkeypatch.setattr(pools, "FRESH", 0.0)


def prove(pool: WorkerPool, patience: float = 60.0) -> None:
    asyncio.run(pool.prove(patience))


def test_proof_is_asked_of_the_engines_themselves(make_pool, always_ask, monkeypatch, tmp_path):
    broken = tmp_path / "broken"
    monkeypatch.setenv(ears.BROKEN, str(broken))
    pool = make_pool()
    prove(pool)
    assert pool.state().ready
    broken.touch()
    prove(pool, 5.0)
    wait_until(lambda: not pool.state().ready)
    wait_until(lambda: pool.state().problem == "The transcriber has lost its model.")
    broken.unlink()
    wait_until(lambda: pool.state().ready)
    assert hear(pool)
    assert pool.stats().restarts["broke"] >= 1


@pytest.mark.parametrize("workers", [1, 2])
def test_stopped_worker(make_pool, always_ask, monkeypatch, workers):
    """SIGSTOP: alive for the system, and no use to anybody."""
    monkeypatch.setattr(pools, "_PATIENCE", 0.2)
    pool = make_pool(workers=workers, queue_size=4, probe_seconds=2.0)
    wait_until(lambda: len(pool.pids()) == workers and pool.stats().ready == workers)
    stopped = pool.pids()[0]
    os.kill(stopped, signal.SIGSTOP)
    prove(pool, 0.5)
    state = pool.state()
    assert not state.ready
    assert "Worker 1 has not answered" in state.problem
    wait_until(lambda: stopped not in pool.pids())
    wait_until(lambda: pool.state().ready)
    assert hear(pool)
    assert pool.stats().restarts == {"stuck": 1}


@pytest.fixture
def engines(monkeypatch, tmp_path):
    """The file that says how the engines do not answer; write it once they are loaded."""
    monkeypatch.setenv(ears.BROKEN, str(tmp_path / "broken"))
    return tmp_path / "broken"


def test_worker_that_is_at_its_probe_is_not_stuck(make_pool, always_ask, monkeypatch, engines):
    """It computes for longer than an idle one may wait: a busy machine, or a slow one."""
    monkeypatch.setattr(pools, "_PATIENCE", 0.3)
    pool = make_pool(probe_seconds=60.0)
    (pid,) = pool.pids()
    engines.write_text("work")
    for _ in range(3):
        prove(pool, 0.5)
        assert pool.state().ready
    engines.unlink()
    prove(pool)
    assert pool.state().ready
    assert pool.pids() == [pid]
    assert pool.stats().restarts == {}


@pytest.mark.parametrize("how", ["sleep", "work"])
def test_worker_whose_probe_never_ends(make_pool, always_ask, monkeypatch, engines, how):
    """It waits for nothing, or computes without end: found by the one clock or the other."""
    monkeypatch.setattr(pools, "_PATIENCE", 0.3)
    pool = make_pool(probe_seconds=2.0)
    (stuck,) = pool.pids()
    engines.write_text(how)
    prove(pool, 30.0)
    assert "has not answered" in str(pool.state().problem)
    wait_until(lambda: pool.stats().restarts == {"stuck": 1})
    engines.unlink()
    wait_until(lambda: pool.state().ready)
    assert pool.pids() != [stuck]
    assert hear(pool)


def test_what_a_busy_machine_takes_does_not_count():
    """Looks at a worker that is let run now and then, then not at all, then is stopped."""
    looks = iter([Look(1.0, True), Look(1.1, True), Look(1.1, True), Look(1.1, False)])
    watched = Stillness(1, 0.0, lambda _pid: next(looks))
    watched.observe(1.0)
    watched.observe(20.0)
    assert (watched.still, round(watched.cpu, 3)) == (0.0, 0.1)
    watched.observe(20.4)
    assert round(watched.still, 3) == 0.4


def test_a_look_that_comes_late_counts_little():
    looks = iter([Look(0.0, False)] * 2)
    watched = Stillness(1, 0.0, lambda _pid: next(looks))
    watched.observe(100.0)
    assert watched.still == 0.5


def test_where_the_kernel_tells_nothing_the_clock_counts():
    watched = Stillness(2**30, 0.0)  # no such process
    watched.observe(3.0)
    watched.observe(7.0)
    assert (watched.still, watched.cpu) == (7.0, 0.0)


def test_found_without_being_asked(make_pool):
    pool = make_pool(probe_seconds=0.5, heartbeat=0.5)
    stopped = pool.pids()[0]
    os.kill(stopped, signal.SIGSTOP)
    wait_until(lambda: pool.stats().restarts == {"stuck": 1})
    wait_until(lambda: pool.state().ready)
    assert pool.pids() != [stopped]


def test_idle_worker_that_is_killed(make_pool):
    pool = make_pool()
    os.kill(pool.pids()[0], signal.SIGKILL)
    wait_until(lambda: pool.stats().restarts == {"died": 1})
    assert hear(pool)  # waits for the next one
    assert pool.state().ready


def test_stopped_while_it_hears(make_pool, tmp_path):
    """Its recording's deadline ends it."""
    pool = make_pool(queue_size=1)
    gate = tmp_path / "gate"

    async def stop_it():
        task = asyncio.create_task(pool.hear(job(f"wait:{gate}", wait=2.0)))
        while not list(tmp_path.glob("gate.begun.*")):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        os.kill(pool.pids()[0], signal.SIGSTOP)
        gate.touch()
        with pytest.raises(Exception, match="hearing it was stopped"):
            await task

    asyncio.run(stop_it())
    assert hear(pool)


def test_stopped_before_a_large_recording_is_handed_over(make_pool):
    """More than a pipe holds: the order itself cannot be sent."""
    pool = make_pool(queue_size=1)
    os.kill(pool.pids()[0], signal.SIGSTOP)
    large = job(wait=1.0)
    object.__setattr__(large, "audio", large.audio + bytes(5_000_000))
    with pytest.raises(Exception, match="hearing it was stopped"):
        asyncio.run(pool.hear(large))
    assert hear(pool)


def test_caller_whose_loop_is_gone(make_pool, tmp_path, monkeypatch):
    """Nobody is left to cancel: the seat itself gives up, soon after the deadline."""
    monkeypatch.setattr("namemem.workers.seat._LATE", 0.5)
    pool = make_pool()
    failed = threading.Event()

    from namemem.workers.seat import Ticket

    ticket = Ticket(job(f"wait:{tmp_path / 'never'}"), ends=0.0)
    ticket.future.add_done_callback(lambda _: failed.set())
    with pool.condition:
        pool.waiting_room.admit("default", ticket, 1)
        pool.condition.notify_all()
    assert failed.wait(60)
    with pytest.raises(EngineFailed, match="stopped answering"):
        ticket.future.result()
    assert pool.stats().restarts == {"stuck": 1}
    assert hear(pool)


def test_engines_that_cannot_be_loaded_are_tried_again(make_pool, monkeypatch, tmp_path):
    """A model that is fetched later, or memory that is free again."""
    broken = tmp_path / "broken"
    broken.touch()
    monkeypatch.setenv(ears.BROKEN, str(broken))
    pool = make_pool(ready=False)
    wait_until(lambda: pool.state().problem == "The transcriber has lost its model.")
    broken.unlink()
    wait_until(lambda: pool.state().ready)
    assert hear(pool)
