"""Spans, in the SDK's own memory."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from plugins.http import AUDIO, introduce

from namemem import bootstrap
from namemem.errors import EngineFailed
from namemem.observing.tracing import OpenTelemetryTracing

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def spans(monkeypatch):
    exporter = InMemorySpanExporter()
    tracing = OpenTelemetryTracing(exporter, batch=False)
    monkeypatch.setattr(bootstrap, "build_tracing", lambda _settings: tracing)
    return exporter


def test_a_span_for_the_request_and_one_for_each_stage(spans, make_client):
    client = make_client()
    response = client.post(
        "/v1/introductions",
        files={"audio": AUDIO},
        headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01", "baggage": "who=Zquorblax"},
    )
    assert response.status_code == 201
    by_name = {span.name: span for span in spans.get_finished_spans()}
    assert set(by_name) == {"POST /v1/introductions", "hear", "transcribe", "recognise"}
    request, hear = by_name["POST /v1/introductions"], by_name["hear"]
    assert f"{request.context.trace_id:032x}" == TRACE
    assert f"{request.parent.span_id:016x}" == "b7ad6b7169203331"
    assert hear.parent.span_id == request.context.span_id
    assert dict(request.attributes) == {
        "http.request.method": "POST",
        "http.route": "/v1/introductions",
        "http.response.status_code": 201,
        "namemem.request_id": response.headers["x-request-id"],
    }
    assert dict(hear.attributes) == {"namemem.confidence": 0.9}
    transcribe, recognise = by_name["transcribe"], by_name["recognise"]
    for stage in (transcribe, recognise):
        assert stage.parent.span_id == hear.context.span_id
        assert stage.end_time - stage.start_time == 1_000_000  # as the fake says
    assert transcribe.end_time == recognise.start_time


def test_what_fails_says_of_what_kind_and_no_more(spans, make_client, hearer):
    client = make_client()
    hearer.error = EngineFailed("It broke over Zquorblax.")
    client.post("/v1/introductions", files={"audio": AUDIO})
    for span in spans.get_finished_spans():
        assert span.status.status_code is StatusCode.ERROR
        assert span.attributes["error.type"] in ("EngineFailed", "engine-failed")
        assert not span.events
        assert "Zquorblax" not in span.to_json()


def test_spans_of_requests_at_the_same_time_do_not_mix(spans, make_client):
    app = make_client().app

    async def two():
        import httpx

        transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            await asyncio.gather(
                *(client.post("/v1/introductions", files={"audio": b"x"}) for _ in range(3))
            )

    asyncio.run(two())
    finished = spans.get_finished_spans()
    requests = {s.context.span_id: s for s in finished if s.name == "POST /v1/introductions"}
    hearings = [s for s in finished if s.name == "hear"]
    assert len(requests) == 3
    assert {s.parent.span_id for s in hearings} == set(requests)


def test_nothing_of_it_is_loaded_when_it_is_off():
    code = (
        "import sys; from namemem.observing import AttendedHearer; "
        "from namemem.testing import FakeHearer; AttendedHearer(FakeHearer()); "
        "print([m for m in sys.modules if m.startswith('opentelemetry')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[]", done.stderr


def test_off_unless_asked_for(client):
    introduce(client)
    from namemem.observing.tracing import NoTracing
    from namemem.settings import Settings

    assert isinstance(bootstrap.build_tracing(Settings(_env_file=None)), NoTracing)
