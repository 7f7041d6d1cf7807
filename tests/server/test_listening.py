"""Live listening on a real server with real engines, by a real WebSocket client."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
import uuid
from pathlib import Path

import numpy as np
import pytest
from plugins.speech import introduction
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from namemem.audio import SAMPLE_RATE, Waveform, decode

pytestmark = [pytest.mark.server, pytest.mark.engines]
RECORDINGS = Path(__file__).resolve().parents[2] / "api_examples" / "recordings"
FRAME = 0.02  # seconds


def noise(seconds):
    samples = np.random.default_rng(3).normal(0, 3e-4, round(seconds * SAMPLE_RATE))
    return Waveform(samples.clip(-1, 1).astype(np.float32))


def listen_at(server, query=""):
    url = server.url.replace("http", "ws", 1)
    return connect(f"{url}/v1/listen?{query}", compression=None, close_timeout=2)


def stream(connection, waveform, speed=1.0):
    """Sends 20 ms frames, at real time for a speed of 1."""
    pcm, size = waveform.pcm16, round(FRAME * SAMPLE_RATE) * 2
    began = time.monotonic()
    for number, first in enumerate(range(0, len(pcm), size)):
        due = began + number * FRAME / speed
        time.sleep(max(0.0, due - time.monotonic()))
        connection.send(pcm[first : first + size])


def until(connection, *kinds, seconds=90):
    """What the server says, up to the first message of one of these kinds."""
    said = []
    while not said or said[-1]["type"] not in kinds:
        said.append(json.loads(connection.recv(timeout=seconds)))
    return said


def test_recordings_streamed_at_real_time(server):
    person = f"live-{uuid.uuid4()}"
    with listen_at(server, f"target=azure&external_id={person}") as connection:
        for name, spelling in (("siobhan.wav", "Siobhan"), ("andrea_2.wav", "Andrea")):
            connection.send(json.dumps({"type": "start", "spelling": spelling}))
            sound = noise(0.4).concatenate(decode(RECORDINGS / name), noise(1.2))
            sender = threading.Thread(target=stream, args=(connection, sound))
            sender.start()
            said = until(connection, "introduction", "error")
            sender.join()
            assert said[0]["type"] == "speech_started"
            answer = said[-1]
            assert answer["type"] == "introduction", answer
            assert answer["name"]["spelling"] == spelling
            assert answer["engines"]["phone_recognizer"].startswith("sphinx")
            assert answer["rendering"]["markup"].startswith("<phoneme")
    with server.client() as client:
        found = client.get(f"/v1/people/by-external-id/{person}").json()
    assert found["id"] == answer["person_id"]


def test_another_rate_streamed_fast(server):
    sound = decode(RECORDINGS / "siobhan.wav")
    double = Waveform(np.repeat(noise(0.3).concatenate(sound, noise(0.5)).samples, 2))
    with listen_at(server, "sample_rate=32000&spelling=Siobhan") as connection:
        connection.send(double.pcm16)
        connection.send('{"type": "end"}')
        said = until(connection, "introduction", "error")
    assert said[-1]["type"] == "introduction", said


def test_speech_without_a_name_and_silence(server):
    with listen_at(server) as connection:
        connection.send(noise(1.0).pcm16)
        connection.send('{"type": "end"}')
        problem = until(connection, "error")[-1]["problem"]
        assert problem["type"] == "urn:namemem:problem:no-speech"
        assert problem["instance"] == "/v1/listen"


def test_too_large_a_frame_closes_only_that_connection(server):
    with listen_at(server) as other, listen_at(server) as connection:
        connection.send(b"\0" * (2**20 + 2))
        with pytest.raises(ConnectionClosed) as closed:
            connection.recv(timeout=30)
        assert closed.value.rcvd.code == 1009
        other.send("?")
        assert json.loads(other.recv(timeout=30))["type"] == "error"


def test_a_client_who_vanishes_while_its_name_is_heard_leaves_nothing(server):
    person = f"vanished-{uuid.uuid4()}"
    with listen_at(server, f"external_id={person}") as connection:
        connection.send(noise(0.3).concatenate(decode(introduction("ʃɪˈvɔːn"))).pcm16)
        until(connection, "speech_started")
        connection.send('{"type": "end"}')
        connection.socket.shutdown(socket.SHUT_RDWR)  # no closing handshake
    with server.client() as client:
        for _ in range(8):
            time.sleep(0.25)
            assert client.get(f"/v1/people/by-external-id/{person}").status_code == 404
        assert client.get("/healthz").status_code == 200


def test_keys_and_names_in_the_query_are_not_logged(server):
    secret = f"token-{uuid.uuid4().hex}"
    with listen_at(server, f"token={secret}&spelling=Ermintrude") as connection:
        connection.send("?")
        connection.recv(timeout=30)
    log = server.log.read_text()
    assert secret not in log
    assert "Ermintrude" not in log


def test_many_idle_connections_do_not_stop_the_others(server):
    with contextlib.ExitStack() as stack:
        crowd = [stack.enter_context(listen_at(server)) for _ in range(60)]
        with server.client() as client:
            assert client.get("/healthz").status_code == 200
        crowd[-1].send("?")
        assert json.loads(crowd[-1].recv(timeout=30))["type"] == "error"
