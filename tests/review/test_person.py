"""One name: what is shown, correcting, conflicts, another take, history."""

from __future__ import annotations

import json

import pytest
from plugins.http import AUDIO, introduce
from plugins.pages import Page

from namemem.people import Status
from namemem.phones import parse_ipa
from namemem.review import views
from namemem.testing import fake_hearing


@pytest.fixture
def siobhan(client, hearer):
    """An introduction with a kept recording; gives its body."""
    hearer.hearing = fake_hearing(
        "Siobhan", "ʃɪˈvɔːn", predicted="siːˈɒbhæn", alternatives=("ˈsaɪ.əʊbæn", "ʃɪˈvɒn")
    )
    return introduce(client, keep_audio="clip")


def here(body) -> str:
    return f"/people/{body['person_id']}/names/{body['name_id']}"


def name_of(client, body):
    return client.get(f"/v1{here(body)}").json()


def start_of(page) -> dict:
    attributes = next(a for t, a in page.tags if a.get("id") == "editor")
    return json.loads(attributes["data-start"])


def test_everything_is_shown(designer, siobhan):
    page = designer.page(here(siobhan))
    for text in ("shi-VAWN", "/ʃɪˈvɔːn/", "my name is siobhan", "It may also have been",
                 "What the spelling predicts", "Where it differs", "Save and approve",
                 "clear", "Azure", "<phoneme", "heard", "History", "by person"):  # fmt: skip
        assert text in page.text, text
    assert page.html.count('class="phone c4"') == 5, "a button for every phone"
    assert f"/review/introductions/{siobhan['id']}/audio" in page.html
    assert start_of(page)["ipa"] == "ʃɪˈvɔːn"
    redirected = designer.get(f"/people/{siobhan['person_id']}")
    assert str(redirected.url).endswith(here(siobhan))
    assert redirected.headers["etag"] == '"1"'
    clip = designer.get(f"/introductions/{siobhan['id']}/audio")
    assert clip.content[:4] == b"RIFF"


def test_without_kept_audio(client, designer):
    body = introduce(client)
    page = designer.page(here(body))
    assert "No recording is kept" in page.text
    assert "The person" not in page.text
    assert "wavesurfer" not in page.html
    assert "%" in page.text, "the phones and how sure they are stay"


def test_typed_and_never_said(designer, add):
    person, name = add("Anna")
    page = designer.page(f"/people/{person}/names/{name}")
    assert "there is no recording" in page.text
    assert "Nobody has said this name yet" in page.text
    assert designer.get(f"/people/{person}/names/{name}/say").content[:4] == b"RIFF"


def test_warnings_of_targets(designer, add):
    person, name = add("Bach", ipa="ˈbaːx")
    page = designer.page(f"/people/{person}/names/{name}")
    assert "⚠" in page.text
    assert "becomes" in page.text


def test_say_and_check(designer):
    wav = designer.get("/say", ipa="ʃɪ.ˈvɔːn", text="Nice to meet you, {name}!")
    assert wav.headers["content-type"] == "audio/wav"
    read = designer.get("/check", respelling="shi-VAWN").json()
    assert read["exact"] == "ʃɪ.ˈvɔn"
    assert [s["stress"] for s in read["words"][0]] == [0, 1]
    assert read["words"][0][0]["units"][0]["hint"] == "sh as in she"
    designer.headers = {"Accept": "*/*"}
    wrong = designer.get("/check", ipa="ʃɪ5vɔn")
    assert wrong.status_code == 422
    assert (wrong.json()["position"], wrong.json()["symbol"]) == (2, "5")
    assert designer.get("/check").status_code == 422


def test_every_tile_can_be_said():
    for tile in views.tiles():
        assert parse_ipa(tile.ipa).units == (parse_ipa(tile.ipa).units[0],), "one sound"
        assert views.sound(tile.ipa, vowel=True)["hint"] == tile.hint
        assert parse_ipa(tile.word)
        assert set(parse_ipa(tile.ipa).phones) & {
            type(p)(p.base, p.diacritics) for p in parse_ipa(tile.word).phones
        }, f"{tile.word} has {tile.ipa} in it"


def test_correct_and_approve(client, designer, siobhan):
    done = designer.post(f"{here(siobhan)}/correct", ipa="ʃə.ˈvɔːn", version=1, why="She said so.")
    assert done.status_code == 200
    name = name_of(client, siobhan)
    assert (name["pronunciation"]["ipa"], name["status"]) == ("ʃəˈvɔːn", "corrected")
    designer.post(f"{here(siobhan)}/approve", version=2)
    assert name_of(client, siobhan)["status"] == "approved"
    page = designer.page(here(siobhan))
    assert "She said so." in page.text
    assert "by designer" in page.text
    designer.post(f"{here(siobhan)}/correct", ipa="ʃɪ.ˈvɒn", version=3, approve="true")
    name = name_of(client, siobhan)
    assert (name["pronunciation"]["ipa"], name["status"], name["version"]) == (
        "ʃɪˈvɒn", "approved", 5)  # fmt: skip


def test_the_name_in_the_history(client, designer, siobhan):
    designer.post("/who", who="Mia <b>")
    designer.post(f"{here(siobhan)}/correct", ipa="a", version=1)
    history = client.get(f"/v1{here(siobhan)}/history").json()["items"]
    assert history[-1]["who"] == "Mia <b>"


def test_revert(client, designer, siobhan):
    designer.post(f"{here(siobhan)}/correct", ipa="ˈanna", version=1)
    designer.post(f"{here(siobhan)}/revert", version=2, to=1)
    assert name_of(client, siobhan)["pronunciation"]["ipa"] == "ʃɪˈvɔːn"
    late = designer.post(f"{here(siobhan)}/revert", version=1, to=2)
    assert late.status_code == 412
    assert "/ˈanna/" in Page(late.text).text, "what it was to become again"


def test_undo_what_was_just_saved(client, designer, siobhan):
    done = designer.post(f"{here(siobhan)}/correct", ipa="ˈanna", version=1, approve="true")
    page = Page(done.text)
    assert "Saved." in page.text
    assert (page.value("version"), page.value("to")) == ("3", "1")
    designer.post(f"{here(siobhan)}/revert", version=3, to=1)
    assert name_of(client, siobhan)["pronunciation"]["ipa"] == "ʃɪˈvɔːn"
    assert "Saved." not in designer.page(here(siobhan), saved=99).text


def test_while_the_engines_load(designer, hearer, siobhan):
    hearer.ready = False
    for path in ("/new", here(siobhan)):
        assert "Recordings cannot be heard just now" in designer.page(path).text


def test_two_designers(client, designer, siobhan):
    path = f"/v1{here(siobhan)}"
    client.patch(path, json={"ipa": "ʃɪˈvɒn", "why": "heard her"},
                 headers={"If-Match": '"1"', "X-Namemem-User": "Mia"})  # fmt: skip
    both = designer.post(f"{here(siobhan)}/correct", ipa="ʃə.ˈvɔːn", version=1, why="mine")
    assert both.status_code == 412
    page = Page(both.text)
    for text in ("Mia", "heard her", "/ʃɪˈvɒn/", "/ʃəˈvɔːn/", "Save mine over it"):
        assert text in page.text
    assert name_of(client, siobhan)["version"] == 2, "nothing is overwritten"
    assert page.value("version") == "2"
    designer.post(f"{here(siobhan)}/correct", ipa=page.value("ipa"), version=2, why="mine")
    assert name_of(client, siobhan)["pronunciation"]["ipa"] == "ʃəˈvɔːn"
    assert not [a for _, a in page.tags if a.get("name") == "approve"]
    late = designer.post(f"{here(siobhan)}/correct", ipa="ʃə.ˈvɔːn", version=1, approve="true")
    page = Page(late.text)
    assert page.value("approve") == "true", "it is still to be approved"
    assert "Save mine over it and approve" in page.text
    for action in ("approve", "edit", "dismiss"):
        form = {"version": 1, "spelling": "X", "kind": "given"}
        assert designer.post(f"{here(siobhan)}/{action}", **form).status_code == 412


def test_two_designers_write_it_differently(client, designer, siobhan):
    designer.post(f"{here(siobhan)}/edit", version=1, spelling="Siobhán", kind="given")
    late = designer.post(f"{here(siobhan)}/edit", version=1, spelling="Shiv <i>", kind="nickname")
    assert late.status_code == 412
    page = Page(late.text)
    for text in ("Siobhán", "Shiv <i>", "nickname", "Save mine over it"):
        assert text in page.text
    form = {key: page.value(key) for key in ("version", "spelling", "kind")}
    designer.post(f"{here(siobhan)}/edit", **form)
    name = name_of(client, siobhan)
    assert (name["spelling"], name["kind"], name["version"]) == ("Shiv <i>", "nickname", 3)


def test_edit_spelling(client, designer, siobhan):
    designer.post(f"{here(siobhan)}/edit", version=1, spelling="Shiv", kind="nickname")
    name = name_of(client, siobhan)
    assert (name["spelling"], name["kind"]) == ("Shiv", "nickname")


def test_another_take_is_heard_first_and_saved_then(client, designer, hearer, siobhan):
    hearer.hearing = fake_hearing("Siobhan", "ʃəˈvɔːn", confidence=0.97)
    files = {"audio": AUDIO}
    tried = designer.post(f"{here(siobhan)}/try-take", files=files)
    assert tried.json()["respelling"] == "shuh-VAWN"
    assert name_of(client, siobhan)["version"] == 1, "nothing is stored yet"
    saved = designer.post(f"{here(siobhan)}/take", files=files, version=1)
    assert saved.json()["go"] == f"/review{here(siobhan)}"
    name = name_of(client, siobhan)
    assert (name["pronunciation"]["ipa"], name["status"]) == ("ʃəˈvɔːn", "heard")
    late = designer.post(f"{here(siobhan)}/take", files=files, version=1)
    assert late.status_code == 412
    assert hearer.jobs[-1].before is not None, "both recordings are used together"


def test_another_take_of_an_approved_name(client, designer, hearer, siobhan):
    designer.post(f"{here(siobhan)}/approve", version=1)
    hearer.hearing = fake_hearing("Siobhan", "ʃəˈvɔːn")
    designer.post(f"{here(siobhan)}/take", files={"audio": AUDIO}, version=2)
    name = name_of(client, siobhan)
    assert (name["pronunciation"]["ipa"], name["status"]) == ("ʃəˈvɔːn", "corrected")
    assert name["suggestion"] is None


def test_a_take_for_a_typed_name(client, designer, hearer, add):
    person, name = add("Siobhan", kind="family")
    path = f"/people/{person}/names/{name}"
    designer.post(f"{path}/take", files={"audio": AUDIO}, version=1, keep="true")
    now = client.get(f"/v1{path}").json()
    assert now["pronunciation"]["ipa"] == "ʃɪˈvɔːn"
    assert "The person" in designer.page(path).text, "the recording is kept"


def test_a_take_for_the_second_name_of_a_kind(client, designer, hearer, add):
    person, first = add("Joan", ipa="ˈdʒoʊn")
    second = client.post(f"/v1/people/{person}/names", json={"spelling": "Siobhan"}).json()["id"]
    designer.post("/who", who="Mia")
    path = f"/people/{person}/names/{second}"
    designer.post(f"{path}/take", files={"audio": AUDIO}, version=1)
    names = {n["id"]: n for n in client.get(f"/v1/people/{person}").json()["names"]}
    assert (names[first]["spelling"], names[first]["version"]) == ("Joan", 1)
    assert names[second]["pronunciation"]["ipa"] == "ʃɪˈvɔːn"
    history = client.get(f"/v1{path}/history").json()["items"]
    assert [h["who"] for h in history[1:]] == ["Mia"]


@pytest.mark.parametrize("typed", [True, False])
@pytest.mark.parametrize("status", ["corrected", "approved"])
def test_a_colleague_is_faster_while_a_take_is_heard(
    client, designer, hearer, siobhan, add, monkeypatch, typed, status
):
    body = siobhan
    if typed:
        person, name = add("Siobhan", ipa="ʃɪˈvɔːn")
        body = {"person_id": person, "name_id": name}
    hear = hearer.hear

    async def meanwhile(job):
        service = client.app.state.service
        service.change_name("default", body["person_id"], body["name_id"], expected_version=1,
                            who="Mia", said={"ipa": "ʃɪˈvɒn"}, status=Status(status))  # fmt: skip
        return await hear(job)

    monkeypatch.setattr(hearer, "hear", meanwhile)
    late = designer.post(f"{here(body)}/take", files={"audio": AUDIO}, version=1)
    assert late.status_code == 412
    now = name_of(client, body)
    assert (now["pronunciation"]["ipa"], now["status"], now["version"]) == ("ʃɪˈvɒn", status, 2)
    assert now["suggestion"] is None


def test_suggestions_after_approval(client, designer, hearer):
    body = introduce(client, external_id="s")
    designer.post(f"{here(body)}/approve", version=1)
    hearer.hearing = fake_hearing("Siobhan", "ʃəˈvɔːn")
    introduce(client, external_id="s")
    page = designer.page(here(body))
    assert "Heard otherwise since it was approved" in page.text
    assert "heard otherwise since" in designer.page().text
    designer.post(f"{here(body)}/dismiss", version=page.value("version"))
    name = name_of(client, body)
    assert (name["suggestion"], name["status"]) == (None, "approved")


def test_what_cannot_be_heard_is_told(designer, hearer, siobhan):
    from namemem.errors import EngineBusy, NoSpeech

    designer.headers = {"Accept": "*/*"}
    csrf = Page(designer.client.get("/review/new").text).csrf
    for error, status in ((NoSpeech("Silence."), 422), (EngineBusy("Full."), 503)):
        hearer.error = error
        answer = designer.post(f"{here(siobhan)}/try-take", files={"audio": AUDIO}, csrf=csrf)
        assert answer.status_code == status
        assert answer.json()["detail"] == error.message
        assert ("retry-after" in answer.headers) == (status == 503)
