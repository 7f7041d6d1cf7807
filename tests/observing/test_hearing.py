"""Callers who hang up or wait no longer, seen through a real server and a real socket."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from plugins import ears, patient
from plugins.pools import SOUND, wait_until

from namemem.app import create_app
from namemem.settings import Settings
from namemem.testing import FakeHearer
from namemem.workers import WorkerPool


@contextmanager
def serving(hearer: Any, tmp_path: Any) -> Iterator[tuple[str, Any]]:
    """The application on a port of its own, in a thread of this process."""
    app = create_app(Settings(data_dir=tmp_path, _env_file=None), engines=hearer)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            wait_until(lambda: server.started)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", app
        finally:
            server.should_exit = True
            thread.join(30)


class Patient(FakeHearer):
    """Notes who stopped listening."""

    left = 0

    async def hear(self, job):
        try:
            return await super().hear(job)
        except asyncio.CancelledError:
            self.left += 1
            raise


def hang_up(url: str, when: Callable[[], object]) -> None:
    """Sends a recording, waits for the moment, and leaves."""
    request = httpx.Request(
        "POST", f"{url}/v1/introductions", files={"audio": b"x"}, data={"external_id": "gone"}
    )
    head = [f"POST {request.url.path} HTTP/1.1"]
    head += [f"{name}: {value}" for name, value in request.headers.items()]
    with socket.create_connection(("127.0.0.1", request.url.port)) as caller:
        caller.sendall("\r\n".join([*head, "", ""]).encode() + request.read())
        wait_until(when)


def test_caller_who_hangs_up(tmp_path):
    hearer = Patient()
    hearer.block()
    with serving(hearer, tmp_path) as (url, app):
        hang_up(url, lambda: hearer.jobs)
        wait_until(lambda: hearer.left == 1)
        hearer.release()
        found = patient.get(f"{url}/v1/people/by-external-id/gone")
        assert found.status_code == 404
        page = app.state.metrics.page().decode()
        wait_until(lambda: 'status="499"' in app.state.metrics.page().decode())
        assert 'namemem_hearing_seconds_count{outcome="CallerGone"} 1.0' in page
        again = patient.post(
            f"{url}/v1/introductions", files={"audio": b"x"}, data={"external_id": "gone"}
        )
        assert again.status_code == 201
    assert hearer.left == 1


def test_caller_who_waits_no_longer_and_one_who_left_free_their_worker(tmp_path):
    pool = WorkerPool(ears.prepare, workers=1, queue_size=2)
    never = tmp_path / "never"
    with serving(pool, tmp_path) as (url, _), httpx.Client(base_url=url, timeout=60) as client:
        wait_until(lambda: pool.state().ready)

        def post(command, **more):
            return client.post(
                "/v1/introductions", files={"audio": SOUND}, data={"spelling": command}, **more
            )

        answer = post(f"wait:{never}", headers={"Prefer": "wait=0.5"})
        assert answer.status_code == 503
        assert answer.json()["type"] == "urn:namemem:problem:deadline-exceeded"
        assert answer.json()["deadline_seconds"] == 0.5
        assert answer.headers["preference-applied"] == "wait=0.5"
        assert int(answer.headers["retry-after"]) >= 1
        with pytest.raises(httpx.ReadTimeout):
            post(f"wait:{never}", timeout=httpx.Timeout(30, read=0.5))
        wait_until(lambda: pool.stats().restarts.get("hung_up") or pool.in_flight == 0)
        assert post("").status_code == 201
        assert client.get("/v1/people").json()["items"][1:] == []
        metrics = client.get("/metrics").text
        assert 'namemem_worker_restarts_total{reason="deadline"} 1.0' in metrics
        assert 'namemem_refusals_total{problem="deadline-exceeded"} 1.0' in metrics
        assert "namemem_queue_waiting 0.0" in metrics


def test_stored_whole_when_the_caller_leaves_after_the_hearing(tmp_path, monkeypatch):
    """Past the hearing there is no turning back: the introduction is stored."""
    hearer = Patient()
    began = threading.Event()
    with serving(hearer, tmp_path) as (url, app):
        service = app.state.service
        store_heard = service._store_heard

        def slowly(*arguments):
            began.set()
            time.sleep(0.6)
            return store_heard(*arguments)

        monkeypatch.setattr(service, "_store_heard", slowly)
        hang_up(url, began.is_set)
        wait_until(lambda: patient.get(f"{url}/v1/people/by-external-id/gone").status_code == 200)
        assert hearer.left == 0
