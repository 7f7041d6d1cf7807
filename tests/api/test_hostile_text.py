"""Text of the worst kinds in every field of every route, on SQLite and on PostgreSQL.

The fields are read from the OpenAPI document, so that a new route is tested when it is there. A
hostile value is refused clearly, or kept and given back exactly; it is never a 500, and what is
rendered from it stays valid markup.
"""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient
from plugins.http import AUDIO

from namemem.app import create_app
from namemem.settings import Settings
from namemem.testing import FakeHearer

HOSTILE = {
    "long": "x" * 10_000,
    "nul": "a\0b",
    "surrogate": "a\ud800b",
    "right-to-left": "\u202eevil\u202c",
    "zero-width": "a\u200b\u200d\ufeffb",
    "sql": "'); DROP TABLE people; --",
    "like": "%_\\%",
    "ssml": '</phoneme></speak><break time="9999s"/>',
    "xml": "]]><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
    "html": "<img src=x onerror=alert(1)>\"'`",
    "template": "{{7*7}}${7*7}<%=7*7%>{person:p_1}{0.__class__}",
    "path": "../../../etc/passwd",
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈",
    "formula": '=HYPERLINK("http://x","y")',
    "crlf": "a\r\nSet-Cookie: x=1",
    "controls": "a\x01\x1b[31m\x7f\x85b",
    "noncharacter": "a\uffff\U0010ffffb",
    "combining": "e" + "\u0301" * 199,
    "json": '{"$ne": null}',
    "shell": "$(id);`id`|id",
}
WORST = ("long", "nul", "surrogate")
BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """SQLite, where a test does not ask for both."""
    return getattr(request, "param", "sqlite")


on_both = pytest.mark.parametrize("database", BOTH, indirect=True)


@pytest.fixture
def client(
    request: pytest.FixtureRequest, database: str, tmp_path: Path, empty_database: Path
) -> Iterator[TestClient]:
    """A client of an application on that database."""
    url = ""
    if database == "postgresql":
        make: Callable[..., str] = request.getfixturevalue("make_postgres_database")
        url = make()
    else:
        shutil.copy(empty_database, tmp_path / "namemem.db")
    settings = Settings(data_dir=tmp_path, _env_file=None, database_url=url)
    with TestClient(create_app(settings, FakeHearer()), "http://localhost") as made:
        yield made


def send_json(client: TestClient, method: str, path: str, body: Any, **headers: str) -> Any:
    """As JSON in pure ASCII, in which a lone surrogate can be written."""
    text = json.dumps(body).encode("ascii")
    headers["content-type"] = "application/json"
    return client.request(method, path, content=text, headers=headers)


def refused_clearly(answer: Any, where: object) -> None:
    assert answer.status_code < 500 or answer.status_code == 503, (where, answer.text[:500])
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json", where
        assert len(answer.json()["detail"]) > 10
        assert "Traceback" not in answer.text
        assert "sqlalchemy" not in answer.text.lower()


class Api:
    """What the document says can be sent, with something in place to send it to."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.document = client.get("/openapi.json").json()
        made = client.post(
            "/v1/introductions", files={"audio": AUDIO}, data={"external_id": "someone"}
        ).json()
        self.known = {
            "person_id": made["person_id"],
            "name_id": made["name_id"],
            "introduction_id": made["id"],
            "external_id": "someone",
            "job_id": "j_1",
        }

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                if method != "delete":
                    yield method.upper(), path, operation

    def url(self, path: str, **other: str) -> str:
        for name, value in (self.known | other).items():
            path = path.replace(f"{{{name}}}", value)
        return path

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            schema = self.document["components"]["schemas"][name]
        return schema

    def example(self, schema: dict[str, Any]) -> dict[str, Any]:
        found = self.resolved(schema)
        whole = found.get("examples")
        if whole:
            return dict(whole[0])
        inside = {n: p["examples"][0] for n, p in found["properties"].items() if "examples" in p}
        return {n: inside.get(n, "x") for n in found.get("required", [])}


def chosen(*place: str) -> Iterator[tuple[str, str]]:
    """The values to try at one place: the three worst and one of the others in turn.

    NAMEMEM_PROVE=1: all of them everywhere.
    """
    if os.environ.get("NAMEMEM_PROVE") == "1":
        yield from HOSTILE.items()
        return
    kinds = [k for k in HOSTILE if k not in WORST]
    turn = zlib.crc32(repr(place).encode())
    for kind in (*WORST, kinds[turn % len(kinds)]):
        yield kind, HOSTILE[kind]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where a JSON value has a text."""
    if isinstance(value, str):
        yield path
    for key, inside in value.items() if isinstance(value, dict) else ():
        yield from places(inside, (*path, key))
    for number, inside in enumerate(value) if isinstance(value, list) else ():
        yield from places(inside, (*path, number))


def with_text(value: Any, path: tuple[Any, ...], text: str) -> Any:
    changed = json.loads(json.dumps(value))
    inside = changed
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = text
    return changed


@on_both
def test_every_field_of_every_route(client):
    api = Api(client)
    tried = {"json": 0, "form": 0, "query": 0, "path": 0, "header": 0}
    for method, path, operation in api.operations():
        content = operation.get("requestBody", {}).get("content", {})
        for parameter in operation.get("parameters", []):
            where, name = parameter["in"], parameter["name"]
            for kind, text in chosen(path, name):
                encoded = text.encode("utf-8", "surrogatepass")
                if where == "path":
                    url, more = api.url(path, **{name: quote(encoded, safe="")}), {}
                elif where == "query":
                    url, more = f"{api.url(path)}?{name}={quote(encoded)}", {}
                elif any(byte < 32 or byte == 127 for byte in encoded):
                    continue  # no HTTP client sends such a header; tests/server tries raw bytes
                else:
                    url, more = api.url(path), {"headers": {name: encoded}}
                refused_clearly(client.request(method, url, **more), (method, path, name, kind))
                tried[where] += 1
        for media_type, body in content.items():
            schema = body["schema"]
            for kind, text in chosen(path, media_type):
                place = (method, path, kind)
                if media_type == "application/json":
                    schema = api.resolved(next(iter(schema.get("anyOf", [schema]))))
                    example = api.example(schema)
                    texts = {n: "" for n, p in schema["properties"].items() if "string" in str(p)}
                    for spot in {*places(example), *((n,) for n in texts)}:
                        answer = send_json(
                            client, method, api.url(path), with_text(example, spot, text),
                            **{"if-match": "*"},
                        )  # fmt: skip
                        refused_clearly(answer, (*place, spot))
                        tried["json"] += 1
                else:
                    for name, field in api.resolved(schema)["properties"].items():
                        if name == "audio":
                            continue
                        value = text.encode("utf-8", "surrogatepass")
                        answer = client.post(
                            api.url(path), files={"audio": AUDIO, name: (None, value)}
                        )
                        refused_clearly(answer, (*place, name, field))
                        tried["form"] += 1
    assert min(tried.values()) >= 20, tried
    assert client.get("/healthz").status_code == 200
    listed = client.get("/v1/people?limit=200")
    assert listed.status_code == 200
    for person in listed.json()["items"]:
        assert client.get(f"/v1/people/{person['id']}/export").status_code == 200


KEPT = [k for k in HOSTILE if k not in WORST]


@on_both
def test_what_is_kept_comes_back_exactly(client):
    """External ids and display names are the caller's own; a spelling is tidied before."""
    for field in ("external_id", "display_name", "spelling"):
        assert kept_exactly(client, field) >= 12


def kept_exactly(client: TestClient, field: str) -> int:
    """How many of the hostile values were kept in `field`; all of them came back."""
    kept = 0
    for kind in KEPT:
        text = HOSTILE[kind]
        body: dict[str, Any] = {"names": [{"spelling": "A", "ipa": "a"}]}
        if field == "spelling":
            body["names"][0]["spelling"] = text
        else:
            body[field] = text
        made = send_json(client, "POST", "/v1/people", body)
        refused_clearly(made, (field, kind))
        if made.status_code != 201:
            continue
        kept += 1
        person = client.get(f"/v1/people/{made.json()['id']}").json()
        if field == "spelling":
            # Read back, it is what was answered; sent again, it changes no more.
            assert person["names"][0]["spelling"] == made.json()["names"][0]["spelling"]
            again = send_json(client, "POST", "/v1/people", {
                "names": [{"spelling": person["names"][0]["spelling"]}]
            }).json()  # fmt: skip
            assert again["names"][0]["spelling"] == person["names"][0]["spelling"], kind
        else:
            assert person[field] == text, kind
        if field == "external_id":
            path = f"/v1/people/by-external-id/{quote(text, safe='')}"
            found = client.get(path)
            if kind != "path":  # HTTP clients and proxies resolve dots in paths
                assert found.json().get("id") == person["id"], kind
        exported = client.get(f"/v1/people/{person['id']}/export").json()
        assert json.dumps(person["names"][0]["spelling"]) in json.dumps(exported)
    return kept


def test_what_is_rendered_from_it_is_valid_markup(client):
    xml_targets = [
        t["name"]
        for t in client.get("/v1/targets").json()["items"]
        if "<" in t["example"].get("markup", "")
    ]
    assert len(xml_targets) > 3
    for kind in KEPT:
        body = {"external_id": kind, "names": [{"spelling": HOSTILE[kind], "ipa": "ʃɪˈvɔːn"}]}
        made = send_json(client, "POST", "/v1/people", body)
        if made.status_code != 201:
            continue
        for target in xml_targets:
            text = f"{HOSTILE['html']} & {{external:{kind}}}!"
            answer = send_json(client, "POST", "/v1/render", {"text": text, "target": target})
            assert answer.status_code == 200, (kind, target, answer.text)
            markup = answer.json()["markup"]
            assert "<img" not in markup
            assert "<break" not in markup
            assert "<!DOCTYPE" not in markup
            if markup.startswith("<speak"):
                parsed = ElementTree.fromstring(markup.encode())
                assert "onerror" in "".join(parsed.itertext())
    lexicon = client.get("/v1/lexicon?target=pls")
    ElementTree.fromstring(lexicon.content)
    for name in ("elevenlabs", "azure", "polly"):
        answer = client.get("/v1/lexicon", params={"target": name})
        refused_clearly(answer, name)
        if "xml" in answer.headers["content-type"]:
            ElementTree.fromstring(answer.content)


def test_review_pages_escape(client):
    for kind in KEPT:
        body = {
            "external_id": HOSTILE[kind],
            "display_name": HOSTILE[kind],
            "names": [{"spelling": HOSTILE[kind], "ipa": "a"}],
        }
        send_json(client, "POST", "/v1/people", body)
    html = {"accept": "text/html"}
    pages = [client.get("/review/", headers=html).text]
    for person in client.get("/v1/people?limit=200").json()["items"]:
        answer = client.get(f"/review/people/{person['id']}", headers=html)
        assert answer.status_code == 200, person
        pages.append(answer.text)
    for query in (HOSTILE["html"], HOSTILE["ssml"], HOSTILE["template"]):
        pages.append(client.get("/review/", params={"q": query}, headers=html).text)
    assert any("onerror=alert(1)" in page for page in pages)  # it is there, as text
    for page in pages:
        assert "<img src=x" not in page
        assert "<break" not in page
        assert "{{7*7}}" in page or "49${" not in page
