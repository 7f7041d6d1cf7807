"""The WebSocket of /v1/listen in this process: keys, limits and messages, heard for by a fake."""

from __future__ import annotations

import contextlib
import json

import numpy as np
import pytest
from plugins.speech import introduction
from starlette.websockets import WebSocketDisconnect

from namemem.api.routes.listening import ListeningLimits
from namemem.audio import Waveform, decode
from namemem.errors import EngineBusy, NoNameHeard

KEY = "a-key-of-the-museum"
QUIET = Waveform(
    np.random.default_rng(5).normal(0, 3e-4, 16_000).clip(-1, 1).astype(np.float32)
).pcm16
SPEECH = decode(introduction("ʃɪˈvɔːn")).pcm16


def messages(socket, last="introduction"):
    """What the server says, until it has said `last`."""
    said = []
    while not said or said[-1]["type"] not in ("introduction", "error"):
        said.append(socket.receive_json())
    assert said[-1]["type"] == last, said[-1]
    return said


def say(socket, end=True):
    """An introduction; `end` tells the server that it is over."""
    socket.send_bytes(QUIET + SPEECH + QUIET[:6000])
    if end:
        socket.send_text('{"type": "end"}')


def refusal(client, path="ws://localhost/v1/listen", first=None, **kwargs):
    """The problem with which a connection is refused, and the close code."""
    with client.websocket_connect(path, **kwargs) as socket:
        if first is not None:
            socket.send_text(json.dumps(first))
        error = socket.receive_json()
        assert error["type"] == "error"
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
        return error["problem"], closed.value.code


def close_code(socket):
    """How the server closes, whatever it says before."""
    try:
        while True:
            socket.receive_json()
    except WebSocketDisconnect as closed:
        return closed.code


def set_limits(client, **limits):
    client.app.state.listeners.limits = ListeningLimits(**limits)


def test_an_introduction_is_the_body_of_the_route(client, hearer):
    query = "sample_rate=16000&target=azure&spelling=Siobhan&external_id=alice&keep_audio=none"
    with client.websocket_connect(f"ws://localhost/v1/listen?{query}") as socket:
        say(socket)
        said = messages(socket)
    answer = said[-1]
    assert said[0]["type"] == "speech_started"
    body = client.get(f"/v1/introductions/{answer['id']}").json()
    assert {k: v for k, v in answer.items() if k not in ("type", "utterance")} == body
    assert body["rendering"]["target"] == "azure"
    assert client.get("/v1/people/by-external-id/alice").json()["id"] == body["person_id"]
    job = hearer.jobs[-1]
    assert job.hints.spelling == "Siobhan"
    heard = decode(job.audio).seconds
    assert heard == pytest.approx(answer["utterance"]["end"] - answer["utterance"]["start"], abs=1)
    assert heard > len(SPEECH) / 32_000 * 0.7


def test_it_listens_on_after_answers_and_errors(client, hearer):
    with client.websocket_connect("ws://localhost/v1/listen") as socket:
        hearer.error = NoNameHeard("Nobody gives a name.", transcript="nice weather")
        say(socket)
        assert messages(socket, "error")[-1]["problem"]["transcript"] == "nice weather"
        hearer.error = EngineBusy("Full.", retry_after=3)
        say(socket)
        busy = messages(socket, "error")[-1]["problem"]
        assert (busy["status"], busy["retry_after"]) == (503, 3)
        hearer.error = None
        socket.send_text(json.dumps({"type": "start", "spelling": "Shiv", "kind": "nickname"}))
        say(socket)
        assert messages(socket)[-1]["name"]["spelling"] == "Shiv"
    assert len(client.get("/v1/people").json()["items"]) == 1


def test_a_clip_is_kept_with_consent_alone(make_client):
    client = make_client(require_consent_for_audio=True)
    agreed = {"by": "the person", "at": "2026-05-04T10:15:00+02:00", "for": ["audio"]}
    with client.websocket_connect("ws://localhost/v1/listen?keep_audio=clip") as socket:
        say(socket)
        problem = messages(socket, "error")[-1]["problem"]
        assert problem["type"] == "urn:namemem:problem:consent-missing"
        socket.send_text(json.dumps({"type": "start", "consent": agreed | {"at": "yesterday"}}))
        assert messages(socket, "error")[-1]["problem"]["status"] == 422
        socket.send_text(json.dumps({"type": "start", "consent": agreed}))
        say(socket)
        made = messages(socket)[-1]
    assert made["audio_kept"]
    assert client.get(f"/v1/introductions/{made['id']}/audio").status_code == 200


def test_the_end_is_found_without_a_word(client):
    with client.websocket_connect("ws://localhost/v1/listen") as socket:
        say(socket, end=False)
        assert messages(socket)[-1]["name"]["spelling"] == "Siobhan"


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("sample_rate=1", "sample_rate"),
        ("sample_rate=x", "sample_rate"),
        ("colour=red", "colour"),
        ("target=nobody", "nobody"),
        ("kind=pet", "kind"),
        ("keep_audio=all", "keep_audio"),
        ("language=%00", "language"),
    ],
)
def test_a_query_that_cannot_be(client, query, word):
    problem, code = refusal(client, f"ws://localhost/v1/listen?{query}")
    assert problem["status"] == 422
    assert word in problem["detail"]
    assert code in (1008, 1011)


@pytest.mark.parametrize("way", ["header", "query", "message"])
def test_ways_to_send_a_key(make_client, way):
    client = make_client(api_keys=f"museum:{KEY}")
    path = f"ws://localhost/v1/listen?token={KEY}" if way == "query" else "ws://localhost/v1/listen"
    headers = {"Authorization": f"Bearer {KEY}"} if way == "header" else {}
    with client.websocket_connect(path, headers=headers) as socket:
        if way == "message":
            socket.send_text(json.dumps({"type": "auth", "token": KEY}))
        say(socket)
        made = messages(socket)[-1]
    found = client.get(
        f"/v1/introductions/{made['id']}", headers={"Authorization": f"Bearer {KEY}"}
    )
    assert found.status_code == 200


@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("ws://localhost/v1/listen?token=another-key-altogether", None),
        ("ws://localhost/v1/listen", {"type": "auth", "token": "another-key-altogether"}),
        ("ws://localhost/v1/listen", {"type": "auth"}),
        ("ws://localhost/v1/listen", {"type": "start"}),
        ("ws://localhost/v1/listen", ["auth"]),
    ],
)
def test_without_a_right_key_nothing_is_heard(make_client, hearer, path, first):
    problem, code = refusal(make_client(api_keys=f"museum:{KEY}"), path, first)
    assert (problem["status"], code) == (401, 3000)
    assert "another-key" not in json.dumps(problem)
    if "another-key" not in path + json.dumps(first):  # a browser cannot send the header
        assert '{"type": "auth", "token": "<key>"} as the first message' in problem["detail"]
    assert hearer.jobs == []


@pytest.mark.parametrize("way", ["revoked", "first"])
def test_a_connection_ends_with_its_key(make_client, hearer, way):
    """Whose key is revoked, and who came without any before there was one."""
    client = make_client()
    keyring = client.app.state.keyring
    headers = {}
    if way == "revoked":
        token, key = keyring.make("museum", ["introduce"], "robot")
        headers = {"Authorization": f"Bearer {token}"}
    with client.websocket_connect("ws://localhost/v1/listen", headers=headers) as socket:
        say(socket)
        messages(socket)
        heard = len(hearer.jobs)
        if way == "revoked":
            keyring.revoke(key.id)
        else:
            keyring.make("museum", ["introduce"], "robot")
        say(socket)
        problem = messages(socket, "error")[-1]["problem"]
        assert problem["type"] == "urn:namemem:problem:unauthorized"
        socket.send_bytes(QUIET)
        assert close_code(socket) == 3000
    assert len(hearer.jobs) == heard


def test_a_key_has_to_come_in_time(make_client):
    client = make_client(api_keys=f"museum:{KEY}")
    set_limits(client, auth_seconds=0.05)
    problem, code = refusal(client)
    assert (problem["status"], code) == (401, 3000)


def test_another_site_s_page_may_not_listen(client):
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect(
            "ws://localhost/v1/listen", headers={"Origin": "https://elsewhere.example"}
        ),
    ):
        pass  # pragma: no cover - it is refused


def test_as_many_as_may_listen(client):
    set_limits(client, listeners=1)
    with client.websocket_connect("ws://localhost/v1/listen") as first:
        problem, code = refusal(client)
        assert (problem["status"], code) == (503, 1013)
        assert problem["retry_after"] > 0
        say(first)
        messages(first)
    with client.websocket_connect("ws://localhost/v1/listen") as again:
        say(again)
        messages(again)
    assert client.app.state.listeners.open == 0


def test_an_idle_connection_is_closed(client):
    set_limits(client, idle_seconds=0.05)
    problem, code = refusal(client)
    assert (problem["status"], code) == (408, 3008)


def test_audio_that_stops_in_the_middle_is_answered(client):
    set_limits(client, stall_seconds=0.2)
    with client.websocket_connect("ws://localhost/v1/listen") as socket:
        socket.send_bytes(QUIET + SPEECH)
        assert messages(socket)[-1]["name"]["spelling"] == "Siobhan"


def test_nothing_but_nonsense(client):
    with client.websocket_connect("ws://localhost/v1/listen") as socket:
        for _ in range(21):
            socket.send_text("hello?")
        errors = [socket.receive_json() for _ in range(22)]
        assert {e["problem"]["type"] for e in errors} == {"urn:namemem:problem:invalid-request"}
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    assert closed.value.code == 1008


def test_a_client_who_hangs_up_in_the_middle_leaves_nothing(client, hearer):
    hearer.block()
    with contextlib.ExitStack() as stack:
        socket = stack.enter_context(client.websocket_connect("ws://localhost/v1/listen"))
        say(socket)
        socket.receive_json()
        stack.callback(hearer.release)
        socket.close()
    assert client.get("/v1/people").json()["items"] == []
    assert client.app.state.listeners.open == 0
