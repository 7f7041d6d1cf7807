"""Webhooks of jobs: sent when they end, tried again, given up; ids and no names in them."""

from __future__ import annotations

import base64
import functools
import time

import pytest
from plugins.http import AUDIO, expect_problem
from standardwebhooks import Webhook

from namemem import bootstrap
from namemem.errors import NoNameHeard
from namemem.queueing import Reports

SECRET = b"0123456789abcdef0123456789abcdef"
TEXT = base64.b64encode(SECRET).decode()


@pytest.fixture
def make_reporting(make_client, monkeypatch):
    """Clients of servers that report, quickly and to this machine too."""
    quick = functools.partial(Reports, every=0.02, waits=(0.02, 0.02))
    monkeypatch.setattr("namemem.queueing.Reports", quick)
    assert bootstrap.build_background  # it looks the class up when it is called

    def make(**settings):
        settings = {"webhook_secrets": {"default": TEXT}, "webhook_private": True, **settings}
        return make_client(**settings)

    return make


def queue(client, url):
    return client.post(
        "/v1/introductions",
        params={"mode": "async"},
        files={"audio": AUDIO},
        data={"webhook": url, "external_id": "alice", "spelling": "Siobhan"},
    )


def reported(client, job):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        now = client.get(job["status_url"]).json()
        if now["webhook"] in ("sent", "given_up"):
            return now
        time.sleep(0.02)
    raise AssertionError(now)


def test_the_end_is_reported_once(make_reporting, receiver):
    client = make_reporting()
    job = queue(client, receiver.url).json()
    assert job["webhook"] == "waits"
    now = reported(client, job)
    assert (now["status"], now["webhook"]) == ("done", "sent")
    time.sleep(0.1)
    ((headers, body),) = receiver.got
    told = Webhook(SECRET).verify(body, {name.lower(): value for name, value in headers.items()})
    assert told["type"] == "introduction.done"
    assert told["data"] == {
        "job_id": job["id"],
        "status": "done",
        "status_url": job["status_url"],
        "introduction_id": now["introduction"]["id"],
        "person_id": now["introduction"]["person_id"],
    }
    assert b"iobhan" not in body
    assert b"alice" not in body


def test_failure_is_reported_without_what_was_said(make_reporting, hearer, receiver):
    hearer.error = NoNameHeard("Nobody gives a name.", transcript="a secret")
    client = make_reporting()
    assert reported(client, queue(client, receiver.url).json())["status"] == "failed"
    assert b"introduction.failed" in receiver.got[0][1]
    assert b"secret" not in receiver.got[0][1]


def test_tried_again_and_given_up(make_reporting, receiver):
    receiver.status = 500
    client = make_reporting()
    assert reported(client, queue(client, receiver.url).json())["webhook"] == "given_up"
    assert len(receiver.got) == 3
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1


def test_who_is_gone_is_asked_no_more(make_reporting, receiver):
    receiver.status = 410
    client = make_reporting()
    assert reported(client, queue(client, receiver.url).json())["webhook"] == "given_up"
    assert len(receiver.got) == 1


def test_this_machine_is_refused_unless_it_is_allowed(make_reporting, receiver, hearer):
    client = make_reporting(webhook_private=False)
    body = expect_problem(queue(client, receiver.url), 422, "invalid-request")
    assert "NAMEMEM_WEBHOOK_PRIVATE" in body["detail"]
    assert hearer.jobs == []
    assert receiver.got == []
