"""Saying it over HTTP: one name, a sentence, every target, and a voice."""

from __future__ import annotations

import io
import wave

import pytest
from plugins.http import expect_problem, introduce

from namemem.tts import target_names


@pytest.fixture
def alice(client) -> str:
    names = [
        {"spelling": "Alice", "kind": "given", "ipa": "ˈælɪs"},
        {"spelling": "Bach", "kind": "family", "ipa": "bax"},
    ]
    body = {"external_id": "alice", "display_name": "Alice", "names": names}
    return client.post("/v1/people", json=body).json()["id"]


def test_pronunciation(client, alice):
    response = client.get(f"/v1/people/{alice}/pronunciation", params={"target": "azure"})
    body = response.json()
    assert (body["target"], body["alphabet"], body["text"]) == ("azure", "ipa", "Alice")
    assert body["markup"].startswith("<phoneme")
    assert body["markup"].endswith(">Alice</phoneme>")
    assert body["phones"]
    assert (body["ipa"], body["exact"], body["version"]) == ("ˈælɪs", True, 1)
    assert (body["substitutions"], body["unsupported"]) == ([], [])
    assert (body["person_id"], body["source"]) == (alice, "stored")


@pytest.mark.parametrize("target", target_names())
def test_every_target_says_it(client, alice, target):
    body = client.get(f"/v1/people/{alice}/pronunciation", params={"target": target}).json()
    assert body["target"].split(":")[0] == target
    assert body["phones"]
    assert body["markup"]


def test_substitutions_are_reported(client, alice):
    query = {"target": "arpabet", "kind": "family"}
    body = client.get(f"/v1/people/{alice}/pronunciation", params=query).json()
    assert not body["exact"]
    assert body["grade"] == "close"
    change = body["substitutions"][-1]
    # As in CMUdict's BACH: English ends no syllable in /h/.
    assert (change["from"], change["to"], change["position"]) == ("x", "K", 2)


def test_etag_lets_a_character_cache(client, alice):
    url = f"/v1/people/{alice}/pronunciation?target=polly"
    etag = client.get(url).headers["etag"]
    for known in (etag, f'"x", {etag}', f"W/{etag}", "*"):
        again = client.get(url, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b""), known
        assert again.headers["etag"] == etag
    person = client.get(f"/v1/people/{alice}").json()
    name = person["names"][0]["id"]
    changed = client.patch(
        f"/v1/people/{alice}/names/{name}", json={"ipa": "aˈlis"}, headers={"If-Match": '"1"'}
    )
    assert changed.status_code == 200
    after = client.get(url, headers={"If-None-Match": etag})
    assert after.status_code == 200
    assert after.headers["etag"] != etag


def test_wrong_questions(client, alice):
    url = f"/v1/people/{alice}/pronunciation"
    body = expect_problem(client.get(url, params={"target": "hal"}), 422, "unknown-target")
    assert body["known"] == list(target_names())
    unknown_voice = client.get(url, params={"target": "espeak", "voice": "nobody"})
    expect_problem(unknown_voice, 422, "unknown-voice")
    expect_problem(client.get(url, params={"kind": "nickname"}), 404, "not-found")
    expect_problem(client.get("/v1/people/p_none/pronunciation"), 404, "not-found")


def test_nobody_has_said_it_yet(client):
    names = [{"spelling": "Anna"}]
    person = client.post("/v1/people", json={"names": names}).json()["id"]
    body = client.get(f"/v1/people/{person}/pronunciation").json()
    assert body["source"] == "spelling"
    assert body["ipa"]
    unreadable = client.post("/v1/people", json={"names": [{"spelling": "🦊"}]}).json()["id"]
    expect_problem(client.get(f"/v1/people/{unreadable}/pronunciation"), 404, "not-found")


def test_sentence(client, alice):
    heard = introduce(client)["person_id"]
    text = f"Good morning {{person:{heard}}} & <all>, meet {{external:alice}}'s fox {{{{!}}}}"
    response = client.post("/v1/render", json={"text": text, "target": "polly"})
    assert response.status_code == 200, response.text
    body = response.json()
    assert body["text"] == "Good morning Siobhan & <all>, meet Alice's fox {!}"
    assert body["markup"].startswith("<speak")
    assert "&amp; &lt;all&gt;" in body["markup"]
    assert body["markup"].count("<phoneme") == 2
    assert [n["person_id"] for n in body["names"]] == [heard, alice]


def test_sentence_without_names(client):
    body = client.post("/v1/render", json={"text": "Hello!", "target": "ssml"}).json()
    assert (body["text"], body["names"]) == ("Hello!", [])


@pytest.mark.parametrize(
    ("text", "position"), [("a {nobody} b", 2), ("{person:}", 0), ("open { brace", 5), ("a }", 2)]
)
def test_broken_placeholders(client, text, position):
    body = expect_problem(
        client.post("/v1/render", json={"text": text, "target": "ssml"}), 422, "invalid-request"
    )
    assert body["position"] == position


def test_unknown_people_in_sentences_are_named(client, alice):
    for text, who in (("Hi {person:p_404}", "p_404"), ("Hi {external:bob}", "bob")):
        response = client.post("/v1/render", json={"text": text, "target": "ssml"})
        assert who in str(expect_problem(response, 404, "not-found"))
    wrong = client.post("/v1/render", json={"text": "Hi {external:alice}", "target": "x"})
    expect_problem(wrong, 422, "unknown-target")
    expect_problem(client.post("/v1/render", json={"text": "Hi"}), 422, "invalid-request")


def test_targets(client):
    items = client.get("/v1/targets").json()["items"]
    assert [i["name"] for i in items] == list(target_names())
    for item in items:
        assert item["alphabet"]
        assert item["syntax"]
        assert isinstance(item["limits"], list)
        assert item["example"]


def seconds(data: bytes) -> float:
    with wave.open(io.BytesIO(data)) as file:
        return file.getnframes() / file.getframerate()


def test_speak(client, alice):
    response = client.post("/v1/speak", json={"ipa": "ʃɪˈvɔːn"})
    assert response.status_code == 200
    assert response.headers["content-type"] == "audio/wav"
    alone = seconds(response.content)
    assert alone > 0.2
    text = "Good morning, {name}, how are you today?"
    within = client.post("/v1/speak", json={"person_id": alice, "text": text})
    assert seconds(within.content) > alone + 0.5


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        ({}, 422, "invalid-request"),
        ({"ipa": "a", "person_id": "x"}, 422, "invalid-request"),
        ({"ipa": "a", "text": "no place for it"}, 422, "invalid-request"),
        ({"ipa": "Ω"}, 422, "invalid-pronunciation"),
        ({"ipa": "a", "voice": "nobody"}, 422, "unknown-voice"),
        ({"person_id": "p_none"}, 404, "not-found"),
    ],
)
def test_wrong_speak(client, body, status, slug):
    expect_problem(client.post("/v1/speak", json=body), status, slug)


def test_spot(client):
    text = "Hello, my name is Siobhan."
    body = client.post("/v1/spot", json={"text": text}).json()
    (name,) = body["names"]
    assert (name["text"], name["start"], name["end"]) == ("Siobhan", 18, 25)
    assert text[name["start"] : name["end"]] == "Siobhan"
    assert (name["kind"], name["of"], name["preferred"]) == ("given", "speaker", True)
    assert body["reason"] is None
    none = client.post("/v1/spot", json={"text": "Nice weather."}).json()
    assert none["names"] == []
    assert none["reason"]
    asked = client.post("/v1/spot", json={"text": "Siobhan.", "asked": True}).json()
    assert [n["text"] for n in asked["names"]] == ["Siobhan"]
    expect_problem(client.post("/v1/spot", json={}), 422, "invalid-request")
    long = client.post("/v1/spot", json={"text": "a" * 5001})
    expect_problem(long, 422, "invalid-request")


def test_a_respelling_of_any_letters_is_read_or_refused(client):
    for value in ("İ", "shi-İ", "ﬁ", "ß", "🦊"):
        body = {"value": value, "from": "respelling", "to": "ipa"}
        expect_problem(client.post("/v1/convert", json=body), 422, "invalid-pronunciation")


def test_names_side_by_side(client, alice):
    text = "{external:alice}{external:alice}’s"
    body = client.post("/v1/render", json={"text": text, "target": "respelling"}).json()
    assert body["text"] == "AliceAlice’s"
    assert body["markup"] == "AL-iss AL-iss’s"
    assert [name["text"] for name in body["names"]] == ["Alice", "Alice’s"]
