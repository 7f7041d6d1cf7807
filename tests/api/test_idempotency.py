"""`Idempotency-Key`: the same request twice is done once and answered the same."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from plugins.http import AUDIO, expect_problem, introduce
from sqlalchemy import select

from namemem.errors import EngineBusy, NoSpeech
from namemem.service import repeating
from namemem.store.tables import IdempotencyKeyRow

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


def test_replay_gives_the_same_answer_after_a_change(client):
    first = post(client, external_id="alice", target="azure")
    made = first.json()
    client.post(f"{PATH}/{made['id']}/reject")
    client.patch(f"/v1/people/{made['person_id']}", json={"display_name": "Somebody else"})
    now = client.get(f"{PATH}/{made['id']}").json()
    assert now["name"]["ipa"] != made["name"]["ipa"]
    again = post(client, external_id="alice", target="azure")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers


NAME = "/v1/people/{person_id}/names/{name_id}"
WRITES = {  # method, path, body, another body, status
    "add a person": ("POST", "/v1/people", {"external_id": "b"}, {"external_id": "c"}, 201),
    "add a name": (
        "POST", "/v1/people/{person_id}/names", {"spelling": "Bob"}, {"spelling": "Eve"}, 201,
    ),
    "correct": ("PATCH", NAME, {"ipa": "bɒb"}, {"ipa": "iːv"}, 200),
    "revert": ("POST", f"{NAME}/revert", {"version": 1}, {"version": 2}, 200),
    "confirm": ("POST", "/v1/introductions/{id}/confirm", None, None, 200),
    "reject": ("POST", "/v1/introductions/{id}/reject", {"choose": 1}, {"choose": 0}, 200),
}  # fmt: skip


def everything(client):
    """All that is stored about everybody, without the keys themselves."""
    with client.app.state.service.store.transaction(read_only=True) as repo:
        exports = [repo.export_person(person.id) for person in repo.all_people_iter()]
    return [{k: v for k, v in e.items() if k != "idempotency_keys"} for e in exports]


@pytest.mark.parametrize("what", WRITES)
def test_every_write_is_done_once(client, what):
    method, path, body, other, status = WRITES[what]
    path = path.format(**introduce(client, external_id="alice"))
    headers = {"Idempotency-Key": "once", "If-Match": '"1"'}
    before = everything(client)
    first = client.request(method, path, json=body, headers=headers)
    after = everything(client)
    again = client.request(method, path, json=body, headers=headers)
    assert first.status_code == again.status_code == status
    assert first.content == again.content
    for header in ("location", "etag"):
        assert first.headers.get(header) == again.headers.get(header)
    assert (before != after, everything(client)) == (True, after)
    if other is not None:
        answer = client.request(method, path, json=other, headers=headers)
        expect_problem(answer, 422, "idempotency-key-reused")
    elsewhere = client.post("/v1/people", json={"display_name": "Eve"}, headers=headers)
    expect_problem(elsewhere, 422, "idempotency-key-reused")


def test_a_write_that_fails_frees_its_key(client):
    headers = {"Idempotency-Key": "k"}
    client.post("/v1/people", json={"external_id": "bob", "display_name": "Bob"})
    person = {"external_id": "bob", "display_name": "Bob", "names": [{"spelling": "Bob"}]}
    refused = client.post("/v1/people", json=person, headers=headers)
    expect_problem(refused, 409, "conflict")
    person["external_id"] = "robert"
    assert client.post("/v1/people", json=person, headers=headers).status_code == 201
    assert len(client.get("/v1/people").json()["items"]) == 2


def test_a_retake_is_done_once(client, hearer):
    made = introduce(client, keep_audio="clip")

    def retake(audio=AUDIO):
        headers = {"Idempotency-Key": "again"}
        return client.post(f"{PATH}/{made['id']}/retake", files={"audio": audio}, headers=headers)

    first = retake()
    assert (first.status_code, first.json()["takes"]) == (200, 2)
    client.post(f"{PATH}/{made['id']}/confirm")
    assert retake().content == first.content
    assert len(hearer.jobs) == 2
    expect_problem(retake(("a.wav", b"other sound")), 422, "idempotency-key-reused")


def test_a_retake_that_fails_frees_its_key(client, hearer):
    made = introduce(client)
    headers = {"Idempotency-Key": "again"}
    path = f"{PATH}/{made['id']}/retake"
    hearer.error = NoSpeech("There is no speech here.")
    assert client.post(path, files={"audio": AUDIO}, headers=headers).status_code == 422
    hearer.error = None
    assert client.post(path, files={"audio": AUDIO}, headers=headers).json()["takes"] == 2


def test_a_claim_is_renewed_while_somebody_is_heard(client, hearer, monkeypatch):
    """Else a long hearing would lose its key to the first retry."""
    monkeypatch.setattr(repeating, "LEASE_SECONDS", 0.06)
    store = client.app.state.service.store

    def begun():
        with store.transaction(read_only=True) as repo:
            return repo._session.scalar(select(IdempotencyKeyRow.created_at))

    hearer.block()
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(post, client)
        try:
            wait_for(lambda: hearer.jobs)
            at_first = begun()
            wait_for(lambda: begun() > at_first)
        finally:
            hearer.release()
        assert first.result().status_code == 201


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
    barrier = threading.Barrier(20)

    def one(_):
        barrier.wait()
        return post(client, external_id="alice")

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(one, range(20)))
    assert {a.status_code for a in answers} <= {201, 409}
    made = {a.json()["id"] for a in answers if a.status_code == 201}
    assert len(made) == 1
    assert len(hearer.jobs) == 1
    assert len(client.get("/v1/people").json()["items"]) == 1


def test_many_typed_at_once_get_the_same_answer(client):
    """Without hearing it is one transaction: the others wait for it and get its answer."""
    barrier = threading.Barrier(20)

    def one(_):
        barrier.wait()
        return client.post(
            "/v1/people", json={"display_name": "Bob"}, headers={"Idempotency-Key": "k"}
        )

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(one, range(20)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    assert [a.headers.get("idempotency-replayed") for a in answers].count("true") == 19
    assert len(client.get("/v1/people").json()["items"]) == 1


def test_erased_in_the_meantime(client):
    """The kept answer is erased with the person, so the key is as new."""
    person = post(client).json()["person_id"]
    client.delete(f"/v1/people/{person}")
    again = post(client)
    assert again.status_code == 201
    assert again.json()["person_id"] != person
    assert "idempotency-replayed" not in again.headers


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
