from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from plugins.examples import make_hearing

from namemem.errors import Conflict, InvalidRequest
from namemem.people import NameKind, Status
from namemem.store import Claim, Outcome, Repository, Store


def claim(store: Store, key: str = "k", **options: float) -> Claim:
    with store.transaction() as repo:
        answer = repo.begin(key, "digest", **options)
    assert isinstance(answer, Claim)
    return answer


def introduce(repo: Repository) -> tuple[str, str]:
    person = repo.add_person(None, "Siobhan")
    name = repo.add_name(
        person.id, kind=NameKind.GIVEN, spelling="S", status=Status.HEARD, who="a", what="b"
    )
    made = repo.add_introduction(person_id=person.id, name_id=name.id, hearing=make_hearing())
    return made.id, person.id


def reason(caught: pytest.ExceptionInfo[Conflict]) -> object:
    return caught.value.details["reason"]


def test_a_request_sent_again_has_the_same_outcome(store: Store) -> None:
    mine = claim(store)
    with store.transaction() as repo:
        introduction_id, _ = introduce(repo)
        repo.finish(mine, introduction_id=introduction_id)
    with store.transaction() as repo:
        assert repo.begin("k", "digest") == Outcome(introduction_id, None)
    with pytest.raises(Conflict) as caught, store.transaction() as repo:
        repo.begin("k", "another digest")
    assert reason(caught) == "other_request"
    with store.transaction("another space") as repo:
        assert isinstance(repo.begin("k", "another digest"), Claim)


def test_a_problem_is_an_outcome_too(store: Store) -> None:
    mine = claim(store)
    with store.transaction() as repo:
        repo.finish(mine, problem={"type": "no-name-heard", "status": 422})
    with store.transaction() as repo:
        outcome = repo.begin("k", "digest")
    assert outcome == Outcome(None, {"type": "no-name-heard", "status": 422})


def test_in_flight(store: Store) -> None:
    claim(store)
    with pytest.raises(Conflict) as caught, store.transaction() as repo:
        repo.begin("k", "digest")
    assert reason(caught) == "in_flight"


def test_an_abandoned_key_may_be_used_again(store: Store) -> None:
    mine = claim(store)
    with store.transaction() as repo:
        repo.abandon(mine)
    claim(store)


def test_who_lost_the_claim_stores_nothing(store: Store) -> None:
    slow = claim(store)
    fast = claim(store, lease_seconds=0.0)
    with store.transaction() as repo:
        introduction_id, _ = introduce(repo)
        repo.finish(fast, introduction_id=introduction_id)
    with pytest.raises(Conflict) as caught, store.transaction() as repo:  # noqa: PT012
        introduction, _ = introduce(repo)
        repo.finish(slow, introduction_id=introduction)
    assert reason(caught) == "claim_lost"
    with store.transaction() as repo:
        repo.abandon(slow)  # takes nothing from the one who finished
        assert repo.begin("k", "digest") == Outcome(introduction_id, None)
        assert len(repo.people()[0]) == 1


def test_erasing_a_person_erases_the_keys(store: Store) -> None:
    first, second = claim(store, "first"), claim(store, "second")
    with store.transaction() as repo:
        introduction_id, person_id = introduce(repo)
        repo.finish(first, introduction_id=introduction_id)
        repo.finish(second, person_id=person_id, problem={"transcript": "hello"})
        assert len(repo.export_person(person_id)["idempotency_keys"]) == 2
        repo.delete_person(person_id)
    claim(store, "first")
    claim(store, "second")


def test_old_keys_are_forgotten(store: Store) -> None:
    claim(store)
    with store.transaction() as repo:
        assert repo.delete_idempotency_keys(datetime.now(UTC) - timedelta(hours=1)) == 0
        assert repo.delete_idempotency_keys(datetime.now(UTC) + timedelta(hours=1)) == 1


@pytest.mark.parametrize("key", ["\0", "x" * 256, "\udc80"])
def test_a_key_that_is_none(store: Store, key: str) -> None:
    with store.transaction() as repo, pytest.raises(InvalidRequest):
        repo.begin(key, "digest")


def test_of_eight_at_once_one_works(store: Store) -> None:
    barrier = threading.Barrier(8)
    answers: list[object] = []

    def send() -> None:
        barrier.wait()
        try:
            with store.transaction() as repo:
                answer: object = repo.begin("k", "digest")
        except Conflict as error:
            answer = error.details["reason"]
        answers.append(answer)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(a, Claim) for a in answers) == 1
    assert answers.count("in_flight") == 7


def test_the_answer_that_told_of_a_job_goes_with_whom_the_job_made(store: Store) -> None:
    """Nobody knew whose name it was when the job was queued; the key may say it."""
    jobs = {}
    for key in ("mine", "other"):
        with store.transaction() as repo:
            begun = repo.begin(key, "digest")
            assert isinstance(begun, Claim)
            later = datetime.now(UTC) + timedelta(hours=1)
            job = repo.add_job(kind="introduction", request={}, audio=b"sound", expires_at=later)
            repo.finish(begun, answer={"status": 202, "headers": {}, "body": {"id": job.id}})
            jobs[key] = job.id
    with store.transaction() as repo:
        _, person_id = introduce(repo)
        repo.give_to_person(jobs["mine"], person_id)
    with store.transaction() as repo:
        repo.delete_person(person_id)
    with store.transaction() as repo:
        assert isinstance(repo.begin("mine", "digest"), Claim)
        assert isinstance(repo.begin("other", "digest"), Outcome)
