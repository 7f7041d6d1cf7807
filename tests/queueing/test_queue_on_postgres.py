"""API servers and workers apart: what a caller sees, and what the queue holds."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from plugins import patient
from plugins.http import expect_problem
from queueing.conftest import one
from queueing.nursery_words import POISON
from typer.testing import CliRunner

from namemem import consent, worker_command
from namemem.cli import app
from namemem.errors import InvalidSettings, StoreUnavailable
from namemem.queueing import postgres
from namemem.settings import Settings

pytestmark = [pytest.mark.postgres]
PATH = "/v1/introductions"
CONSENT = consent.EXAMPLE.replace("2026-05-04", "2026-01-01")


def introduce(url, audio=b"a recording", mode="sync", **form):
    return patient.post(f"{url}{PATH}", params={"mode": mode}, files={"audio": audio}, data=form)


def ended(url, job):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        now = patient.get(f"{url}{job['status_url']}", params={"wait": 20}).json()
        if now["finished_at"]:
            return now
    raise AssertionError(now)


@pytest.mark.server
@pytest.mark.timeout(400)
def test_servers_and_workers_apart(crowd_of):
    """One story, since each process costs a second to start."""
    # One at a time: what is heard beside a poisonous recording loses a try with it.
    crowd, engine = crowd_of(
        NAMEMEM_DEADLINE_SECONDS="60", NAMEMEM_JOB_TRIES="2", NAMEMEM_WORKERS="1"
    )
    url, other = crowd.server(), crowd.server()

    # Nobody hears yet: reading works, queueing too.
    ready = patient.get(f"{url}/readyz").json()
    assert ready["ready"]
    assert "No worker is alive" in ready["notes"][0]
    waits = introduce(url, mode="async", external_id="alice", spelling="Alice").json()
    with psycopg.connect(engine.url.set(drivername="postgresql").render_as_string(False)) as raw:
        args = raw.execute("SELECT args FROM namemem_queue.procrastinate_jobs").fetchall()
    assert args == [({"job_id": waits["id"]},)], "no name and no recording in the queue's tables"

    # A worker comes, and another server is asked.
    worker = crowd.worker()
    done = ended(other, waits)
    assert done["introduction"]["name"]["spelling"] == "Alice"
    assert "1 alive" in patient.get(f"{url}/readyz").json()["notes"][0]

    # Without mode=async the server waits, and answers as if it had heard itself.
    with ThreadPoolExecutor(4) as callers:
        sent = [callers.submit(introduce, url, spelling=f"Guest {n}") for n in range(4)]
        answers = [s.result() for s in sent]
    assert [a.status_code for a in answers] == [201] * 4
    first = answers[0].json()
    assert first["name"]["spelling"] == "Guest 0"
    again = patient.post(f"{other}{PATH}/{first['id']}/retake", files={"audio": b"again"}).json()
    assert again["takes"] == 2
    kept = introduce(url, keep_audio="clip", consent=CONSENT, spelling="Kept").json()
    clip = patient.get(f"{other}{PATH}/{kept['id']}/audio")
    assert clip.content.startswith(b"RIFF")
    assert one(engine, "SELECT count(*) FROM jobs WHERE kind = 'hearing'") == 0, "all taken away"

    # A recording that kills whoever hears it is given up; others are heard meanwhile.
    poison = introduce(url, POISON, mode="async", spelling="Poison").json()
    good = [introduce(url, mode="async", spelling=f"Good {n}").json() for n in range(3)]
    died = 0
    while (given_up := patient.get(f"{url}{poison['status_url']}").json())["status"] != "failed":
        if not crowd.alive(worker):
            died += 1
            worker = crowd.worker()
        time.sleep(0.05)
    assert died == 2
    assert [ended(other, job)["status"] for job in good] == ["done"] * 3
    assert given_up["problem"]["type"] == "urn:namemem:problem:given-up"
    assert given_up["problem"]["tries"] == 2
    assert one(engine, "SELECT count(*) FROM jobs WHERE audio IS NOT NULL") == 0


def test_a_request_that_nobody_hears_is_withdrawn(crowd_of):
    crowd, engine = crowd_of(NAMEMEM_DEADLINE_SECONDS="0.5")
    url = crowd.server()
    answer = introduce(url, external_id="alice")
    expect_problem(answer, 503, "deadline-exceeded")
    assert one(engine, "SELECT count(*) FROM jobs") == 0
    crowd.worker()
    time.sleep(1)
    assert one(engine, "SELECT count(*) FROM people") == 0


def test_the_tables_of_the_queue_are_made_once(make_postgres_database, monkeypatch, tmp_path):
    url = make_postgres_database()
    with pytest.raises(StoreUnavailable, match="namemem db upgrade"):
        postgres.workers_alive(url, 30)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NAMEMEM_DATABASE_URL", url)
    monkeypatch.setenv("NAMEMEM_HEARING", "queue")
    for _ in range(2):
        ran = CliRunner().invoke(app, ["db", "upgrade"], catch_exceptions=False)
        assert "namemem_queue" in ran.output
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda _: postgres.install(url), range(3)))
    assert postgres.workers_alive(url, 30) == 0


def test_a_newer_procrastinate_brings_its_steps(make_postgres_database):
    """As if the newest step were of a later release: what it makes is not there yet."""
    url = make_postgres_database()
    postgres.install(url)
    step = "03.04.00_50_post_add_retry_failed_job_procedure.sql"
    made = "namemem_queue.procrastinate_trigger_function_status_events_update_v1"
    with psycopg.connect(url) as raw:
        raw.execute("DELETE FROM namemem_queue.applied WHERE step = %s", (step,))
        raw.execute(f"DROP FUNCTION {made} CASCADE")
    postgres.install(url)
    with psycopg.connect(url) as raw:
        assert raw.execute("SELECT to_regproc(%s)", (made,)).fetchone() != (None,)
        applied = raw.execute("SELECT step FROM namemem_queue.applied").fetchall()
        assert (step,) in applied


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"hearing": "queue"}, "needs PostgreSQL"),
        ({"hearing": "local"}, "NAMEMEM_HEARING=queue"),
    ],
)
def test_settings_that_make_no_worker(tmp_path, settings, message):
    with pytest.raises(InvalidSettings, match=message):
        worker_command.run(Settings(data_dir=tmp_path, _env_file=None, **settings))
