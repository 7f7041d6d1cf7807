"""The server is killed in the middle of its work: what it acknowledged is there, and whole."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from plugins.pools import wait_until
from plugins.speech import introduction

from namemem.store import Store

pytestmark = [pytest.mark.server, pytest.mark.engines]


def keep_introducing(server, number, stop, acknowledged):
    """Introduces one person after another until the server is gone."""
    transcript = {"text": "my name is andrea"}  # the caller's words: quicker, so that more happens
    with server.client() as client:
        for turn in range(1000):
            if stop.is_set():
                return
            external_id = f"p{number}-{turn}"
            try:
                answer = client.post(
                    "/v1/introductions",
                    files={"audio": introduction("ˈændɹiə", "")},
                    data={
                        "external_id": external_id,
                        "spelling": "Andrea",
                        "keep_audio": "clip",
                        "transcript": json.dumps(transcript),
                    },
                    headers={"Idempotency-Key": external_id},
                )
            except httpx.HTTPError:
                return
            if answer.status_code == 201:
                acknowledged.append((external_id, answer.json()))


def test_kill_in_the_middle(make_server):
    server = make_server()
    server.start()
    acknowledged: list = []
    stop = threading.Event()
    with ThreadPoolExecutor(4) as threads:
        jobs = [threads.submit(keep_introducing, server, n, stop, acknowledged) for n in range(4)]
        deadline = time.monotonic() + 200
        while len(acknowledged) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
        server.kill()
        stop.set()
        for job in jobs:
            job.result()
    assert len(acknowledged) >= 3
    server.start()
    with server.client() as client:
        for external_id, body in acknowledged:
            again = client.get(f"/v1/introductions/{body['id']}").json()
            assert again == body
            person = client.get(f"/v1/people/by-external-id/{external_id}").json()
            assert person["id"] == body["person_id"]
            assert person["names"][0]["pronunciation"]["ipa"] == body["name"]["ipa"]
            clip = client.get(f"/v1/introductions/{body['id']}/audio")
            assert clip.content.startswith(b"RIFF")
        people = client.get("/v1/people", params={"limit": 200}).json()["items"]
        for person in people:  # nobody is half-written, acknowledged or not
            (name,) = person["names"]
            introduced = client.get(f"/v1/introductions/{name['introduction_id']}")
            assert introduced.status_code == 200
            assert introduced.json()["person_id"] == person["id"]
        external_id, body = acknowledged[0]
    with sqlite3.connect(server.data_dir / "namemem.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    database.close()


def test_killed_workers_lose_nothing(server):
    """kill -9 both workers while they hear: the recordings are heard again, by others."""
    before = set(server.workers())
    assert len(before) == 2

    def post(number):
        with server.client() as client:
            return client.post(
                "/v1/introductions",
                files={"audio": introduction("ˈændɹiə", "")},
                data={"external_id": f"w{number}", "spelling": "Andrea", "asked": "true"},
            )

    with ThreadPoolExecutor(4) as threads, server.client() as client:
        jobs = [threads.submit(post, n) for n in range(3)]
        wait_until(lambda: 'namemem_workers{state="busy"} 2.0' in client.get("/metrics").text)
        for worker in before:
            os.kill(worker, signal.SIGKILL)
        answers = [job.result() for job in jobs]
        assert [answer.status_code for answer in answers] == [201] * 3
        for number, answer in enumerate(answers):
            person = client.get(f"/v1/people/by-external-id/w{number}").json()
            assert person["id"] == answer.json()["person_id"]
        wait_until(lambda: len(set(server.workers()) - before) == 2)
        wait_until(lambda: client.get("/readyz").status_code == 200)
        metrics = client.get("/metrics").text
        assert 'namemem_worker_restarts_total{reason="died"} 2.0' in metrics


def test_stops_when_it_is_told_to(make_server):
    server = make_server(NAMEMEM_WORKERS="1")
    server.start()
    with server.client() as client:
        client.post("/v1/people", json={"external_id": "alice", "display_name": "Alice"})
    assert server.stop() in (0, -15)
    assert "Application shutdown complete" in server.log.read_text()
    store = Store(f"sqlite:///{server.data_dir / 'namemem.db'}")
    with store.transaction("default", read_only=True) as repo:
        assert repo.person_by_external_id("alice").display_name == "Alice"
    store.close()


def test_wrong_settings_stop_the_start(make_server):
    server = make_server(NAMEMEM_WORKERS="many")
    with pytest.raises(RuntimeError, match="NAMEMEM_WORKERS"):
        server.start()
