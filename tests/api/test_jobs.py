"""Introductions that are heard later: queued, asked for, withdrawn, given up, reported."""

from __future__ import annotations

import time

import pytest
from plugins.http import AUDIO, expect_problem

from namemem.errors import (
    DeadlineExceeded,
    EngineBusy,
    EngineFailed,
    NoNameHeard,
    StoreUnavailable,
)
from namemem.service.working import Working
from namemem.store import Store

PATH = "/v1/introductions?mode=async"


def queue(client, headers=None, audio=AUDIO, **form):
    return client.post(PATH, files={"audio": audio}, data=form, headers=headers)


def ended(client, job):
    return client.get(job["status_url"], params={"wait": 20}).json()


def wait_for(true):
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def rows(tmp_path, what):
    store = Store(f"sqlite:///{tmp_path / 'namemem.db'}")
    with store.transaction(read_only=True) as repo:
        found = repo._session.connection().exec_driver_sql(f"SELECT {what} FROM jobs").all()
    store.close()
    return found


def test_queued_then_done(client, hearer, tmp_path):
    hearer.block()
    answer = queue(client, external_id="alice", target="azure")
    assert answer.status_code == 202
    job = answer.json()
    assert answer.headers["location"] == job["status_url"] == f"/v1/jobs/{job['id']}"
    assert job["status"] == "queued"
    wait_for(lambda: hearer.jobs)
    running = client.get(job["status_url"])
    assert running.json()["status"] == "running"
    assert running.headers["retry-after"] == "1"
    assert rows(tmp_path, "audio") == [(AUDIO[1],)]
    hearer.release()
    done = ended(client, job)
    assert (done["status"], done["attempts"], done["problem"]) == ("done", 1, None)
    assert done["finished_at"] >= done["created_at"]
    made = client.get(done["introduction_url"]).json()
    assert done["introduction"] == made
    assert made["rendering"]["target"] == "azure"
    assert client.get("/v1/people/by-external-id/alice").json()["id"] == made["person_id"]
    assert rows(tmp_path, "audio, request, token") == [(None, None, None)]
    export = client.get(f"/v1/people/{made['person_id']}/export").json()
    assert [j["id"] for j in export["jobs"]] == [job["id"]]


def test_all_of_the_form_reaches_the_ear(client, hearer):
    form = {
        "spelling": "Siobhán",
        "language": "ga",
        "asked": "true",
        "kind": "family",
        "transcript": '{"text": "i am siobhan"}',
    }
    done = ended(client, queue(client, **form).json())
    hints = hearer.jobs[0].hints
    assert (hints.spelling, hints.language, hints.asked) == ("Siobhán", "ga", True)
    assert hints.transcript.text == "i am siobhan"
    person = client.get(f"/v1/people/{done['introduction']['person_id']}").json()
    assert person["names"][0]["kind"] == "family"


def test_no_name_is_a_problem_as_in_the_synchronous_mode(client, hearer):
    hearer.error = NoNameHeard("Nobody gives a name.", transcript="nice weather")
    done = ended(client, queue(client).json())
    assert (done["status"], done["introduction"]) == ("failed", None)
    problem = done["problem"]
    assert problem["type"] == "urn:namemem:problem:no-name-heard"
    assert (problem["status"], problem["transcript"]) == (422, "nice weather")
    assert client.get("/v1/people").json()["items"] == []


def test_what_is_wrong_at_once_is_told_at_once(client, hearer):
    expect_problem(queue(client, person_id="p_nobody"), 404, "not-found")
    expect_problem(queue(client, target="hal9000"), 422, "unknown-target")
    expect_problem(queue(client, webhook="https://example.com/"), 422, "invalid-request")
    sync = client.post(
        "/v1/introductions", files={"audio": AUDIO}, data={"webhook": "https://example.com/"}
    )
    expect_problem(sync, 422, "invalid-request")
    assert hearer.jobs == []


def test_the_same_key_is_the_same_job(client, hearer):
    key = {"Idempotency-Key": "once"}
    first = queue(client, key, external_id="alice")
    again = queue(client, key, external_id="alice")
    assert (again.status_code, again.json(), again.headers["location"]) == (
        202,
        first.json(),
        first.headers["location"],
    )
    assert again.headers["idempotency-replayed"] == "true"
    expect_problem(queue(client, key, external_id="bob"), 422, "idempotency-key-reused")
    sync = client.post(
        "/v1/introductions", files={"audio": AUDIO}, data={"external_id": "alice"}, headers=key
    )
    expect_problem(sync, 422, "idempotency-key-reused")
    ended(client, first.json())
    assert len(hearer.jobs) == 1


def test_the_key_of_a_job_that_was_withdrawn(client, hearer):
    """A `202` would promise a job that is gone; hearing it again would undo the withdrawal."""
    key = {"Idempotency-Key": "once"}
    job = queue(client, key, external_id="alice").json()
    ended(client, job)
    assert client.delete(job["status_url"]).status_code == 204
    problem = expect_problem(queue(client, key, external_id="alice"), 404, "not-found")
    assert problem["job_id"] == job["id"]
    assert "new key" in problem["detail"]
    expect_problem(queue(client, key, external_id="bob"), 422, "idempotency-key-reused")
    assert queue(client, {"Idempotency-Key": "two"}, external_id="alice").status_code == 202


def test_the_key_of_a_job_whose_person_was_erased(client, hearer):
    key = {"Idempotency-Key": "once"}
    done = ended(client, queue(client, key, external_id="alice").json())
    person = done["introduction"]["person_id"]
    assert client.delete(f"/v1/people/{person}").status_code == 204
    store = client.app.state.service.store
    with store.transaction(read_only=True) as repo:  # the key itself may say whose it was
        kept = repo._session.connection().exec_driver_sql("SELECT key FROM idempotency_keys").all()
    assert kept == []
    assert client.get("/v1/people").json()["items"] == []
    again = queue(client, key, external_id="alice")  # done anew, as in the synchronous mode
    assert (again.status_code, again.json()["id"] != done["id"]) == (202, True)


def test_who_asked_for_it_and_who_withdrew_it_is_in_the_audit_log(client):
    keyring = client.app.state.keyring
    made = {scope: keyring.make("museum", [scope], scope) for scope in ("introduce", "admin")}
    robot, admin = ({"Authorization": f"Bearer {token}"} for token, _ in made.values())
    job = queue(client, {**robot, "X-Namemem-User": "robot-7"}, external_id="alice").json()
    done = client.get(job["status_url"], params={"wait": 20}, headers=robot).json()
    person = done["introduction"]["person_id"]
    assert client.delete(job["status_url"], headers=robot).status_code == 204
    answer = client.get("/v1/audit", params={"person_id": person}, headers=admin)
    log = {entry["what"]: entry for entry in answer.json()["items"]}
    assert {"person.created", "introduction.heard", "job.erased"} <= set(log)
    assert {entry["key_id"] for entry in log.values()} == {made["introduce"][1].id}
    assert (log["introduction.heard"]["who"], log["job.erased"]["who"]) == ("robot-7", "")


def test_too_many_wait(make_client, hearer):
    client = make_client(max_queued=2, workers=1)
    hearer.block()
    assert [queue(client).status_code for _ in range(2)] == [202, 202]
    expect_problem(queue(client), 503, "busy")
    hearer.release()


def test_another_space_sees_nothing_of_it(make_client):
    keys = {"mu-key-1234567": "museum", "ro-key-1234567": "robot"}
    client = make_client(api_keys=keys)
    mine, other = ({"Authorization": f"Bearer {key}"} for key in keys)
    job = queue(client, mine).json()
    for method in ("GET", "DELETE"):
        url = job["status_url"]
        expect_problem(client.request(method, url, headers=other), 404, "not-found")
    assert client.get(job["status_url"], headers=mine).status_code == 200


def test_withdrawn_while_it_waits_and_while_it_is_heard(make_client, hearer, tmp_path):
    client = make_client(workers=1, job_lease_seconds=1)
    hearer.block()
    heard, waits = queue(client).json(), queue(client).json()
    wait_for(lambda: hearer.jobs)
    for job in (waits, heard):
        assert client.delete(job["status_url"]).status_code == 204
        expect_problem(client.get(job["status_url"]), 404, "not-found")
    hearer.release()
    done = ended(client, queue(client).json())
    assert done["status"] == "done"
    assert len(client.get("/v1/people").json()["items"]) == 1
    assert len(rows(tmp_path, "id")) == 1


def test_erasing_a_person_erases_what_waits_for_them(client, hearer, tmp_path):
    first = ended(client, queue(client, external_id="alice").json())
    person_id = first["introduction"]["person_id"]
    hearer.block()
    waits = [queue(client, external_id="alice").json(), queue(client, person_id=person_id).json()]
    wait_for(lambda: len(hearer.jobs) > 1)
    assert client.delete(f"/v1/people/{person_id}").status_code == 204
    hearer.release()
    for job in waits:
        expect_problem(client.get(job["status_url"]), 404, "not-found")
    time.sleep(0.3)
    assert rows(tmp_path, "id") == []
    assert client.get("/v1/people").json()["items"] == []


def test_a_worker_that_breaks_is_given_another_try(make_client, hearer, monkeypatch):
    monkeypatch.setattr("namemem.service.working._BACKOFF", 0.01)
    client = make_client(job_tries=3)
    hearer.error = EngineFailed("The worker died.")
    done = ended(client, queue(client).json())
    assert (done["status"], done["attempts"]) == ("failed", 3)
    assert done["problem"]["type"] == "urn:namemem:problem:engine-failed"
    assert len(hearer.jobs) == 3


def test_the_log_says_why_a_job_is_tried_again_without_what_was_heard(
    make_client, hearer, monkeypatch, caplog
):
    monkeypatch.setattr("namemem.service.working._BACKOFF", 0.01)
    client = make_client(job_tries=2)
    hearer.error = EngineFailed("The transcriber 'tiny' broke: no token for Zquorblax")
    assert ended(client, queue(client).json())["status"] == "failed"
    assert "failed and is tried again: EngineFailed" in caplog.text
    assert "Zquorblax" not in caplog.text
    hearer.error = DeadlineExceeded("No worker was free within 2 s.")
    assert ended(client, queue(client).json())["status"] == "failed"
    assert "tried again: DeadlineExceeded: No worker was free within 2 s." in caplog.text


def test_being_busy_is_no_try(make_client, hearer, monkeypatch):
    monkeypatch.setattr("namemem.service.working._PAUSE", 0.01)
    client = make_client(job_tries=1)
    hearer.error = EngineBusy("Full.")
    job = queue(client).json()
    wait_for(lambda: len(hearer.jobs) >= 2)
    hearer.error = None
    done = ended(client, job)
    assert (done["status"], done["attempts"]) == ("done", 1)


def test_a_database_that_is_away_costs_no_recording(client, hearer, monkeypatch):
    monkeypatch.setattr("namemem.service.working._PAUSE", 0.01)
    store, failures = Working._store_introduction, []

    def fail_once(self, taken, request, heard):
        if not failures:
            failures.append(taken)
            raise StoreUnavailable("Away.")
        store(self, taken, request, heard)

    monkeypatch.setattr(Working, "_store_introduction", fail_once)
    done = ended(client, queue(client).json())
    assert (done["status"], done["attempts"]) == ("done", 1)
    assert len(client.get("/v1/people").json()["items"]) == 1


def test_a_restart_takes_up_what_waits_and_what_was_heard(make_client, hearer):
    """The first server dies with a recording in its ear; its lease is not over for a second."""
    first = make_client(workers=1, job_lease_seconds=1)
    hearer.block()
    jobs = [queue(first, external_id=name).json() for name in ("alice", "bob")]
    wait_for(lambda: hearer.jobs)
    service = first.app.state.service
    service.store.transaction = None  # whatever the first does from now on reaches no database
    hearer.release()
    second = make_client(workers=1, job_lease_seconds=1)
    done = [ended(second, job) for job in jobs]
    assert [d["status"] for d in done] == ["done", "done"]
    assert [d["attempts"] for d in done] == [2, 1]
    assert len(second.get("/v1/people").json()["items"]) == 2
    del service.store.transaction


def test_a_server_that_is_told_to_stop_gives_its_job_back(make_client, hearer, tmp_path):
    first = make_client(workers=1)
    hearer.block()
    job = queue(first).json()
    wait_for(lambda: hearer.jobs)
    first.__exit__(None, None, None)
    assert rows(tmp_path, "state, attempts") == [("queued", 0)]
    hearer.release()
    assert ended(make_client(), job)["status"] == "done"


@pytest.mark.parametrize("wait", ["-1", "31", "long"])
def test_how_long_to_wait_is_checked(client, wait):
    answer = client.get("/v1/jobs/j_1", params={"wait": wait})
    expect_problem(answer, 422, "invalid-request")


def test_what_nobody_heard_is_given_up(make_client, hearer, tmp_path):
    hearer.ready = False
    client = make_client(job_ttl_hours=1e-5)
    job = queue(client, external_id="alice").json()
    time.sleep(0.1)
    service = client.app.state.service
    assert service.expire_jobs() == 1
    done = client.get(job["status_url"]).json()
    assert (done["status"], done["problem"]["status"]) == ("failed", 503)
    assert "Is a worker running?" in done["problem"]["detail"]
    assert rows(tmp_path, "audio, request") == [(None, None)]
    time.sleep(0.1)
    assert service.expire_jobs() == 1
    expect_problem(client.get(job["status_url"]), 404, "not-found")
