"""Everything is tried; what does not answer is said, and holds nobody up."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from plugins import ears
from plugins.pools import wait_until

from namemem.app import create_app
from namemem.errors import EngineUnavailable, StoreUnavailable
from namemem.service import readiness
from namemem.service.readiness import Prober
from namemem.settings import Settings
from namemem.testing import FakeHearer
from namemem.workers import WorkerPool
from namemem.workers import pool as pools


def works(*_arguments: Any) -> bytes:
    return b"x"


@pytest.fixture
def service():
    """Of a service, what is tried."""
    return SimpleNamespace(
        hearer=FakeHearer(),
        g2p=SimpleNamespace(candidates=works),
        voice=SimpleNamespace(speak=works),
        store=SimpleNamespace(ping=works),
    )


def check(prober: Prober) -> Any:
    return asyncio.run(prober.check())


def test_everything_works(service):
    found = check(Prober(service))
    assert found.ready
    assert found.engines["transcriber"] == "fake 1.0"


@pytest.mark.parametrize(
    ("part", "method", "error", "reason"),
    [
        ("voice", "speak", EngineUnavailable("There is no voice.onnx."), "There is no voice.onnx."),
        ("g2p", "candidates", ZeroDivisionError("Siobhan"), "The G2P broke: ZeroDivisionError."),
        ("store", "ping", StoreUnavailable("Run `namemem db upgrade`."), "Run `namemem db upgr"),
    ],
)
def test_what_breaks_is_said_until_it_works_again(
    service, monkeypatch, part, method, error, reason
):
    monkeypatch.setattr(readiness, "FRESH", 0.0)

    def breaks(*_arguments: Any) -> None:
        raise error

    setattr(getattr(service, part), method, breaks)
    prober = Prober(service)
    found = check(prober)
    assert not found.ready
    assert found.reasons[0].startswith(reason)
    setattr(getattr(service, part), method, works)
    assert check(prober).ready


def test_what_never_answers_is_asked_once(service, monkeypatch):
    monkeypatch.setattr(readiness, "FRESH", 0.0)
    held, asked = threading.Event(), []

    def never(*_arguments: Any) -> None:
        asked.append(1)
        held.wait(60)

    prober = Prober(service, patience=0.05)
    assert check(prober).ready
    service.store.ping = never
    for _ in range(3):
        assert "The database has not answered" in check(prober).reasons[0]
    assert asked == [1]
    held.set()
    service.store.ping = works
    wait_until(lambda: check(prober).ready)


def test_who_is_kept_from_running_may_take_longer(service, monkeypatch):
    """Each turn of the loop comes late, as on a busy machine; then the answer may too."""
    monkeypatch.setattr(readiness, "FRESH", 0.0)
    prober = Prober(service, patience=0.3)
    assert check(prober).ready
    service.store.ping = lambda: time.sleep(0.4)
    assert "The database has not answered" in check(prober).reasons[0]
    wait_until(lambda: not prober._questions[2].outstanding)
    sleep = asyncio.sleep
    monkeypatch.setattr(asyncio, "sleep", lambda seconds: sleep(0.1))
    assert check(prober).ready
    service.store.ping = lambda: time.sleep(1.5)  # that is too long even so
    assert "The database has not answered" in check(prober).reasons[0]


def test_fresh_answers_are_not_asked_for_again(service):
    asked = []
    service.voice.speak = asked.append
    service.store.ping = lambda: asked.append("database")
    prober = Prober(service)
    for _ in range(3):
        check(prober)
    assert asked.count("ah") == 1
    assert asked.count("database") == 3


def test_stuck_worker_seen_through_readyz(tmp_path, monkeypatch):
    """SIGSTOP a worker: 503 with a reason, then it is replaced and all is well."""
    monkeypatch.setattr(pools, "FRESH", 0.0)
    pool = WorkerPool(ears.prepare, workers=1, queue_size=0, probe_seconds=3.0)
    app = create_app(Settings(data_dir=tmp_path, _env_file=None), engines=pool)
    with TestClient(app, "http://localhost") as client:
        wait_until(lambda: client.get("/readyz").status_code == 200)
        stopped = pool.pids()[0]
        os.kill(stopped, signal.SIGSTOP)
        began = time.monotonic()
        answer = client.get("/readyz")
        assert time.monotonic() - began < 30
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        (reason,) = answer.json()["reasons"]
        assert "Worker 1" in reason or "worker" in reason
        assert client.get("/healthz").status_code == 200
        wait_until(lambda: client.get("/readyz").status_code == 200)
        assert pool.pids() != [stopped]
        assert 'namemem_worker_restarts_total{reason="stuck"} 1.0' in client.get("/metrics").text
