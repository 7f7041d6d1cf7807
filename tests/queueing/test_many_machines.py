"""Several API servers and workers on one PostgreSQL, killed at random: each introduction once.

NAMEMEM_INTRODUCTIONS says how many (500).
"""

from __future__ import annotations

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from plugins import patient
from queueing.conftest import one

pytestmark = [pytest.mark.server, pytest.mark.postgres]
COUNT = int(os.environ.get("NAMEMEM_INTRODUCTIONS", "500"))
WORKERS, SERVERS, CALLERS = 4, 3, 4
KILLS = 20  # of workers
LIMIT = 500.0  # seconds


def until(true, what):
    deadline = time.monotonic() + LIMIT
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def send(http, crowd, number):
    """Queues one introduction, at any server that answers; the key makes it one."""
    form = {"external_id": f"guest-{number}", "spelling": f"Guest {number}"}
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        url = random.choice(list(crowd.servers))
        try:
            answer = http.post(
                f"{url}/v1/introductions",
                params={"mode": "async"},
                files={"audio": b"recording %d" % number},
                data=form,
                headers={"Idempotency-Key": f"key-{number}"},
            )
        except httpx.HTTPError:
            time.sleep(0.1)  # its server was killed; perhaps it is queued, perhaps not
            continue
        if answer.status_code == 202:
            return answer.json()["id"]
        assert answer.status_code in (409, 503), answer.text
        time.sleep(0.1)
    raise AssertionError("not queued")


@pytest.mark.timeout(600)
def test_each_introduction_is_done_exactly_once(crowd_of, record_property):
    crowd, engine = crowd_of()
    for _ in range(SERVERS):
        crowd.server()
    for _ in range(WORKERS):
        crowd.worker()
    began = time.monotonic()
    chance = random.Random(8)
    killed = hit = 0

    def done():
        return one(engine, "SELECT count(*) FROM jobs WHERE state = 'done'")

    with httpx.Client(timeout=30) as http, ThreadPoolExecutor(CALLERS) as callers:
        sent = [callers.submit(send, http, crowd, n) for n in range(COUNT)]
        server_killed = False
        deadline = time.monotonic() + LIMIT
        while not all(s.done() for s in sent) or done() < COUNT:
            assert time.monotonic() < deadline, crowd.log.read_text()[-4000:]
            time.sleep(chance.uniform(0.05, 0.2))
            # By progress, not by time: on a slow machine too most of the workers get to work.
            if done() > (killed + 0.5) * COUNT / KILLS:
                crowd.worker()
                running = one(engine, "SELECT count(*) FROM jobs WHERE state = 'running'")
                crowd.kill_worker(chance.choice(crowd.workers[:-1]))
                killed += 1
                hit += running > 0
            if not server_killed and sum(s.done() for s in sent) > COUNT // 3:
                crowd.kill_server(next(iter(crowd.servers)))
                server_killed = True
        ids = [s.result() for s in sent]
    seconds = time.monotonic() - began

    again = one(engine, "SELECT count(*) FROM jobs WHERE attempts > 1")
    figures = (
        f"{COUNT} introductions in {seconds:.1f} s; {killed} workers and 1 server killed, "
        f"{hit} of them while recordings were heard; {again} jobs taken again"
    )
    print(figures)
    record_property("figures", figures)
    assert killed >= KILLS - 1
    assert again >= 1, "no kill has hit anything"
    assert len(set(ids)) == COUNT, "each request made one job"
    assert one(engine, "SELECT count(*) FROM jobs") == COUNT
    assert one(engine, "SELECT count(*) FROM jobs WHERE state = 'done'") == COUNT
    assert one(engine, "SELECT count(*) FROM introductions") == COUNT
    assert one(engine, "SELECT count(DISTINCT introduction_id) FROM jobs") == COUNT
    assert one(engine, "SELECT count(DISTINCT person_id) FROM introductions") == COUNT
    assert one(engine, "SELECT count(*) FROM people WHERE external_id LIKE 'guest-%'") == COUNT
    assert one(engine, "SELECT count(*) FROM names") == COUNT
    assert one(engine, "SELECT max(version) FROM names") == 1, "heard once, not twice"
    assert one(engine, "SELECT count(*) FROM jobs WHERE audio IS NOT NULL") == 0
    assert one(engine, "SELECT count(*) FROM jobs WHERE request IS NOT NULL") == 0
    until(
        lambda: one(engine, "SELECT count(*) FROM namemem_queue.procrastinate_jobs") == 0,
        "the queue is empty in the end",
    )
    url = next(iter(crowd.servers))
    done = patient.get(f"{url}/v1/jobs/{ids[0]}").json()
    assert done["status"] == "done"
    assert done["introduction"]["name"]["spelling"] == "Guest 0"
