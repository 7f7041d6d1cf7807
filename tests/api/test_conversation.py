"""What follows an introduction: yes, no, no again, once more, and what a designer settled."""

from __future__ import annotations

from plugins.http import AUDIO, expect_problem, introduce

from namemem import errors
from namemem.testing import fake_hearing

PATH = "/v1/introductions"


def only_name(client, person_id):
    (name,) = client.get(f"/v1/people/{person_id}").json()["names"]
    return name


def test_confirm(client, hearer):
    hearer.hearing = fake_hearing(confidence=0.4)
    body = introduce(client)
    assert body["next"]["action"] == "confirm"
    confirmed = client.post(f"{PATH}/{body['id']}/confirm").json()
    assert (confirmed["state"], confirmed["status"]) == ("confirmed", "confirmed")
    assert confirmed["next"]["action"] == "greet"
    again = client.post(f"{PATH}/{body['id']}/confirm").json()
    assert again == confirmed
    name = only_name(client, body["person_id"])
    assert (name["status"], name["version"]) == ("confirmed", 2)


def test_reject_takes_the_next_then_asks_again(client, hearer):
    hearer.hearing = fake_hearing(
        "Siobhan", "ʃɪˈvɔːn", alternatives=(("ˈsaɪ.əʊbæn", 0.06), ("ˈʃiːɒbhæn", 0.04))
    )
    body = introduce(client)
    heard = [body["name"]["ipa"], *(a["ipa"] for a in body["alternatives"])]
    seen = []
    while body["next"]["action"] != "ask_again":
        seen.append(body["name"]["ipa"])
        assert only_name(client, body["person_id"])["pronunciation"]["ipa"] == seen[-1]
        response = client.post(f"{PATH}/{body['id']}/reject", json={"heard_wrong": True})
        assert response.status_code == 200, response.text
        body = response.json()
        assert all(a["ipa"] not in seen for a in body["alternatives"])
        assert len(seen) <= 3
    assert seen == heard
    assert body["state"] == "exhausted"
    final = client.post(f"{PATH}/{body['id']}/reject").json()
    assert final == body


def test_reject_without_a_body(client):
    body = introduce(client)
    response = client.post(f"{PATH}/{body['id']}/reject")
    assert response.json()["name"]["ipa"] == body["alternatives"][0]["ipa"]


def test_choose(client):
    body = introduce(client)
    wanted = body["alternatives"][1]["ipa"]
    chosen = client.post(f"{PATH}/{body['id']}/reject", json={"choose": 1}).json()
    assert chosen["name"]["ipa"] == wanted
    assert (chosen["state"], chosen["status"]) == ("confirmed", "confirmed")
    assert chosen["next"]["action"] == "greet"
    assert body["name"]["ipa"] not in [a["ipa"] for a in chosen["alternatives"]]
    assert only_name(client, body["person_id"])["pronunciation"]["ipa"] == wanted


def test_choose_what_is_not_offered(client):
    body = introduce(client)
    url = f"{PATH}/{body['id']}/reject"
    problem = expect_problem(client.post(url, json={"choose": 9}), 422, "invalid-request")
    assert problem["field"] == "choose"
    expect_problem(client.post(url, json={"choose": -1}), 422, "invalid-request")
    expect_problem(client.post(url, json={"chose": 1}), 422, "invalid-request")
    assert client.get(f"{PATH}/{body['id']}").json() == body


def test_retake_uses_both(client, hearer):
    body = introduce(client, spelling="Andrea", language="it", keep_audio="clip")
    client.post(f"{PATH}/{body['id']}/reject")
    hearer.hearing = fake_hearing("Andrea", "ɑnˈdɹeɪə")
    response = client.post(f"{PATH}/{body['id']}/retake", files={"audio": AUDIO})
    assert response.status_code == 200, response.text
    retaken = response.json()
    job = hearer.jobs[-1]
    assert job.before is not None
    assert body["name"]["ipa"] in job.before.rejected
    assert (job.hints.spelling, job.hints.language, job.hints.asked) == ("Andrea", "it", True)
    assert job.want_clip
    assert retaken["takes"] == 2
    assert (retaken["state"], retaken["status"]) == ("open", "heard")
    assert retaken["name"]["ipa"] == "ɑnˈdɹeɪə"
    assert only_name(client, body["person_id"])["pronunciation"]["ipa"] == "ɑnˈdɹeɪə"


def test_a_retake_of_another_spelling_changes_both(client, hearer):
    body = introduce(client, spelling="Siobhan")
    hearer.hearing = fake_hearing("Andrea", "ɑnˈdɹeɪə")
    response = client.post(
        f"{PATH}/{body['id']}/retake", files={"audio": AUDIO}, data={"spelling": "Andrea"}
    )
    assert response.status_code == 200, response.text
    name = only_name(client, body["person_id"])
    assert (name["spelling"], name["pronunciation"]["ipa"]) == ("Andrea", "ɑnˈdɹeɪə")


def test_a_name_that_nobody_spelled_is_said_as_it_sounds(client, hearer):
    hearer.hearing = fake_hearing("", "ˈsɝʃə")
    said = introduce(client)["next"]["say"]["text"]
    assert "there" not in said
    assert "SUR-shuh" in said


def test_retake_that_fails_changes_nothing(client, hearer):
    body = introduce(client)
    hearer.error = errors.NoSpeech("There is no speech in this recording.")
    response = client.post(f"{PATH}/{body['id']}/retake", files={"audio": AUDIO})
    expect_problem(response, 422, "no-speech")
    assert client.get(f"{PATH}/{body['id']}").json() == body


def test_retake_after_exhaustion_opens_it_again(client, hearer):
    hearer.hearing = fake_hearing("Anna", "ˈænə", alternatives=())
    body = introduce(client)
    assert client.post(f"{PATH}/{body['id']}/reject").json()["next"]["action"] == "ask_again"
    hearer.hearing = fake_hearing("Anna", "ˈɑːnə", alternatives=())
    retaken = client.post(f"{PATH}/{body['id']}/retake", files={"audio": AUDIO}).json()
    assert retaken["state"] == "open"
    assert retaken["next"]["action"] == "greet"


def approve(client, body, **changes):
    url = f"/v1/people/{body['person_id']}/names/{body['name_id']}"
    etag = client.get(url).headers["etag"]
    patch = {"status": "approved", **changes}
    response = client.patch(url, json=patch, headers={"If-Match": etag})
    assert response.status_code == 200, response.text
    return response.json()


def test_nothing_overwrites_approved(client, hearer):
    body = introduce(client, external_id="alice")
    approved = approve(client, body)
    hearer.hearing = fake_hearing("Siobhan", "ˈsaɪ.əʊbæn", alternatives=("ʃɪˈvɔːn",))
    second = introduce(client, external_id="alice")
    name = only_name(client, body["person_id"])
    assert name["status"] == "approved"
    assert name["pronunciation"] == approved["pronunciation"]
    assert name["suggestion"]["ipa"] == "ˈsaɪəʊbæn"
    for action in ("confirm", "reject"):
        client.post(f"{PATH}/{second['id']}/{action}")
        name = only_name(client, body["person_id"])
        assert (name["status"], name["pronunciation"]["ipa"]) == ("approved", "ʃɪˈvɔːn")
    said = client.get(f"/v1/people/{body['person_id']}/pronunciation").json()
    assert said["ipa"] == "ʃɪˈvɔːn"


def test_reject_and_retake_of_an_approved_name_only_suggest(client, hearer):
    body = introduce(client)
    approve(client, body)
    client.post(f"{PATH}/{body['id']}/reject")
    name = only_name(client, body["person_id"])
    assert (name["status"], name["pronunciation"]["ipa"]) == ("approved", "ʃɪˈvɔːn")
    assert name["suggestion"]["ipa"] == body["alternatives"][0]["ipa"]
    client.post(f"{PATH}/{body['id']}/retake", files={"audio": AUDIO})
    assert only_name(client, body["person_id"])["pronunciation"]["ipa"] == "ʃɪˈvɔːn"


def test_the_same_approved_name_heard_again_suggests_nothing(client):
    body = introduce(client, external_id="alice")
    approve(client, body)
    introduce(client, external_id="alice")
    assert only_name(client, body["person_id"])["suggestion"] is None


def test_heard_otherwise_after_confirmation_is_heard_again(client, hearer):
    body = introduce(client, external_id="alice")
    client.post(f"{PATH}/{body['id']}/confirm")
    introduce(client, external_id="alice")
    assert only_name(client, body["person_id"])["status"] == "confirmed"
    hearer.hearing = fake_hearing("Siobhan", "ˈsaɪ.əʊbæn", alternatives=())
    introduce(client, external_id="alice")
    assert only_name(client, body["person_id"])["status"] == "heard"


def test_text_where_a_file_belongs(client):
    response = client.post(PATH, data={"audio": "hello.wav"})
    problem = expect_problem(response, 422, "invalid-request")
    assert "-F audio=@FILE" in problem["detail"]


def test_what_is_no_json_is_told_with_its_place(client):
    url = f"{PATH}/{introduce(client)['id']}/reject"
    headers = {"Content-Type": "application/json"}
    problem = expect_problem(
        client.post(url, content=b"{bad", headers=headers), 422, "invalid-request"
    )
    assert problem["errors"][0]["field"] == "body"
    assert "no valid JSON" in problem["detail"]
    assert "at character 1" in problem["detail"]
