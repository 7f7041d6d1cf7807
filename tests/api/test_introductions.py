"""Introductions over HTTP: heard, stored, answered in the contract's words."""

from __future__ import annotations

import json

import pytest
from plugins.http import AUDIO, MakeClient, expect_problem, introduce

from namemem import errors
from namemem.people import NameKind
from namemem.testing import FakeHearer, fake_hearing

PATH = "/v1/introductions"


def post(client, **form):
    return client.post(PATH, files={"audio": AUDIO}, data=form)


def test_body_is_the_contracts(client):
    response = post(client, target="azure", spelling="Siobhán", language="en-IE")
    assert response.status_code == 201
    body = response.json()
    assert response.headers["location"] == f"{PATH}/{body['id']}"
    name = body["name"]
    assert name["spelling"] == "Siobhán"
    assert name["spelling_source"] == "caller"
    assert (name["ipa"], name["respelling"]) == ("ʃɪˈvɔːn", "shi-VAWN")
    assert name["arpabet"] == "SH IH0 V AO1 N"
    assert [p["ipa"] for p in name["phones"]] == ["ʃ", "ɪ", "v", "ɔː", "n"]
    assert name["start"] == name["phones"][0]["start"] < name["end"]
    assert body["transcript"] == "my name is siobhan"
    assert body["predicted_from_spelling"] == {"ipa": "ʃɪˈvɔːn", "agrees": True}
    assert [a["ipa"] for a in body["alternatives"]] == ["ˈsaɪəʊbæn", "ˈʃiːɒbhæn"]
    assert set(body["alternatives"][0]) >= {"respelling", "arpabet", "confidence", "source"}
    assert body["rendering"]["markup"].startswith("<phoneme")
    assert body["next"]["action"] == "greet"
    assert "Siobhán" in body["next"]["say"]["text"]
    assert "<phoneme" in body["next"]["say"]["markup"]
    assert set(body["engines"]) == {"transcriber", "phone_recognizer", "g2p"}
    assert body["timings_ms"]["total"] > 0
    assert client.get(response.headers["location"]).json() == body


def test_person_is_stored(client):
    body = introduce(client, external_id="alice")
    person = client.get("/v1/people/by-external-id/alice").json()
    assert person["id"] == body["person_id"]
    (name,) = person["names"]
    assert name["id"] == body["name_id"]
    assert (name["status"], name["kind"], name["version"]) == ("heard", "given", 1)
    assert name["introduction_id"] == body["id"]


def test_known_external_id_and_person_id_take_the_same_person(client):
    first = introduce(client, external_id="alice")
    assert introduce(client, external_id="alice")["person_id"] == first["person_id"]
    again = introduce(client, person_id=first["person_id"], kind="nickname")
    assert again["person_id"] == first["person_id"]
    names = client.get(f"/v1/people/{first['person_id']}").json()["names"]
    assert [n["kind"] for n in names] == ["given", "nickname"]


def test_unknown_or_doubled_person(client, hearer):
    expect_problem(post(client, person_id="p_nobody"), 404, "not-found")
    body = expect_problem(post(client, person_id="p_x", external_id="y"), 422, "invalid-request")
    assert body["field"] == "person_id"
    assert hearer.jobs == []  # found out before anything was heard


def test_hints_reach_the_ear(client, hearer):
    words = [{"word": "i'm", "start": 0.1, "end": 0.3}, {"word": "zoë", "start": 0.3, "end": 0.8}]
    said = {"text": "i'm zoë", "language": "en", "words": words}
    transcript = json.dumps(said)
    body = introduce(client, spelling=" Zoë ", language="de", asked="true", transcript=transcript)
    hints = hearer.jobs[0].hints
    assert (hints.spelling, hints.language, hints.asked) == ("Zoë", "de", True)
    assert [w.word for w in hints.transcript.words] == ["i'm", "zoë"]
    assert body["transcript"] == "i'm zoë"
    assert body["engines"]["transcriber"] == "caller"
    assert body["next"]["say"]["text"].startswith("Schön")


@pytest.mark.parametrize(
    "transcript",
    ["no json", "[" * 10_000, "[]", '{"text": 3}', '{"text": "a", "words": [{"word": "a"}]}'],
)
def test_unusable_transcripts(client, transcript):
    expect_problem(post(client, transcript=transcript), 422, "invalid-request")


@pytest.mark.parametrize(
    ("error", "status", "slug"),
    [
        (errors.NoSpeech("There is no speech in this recording.", peak=0.0), 422, "no-speech"),
        (errors.UnreadableAudio("This is no audio file."), 415, "unreadable-audio"),
        (errors.TruncatedAudio("The file breaks off."), 422, "truncated-audio"),
        (errors.AudioTooLong("More than 30 seconds."), 413, "audio-too-long"),
        (errors.AudioTooLarge("More than 25 megabytes."), 413, "audio-too-large"),
        (errors.EngineBusy("All the workers are busy.", retry_after=3), 503, "busy"),
        (errors.EngineFailed("The worker that heard it died."), 503, "engine-failed"),
        (errors.NoTemporarySpace("There is no room."), 503, "no-temporary-space"),
        (errors.EngineUnavailable("The weights are not here."), 503, "engine-unavailable"),
    ],
)
def test_what_hearing_raises(client, hearer, error, status, slug):
    hearer.error = error
    response = post(client)
    body = expect_problem(response, status, slug)
    assert body["detail"] == error.message
    assert body["instance"] == PATH
    if slug == "busy":
        assert response.headers["retry-after"] == "3"
    assert client.get("/v1/people").json()["items"] == []


def test_no_name_heard_tells_the_transcript(client, hearer):
    hearer.error = errors.NoNameHeard(
        "Nobody gives a name here.", transcript="nice weather", reason="No name."
    )
    body = expect_problem(post(client, external_id="x"), 422, "no-name-heard")
    assert (body["transcript"], body["reason"]) == ("nice weather", "No name.")
    expect_problem(client.get("/v1/people/by-external-id/x"), 404, "not-found")


def test_unexpected_error_says_nothing_about_itself(make_client: MakeClient, hearer: FakeHearer):
    client = make_client(raise_server_exceptions=False)
    hearer.error = RuntimeError("secret/path")
    body = expect_problem(post(client), 500, "internal")
    assert "secret" not in json.dumps(body)


def test_form_is_checked(client, hearer):
    body = expect_problem(client.post(PATH, data={"spelling": "A"}), 422, "invalid-request")
    assert body["errors"][0]["field"] == "audio"
    said = post(client, language="german")
    assert said.status_code == 422
    assert "ga, en-US" in said.json()["errors"][0]["message"]
    body = expect_problem(post(client, spelling=" ... "), 422, "invalid-request")
    assert body["field"] == "spelling"
    for form in ({"kind": "stage"}, {"keep_audio": "all"}, {"language": "not a tag"}):
        body = expect_problem(post(client, **form), 422, "invalid-request")
        assert body["errors"][0]["field"] == next(iter(form))
    expect_problem(post(client, spelling="x" * 201), 422, "invalid-request")
    expect_problem(post(client, target="hal9000"), 422, "unknown-target")
    expect_problem(post(client, target="espeak", voice="nobody"), 422, "unknown-voice")
    assert hearer.jobs == []


def test_low_confidence_asks(client, hearer):
    for confidence, action in ((0.9, "greet"), (0.5, "confirm"), (0.05, "ask_again")):
        hearer.hearing = fake_hearing("Anna", "ˈænə", confidence=confidence)
        body = introduce(client)
        assert body["next"]["action"] == action
        assert body["next"]["reason"]
        assert body["next"]["say"]["markup"] is None


def test_without_a_spelling(client, hearer):
    hearer.hearing = fake_hearing("", "ˈænə", alternatives=())
    body = introduce(client, target="polly")
    assert (body["name"]["spelling"], body["name"]["spelling_source"]) == ("", "none")
    assert body["predicted_from_spelling"] is None
    assert body["rendering"]["markup"]


def test_spelling_and_ear_disagree(client, hearer):
    hearer.hearing = fake_hearing("Andrea", "ɑnˈdɹeɪə", predicted="ˈændɹiə")
    assert introduce(client)["predicted_from_spelling"] == {"ipa": "ˈændɹiə", "agrees": False}


def test_kind_comes_from_the_words_unless_told(client, hearer):
    hearer.kind = NameKind.FAMILY
    person = introduce(client)["person_id"]
    assert client.get(f"/v1/people/{person}").json()["names"][0]["kind"] == "family"


def test_clip_is_kept_only_when_asked_for(client, make_client):
    expect_problem(client.get(f"{PATH}/{introduce(client)['id']}/audio"), 404, "not-found")
    kept = introduce(client, keep_audio="clip")
    assert kept["audio_kept"]
    audio = client.get(f"{PATH}/{kept['id']}/audio")
    assert audio.headers["content-type"] == "audio/wav"
    assert audio.headers["cache-control"] == "private, no-store"
    assert audio.content.startswith(b"RIFF")


def test_clip_by_default_where_the_settings_say_so(make_client):
    client = make_client(keep_audio="clip")
    assert introduce(client)["audio_kept"]
    assert not introduce(client, keep_audio="none")["audio_kept"]


def test_unknown_introduction(client):
    for call in (
        client.get(f"{PATH}/i_none"),
        client.get(f"{PATH}/i_none/audio"),
        client.post(f"{PATH}/i_none/confirm"),
        client.post(f"{PATH}/i_none/reject"),
        client.post(f"{PATH}/i_none/retake", files={"audio": AUDIO}),
    ):
        expect_problem(call, 404, "not-found")
