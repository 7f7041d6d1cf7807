"""The whole space as a lexicon, conversions, and texts sentence by sentence, over HTTP."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from plugins.http import expect_problem

from namemem.phones.notations import notations
from namemem.tts.lexicons import FORMATS, lexicon_formats


@pytest.fixture
def people(client) -> list[str]:
    ids = []
    for external, spelling, ipa in (
        ("s", "Siobhan", "ʃɪˈvɔːn"),
        ("a", "Ann", "ˈæn"),
        ("m", "Mary Ann", "ˈmɛɹi ˈæn"),
    ):
        names = [{"spelling": spelling, "kind": "given", "ipa": ipa}]
        body = {"external_id": external, "display_name": spelling, "names": names}
        ids.append(client.post("/v1/people", json=body).json()["id"])
    return ids


@pytest.mark.parametrize("target", lexicon_formats())
def test_every_format(client, people, target):
    response = client.get("/v1/lexicon", params={"target": target})
    assert response.status_code == 200
    assert response.headers["content-type"].startswith(FORMATS[target].media_type)
    assert response.headers["lexicon-parts"] == "1"
    assert response.headers["lexicon-left-out"] == "0"
    assert "attachment" in response.headers["content-disposition"]
    assert "siobhan" in response.text.lower()
    etag = response.headers["etag"]
    again = client.get("/v1/lexicon", params={"target": target}, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_pls(client, people):
    root = ElementTree.fromstring(client.get("/v1/lexicon").content)
    assert len(root) == 9
    german = client.get("/v1/lexicon", params={"target": "azure", "locale": "de-DE"})
    assert 'xml:lang="de-DE"' in german.text


def test_what_is_left_out_is_counted(client, people):
    asked = {"target": "rime", "model": "arcana"}
    response = client.get("/v1/lexicon", params=asked)
    report = client.get("/v1/lexicon", params={**asked, "report": True}).json()
    assert int(response.headers["lexicon-left-out"]) == len(report["left_out"]) > 0


def test_parts(client):
    for i in range(60):
        names = [{"spelling": f"Siobhan{i}", "ipa": "ʃɪˈvɔːn"}]
        client.post("/v1/people", json={"names": names})
    first = client.get("/v1/lexicon", params={"target": "polly"})
    parts = int(first.headers["lexicon-parts"])
    assert parts > 1
    assert first.headers["link"] == '</v1/lexicon?target=polly&part=2>; rel="next"'
    seen = 0
    for part in range(1, parts + 1):
        one = client.get("/v1/lexicon", params={"target": "polly", "part": part})
        assert len(one.text) <= 4000
        seen += int(one.headers["lexicon-entries"])
    assert seen == 180
    past = client.get("/v1/lexicon", params={"target": "polly", "part": parts + 1})
    expect_problem(past, 422, "invalid-request")


def test_report(client, people):
    body = client.get("/v1/lexicon", params={"target": "azure", "report": True}).json()
    assert body["format"] == "azure"
    assert body["parts"][0]["entries"] == 9
    assert body["left_out"] == []
    expect_problem(client.get("/v1/lexicon", params={"target": "hal"}), 422, "unknown-target")


def test_empty_space(client):
    assert len(ElementTree.fromstring(client.get("/v1/lexicon").content)) == 0


@pytest.mark.parametrize("notation", notations())
def test_convert(client, notation):
    ask = {"from": "ipa", "to": notation, "value": "ʃɪˈvɔːn"}
    body = client.post("/v1/convert", json=ask).json()
    assert (body["from"], body["to"]) == ("ipa", notation)
    assert body["exact"] is True
    assert body["substitutions"] == []
    back = client.post("/v1/convert", json={"from": notation, "to": "ipa", "value": body["value"]})
    assert back.json()["value"].replace("ː", "") == "ʃɪˈvɔn"


def test_convert_reports(client):
    ask = {"from": "x-sampa", "to": "arpabet", "value": 'xo"se'}
    body = client.post("/v1/convert", json=ask).json()
    assert body["value"] == "HH OW0 S EY1"
    assert (body["exact"], body["grade"]) == (False, "close")
    assert body["substitutions"][0]["from"] == "x"
    assert 0 < body["substitutions"][0]["cost"] < 1
    wrong = client.post("/v1/convert", json={"from": "ipa", "to": "arpabet", "value": "ʃɪQ"})
    assert expect_problem(wrong, 422, "invalid-pronunciation")["position"] == 2
    for ask in (
        {"from": "morse", "to": "ipa", "value": "a"},
        {"from": "ipa", "to": "ipa"},
        {"from": "ipa", "to": "ipa", "value": "a" * 1001},
    ):
        expect_problem(client.post("/v1/convert", json=ask), 422, "invalid-request")


def test_voice_model_and_locale(client, people):
    url = f"/v1/people/{people[0]}/pronunciation"
    spanish = client.get(url, params={"target": "azure", "locale": "es-ES"}).json()
    assert (spanish["phones"], spanish["locale"], spanish["grade"]) == (
        "tʃi.ˈbon",
        "es-ES",
        "close",
    )
    assert spanish["spoken"] == "t͡ʃi.ˈbon"
    query = {"target": "elevenlabs", "model": "eleven_multilingual_v2"}
    respelled = client.get(url, params=query).json()
    assert (respelled["alphabet"], respelled["markup"]) == ("respelling", "shi-VAWN")
    assert "respelled" in respelled["notes"][0]


def test_sentences_and_written_names(client, people):
    text = "Siobhan's here. Mary Ann met Ann, not Annabel! Bye {external:s}."
    ask = {
        "text": text,
        "target": "polly",
        "people": ["external:s", people[1], f"person:{people[2]}"],
        "sentences": True,
    }
    body = client.post("/v1/render", json=ask).json()
    assert body["text"] == "Siobhan's here. Mary Ann met Ann, not Annabel! Bye Siobhan."
    assert [n["text"] for n in body["names"]] == ["Siobhan's", "Mary Ann", "Ann", "Siobhan"]
    assert "not Annabel!" in body["markup"]
    assert [s["text"] for s in body["sentences"]] == [
        "Siobhan's here. ",
        "Mary Ann met Ann, not Annabel! ",
        "Bye Siobhan.",
    ]
    for sentence in body["sentences"]:
        ElementTree.fromstring(sentence["markup"])
    unknown = client.post("/v1/render", json={**ask, "people": ["external:nobody"]})
    expect_problem(unknown, 404, "not-found")
    plain = client.post("/v1/render", json={"text": "Hi Ann", "target": "ssml"}).json()
    assert plain["sentences"] is None
