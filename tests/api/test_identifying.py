"""POST /v1/people/identify over HTTP, heard for by a fake."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from plugins.http import AUDIO, expect_problem

from namemem.errors import EngineBusy, NoNameHeard, NoSpeech, UnreadableAudio
from namemem.identifying import Verdict, Verdicts
from namemem.testing import FakeHearer

PATH = "/v1/people/identify"
FAR = "kɹɪˈsænθəməm"


def add(client, name, *ipa, kinds=("given", "family"), **person):
    spellings = name.split()
    names = [
        {"spelling": spelling, "kind": kind, **({"ipa": said} if said else {})}
        for spelling, kind, said in zip(spellings, kinds, (*ipa, *[None] * 9), strict=False)
    ]
    made = client.post("/v1/people", json={"display_name": name, "names": names, **person})
    assert made.status_code == 201, made.text
    return made.json()["id"]


def identify(client, **form):
    answer = client.post(PATH, files={"audio": AUDIO}, data=form)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_nearest_first(client, hearer):
    siobhan = add(client, "Siobhan", "ʃɪˈvɔːn", external_id="s")
    add(client, "Yvonne", "ɪˈvɒn")
    add(client, "Chrysanthemum", FAR)
    add(client, "Unsaid")
    found = identify(client, language="en-IE", transcript='{"text": "my name is siobhan"}')
    first, second = found["matches"]
    assert (first["person_id"], first["name"], first["external_id"]) == (siobhan, "Siobhan", "s")
    assert second["name"] == "Yvonne"
    assert first["distance"] < second["distance"] < 0.5
    assert first["probability"] > 0.5 > second["probability"]
    total = sum(m["probability"] for m in found["matches"]) + found["stranger_probability"]
    assert total == pytest.approx(1.0, abs=0.001)
    assert found["heard"]["name"]["ipa"] == "ʃɪˈvɔːn"
    assert found["heard"]["transcript"] == "my name is siobhan"
    assert "id" not in found["heard"]
    (job,) = hearer.jobs
    assert job.hints.asked
    assert job.hints.language == "en-IE"
    assert not job.want_clip
    identify(client, asked="false")
    assert not hearer.jobs[-1].hints.asked


def test_people_of_one_name_share_it(client):
    same = {add(client, "Siobhan", "ʃɪˈvɔːn") for _ in range(3)}
    matches = identify(client)["matches"]
    assert {m["person_id"] for m in matches} == same
    assert len({m["probability"] for m in matches}) == 1
    assert 0.2 < matches[0]["probability"] < 0.34
    assert len(identify(client, limit=2)["matches"]) == 2


def test_each_person_once_by_the_best_name(client):
    person = add(client, "Siobhan Chavonne", "ʃəˈvɑn", "ʃɪˈvɔːn", kinds=("given", "nickname"))
    (match,) = identify(client)["matches"]
    assert (match["person_id"], match["name"]) == (person, "Chavonne")


@pytest.mark.parametrize(
    ("said", "names", "kinds", "matched"),
    [
        ("ˈædə ˈlʌvleɪs", ("ˈædə", "ˈlʌvleɪs"), ("given", "family"), "Ada Lovelace"),
        ("ˈædə", ("ˈædə ˈlʌvleɪs",), ("full",), "AdaLovelace"),
    ],
)
def test_full_names_and_parts_of_them(make_client, hearer, said, names, kinds, matched):
    hearer.hearing = FakeHearer("Ada", said, alternatives=()).hearing
    client = make_client()
    spelling = matched if len(kinds) == 2 else "AdaLovelace"
    add(client, spelling, *names, kinds=kinds)
    (match,) = identify(client)["matches"]
    assert match["name"] == matched
    assert match["distance"] == 0


def test_a_stranger(client):
    add(client, "Chrysanthemum", FAR)
    found = identify(client)
    assert found["matches"] == []
    assert found["stranger_probability"] == 1


def test_an_empty_space_and_another_space(make_client):
    client = make_client(api_keys="one:key-of-one,two:key-of-two")
    for key in ("key-of-one", "key-of-two"):
        client.headers["Authorization"] = f"Bearer {key}"
        assert identify(client)["matches"] == []
    add(client, "Siobhan", "ʃɪˈvɔːn")
    assert len(identify(client)["matches"]) == 1
    client.headers["Authorization"] = "Bearer key-of-one"
    assert identify(client)["matches"] == []


def test_nothing_is_stored(client, tmp_path):
    add(client, "Siobhan", "ʃɪˈvɔːn")

    def everything():
        with closing(sqlite3.connect(tmp_path / "namemem.db")) as database:
            return list(database.iterdump())

    before = everything()
    assert identify(client)["matches"]
    assert everything() == before


@pytest.mark.parametrize(
    ("error", "status", "slug"),
    [
        (NoNameHeard("Nobody gives a name.", transcript="nice day"), 422, "no-name-heard"),
        (NoSpeech("There is no speech in it."), 422, "no-speech"),
        (UnreadableAudio("That is no audio file."), 415, "unreadable-audio"),
        (EngineBusy("All workers are busy.", retry_after=1), 503, "busy"),
    ],
)
def test_problems(client, hearer, error, status, slug):
    hearer.error = error
    expect_problem(client.post(PATH, files={"audio": AUDIO}), status, slug)


def test_wrong_requests(make_client):
    client = make_client(max_upload_mb=0.001)
    expect_problem(client.post(PATH), 422, "invalid-request")
    large = ("a.wav", b"x" * 2000, "audio/wav")
    expect_problem(client.post(PATH, files={"audio": large}), 413, "audio-too-large")
    for form in ({"limit": "0"}, {"limit": "51"}, {"transcript": "{"}, {"language": "e n"}):
        answer = client.post(PATH, files={"audio": AUDIO}, data=form)
        expect_problem(answer, 422, "invalid-request")


def test_what_the_ear_says_counts(make_client, hearer, monkeypatch):
    hear = hearer.hear

    async def knowing(job):
        heard = await hear(job)
        places = [i for i, text in enumerate(job.known) if "b" in text]
        known = tuple(Verdict(i, 0.1, 0.35) for i in places)
        return replace(heard, verdicts=Verdicts(known, 0.3))

    monkeypatch.setattr(hearer, "hear", knowing)
    client = make_client()
    add(client, "Siobhan", "ʃɪˈvɔːn")
    # The second one's /t/ and /ʃ/ are no affricate, which dotted IPA cannot restore.
    both = {add(client, "Bob", "bɒb"), add(client, "Bet", "bɛt.ʃɑ")}
    found = identify(client)
    assert {m["person_id"] for m in found["matches"]} == both
    assert [m["probability"] for m in found["matches"]] == [0.35, 0.35]
    assert found["stranger_probability"] == 0.3
