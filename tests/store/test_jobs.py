"""Jobs on both databases: a lease, one end, whoever takes it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from namemem.errors import Conflict, NotFound
from namemem.store import HEARING, HeldJob, Store, TakenJob
from namemem.store.scope import utc_now

LATER = timedelta(hours=1)


def add(store: Store, space: str = "default", **more: object) -> str:
    with store.transaction(space) as repo:
        values = {"kind": "introduction", "request": {"a": 1}, "audio": b"sound"} | more
        values.setdefault("expires_at", utc_now() + LATER)
        return repo.add_job(**values).id  # type: ignore[arg-type]


def take(store: Store, job_id: str, lease: float = 60.0) -> TakenJob | HeldJob | None:
    with store.transaction() as repo:
        return repo.take_job(job_id, lease_seconds=lease)


def take_next(store: Store, lease: float = 60.0) -> TakenJob | None:
    with store.transaction() as repo:
        return repo.take_next_job(lease_seconds=lease)


def taken(found: object) -> TakenJob:
    assert isinstance(found, TakenJob)
    return found


def finish_with_a_person(store: Store, job: TakenJob) -> None:
    with store.transaction() as repo:
        repo.add_person("alice", "Alice")
        repo.finish_job(job)


def test_only_the_last_to_take_a_job_may_end_it(store: Store) -> None:
    job_id = add(store)
    first = taken(take(store, job_id, lease=-1.0))  # it is over before it began
    second = taken(take(store, job_id))
    assert (first.audio, first.request, first.attempts) == (b"sound", {"a": 1}, 1)
    assert (second.attempts, second.token != first.token) == (2, True)
    held = take(store, job_id)
    assert isinstance(held, HeldJob)
    assert held.until > utc_now()
    with store.transaction() as repo:
        assert not repo.renew_job(first, 60.0)
        assert not repo.release_job(first)
        assert repo.renew_job(second, 60.0)
    with pytest.raises(Conflict) as caught:
        finish_with_a_person(store, first)
    assert caught.value.details["reason"] == "claim_lost"
    with store.transaction() as repo:
        assert repo.people()[0] == [], "what it made is rolled back"
        repo.finish_job(second)
    with pytest.raises(Conflict), store.transaction() as repo:
        repo.finish_job(second)
    assert take(store, job_id) is None


def test_many_take_at_once_and_each_gets_another(store: Store) -> None:
    ids = {add(store) for _ in range(12)}
    together = threading.Barrier(4)

    def work(_: int) -> list[str]:
        together.wait()
        got = []
        while (job := take_next(store)) is not None:
            got.append(job.id)
        return got

    with ThreadPoolExecutor(4) as threads:
        lists = list(threads.map(work, range(4)))
    everything = [job_id for one in lists for job_id in one]
    assert sorted(everything) == sorted(ids)


def test_spaces_take_turns_and_what_somebody_waits_for_goes_first(store: Store) -> None:
    many = [add(store, "museum") for _ in range(3)]
    few = [add(store, "robot") for _ in range(2)]
    urgent = add(store, "museum", kind=HEARING, urgency=1000)
    order = [taken(take_next(store)).id for _ in range(6)]
    assert order == [urgent, many[0], few[0], many[1], few[1], many[2]]


def test_let_go_until_later(store: Store) -> None:
    job_id = add(store)
    first = taken(take(store, job_id))
    with store.transaction() as repo:
        assert repo.release_job(first, not_before=utc_now() + LATER, counted=False)
    assert isinstance(take(store, job_id), HeldJob)
    assert take_next(store) is None
    with store.transaction() as repo:
        assert (repo.job(job_id).state, repo.job(job_id).attempts) == ("queued", 0)


def test_of_another_space(store: Store) -> None:
    job_id = add(store, "museum")
    with store.transaction("robot") as repo:
        assert repo.find_job(job_id) is None
        repo.delete_job(job_id)
        with pytest.raises(NotFound):
            repo.job(job_id)
    with store.transaction("museum") as repo:
        assert repo.job(job_id).state == "queued"
        assert repo.find_job("\0") is None


def test_the_end_erases_what_was_asked(store: Store) -> None:
    done, failed, heard = add(store), add(store), add(store, kind=HEARING)
    with store.transaction() as repo:
        for job_id in (done, failed, heard):
            job = repo.take_job(job_id, lease_seconds=60.0)
            assert isinstance(job, TakenJob)
            if job_id == done:
                repo.finish_job(job)
            elif job_id == failed:
                repo.finish_job(job, problem={"kind": "NoSpeech"})
            else:
                repo.finish_job(job, result={"heard": 1}, audio=b"clip")
        assert repo.ended_jobs([done, failed, "j_gone"]) == {done, failed, "j_gone"}
        assert repo.job(failed).problem == {"kind": "NoSpeech"}
        one = repo.find_job(heard, HEARING)
        assert one is not None
        assert (one.result, one.audio) == ({"heard": 1}, b"clip")
        kept = repo._session.connection().exec_driver_sql(
            "SELECT count(request), count(audio), count(token) FROM jobs WHERE kind <> 'hearing'"
        )
        assert tuple(kept.one()) == (0, 0, 0)


def test_what_is_too_old(store: Store) -> None:
    past = utc_now() - LATER
    waits, old, left = (
        add(store),
        add(store, expires_at=past),
        add(store, kind=HEARING, expires_at=past),
    )
    with store.transaction() as repo:
        repo.expire_jobs({"kind": "JobExpired"}, LATER)
        assert repo.job(waits).state == "queued"
        assert (repo.job(old).state, repo.job(old).problem) == ("failed", {"kind": "JobExpired"})
        assert repo.find_job(left, HEARING) is None
        assert repo.expire_jobs({}, timedelta(0)) == 1, "what has ended is forgotten"
        assert repo.find_job(old) is None


def test_a_webhook_is_due_once_at_a_time(store: Store) -> None:
    job_id = add(store, webhook="https://example.com/")
    with store.transaction() as repo:
        assert repo.take_due_webhook(60.0) is None, "not before the end"
        job = repo.take_job(job_id, lease_seconds=60.0)
        assert isinstance(job, TakenJob)
        repo.finish_job(job)
    with store.transaction() as repo:
        due = repo.take_due_webhook(60.0)
        assert due is not None
        assert (due.job_id, due.tries, due.state) == (job_id, 1, "done")
        assert repo.take_due_webhook(60.0) is None
        repo.webhook_tried(due, state="pending", again_at=utc_now())
        again = repo.take_due_webhook(60.0)
        assert again is not None
        assert again.tries == 2
        repo.webhook_tried(due, state="sent", again_at=None)
        assert repo.job(job_id).webhook_state == "pending", "the first try is over"
        repo.webhook_tried(again, state="sent", again_at=None)
        assert repo.job(job_id).webhook_state == "sent"
