"""The clients and introductions that are heard later."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from namemem.client import AsyncClient, Client, ClientError
from namemem.errors import NoNameHeard
from namemem.testing import FakeHearer


@pytest.fixture
def namemem(client):
    return Client(http=client)


def test_queue_wait_and_use(namemem):
    job = namemem.introduce_later(b"audio", external_id="alice", target="azure")
    made = namemem.wait_for(job["id"])
    assert made["name"]["spelling"] == "Siobhan"
    assert namemem.job(job["id"])["status"] == "done"
    assert namemem.pronunciation(external_id="alice", target="azure").ipa == made["name"]["ipa"]


def test_what_failed_is_raised(namemem, hearer: FakeHearer):
    hearer.error = NoNameHeard("Nobody gives a name.", transcript="hello")
    job = namemem.introduce_later(b"audio")
    with pytest.raises(ClientError, match="Nobody gives a name") as caught:
        namemem.wait_for(job["id"])
    assert (caught.value.status, caught.value.slug) == (422, "no-name-heard")


def test_waiting_ends(namemem, hearer: FakeHearer):
    hearer.block()
    job = namemem.introduce_later(b"audio")
    with pytest.raises(ClientError, match=r"not heard within 0\.2 s") as caught:
        namemem.wait_for(job["id"], 0.2)
    assert caught.value.status == 0
    hearer.release()
    assert namemem.wait_for(job["id"])["takes"] == 1


def test_asynchronously():
    asked: list[httpx.Request] = []
    body = {"status": "running", "introduction": None, "problem": None}

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if request.method == "POST":
            return httpx.Response(202, json={"id": "j_1"})
        done = {"status": "done", "introduction": {"id": "i_1"}, "problem": None}
        return httpx.Response(200, json=done if len(asked) > 2 else body)

    async def talk() -> dict[str, object]:
        async with AsyncClient(transport=httpx.MockTransport(answer)) as namemem:
            job = await namemem.introduce_later(b"audio", webhook="https://example.com/")
            return await namemem.wait_for(job["id"], 5)

    assert asyncio.run(talk()) == {"id": "i_1"}
    assert asked[0].url.params["mode"] == "async"
    assert b"https://example.com/" in asked[0].content
    assert float(asked[1].url.params["wait"]) == pytest.approx(5, abs=0.5)
    assert [r.url.path for r in asked[1:]] == ["/v1/jobs/j_1"] * 2
