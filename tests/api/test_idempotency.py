"""`Idempotency-Key`: the same request twice is one introduction."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from plugins.http import AUDIO, expect_problem

from namemem.errors import EngineBusy, NoSpeech

PATH = "/v1/introductions"


def post(client, key="key-1", audio=AUDIO, **form):
    headers = {"Idempotency-Key": key}
    return client.post(PATH, files={"audio": audio}, data=form, headers=headers)


def wait_for(condition):
    """Waits for what another thread does; how long only matters when it never happens."""
    for _ in range(6000):
        if condition():
            return
        time.sleep(0.005)
    raise AssertionError("it never happened")


def test_replay_gives_the_same_answer(client, hearer):
    first = post(client, external_id="alice", target="azure")
    again = post(client, external_id="alice", target="azure")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert len(hearer.jobs) == 1
    assert len(client.get("/v1/people").json()["items"]) == 1


def test_without_a_key_it_is_a_new_introduction(client):
    ids = {client.post(PATH, files={"audio": AUDIO}).json()["id"] for _ in range(2)}
    assert len(ids) == 2


def test_key_of_another_request(client):
    post(client, external_id="alice")
    for answer in (
        post(client, external_id="bob"),
        post(client, external_id="alice", audio=("a.wav", b"other sound")),
        post(client, external_id="alice", spelling="Alice"),
    ):
        expect_problem(answer, 422, "idempotency-key-reused")
    expect_problem(client.get("/v1/people/by-external-id/bob"), 404, "not-found")


def test_failure_frees_the_key(client, hearer):
    for error in (NoSpeech("There is no speech here."), EngineBusy("The queue is full.")):
        hearer.error = error
        assert post(client).status_code in (422, 503)
    hearer.error = None
    assert post(client).status_code == 201


def test_in_flight(client, hearer):
    hearer.block()
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(post, client)
        try:
            wait_for(lambda: hearer.jobs)
            expect_problem(post(client), 409, "in-flight")
        finally:
            hearer.release()
        assert first.result().status_code == 201
    assert post(client).json() == first.result().json()
    assert len(hearer.jobs) == 1


def test_many_at_once_make_one(client, hearer):
    barrier = threading.Barrier(6)

    def one(_):
        barrier.wait()
        return post(client, external_id="alice")

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(one, range(6)))
    assert {a.status_code for a in answers} <= {201, 409}
    made = {a.json()["id"] for a in answers if a.status_code == 201}
    assert len(made) == 1
    assert len(client.get("/v1/people").json()["items"]) == 1


def test_erased_in_the_meantime(client):
    person = post(client).json()["person_id"]
    client.delete(f"/v1/people/{person}")
    answer = post(client)
    assert answer.status_code in (201, 404)
    if answer.status_code == 201:
        assert answer.json()["person_id"] != person


def test_key_that_is_too_long(client):
    expect_problem(post(client, key="k" * 201), 422, "invalid-request")


def test_health_answers_while_somebody_is_heard(client, hearer):
    hearer.block()
    with ThreadPoolExecutor(1) as threads:
        busy = threads.submit(post, client)
        try:
            wait_for(lambda: hearer.jobs)
            assert client.get("/healthz").status_code == 200
            assert client.get("/v1/people").json()["items"] == []
        finally:
            hearer.release()
        assert busy.result().status_code == 201


def test_many_introductions_of_one_new_person_at_once(client):
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda i: post(client, f"k{i}", external_id="x"), range(6)))
    assert {a.status_code for a in answers} == {201}
    assert [a.status_code for a in answers].count(201) >= 1
    (person,) = client.get("/v1/people").json()["items"]
    assert len(person["names"]) == 1
    name = f"/v1/people/{person['id']}/names/{person['names'][0]['id']}"
    versions = [v["version"] for v in client.get(f"{name}/history").json()["items"]]
    assert versions == list(range(1, len(versions) + 1))
