"""What Prometheus reads, and who may."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from plugins.http import AUDIO, expect_problem, introduce
from prometheus_client.parser import text_string_to_metric_families

from namemem.errors import EngineBusy, StoreUnavailable
from namemem.observing import metrics as module


def read(client: TestClient, **more) -> dict[tuple[str, ...], float]:
    """(name, label values…) → value."""
    response = client.get("/metrics", **more)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, *(sample.labels[k] for k in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_what_is_measured(client, hearer, monkeypatch):
    monkeypatch.setattr(module, "_BACKLOG_SECONDS", -1.0)
    body = introduce(client)
    client.get(f"/v1/people/{body['person_id']}/pronunciation", params={"target": "azure"})
    client.get("/v1/people/nobody")
    hearer.error = EngineBusy("All workers are busy.")
    expect_problem(client.post("/v1/introductions", files={"audio": AUDIO}), 503, "busy")
    seen = read(client)
    count = "namemem_request_seconds_count"
    assert seen[(count, "POST", "/v1/introductions", "201")] == 1
    assert seen[(count, "POST", "/v1/introductions", "503")] == 1
    assert seen[(count, "GET", "/v1/people/{person_id}/pronunciation", "200")] == 1
    assert seen[(count, "GET", "/v1/people/{person_id}", "404")] == 1
    assert seen[("namemem_refusals_total", "not-found")] == 1
    assert seen[("namemem_refusals_total", "busy")] == 1
    assert seen[("namemem_hearing_seconds_count", "heard")] == 1
    assert seen[("namemem_hearing_seconds_count", "EngineBusy")] == 1
    for stage in ("transcribe", "recognise", "total"):
        assert seen[("namemem_hearing_stage_seconds_count", stage)] == 1
    assert seen[("namemem_confidence_bucket", "0.8")] == 0
    assert seen[("namemem_confidence_bucket", "0.9")] == 1
    assert seen[("namemem_names", "heard")] == 1
    assert seen[("namemem_names", "approved")] == 0
    assert seen[("namemem_ready",)] == 1
    client.post(f"/v1/introductions/{body['id']}/confirm")
    hearer.ready = False
    seen = read(client)
    assert seen[("namemem_names", "heard")] == 0
    assert seen[("namemem_names", "confirmed")] == 1
    assert seen[("namemem_ready",)] == 0


def test_names_are_not_counted_again_at_once(client):
    assert read(client)[("namemem_names", "heard")] == 0
    introduce(client)
    assert read(client)[("namemem_names", "heard")] == 0


def test_without_a_database(client, monkeypatch):
    def broken():
        raise StoreUnavailable("The database does not answer.")

    monkeypatch.setattr(client.app.state.metrics.registry, "_auto_describe", True)
    gauges = next(c for c in client.app.state.metrics.registry._collector_to_names
                  if isinstance(c, module._Gauges))  # fmt: skip
    monkeypatch.setattr(gauges, "_names_by_status", broken)
    assert ("namemem_names", "heard") not in read(client)


def test_labels_stay_few(client):
    """Whatever is asked for, the series are those of the routes."""
    for odd in range(30):
        client.get(f"/v1/people/p{odd}")
        client.get(f"/wp-admin/{odd}.php")
        client.request(f"ODD{odd}", "/v1/people")
        client.get("/v1/people", headers={"X-Request-ID": str(odd)})
    requests = {key[1:] for key in read(client) if key[0] == "namemem_request_seconds_count"}
    assert requests == {
        ("GET", "/v1/people/{person_id}", "404"),
        ("GET", "(none)", "404"),
        ("OTHER", "/v1/people", "405"),
        ("GET", "/v1/people", "200"),
    }


def test_only_for_this_machine_without_a_token(client):
    for address, headers in (
        ("192.0.2.7", {}),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}),
    ):
        elsewhere = TestClient(client.app, "http://localhost", client=(address, 5000))
        answer = elsewhere.get("/metrics", headers=headers)
        assert "METRICS_TOKEN" in expect_problem(answer, 403, "forbidden")["detail"]
    for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
        here = TestClient(client.app, "http://localhost", client=(address, 5000))
        assert here.get("/metrics").status_code == 200


@pytest.mark.parametrize("address", ["127.0.0.1", "192.0.2.7"])
def test_with_a_token(make_client, address):
    app = make_client(metrics_token="scrape-me").app
    client = TestClient(app, "http://localhost", client=(address, 5000))
    expect_problem(client.get("/metrics"), 401, "unauthorized")
    wrong = {"Authorization": "Bearer scrape-you"}
    expect_problem(client.get("/metrics", headers=wrong), 401, "unauthorized")
    right = {"Authorization": "Bearer scrape-me"}
    assert client.get("/metrics", headers=right).status_code == 200
