"""Hostile input: too much of it, names of every kind, bytes that are no text."""

from __future__ import annotations

import asyncio
import json

import pytest
from plugins.http import AUDIO, MakeClient, expect_problem, introduce

PATH = "/v1/introductions"
JSON = {"content-type": "application/json"}
MULTIPART = {"content-type": "multipart/form-data; boundary=b"}


def form(audio: bytes = b"sound", **fields: bytes) -> bytes:
    body = b'--b\r\nContent-Disposition: form-data; name="audio"; filename="a.wav"\r\n\r\n'
    body += audio + b"\r\n"
    for name, value in fields.items():
        head = f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        body += head.encode() + value + b"\r\n"
    return body + b"--b--\r\n"


@pytest.fixture
def small(make_client: MakeClient):
    return make_client(max_upload_mb=0.5)


def test_recording_over_the_limit(small, hearer):
    response = small.post(PATH, files={"audio": ("a.wav", b"x" * 500_001)})
    body = expect_problem(response, 413, "audio-too-large")
    assert body["max_bytes"] == 500_000
    assert small.post(PATH, files={"audio": ("a.wav", b"x" * 500_000)}).status_code == 201
    assert len(hearer.jobs) == 1


def test_declared_length_over_the_limit_is_not_read(small, hearer):
    response = small.post(PATH, files={"audio": ("a.wav", b"x" * 5_000_000)})
    expect_problem(response, 413, "audio-too-large")
    assert hearer.jobs == []


def test_undeclared_length_is_read_up_to_the_limit_and_no_further(small, hearer):
    asked, sent = 0, []
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
        "path": PATH, "raw_path": PATH.encode(), "query_string": b"", "root_path": "",
        "scheme": "http", "server": ("testserver", 80), "client": ("tester", 1),
        "headers": [(b"content-type", MULTIPART["content-type"].encode())],
    }  # fmt: skip

    async def receive():
        nonlocal asked
        asked += 1
        body = form()[: -len(b"\r\n--b--\r\n")] if asked == 1 else b"x" * 100_000
        return {"type": "http.request", "body": body, "more_body": True}

    async def send(message):
        sent.append(message)

    asyncio.run(small.app(scope, receive, send))
    assert asked <= 9  # the limit is 0.7 MB with the frame
    assert sent[0]["status"] == 413
    assert json.loads(sent[1]["body"])["type"] == "urn:namemem:problem:audio-too-large"
    assert hearer.jobs == []


def test_a_length_that_lies(small):
    headers = MULTIPART | {"content-length": "10"}
    expect_problem(small.post(PATH, content=form(b"x" * 900_000), headers=headers), 413,
                   "audio-too-large")  # fmt: skip


def test_json_over_the_limit(small):
    response = small.post("/v1/people", content=b" " * 800_000, headers=JSON)
    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("body", [b"garbage", b"", b"--b\r\n", b"--b--\r\n", form()[:60]])
def test_broken_multipart(client, body):
    response = client.post(PATH, content=body, headers=MULTIPART)
    assert response.status_code in (400, 422)
    assert response.headers["content-type"] == "application/problem+json"


def test_deeply_nested_json(client):
    nested = b'{"display_name":' + b"[" * 100_000
    response = client.post("/v1/people", content=nested, headers=JSON)
    assert response.status_code in (400, 422)
    assert response.headers["content-type"] == "application/problem+json"


def test_too_many_names(client):
    names = [{"spelling": "A"}] * 21
    expect_problem(client.post("/v1/people", json={"names": names}), 422, "invalid-request")


KEPT = [
    "🦊🎉",
    "<script>alert('x')</script>",
    "Robert'); DROP TABLE people;--",
    "שלום",
    "‏محمد",
    "Å" + "\u0301" * 50,
    "王小明",
    "x" * 200,
    "{person:p_1} & <b>",
    "A\u200dB",
]


@pytest.mark.parametrize("name", KEPT, ids=range(len(KEPT)))
def test_names_of_every_kind_come_back_as_they_went(client, name):
    body = introduce(client, spelling=name, target="polly", external_id=name)
    assert body["name"]["spelling"] == name
    person = client.get(f"/v1/people/{body['person_id']}").json()
    assert (person["external_id"], person["names"][0]["spelling"]) == (name, name)
    markup = body["rendering"]["markup"]
    assert "<script" not in markup
    assert "<b>" not in markup
    for target in client.get("/v1/targets").json()["items"]:
        query = {"target": target["name"]}
        said = client.get(f"/v1/people/{body['person_id']}/pronunciation", params=query)
        assert said.status_code == 200, said.text
    sentence = {"text": f"Hi {{person:{body['person_id']}}}!", "target": "azure"}
    rendered = client.post("/v1/render", json=sentence).json()["markup"]
    assert "<script" not in rendered
    assert "<b>" not in rendered
    assert client.get(f"/v1/people/{body['person_id']}/export").status_code == 200


def test_long_names_are_refused(client):
    expect_problem(
        client.post(PATH, files={"audio": AUDIO}, data={"spelling": "x" * 500}),
        422,
        "invalid-request",
    )
    body = {"display_name": "x" * 500}
    expect_problem(client.post("/v1/people", json=body), 422, "invalid-request")


def test_nul_is_refused(client):
    for field in ("spelling", "external_id"):
        answer = client.post(PATH, files={"audio": AUDIO}, data={field: "a\0b"})
        expect_problem(answer, 422, "invalid-request")
    body = {"display_name": "a\0b"}
    expect_problem(client.post("/v1/people", json=body), 422, "invalid-request")
    expect_problem(client.get("/v1/people", params={"q": "\0"}), 422, "invalid-request")
    expect_problem(client.get("/v1/people/%00"), 404, "not-found")
    assert client.get("/v1/people").json()["items"] == []


SURROGATE = rb'"a\ud800b"'


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/people", b'{"display_name": %s}' % SURROGATE),
        ("/v1/people", b'{"display_name": "A", "external_id": %s}' % SURROGATE),
        ("/v1/people", b'{"display_name": "A", "names": [{"spelling": %s}]}' % SURROGATE),
        ("/v1/people", b'{"display_name": "A", "names": [{"ipa": %s}]}' % SURROGATE),
        ("/v1/people", b'{"display_name": "A", %s: 1}' % SURROGATE),
        ("/v1/render", b'{"text": %s, "target": "ssml"}' % SURROGATE),
        ("/v1/render", b'{"text": "a", "target": %s}' % SURROGATE),
        ("/v1/speak", b'{"ipa": "a", "voice": %s}' % SURROGATE),
        ("/v1/spot", b'{"text": %s}' % SURROGATE),
    ],
)
def test_lone_surrogates_are_refused(client, path, body):
    expect_problem(client.post(path, content=body, headers=JSON), 422, "invalid-request")


@pytest.mark.parametrize(
    "transcript",
    [
        r'{"text": "a\ud800"}',
        r'{"text": "a\u0000"}',
        r'{"text": "a", "\ud800": 1}',
        r'{"text": "a", "words": [{"word": "\ud800", "start": 0, "end": 1}]}',
        '{"text": "a", "words": [{"word": "a", "start": NaN, "end": 1}]}',
        '{"text": "a", "words": [{"word": "a", "start": 1e999, "end": 1}]}',
    ],
)
def test_transcripts_that_are_no_text(client, hearer, transcript):
    answer = client.post(PATH, files={"audio": AUDIO}, data={"transcript": transcript})
    expect_problem(answer, 422, "invalid-request")
    assert hearer.jobs == []


@pytest.mark.parametrize("field", ["spelling", "external_id", "target", "transcript", "person_id"])
@pytest.mark.parametrize("value", [b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\x80"])
def test_form_fields_that_are_not_utf8(client, field, value):
    response = client.post(PATH, content=form(**{field: value}), headers=MULTIPART)
    assert response.status_code < 500
    json.loads(response.content.decode("utf-8"))


@pytest.mark.parametrize("query", ["q=%ff", "sounds_like=%00", "cursor=%ff", "limit=1e9", "q=%25"])
def test_queries_of_every_kind(client, query):
    introduce(client)
    assert client.get(f"/v1/people?{query}").status_code in (200, 422)


@pytest.mark.parametrize("part", ["%ff", "..%2f..%2fetc%2fpasswd", "%F0%9F%A6%8A", "a" * 3000])
def test_ids_of_every_kind(client, part):
    for path in (f"/v1/people/{part}", f"/v1/people/by-external-id/{part}"):
        assert client.get(path).status_code == 404
    assert client.get(f"/v1/introductions/{part}").status_code == 404


def test_control_characters_do_not_reach_the_markup(client):
    text = "a\u0000b\u0001c\ufffed"
    markup = client.post("/v1/render", json={"text": text, "target": "ssml"}).json()["markup"]
    assert not any(ord(c) < 32 or c == "\ufffe" for c in markup)


def test_strange_pronunciations(client):
    for ipa in ("ˈ", "ː", "...", " ", "a" * 501, "ʃ\u0000", "𝼀", "‿", "a\u202eb"):
        answer = client.post("/v1/speak", json={"ipa": ipa})
        assert answer.status_code == 422, ipa
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_spelling_is_tidied(client):
    names = [{"spelling": " Mary\n\u202eJane\u202c "}]
    person = client.post("/v1/people", json={"names": names}).json()
    assert person["names"][0]["spelling"] == "Mary Jane"


@pytest.mark.parametrize("spelling", ["", "  ", "\u202e"])
def test_a_name_needs_a_spelling(client, spelling):
    names = [{"spelling": spelling, "ipa": "a"}]
    answer = client.post("/v1/people", json={"external_id": "x", "names": names})
    assert expect_problem(answer, 422, "invalid-request")["field"] == "spelling"


def test_a_nul_in_a_spelling_is_found_before_anything_is_heard(client):
    answer = client.post("/v1/people", json={"names": [{"spelling": "Si\x00bhan"}]})
    body = expect_problem(answer, 422, "invalid-request")
    assert (body["field"], body["position"]) == ("spelling", 2)
