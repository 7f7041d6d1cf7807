"""What is almost a field of a route would be ignored without a word."""

from __future__ import annotations

import pytest
from plugins.http import AUDIO, expect_problem


def send(client, form=None, query=None):
    return client.post("/v1/introductions", params=query, files={"audio": AUDIO}, data=form or {})


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("externalid", "external_id"),
        ("extenal_id", "external_id"),
        ("External-Id", "external_id"),
        ("lang", "language"),
        ("speling", "spelling"),
        ("keepAudio", "keep_audio"),
        ("Mode", "mode"),
    ],
)
def test_a_misspelt_field_is_told(client, sent, meant):
    problem = expect_problem(send(client, {sent: "en"}), 422, "invalid-request")
    assert problem["field"] == sent
    assert f"Did you mean {meant}?" in problem["detail"]
    assert client.get("/v1/people").json()["items"] == []


def test_a_misspelt_file_is_told(client):
    answer = client.post("/v1/introductions", files={"audoi": AUDIO})
    assert "Did you mean audio?" in expect_problem(answer, 422, "invalid-request")["detail"]


@pytest.mark.parametrize(
    ("form", "query", "place"),
    [
        ({}, {"external_id": "alice"}, "as a field of the form"),
        ({"mode": "async"}, {}, "in the address"),
    ],
)
def test_what_belongs_elsewhere_is_told(client, form, query, place):
    assert place in expect_problem(send(client, form, query), 422, "invalid-request")["detail"]


def test_a_misspelt_query_is_told(client):
    problem = expect_problem(client.get("/v1/people?stauts=heard"), 422, "invalid-request")
    assert problem["detail"] == "There is no 'stauts'. Did you mean status?"


@pytest.mark.parametrize("query", ["external_id=alice", "page=2", "query=zzz"])
def test_a_list_takes_no_filter_that_it_does_not_have(client, query):
    problem = expect_problem(client.get(f"/v1/people?{query}"), 422, "invalid-request")
    assert problem["detail"].startswith(f"There is no {query.partition('=')[0]!r} here. There are:")


def test_what_other_programs_send_besides_is_let_through(client):
    assert send(client, {"robot": "r2", "x": "1"}, {"_": "123", "utm": ""}).status_code == 201
    assert client.get("/v1/people?_=1").status_code == 200
    assert client.post("/v1/spot?t=1", json={"text": "I'm Anna."}).status_code == 200


def test_the_fields_of_json_are_its_schemas(client):
    answer = client.post("/v1/spot?text=1", json={"text": "I'm Anna."})
    assert answer.status_code == 200
    answer = client.post("/v1/spot", json={"text": "I'm Anna.", "lang": "en"})
    problem = expect_problem(answer, 422, "invalid-request")
    assert problem["detail"] == "lang: There is no such field. Did you mean language?"
    answer = client.post("/v1/people", json={"names": [{"spelling": "Anna", "robot": 1}]})
    assert "There is no such field." in expect_problem(answer, 422, "invalid-request")["detail"]
