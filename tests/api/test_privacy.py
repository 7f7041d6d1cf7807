"""Consent, kept recordings and their end, over HTTP."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from tempfile import SpooledTemporaryFile

import pytest
from plugins.http import AUDIO, expect_problem, introduce
from plugins.raw_files import files_with, written

from namemem import app
from namemem.store import sealing
from namemem.store.sealing import key_id, read_key

GIVEN = {"by": "the person", "at": "2026-05-04T10:15:00+02:00", "for": ["pronunciation", "audio"]}
CONSENT = json.dumps(GIVEN)
ONLY_NAME = json.dumps({**GIVEN, "for": ["pronunciation"]})


def audio_of(client, made):
    return client.get(f"/v1/introductions/{made['id']}/audio")


def retake(client, made, **form):
    return client.post(f"/v1/introductions/{made['id']}/retake", files={"audio": AUDIO}, data=form)


def exported(client, made):
    return client.get(f"/v1/people/{made['person_id']}/export").json()


def test_consent_is_kept_and_shown(client):
    made = introduce(client, keep_audio="clip", consent=CONSENT)
    told = made["consent"]
    assert (told["by"], told["for"]) == ("the person", ["pronunciation", "audio"])
    assert told["at"] == "2026-05-04T08:15:00Z"
    assert told["withdrawn_at"] is None
    assert client.get(f"/v1/introductions/{made['id']}").json()["consent"] == told
    assert client.get(f"/v1/people/{made['person_id']}/consents").json() == {"items": [told]}
    (in_export,) = exported(client, made)["consents"]
    assert in_export["id"] == told["id"]
    assert in_export["introduction_id"] == made["id"]
    assert in_export["for"] == ["pronunciation", "audio"]


def test_without_consent_there_is_none(client):
    made = introduce(client)
    assert made["consent"] is None
    assert client.get(f"/v1/people/{made['person_id']}/consents").json() == {"items": []}


def test_consent_of_a_person_typed_in_and_later(client):
    body = {"names": [{"spelling": "Siobhan"}], "consent": GIVEN}
    person = client.post("/v1/people", json=body).json()
    path = f"/v1/people/{person['id']}/consents"
    (first,) = client.get(path).json()["items"]
    assert (first["by"], first["introduction_id"]) == ("the person", None)
    later = client.post(path, json={**GIVEN, "by": "a parent", "for": ["film"]})
    assert later.status_code == 201
    assert [one["by"] for one in client.get(path).json()["items"]] == ["the person", "a parent"]
    wrong = client.post(path, json={**GIVEN, "at": "2026-05-04T10:15:00"})
    assert "at" in expect_problem(wrong, 422, "invalid-request")["detail"]
    expect_problem(client.post("/v1/people/p_none/consents", json=GIVEN), 404, "not-found")


def consents_of(client, person_id):
    items = client.get(f"/v1/people/{person_id}/consents").json()["items"]
    return {one["id"]: one["withdrawn_at"] for one in items}


def test_a_consent_that_came_by_itself_is_withdrawn(client, tmp_path):
    """It takes along the recordings that came with none of their own, and no others."""
    bare = introduce(client, external_id="s", keep_audio="clip")
    person_id = bare["person_id"]
    own = introduce(client, external_id="s", keep_audio="clip", consent=CONSENT)
    other = introduce(client, external_id="t", keep_audio="clip")
    path = f"/v1/people/{person_id}/consents"
    film, first, second = (
        client.post(path, json={**GIVEN, "for": [purpose]}).json()
        for purpose in ("film", "audio", "audio")
    )
    answer = client.post(f"{path}/{film['id']}/withdraw")
    assert answer.status_code == 200
    assert answer.json()["withdrawn_at"] >= film["recorded_at"]
    assert {**answer.json(), "withdrawn_at": None} == film
    assert client.post(f"{path}/{first['id']}/withdraw").status_code == 200
    assert audio_of(client, bare).status_code == 200, "the second still covers it"
    last = client.post(f"{path}/{second['id']}/withdraw").json()
    assert client.post(f"{path}/{second['id']}/withdraw").json() == last, "done again"
    expect_problem(audio_of(client, bare), 404, "not-found")
    assert audio_of(client, own).status_code == 200
    assert audio_of(client, other).status_code == 200
    ended = consents_of(client, person_id)
    assert [ended[one["id"]] is None for one in (film, first, second, own["consent"])] == [
        False, False, False, True,
    ]  # fmt: skip
    log = client.get("/v1/audit", params={"person_id": person_id}).json()["items"]
    counted = Counter(entry["what"] for entry in log)
    assert (counted["consent.withdrawn"], counted["audio.erased"]) == (3, 1)


def test_a_consent_that_came_with_a_recording_is_withdrawn(client, tmp_path):
    made = introduce(client, keep_audio="clip", consent=CONSENT)
    pieces = [audio_of(client, made).content[8:44]]
    path = f"/v1/people/{made['person_id']}/consents/{made['consent']['id']}/withdraw"
    assert client.post(path).json()["introduction_id"] == made["id"]
    expect_problem(audio_of(client, made), 404, "not-found")
    assert files_with(tmp_path, pieces) == []
    assert retake(client, made).json()["audio_kept"] is False
    assert client.get(f"/v1/introductions/{made['id']}").json()["name"] == made["name"]


def test_withdrawing_again_leaves_what_was_agreed_to_since(make_client):
    """A request that is sent twice must not erase what the person allowed in between."""
    client = make_client(keep_audio="clip")
    made = introduce(client, external_id="s", consent=CONSENT)
    path = f"/v1/people/{made['person_id']}/consents"
    general = client.post(path, json=GIVEN).json()
    old = [made["consent"]["id"], general["id"]]
    first = [client.post(f"{path}/{one}/withdraw").json() for one in old]
    expect_problem(audio_of(client, made), 404, "not-found")
    new = retake(client, made, consent=CONSENT).json()["consent"]["id"]
    bare = introduce(client, external_id="s")
    assert [client.post(f"{path}/{one}/withdraw").json() for one in old] == first
    assert audio_of(client, made).status_code == 200
    assert audio_of(client, bare).status_code == 200
    assert consents_of(client, made["person_id"])[new] is None


def test_the_consent_of_a_take_that_was_replaced_is_withdrawn(client):
    """What is kept came with the second one, and goes with that."""
    made = introduce(client, keep_audio="clip", consent=CONSENT)
    again = retake(client, made, consent=CONSENT).json()
    first, second = made["consent"]["id"], again["consent"]["id"]
    path = f"/v1/people/{made['person_id']}/consents"
    client.post(f"{path}/{first}/withdraw")
    assert audio_of(client, made).status_code == 200
    assert consents_of(client, made["person_id"])[second] is None
    client.post(f"{path}/{second}/withdraw")
    expect_problem(audio_of(client, made), 404, "not-found")


def test_only_their_own_consents_are_withdrawn(client):
    one, two = (client.post("/v1/people", json=body).json() for body in (
        {"names": [{"spelling": "Siobhan"}], "consent": GIVEN}, {"names": [{"spelling": "Mo"}]},
    ))  # fmt: skip
    (consent,) = consents_of(client, one["id"])
    for path in (f"{two['id']}/consents/{consent}", f"{one['id']}/consents/o_none",
                 f"p_none/consents/{consent}", f"{one['id']}/consents/%00"):  # fmt: skip
        expect_problem(client.post(f"/v1/people/{path}/withdraw"), 404, "not-found")
    assert consents_of(client, one["id"]) == {consent: None}


def test_a_consent_that_is_sent_twice_is_noted_once(client):
    person = client.post("/v1/people", json={"names": [{"spelling": "Mo"}]}).json()
    path, key = f"/v1/people/{person['id']}/consents", {"Idempotency-Key": "once"}
    first, again = (client.post(path, json=GIVEN, headers=key) for _ in range(2))
    assert (first.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert list(consents_of(client, person["id"])) == [first.json()["id"]]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("yes", "not JSON"),
        ("[]", "no JSON object"),
        ('{"by": "she"}', "lacks at, for"),
        (json.dumps({**GIVEN, "at": "2999-01-01T00:00:00Z"}), "in the future"),
        (json.dumps({**GIVEN, "for": ["Audio!"]}), "consent.for"),
    ],
)
def test_a_malformed_consent_stores_nothing(client, hearer, wrong, says):
    for path, form in (
        ("/v1/introductions", {"consent": wrong}),
        ("/v1/introductions", {"consent": wrong, "keep_audio": "clip"}),
    ):
        answer = client.post(path, files={"audio": AUDIO}, data=form)
        problem = expect_problem(answer, 422, "invalid-request")
        assert says in problem["detail"]
        assert problem["field"] == "consent"
        assert '"for"' in problem["detail"], "an example says how it is written"
    assert not hearer.jobs
    assert client.get("/v1/people").json()["items"] == []


def test_demanded_consent(make_client, hearer):
    client = make_client(require_consent_for_audio=True)
    for form in ({}, {"consent": ONLY_NAME}):
        answer = client.post(
            "/v1/introductions", files={"audio": AUDIO}, data={"keep_audio": "clip", **form}
        )
        problem = expect_problem(answer, 422, "consent-missing")
        assert problem["field"] == "consent"
        assert '"audio"' in problem["detail"]
    assert not hearer.jobs, "told before anything is heard"
    assert introduce(client)["audio_kept"] is False
    assert introduce(client, keep_audio="clip", consent=CONSENT)["audio_kept"] is True


def test_a_consent_without_audio_forbids_keeping_in_any_case(client):
    answer = client.post(
        "/v1/introductions",
        files={"audio": AUDIO},
        data={"keep_audio": "clip", "consent": ONLY_NAME},
    )
    expect_problem(answer, 422, "consent-missing")


@pytest.mark.parametrize("demanded", [True, False])
def test_a_servers_habit_keeps_only_what_was_agreed_to(make_client, demanded):
    client = make_client(keep_audio="clip", require_consent_for_audio=demanded)
    assert introduce(client)["audio_kept"] is not demanded
    assert introduce(client, consent=ONLY_NAME)["audio_kept"] is False
    assert introduce(client, consent=CONSENT)["audio_kept"] is True


def test_withdrawal(make_client, tmp_path):
    client = make_client(keep_audio="clip")
    made = introduce(client, consent=CONSENT)
    kept = audio_of(client, made)
    assert kept.status_code == 200
    assert "no-store" in kept.headers["cache-control"]
    pieces = [kept.content[8:44]]
    assert files_with(tmp_path, pieces)
    path = f"/v1/introductions/{made['id']}/audio"
    for _ in range(2):
        assert client.delete(path).status_code == 204
    expect_problem(audio_of(client, made), 404, "not-found")
    assert files_with(tmp_path, pieces) == []
    now = client.get(f"/v1/introductions/{made['id']}").json()
    assert now["audio_kept"] is False
    assert now["name"] == made["name"], "what was heard stays"
    assert now["consent"]["withdrawn_at"] is not None
    again = retake(client, made).json()
    assert again["audio_kept"] is False, "withdrawn consent does not come back by itself"
    anew = retake(client, made, consent=CONSENT).json()
    assert anew["audio_kept"] is True
    assert anew["consent"]["withdrawn_at"] is None
    assert [one["withdrawn_at"] is None for one in exported(client, made)["consents"]] == [
        False, True
    ]  # fmt: skip
    expect_problem(client.delete("/v1/introductions/i_none/audio"), 404, "not-found")


def test_a_retake_is_kept_as_the_first_take_was(make_client):
    client = make_client(require_consent_for_audio=True)
    made = introduce(client, keep_audio="clip", consent=CONSENT)
    assert retake(client, made).json()["audio_kept"] is True
    assert retake(client, introduce(client)).json()["audio_kept"] is False
    malformed = retake(client, made, consent="{}")
    assert expect_problem(malformed, 422, "invalid-request")["field"] == "consent"


def test_withdrawal_while_another_take_is_heard(make_client, hearer):
    client = make_client()
    made = introduce(client, keep_audio="clip", consent=CONSENT)
    hearer.block()
    before = len(hearer.jobs)
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(retake(client, made)))
    waiting.start()
    while len(hearer.jobs) == before:
        time.sleep(0.01)
    assert client.delete(f"/v1/introductions/{made['id']}/audio").status_code == 204
    hearer.release()
    waiting.join()
    assert answers[0].status_code == 200
    expect_problem(audio_of(client, made), 404, "not-found")


def test_consent_makes_another_request_under_a_key(client):
    headers = {"Idempotency-Key": "k-1"}

    def send(**form):
        return client.post("/v1/introductions", files={"audio": AUDIO}, data=form, headers=headers)

    first = send(consent=CONSENT)
    assert first.status_code == 201
    assert send(consent=CONSENT).json()["id"] == first.json()["id"]
    assert send(consent=ONLY_NAME).status_code in (409, 422)


def test_encrypted_clips(make_client, tmp_path):
    key, other = sealing.new_key(), sealing.new_key()
    client = make_client(clip_key=key)
    made = introduce(client, keep_audio="clip")
    sound = audio_of(client, made).content
    assert sound[:4] == b"RIFF"
    assert files_with(tmp_path, [sound[:36]]) == []
    clip = exported(client, made)["introductions"][0]["clip"]
    assert base64.b64decode(clip["audio_base64"]) == sound
    for without in ({}, {"clip_key": other}):
        problem = expect_problem(audio_of(make_client(**without), made), 503, "clip-sealed")
        assert key_id(read_key(key)) in problem["detail"]
        assert key not in json.dumps(problem)
    rotated = make_client(clip_key=other, clip_old_keys=[key])
    assert audio_of(rotated, made).content == sound
    export = make_client().get(f"/v1/people/{made['person_id']}/export")
    expect_problem(export, 503, "clip-sealed")
    assert make_client().delete(f"/v1/people/{made['person_id']}").status_code == 204


def test_the_time_to_live(make_client, tmp_path, hearer):
    client = make_client(keep_audio="clip", audio_ttl_days=30)
    made = introduce(client)
    service = client.app.state.service
    assert service.sweep() == 0
    assert audio_of(client, made).status_code == 200
    sound = audio_of(client, made).content
    with service.store.transaction() as repo:
        assert repo.delete_expired_clips(datetime.now(UTC) + timedelta(days=29)) == 0
    shorter = make_client(audio_ttl_days=1e-9)  # sweeps when it starts
    deadline = time.monotonic() + 20
    while audio_of(shorter, made).status_code == 200 and time.monotonic() < deadline:
        time.sleep(0.02)
    expect_problem(audio_of(shorter, made), 404, "not-found")
    shorter.app.state.service.sweep()  # the one at the start may still be at the files
    assert files_with(tmp_path, [sound[8:44]]) == []
    longer = make_client(audio_ttl_days=9999)
    assert longer.app.state.service.sweep() == 0


def test_a_longer_time_does_not_prolong_what_was_promised(make_client):
    client = make_client(keep_audio="clip", audio_ttl_days=1)
    made = introduce(client)
    longer = make_client(keep_audio="clip", audio_ttl_days=99).app.state.service
    with longer.store.transaction() as repo:
        in_two_days = datetime.now(UTC) + timedelta(days=2)
        assert repo.delete_expired_clips(in_two_days, longest=timedelta(days=99)) == 1
    expect_problem(audio_of(client, made), 404, "not-found")


def test_a_large_upload_is_in_no_temporary_file(make_client, hearer, monkeypatch, tmp_path):
    client = make_client()
    rolled = []
    monkeypatch.setattr(SpooledTemporaryFile, "rollover", lambda self: rolled.append(self))
    audio = ("hello.wav", b"a fake hears whatever this is" * 100_000, "audio/wav")
    answer = client.post("/v1/introductions", files={"audio": audio})
    assert answer.status_code == 201
    assert len(hearer.jobs[-1].audio) == 2_900_000
    assert rolled == []


def test_the_sweeper_goes_on_after_a_failure(monkeypatch, caplog):
    tries = []
    thrice = threading.Event()

    def sweep():
        tries.append(1)
        if len(tries) == 3:
            thrice.set()
        if len(tries) == 1:
            raise RuntimeError("SecretSiobhan is in this message")

    async def run():
        task = asyncio.create_task(app._sweep(sweep))
        assert await asyncio.to_thread(thrice.wait, 20)
        task.cancel()

    monkeypatch.setattr(app, "_SWEEP_EVERY", 0.001)
    asyncio.run(run())
    assert "could not be erased: RuntimeError" in caplog.text
    assert "SecretSiobhan" not in caplog.text


def test_many_sweepers_at_once(make_client):
    client = make_client(keep_audio="clip")
    for _ in range(5):
        introduce(client)
    services = [make_client().app.state.service for _ in range(3)]
    for service in services:
        object.__setattr__(service.policy, "audio_ttl", timedelta(0))
    swept, failed = [], []

    def sweep(service):
        try:
            swept.append(service.sweep())
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=sweep, args=(s,)) for s in services for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sum(swept) <= 5, "each is counted once; the servers' own sweepers may have been faster"
    with services[0].store.transaction(read_only=True) as repo:
        assert repo.clip_seals() == {}


def test_nothing_is_left_after_erasing(make_client, hearer, tmp_path, caplog):
    client = make_client(keep_audio="clip")
    secret = "Ŝiobhánsecret"
    form = {"external_id": f"id {secret}", "spelling": secret, "consent": CONSENT}
    made = introduce(client, **form)
    headers = {"Idempotency-Key": f"key-{secret}".encode()}
    client.post("/v1/introductions", files={"audio": AUDIO}, data=form, headers=headers)
    client.post(f"/v1/introductions/{made['id']}/reject")
    retake(client, made)
    path = f"/v1/people/{made['person_id']}"
    client.patch(path, json={"display_name": f"Display {secret}"})
    sound = audio_of(client, made).content
    looked_for = [*written(secret), *written(made["name"]["ipa"]), sound[8:44]]
    assert files_with(tmp_path, looked_for)
    with caplog.at_level(logging.DEBUG, "namemem"):
        assert client.delete(path).status_code == 204
    assert files_with(tmp_path, looked_for) == []
    for name in ("namemem.db", "namemem.db-wal", "namemem.db-shm"):
        assert (tmp_path / name).exists(), "they were looked at"
