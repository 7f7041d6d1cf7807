"""The name finder over HTTP."""

from __future__ import annotations

import pytest


def spotted(client, text, **known):
    answer = client.post("/v1/spot", json={"text": text, **known})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_what_was_spelled_aloud(client):
    body = spotted(client, "My name is Shivon, that's S-I-O-B-H-A-N.", language="en")
    assert body["names"] == [
        {
            "text": "Siobhan",
            "start": 11,
            "end": 17,
            "kind": "given",
            "of": "speaker",
            "preferred": True,
            "spelling_source": "spelled_aloud",
        }
    ]
    assert (body["reason"], body["explanation"]) == (None, None)


def test_the_speakers_name_comes_first(client):
    body = spotted(client, "This is my brother Luis, and I'm Ana.")
    assert [(n["text"], n["of"]) for n in body["names"]] == [("Ana", "speaker"), ("Luis", "other")]


def test_the_nickname_is_preferred(client):
    body = spotted(client, "Alexander, but please call me Sasha")
    assert [(n["text"], n["kind"], n["preferred"]) for n in body["names"]] == [
        ("Sasha", "nickname", True),
        ("Alexander", "given", False),
    ]


@pytest.mark.parametrize(
    ("text", "known", "reason"),
    [
        ("I'm cold.", {}, "not-a-name"),
        ("Siobhan.", {}, "no-introduction"),
        ("I don't know.", {"asked": True}, "not-an-answer"),
        ("Thanks for watching!", {"asked": True}, "invented"),
        ("私は元気です。", {"language": "ja"}, "not-a-name"),
        ("", {}, "nothing-said"),
    ],
)
def test_a_reason_where_there_is_no_name(client, text, known, reason):
    body = spotted(client, text, **known)
    assert (body["names"], body["reason"]) == ([], reason)
    assert body["explanation"].endswith(".")
