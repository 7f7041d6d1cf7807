"""/docs and /openapi.json: offline, complete, valid."""

from __future__ import annotations

import re

import pytest

METHODS = {"get", "post", "patch", "delete", "put"}


@pytest.fixture
def document(client):
    return client.get("/openapi.json").json()


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert method in METHODS
            yield f"{method} {path}", operation


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_pages_load_nothing_from_elsewhere(client, page):
    html = client.get(page).text
    loaded = re.findall(r"""(?:src|href)=["']([^"']+)""", html)
    assert loaded
    for url in loaded:
        assert url.startswith("/"), url
        assert not url.startswith("//")
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert answer.content
    assert not re.search(r"https?://", html), "the page names another host"


def test_every_contract_route_is_there(document):
    there = {name for name, _ in operations(document)}
    for route in (
        "post /v1/introductions",
        "get /v1/introductions/{introduction_id}",
        "post /v1/introductions/{introduction_id}/confirm",
        "post /v1/introductions/{introduction_id}/reject",
        "post /v1/introductions/{introduction_id}/retake",
        "get /v1/introductions/{introduction_id}/audio",
        "post /v1/spot",
        "post /v1/people",
        "get /v1/people",
        "get /v1/people/{person_id}",
        "patch /v1/people/{person_id}",
        "delete /v1/people/{person_id}",
        "get /v1/people/by-external-id/{external_id}",
        "post /v1/people/identify",
        "get /v1/people/{person_id}/export",
        "get /v1/people/{person_id}/pronunciation",
        "post /v1/people/{person_id}/names",
        "patch /v1/people/{person_id}/names/{name_id}",
        "get /v1/people/{person_id}/names/{name_id}/history",
        "post /v1/people/{person_id}/names/{name_id}/revert",
        "post /v1/render",
        "get /v1/targets",
        "post /v1/speak",
        "post /v1/convert",
        "get /v1/lexicon",
        "get /healthz",
        "get /readyz",
        "get /version",
    ):
        assert route in there


def test_every_route_documents_itself_and_its_errors(document):
    for name, operation in operations(document):
        assert operation["summary"], name
        assert operation["description"], name
        assert operation["tags"], name
        if "/v1/" not in name:
            continue
        assert {"401", "422", "503"} <= set(operation["responses"]), name
        if "{" in name:
            assert "404" in operation["responses"], name
        for status, answer in operation["responses"].items():
            assert answer["description"], (name, status)
            if int(status) >= 400:
                assert list(answer["content"]) == ["application/problem+json"], (name, status)
    patch = document["paths"]["/v1/people/{person_id}/names/{name_id}"]["patch"]["responses"]
    assert {"412", "428"} <= set(patch)
    introduce = document["paths"]["/v1/introductions"]["post"]["responses"]
    assert {"201", "404", "409", "413", "415"} <= set(introduce)


def test_references_lead_somewhere(document):
    found = re.findall(r"'\$ref': '([^']+)'", str(document))
    assert found
    for reference in found:
        assert reference.startswith("#/components/schemas/")
        assert reference.rpartition("/")[2] in document["components"]["schemas"]


def test_operation_ids_and_path_parameters(document):
    identifiers = [operation["operationId"] for _, operation in operations(document)]
    assert len(set(identifiers)) == len(identifiers)
    for name, operation in operations(document):
        in_path = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
        assert in_path == set(re.findall(r"{(\w+)}", name)), name
    assert document["openapi"].startswith("3.")
    assert document["info"]["version"]


def test_json_bodies_have_examples_that_the_service_takes(client, document):
    bodies = set()
    for _, operation in operations(document):
        for kind, content in operation.get("requestBody", {}).get("content", {}).items():
            if kind == "application/json":
                bodies |= set(re.findall(r"schemas/(\w+)", str(content["schema"])))
    assert bodies
    for body in bodies:
        assert document["components"]["schemas"][body]["examples"], body
    person = document["components"]["schemas"]["PersonIn"]["examples"][0]
    assert client.post("/v1/people", json=person).status_code == 201
    for body, path in (
        ("RenderIn", "/v1/render"),
        ("SpeakIn", "/v1/speak"),
        ("SpotIn", "/v1/spot"),
    ):
        example = document["components"]["schemas"][body]["examples"][0]
        assert client.post(path, json=example).status_code == 200, body
