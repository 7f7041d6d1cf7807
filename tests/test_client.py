"""The client against the real application, and against a server that stumbles."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from namemem.client import AsyncClient, Client, ClientError, Retries

QUICK = Retries(attempts=3, first_wait=0.001)


@pytest.fixture
def namemem(client):
    """The client, speaking to the application in this process."""
    with Client(http=client, retries=QUICK) as made:
        made.add_person({"external_id": "s", "names": [{"spelling": "Siobhan", "ipa": "ʃɪˈvɔːn"}]})
        yield made


def test_a_conversation(namemem):
    heard = namemem.introduce(b"a fake hears whatever this is", external_id="s", target="azure")
    assert heard["name"]["ipa"] == "ʃɪˈvɔːn"
    assert namemem.confirm(heard["id"])["id"] == heard["id"]
    (match,) = namemem.identify(b"somebody", asked=False, limit=3)["matches"]
    assert (match["external_id"], match["name"]) == ("s", "Siobhan")
    said = namemem.pronunciation(external_id="s", target="azure")
    assert said.markup == '<phoneme alphabet="ipa" ph="ʃɪ.ˈvɔn">Siobhan</phoneme>'
    assert (said.exact, said.grade, said.ipa) == (True, "exact", "ʃɪˈvɔːn")
    rendered = namemem.render("Hi {external:s}. Bye.", "polly", sentences=True)
    assert rendered.text == "Hi Siobhan. Bye."
    assert [text for _, text in rendered.sentences] == ["Hi Siobhan. ", "Bye."]
    assert namemem.speak(ipa="ˈmoʊ")[:4] == b"RIFF"
    assert namemem.convert("ʃɪˈvɔːn", "ipa", "x-sampa")["value"] == 'SI"vO:n'
    assert len(namemem.targets()) >= 20
    assert [p["external_id"] for p in namemem.people()] == ["s"]
    assert "Siobhan" in namemem.lexicon("pls")[0]
    agreed = {"by": "a parent", "at": "2026-05-04T10:15:00Z", "for": ["film"]}
    consent = namemem.add_consent(heard["person_id"], agreed)
    assert (consent["by"], consent["withdrawn_at"]) == ("a parent", None)
    assert namemem.withdraw_consent(heard["person_id"], consent["id"])["withdrawn_at"] is not None


def test_problems_are_errors(namemem):
    with pytest.raises(ClientError) as caught:
        namemem.person(external_id="nobody")
    assert (caught.value.status, caught.value.slug) == (404, "not-found")
    assert "nobody" in caught.value.message
    with pytest.raises(ClientError):
        namemem.pronunciation(target="azure")
    with pytest.raises(ClientError) as caught:
        namemem.convert("ʃɪQ", "ipa", "arpabet")
    assert caught.value.problem["position"] == 2


SAID = {
    "markup": "m", "text": "Siobhan", "phones": "p", "ipa": "a", "exact": True, "version": 1,
}  # fmt: skip


class Server:
    """Answers what it is told, and remembers what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self, **options) -> Client:
        transport = httpx.MockTransport(self)
        return Client("http://test", "key", transport=transport, retries=QUICK, **options)


def said(etag: str = '"1"') -> httpx.Response:
    return httpx.Response(200, json=SAID, headers={"ETag": etag})


def test_a_turn_costs_no_request():
    server = Server(said())
    with server.client() as client:
        for _ in range(5):
            assert client.pronunciation(person_id="p", target="azure").text == "Siobhan"
        client.pronunciation(person_id="p", target="polly")
    assert len(server.asked) == 2
    assert server.asked[0].headers["authorization"] == "Bearer key"


def test_after_a_while_it_asks_whether_anything_changed():
    server = Server(said(), httpx.Response(304), said('"2"'))
    with server.client(fresh_for=0) as client:
        first = client.pronunciation(person_id="p", target="azure")
        assert client.pronunciation(person_id="p", target="azure") == first
        client.pronunciation(person_id="p", target="azure")
    assert [r.headers.get("if-none-match") for r in server.asked] == [None, '"1"', '"1"']


def test_own_changes_are_seen_at_once():
    server = Server(said())
    with server.client() as client:
        client.pronunciation(person_id="p", target="azure")
        client.confirm("i")
        client.pronunciation(person_id="p", target="azure")
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    "stumble",
    [httpx.Response(503, headers={"Retry-After": "0"}), httpx.ConnectError("refused")],
    ids=["busy", "unreachable"],
)
def test_retries(stumble):
    server = Server(stumble, stumble, said())
    with server.client() as client:
        assert client.pronunciation(person_id="p", target="azure").version == 1
    assert len(server.asked) == 3
    hopeless = Server(stumble)
    with hopeless.client() as client, pytest.raises(ClientError):
        client.pronunciation(person_id="p", target="azure")
    assert len(hopeless.asked) == 3


def test_an_introduction_is_repeated_with_the_same_key():
    server = Server(httpx.ReadTimeout("slow"), httpx.Response(201, json={"id": "i"}))
    with server.client() as client:
        assert client.introduce(b"x", asked=True)["id"] == "i"
    keys = [r.headers["idempotency-key"] for r in server.asked]
    assert keys[0] == keys[1]


def test_the_callers_own_words_go_along():
    server = Server(httpx.Response(201, json={"id": "i"}))
    words = {"text": "I'm Zoë", "words": [{"word": "Zoë", "start": 0.4, "end": 0.9}]}
    with server.client() as client:
        client.introduce(b"x", transcript=words, keep_audio="clip", kind="nickname")
    sent = server.asked[0].read().decode("utf-8", "replace")
    assert '{"text": "I\'m Zoë", "words": [{"word": "Zoë", "start": 0.4, "end": 0.9}]}' in sent
    assert "clip" in sent
    assert "nickname" in sent


@pytest.mark.parametrize("write", ["add_person", "confirm", "reject"])
def test_writes_are_repeated_with_the_same_key(write):
    busy = httpx.Response(409, json={"type": "urn:namemem:problem:in-flight"})
    server = Server(httpx.ReadTimeout("slow"), busy, httpx.Response(201, json={"id": "p"}))
    with server.client() as client:
        argument = {} if write == "add_person" else "i"
        assert getattr(client, write)(argument)["id"] == "p"
    assert len({r.headers["idempotency-key"] for r in server.asked}) == 1
    assert len(server.asked) == 3


def test_a_conflict_is_not_repeated():
    taken = httpx.Response(409, json={"type": "urn:namemem:problem:conflict", "detail": "Taken."})
    server = Server(taken)
    with server.client() as client, pytest.raises(ClientError, match="Taken"):
        client.add_person({})
    assert len(server.asked) == 1


def test_ids_hold_any_character():
    server = Server(httpx.Response(200, json={"id": "p"}))
    with server.client() as client:
        client.person(external_id="a/b?c#d é")
    assert server.asked[0].url.raw_path == b"/v1/people/by-external-id/a%2Fb%3Fc%23d%20%C3%A9"


def test_waiting_grows_and_obeys_the_server():
    retries = Retries(first_wait=1)
    assert 0.75 <= retries.wait(1, None) <= 1.25
    assert 3 <= retries.wait(3, None) <= 5
    assert retries.wait(20, None) <= 25
    assert retries.wait(1, httpx.Response(503, headers={"Retry-After": "7"})) == 7


def test_async_against_the_application(client):
    client.post(
        "/v1/people", json={"external_id": "s", "names": [{"spelling": "Mo", "ipa": "ˈmoʊ"}]}
    )

    async def talk() -> None:
        transport = httpx.ASGITransport(app=client.app)
        async with AsyncClient("http://localhost", transport=transport, retries=QUICK) as namemem:
            said = await namemem.pronunciation(external_id="s", target="azure")
            assert said.phones == "ˈmoʊ"
            assert (await namemem.render("Hi {external:s}!", "kokoro")).markup == "Hi [Mo](/mˈO/)!"
            assert (await namemem.convert("a", "ipa", "x-sampa"))["value"] == "a"
            assert [p["external_id"] async for p in namemem.people()] == ["s"]
            assert len(await namemem.targets()) >= 20
            heard = await namemem.introduce(b"audio", external_id="s")
            assert (await namemem.identify(b"audio"))["heard"]["name"]["ipa"] == "ʃɪˈvɔːn"
            assert (await namemem.confirm(heard["id"]))["id"] == heard["id"]
            assert (await namemem.reject(heard["id"]))["id"] == heard["id"]
            agreed = {"by": "a parent", "at": "2026-05-04T10:15:00Z", "for": ["film"]}
            consent = await namemem.add_consent(heard["person_id"], agreed)
            ended = await namemem.withdraw_consent(heard["person_id"], consent["id"])
            assert ended["withdrawn_at"] is not None
            with pytest.raises(ClientError):
                await namemem.person(person_id="nobody")

    asyncio.run(talk())


def test_async_retries_and_cache():
    server = Server(httpx.ConnectError("refused"), said())

    async def ask() -> None:
        transport = httpx.MockTransport(server)
        async with AsyncClient("http://test", transport=transport, retries=QUICK) as namemem:
            for _ in range(3):
                await namemem.pronunciation(person_id="p", target="azure")

    asyncio.run(ask())
    assert len(server.asked) == 2


def gone() -> httpx.Response:
    return httpx.Response(404, json={"type": "urn:namemem:not-found", "detail": "Nobody."})


@pytest.mark.parametrize(
    "answer",
    [
        lambda: httpx.Response(200, html="<p>Log in</p>"),
        lambda: httpx.Response(200, json={}),
        lambda: httpx.Response(200, json=[1]),
        lambda: httpx.Response(304),
        lambda: httpx.DecodingError("bad gzip"),
    ],
    ids=["html", "empty", "list", "unasked 304", "gzip"],
)
def test_answers_that_cannot_be_read_are_errors(answer):
    asked = [
        lambda c: c.pronunciation(person_id="p", target="azure"),
        lambda c: c.pronunciation(external_id="p", target="azure"),
        lambda c: c.render("Hi", "azure"),
        lambda c: list(c.people()),
        lambda c: c.targets(),
    ]
    for ask in asked:
        with (
            Server(answer()).client() as client,
            pytest.raises(ClientError, match="cannot be read"),
        ):
            ask(client)

    async def ask_async() -> None:
        for ask in (
            lambda c: c.pronunciation(external_id="p", target="azure"),
            lambda c: c.targets(),
        ):
            transport = httpx.MockTransport(Server(answer()))
            async with AsyncClient("http://test", transport=transport, retries=QUICK) as client:
                with pytest.raises(ClientError, match="cannot be read"):
                    await ask(client)

    asyncio.run(ask_async())


def test_odd_headers():
    odd = httpx.Response(200, text="x", headers={"Lexicon-Parts": "many"})
    with Server(odd).client() as client, pytest.raises(ClientError, match="cannot be read"):
        client.lexicon()
    for text in (b"\xb2", b"soon", b"Wed, 99 Foo"):
        response = httpx.Response(503, headers=[(b"Retry-After", text)])
        assert 0.75 <= Retries(first_wait=1).wait(1, response) <= 1.25


def test_a_date_to_retry_after():
    def wait(seconds: int) -> float:
        then = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)
        return Retries().wait(1, httpx.Response(503, headers={"Retry-After": then}))

    assert 5 <= wait(7) <= 7
    assert wait(-100) == 0
    assert wait(3600) == 20


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateway_that_fails_is_asked_again(status):
    """Changes too: their key makes sure that they are done once."""
    server = Server(httpx.Response(status))
    with server.client() as client, pytest.raises(ClientError):
        client.add_person({})
    assert len(server.asked) == 3
    assert len({r.headers["idempotency-key"] for r in server.asked}) == 1
    server = Server(httpx.Response(status))
    with server.client() as client, pytest.raises(ClientError):
        client.render("Hi", "azure")
    assert len(server.asked) == 3


def test_a_person_who_was_added_anew_is_found():
    def answers() -> Server:
        first, second = (httpx.Response(200, json={"id": i}) for i in ("p1", "p2"))
        return Server(first, said(), gone(), second, said())

    paths = ["/v1/people/by-external-id/s", "/v1/people/p1/pronunciation"]
    paths = [*paths, paths[1], paths[0], "/v1/people/p2/pronunciation"]
    server = answers()
    with server.client(fresh_for=0) as client:
        for _ in range(2):
            assert client.pronunciation(external_id="s", target="azure").text == "Siobhan"
    assert [r.url.path for r in server.asked] == paths
    again = answers()

    async def ask() -> None:
        transport = httpx.MockTransport(again)
        async with AsyncClient("http://test", transport=transport, fresh_for=0) as client:
            for _ in range(2):
                await client.pronunciation(external_id="s", target="azure")

    asyncio.run(ask())
    assert [r.url.path for r in again.asked] == paths
    hopeless = Server(httpx.Response(200, json={"id": "p1"}), gone())
    with hopeless.client() as client, pytest.raises(ClientError, match="Nobody"):
        client.pronunciation(external_id="s", target="azure")
    assert len(hopeless.asked) == 2
