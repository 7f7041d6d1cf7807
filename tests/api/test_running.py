"""Alive, ready, which version; keys and the spaces they open."""

from __future__ import annotations

import pytest
from plugins.http import AUDIO, MakeClient, expect_problem, introduce

from namemem import __version__
from namemem.errors import StoreUnavailable
from namemem.testing import FakeHearer

MUSEUM, ROBOT = {"Authorization": "Bearer museum-key"}, {"Authorization": "Bearer robot-key"}


def test_alive_and_version(client):
    assert client.get("/healthz").json() == {"status": "ok"}
    body = client.get("/version").json()
    assert (body["name"], body["version"]) == ("namemem", __version__)


def test_ready_says_who_hears(client):
    body = client.get("/readyz").json()
    assert body["ready"]
    assert body["engines"]["transcriber"] == "fake 1.0"
    assert body["notes"]
    assert body["reasons"] == []


def test_not_ready_says_why(client, hearer):
    hearer.ready = False
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.headers["retry-after"]
    assert response.json()["reasons"] == ["This fake was told not to be ready."]
    assert client.get("/healthz").status_code == 200


def test_database_that_does_not_answer(client, monkeypatch):
    def broken(*_arguments, **_options):
        raise StoreUnavailable("The database does not answer. Is it running?")

    store = client.app.state.service.store
    monkeypatch.setattr(store, "ping", broken)
    monkeypatch.setattr(store, "transaction", broken)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "does not answer" in response.json()["reasons"][0]
    expect_problem(client.get("/v1/people"), 503, "store-unavailable")
    answer = client.post("/v1/introductions", files={"audio": AUDIO})
    expect_problem(answer, 503, "store-unavailable")
    assert client.get("/healthz").status_code == 200


def test_unknown_routes_and_methods(client):
    expect_problem(client.get("/v2/people"), 404, "no-such-route")
    response = client.put("/v1/people")
    expect_problem(response, 405, "method-not-allowed")
    assert response.headers["allow"]


@pytest.fixture
def locked(make_client: MakeClient):
    keys = {"museum-key": "museum", "robot-key": "robot"}
    return make_client(api_keys=keys)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/v1/people"),
        ("get", "/v1/targets"),
        ("post", "/v1/people"),
        ("get", "/v1/people/p_x"),
        ("get", "/v1/introductions/i_x"),
        ("post", "/v1/introductions/i_x/confirm"),
        ("delete", "/v1/people/p_x"),
        ("get", "/v1/people/p_x/pronunciation"),
        ("get", "/v1/people/p_x/export"),
    ],
)
@pytest.mark.parametrize("header", [None, "Bearer wrong-key", "Basic bXVzZXVtOmtleQ==", "Bearer "])
def test_keys_are_needed(locked, method, path, header):
    headers = {"Authorization": header} if header else {}
    response = getattr(locked, method)(path, headers=headers)
    expect_problem(response, 401, "unauthorized")
    assert response.headers["www-authenticate"] == "Bearer"


def test_what_needs_no_key(locked):
    for path in ("/healthz", "/readyz", "/version", "/docs", "/openapi.json"):
        assert locked.get(path).status_code == 200, path


def test_spaces_do_not_see_each_other(locked):
    response = locked.post(
        "/v1/introductions", files={"audio": AUDIO}, data={"external_id": "a"}, headers=MUSEUM
    )
    assert response.status_code == 201, response.text
    body = response.json()
    person = f"/v1/people/{body['person_id']}"
    introduction = f"/v1/introductions/{body['id']}"
    name = f"{person}/names/{body['name_id']}"
    assert locked.get(person, headers=MUSEUM).status_code == 200
    for path in (
        person,
        introduction,
        name,
        f"{introduction}/audio",
        f"{name}/history",
        f"{person}/pronunciation",
        f"{person}/export",
        "/v1/people/by-external-id/a",
    ):
        expect_problem(locked.get(path, headers=ROBOT), 404, "not-found")
    expect_problem(locked.delete(person, headers=ROBOT), 404, "not-found")
    expect_problem(locked.post(f"{introduction}/confirm", headers=ROBOT), 404, "not-found")
    expect_problem(locked.post(f"{introduction}/reject", headers=ROBOT), 404, "not-found")
    retake = locked.post(f"{introduction}/retake", files={"audio": AUDIO}, headers=ROBOT)
    expect_problem(retake, 404, "not-found")
    change = locked.patch(name, json={"ipa": "a"}, headers=ROBOT | {"If-Match": '"1"'})
    expect_problem(change, 404, "not-found")
    text = {"text": "Hi {external:a}", "target": "ssml"}
    expect_problem(locked.post("/v1/render", json=text, headers=ROBOT), 404, "not-found")
    speak = locked.post("/v1/speak", json={"person_id": body["person_id"]}, headers=ROBOT)
    expect_problem(speak, 404, "not-found")
    found = {"sounds_like": "ʃɪˈvɔːn"}
    assert locked.get("/v1/people", params=found, headers=ROBOT).json()["items"] == []
    assert locked.get("/v1/people", headers=ROBOT).json()["items"] == []
    same = locked.post("/v1/people", json={"external_id": "a"}, headers=ROBOT)
    assert same.status_code == 201
    assert same.json()["id"] != body["person_id"]
    assert locked.get(person, headers=MUSEUM).json()["names"][0]["version"] == 1


def test_idempotency_keys_belong_to_a_space(locked):
    answers = [
        locked.post(
            "/v1/introductions", files={"audio": AUDIO}, headers=key | {"Idempotency-Key": "k"}
        ).json()["id"]
        for key in (MUSEUM, ROBOT, MUSEUM)
    ]
    assert answers[0] == answers[2] != answers[1]


def test_sweep_erases_what_is_old(make_client: MakeClient, hearer: FakeHearer):
    client = make_client(audio_ttl_days=1e-9)
    body = introduce(client, keep_audio="clip")
    assert client.app.state.service.sweep() == 1
    expect_problem(client.get(f"/v1/introductions/{body['id']}/audio"), 404, "not-found")
    assert not client.get(f"/v1/introductions/{body['id']}").json()["audio_kept"]
