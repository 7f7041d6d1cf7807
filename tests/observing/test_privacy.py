"""Nothing of anybody in logs, metrics and spans: odd names go through every route, then all is
searched for them."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.websockets import WebSocketDisconnect

from namemem import bootstrap
from namemem.errors import EngineFailed
from namemem.logs import configure
from namemem.observing.tracing import OpenTelemetryTracing
from namemem.testing import fake_hearing

KEY = "kjellvrax-secret-key"
SPOKEN, TYPED, EXTERNAL, WORDS = "Zquorblax", "Vrimptok", "ext-Dwiggnarf-77", "hrunkle"
AUDIO = b"RIFFblorptaudiobytes"
QUERY, USER, ID, TOKEN = "Snorvelik", "Wexmuthra", "Gjandlefip", "tok-Plimquast"
SECRETS = (KEY, SPOKEN, TYPED, EXTERNAL, WORDS, "blorptaudiobytes", QUERY, USER, ID, TOKEN,
           "zˈkwɔː", "ˈkwɔːblæks")  # fmt: skip


@pytest.fixture
def log(monkeypatch):
    """All that the server would write to stderr, at its most talkative."""
    loggers = [logging.getLogger(n) for n in ("", "namemem", "uvicorn", "uvicorn.access")]
    before = [(one, one.level, list(one.handlers)) for one in loggers]
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    configure("debug", "json")
    yield stream
    for one, level, handlers in before:
        one.setLevel(level)
        one.handlers[:] = handlers


@pytest.fixture
def spans(monkeypatch):
    exporter = InMemorySpanExporter()
    tracing = OpenTelemetryTracing(exporter, batch=False)
    monkeypatch.setattr(bootstrap, "build_tracing", lambda _settings: tracing)
    return exporter


def odd(schema: dict[str, Any], document: dict[str, Any], name: str = "") -> Any:
    """A value for a JSON schema in which every text is one of the secrets."""
    if "$ref" in schema:
        return odd(document["components"]["schemas"][schema["$ref"].rsplit("/")[-1]], document)
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return odd(schema[several][0], document, name)
    kind = schema.get("type")
    if "enum" in schema or "const" in schema:
        return schema.get("const", (schema.get("enum") or [None])[0])
    if kind == "object":
        fields = schema.get("properties", {})
        return {key: odd(value, document, key) for key, value in fields.items()}
    if kind == "array":
        return [odd(schema.get("items", {}), document, name)]
    if kind in ("integer", "number"):
        return 0
    if kind == "boolean":
        return True
    known = {"external_id": EXTERNAL, "ipa": "zˈkwɔːblæks", "target": "ssml", "from": "ipa",
             "text": f"{QUERY}, my name is {TYPED}", "language": "en"}  # fmt: skip
    return known.get(name, TYPED)


def call_everything(client: TestClient, ids: dict[str, str]) -> set[str]:
    """Each operation of the OpenAPI document once; which they were."""
    document = client.get("/openapi.json").json()
    called = set()
    headers = {"Authorization": f"Bearer {KEY}", "X-Namemem-User": USER,
               "X-Request-ID": f"{SPOKEN}-{ID}", "Idempotency-Key": f"{TYPED}-{EXTERNAL}",
               "If-Match": f'"{ID}"'}  # fmt: skip
    operations = [(m, p, o) for p, methods in document["paths"].items() for m, o in methods.items()]
    operations.sort(key=lambda one: one[0] == "delete")  # erased at the end
    for method, path, operation in operations:
        parameters = operation.get("parameters", [])
        url = path
        for one in parameters:
            if one["in"] == "path":
                url = url.replace(f"{{{one['name']}}}", ids.get(one["name"], ID))
        query = {one["name"]: QUERY for one in parameters if one["in"] == "query"}
        content = operation.get("requestBody", {}).get("content", {})
        more: dict[str, Any] = {}
        if "application/json" in content:
            more["json"] = odd(content["application/json"]["schema"], document)
        elif "multipart/form-data" in content:
            fields = odd(content["multipart/form-data"]["schema"], document)
            fields = {k: v for k, v in fields.items() if isinstance(v, str)}
            more["data"] = fields | {"transcript": json.dumps({"text": f"my name is {WORDS}"})}
            more["files"] = {"audio": (f"{TYPED}.wav", AUDIO)}
        for params in ({}, query):
            client.request(method, url, params=params, headers=headers, **more)
        called.add(f"{method.upper()} {path}")
    return called


def test_nothing_of_anybody(make_client, hearer, log, spans, monkeypatch):
    hearer.hearing = fake_hearing(
        SPOKEN, "zˈkwɔːblæks", transcript=f"my name is {SPOKEN} {WORDS}", alternatives=()
    )
    client = make_client(api_keys={KEY: "museum"}, raise_server_exceptions=False)
    headers = {"Authorization": f"Bearer {KEY}"}

    def introduce(**form: str) -> Any:
        return client.post("/v1/introductions", files={"audio": AUDIO}, data=form, headers=headers)

    body = introduce(external_id=EXTERNAL, spelling=TYPED).json()
    ids = {
        "person_id": body["person_id"],
        "name_id": body["name_id"],
        "introduction_id": body["id"],
        "external_id": EXTERNAL,
    }
    called = call_everything(client, ids)
    client.get(f"/v1/people/{ID}/{QUERY}?token={TOKEN}", headers=headers)
    client.get("/v1/people", headers={"Authorization": f"Bearer {TOKEN}"})
    client.get(f"/review/people/{ID}?q={QUERY}")
    hearer.error = EngineFailed(f"It broke over {SPOKEN}.")
    assert introduce().status_code == 503
    hearer.error = ZeroDivisionError(f"a bug with {SPOKEN} in its message")
    assert introduce(spelling=TYPED).status_code == 500
    hearer.error = None
    monkeypatch.setattr(client.app.state.service.store, "transaction", None)
    assert introduce(external_id=EXTERNAL).status_code == 500
    refused = False
    try:
        with client.websocket_connect(f"/v1/listen?token={TOKEN}") as socket:
            socket.send_bytes(AUDIO)
            refused = "error" in socket.receive_text()
    except WebSocketDisconnect:
        refused = True
    assert refused

    metrics = client.get("/metrics").text
    written = log.getvalue()
    traced = "\n".join(span.to_json() for span in spans.get_finished_spans())
    # It was all seen, …
    for operation in called:
        method, _, path = operation.partition(" ")
        assert f'method="{method}",route="{path}"' in metrics, operation
        assert f'"name": "{operation}"' in traced, operation
        if path not in ("/healthz", "/readyz"):
            assert f'"method": "{method}", "route": "{path}"' in written, operation
    assert "ZeroDivisionError" in written
    # … and nobody can be found in it.
    for secret in SECRETS:
        for where, text in (("log", written), ("metrics", metrics), ("spans", traced)):
            found = text.lower().find(secret.lower())
            assert found < 0, f"{secret} in {where}: …{text[max(0, found - 200) : found + 60]}…"
    for line in written.splitlines():
        assert "request_id" in json.loads(line) or "namemem.access" not in line
