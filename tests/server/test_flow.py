"""A real server with real engines, over a real socket: the flow of the README and its errors."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from plugins.http import expect_problem
from plugins.speech import flac, introduction, samples_wav, sentence, silence

from namemem.phones import parse_ipa, phonetic_distance

pytestmark = [pytest.mark.server, pytest.mark.engines]
PATH = "/v1/introductions"
TRISYLLABIC, DAY = "ˈændɹiə", "ɑnˈdɹeɪə"


def post(client, audio, name="a.wav", **form):
    return client.post(PATH, files={"audio": (name, audio)}, data=form)


@pytest.fixture
def client(server):
    with server.client() as client:
        yield client


def count(client) -> int:
    seen, cursor = 0, None
    while True:
        page = client.get(
            "/v1/people", params={"limit": 200} | ({"cursor": cursor} if cursor else {})
        )
        seen, cursor = seen + len(page.json()["items"]), page.json()["next_cursor"]
        if cursor is None:
            return seen


def test_ready_says_which_engines_hear(client):
    body = client.get("/readyz").json()
    assert body["engines"]["transcriber"].startswith("sphinx")
    assert body["engines"]["g2p"].startswith("espeak-ng")
    assert body["notes"]


RECORDINGS = Path(__file__).resolve().parents[2] / "api_examples" / "recordings"


@pytest.mark.parametrize("voice", ["espeak-ng", "flite"])
def test_one_spelling_said_two_ways(client, voice):
    """The reason this product exists."""
    if voice == "espeak-ng":
        audio = {said: introduction(said) for said in (TRISYLLABIC, DAY)}
    else:
        audio = {
            TRISYLLABIC: (RECORDINGS / "andrea_1.wav").read_bytes(),
            DAY: (RECORDINGS / "andrea_2.wav").read_bytes(),
        }
    heard = {}
    for said in (TRISYLLABIC, DAY):
        response = post(client, audio[said], spelling="Andrea", target="azure")
        assert response.status_code == 201, response.text
        body = response.json()
        heard[said] = parse_ipa(body["name"]["ipa"])
        assert 0 < body["name"]["confidence"] <= 1
        assert body["name"]["start"] < body["name"]["end"] <= 3
        query = {"target": "azure"}
        url = f"/v1/people/{body['person_id']}/pronunciation"
        markup = client.get(url, params=query).json()["markup"]
        assert markup == body["rendering"]["markup"]
        text = f"Good morning {{person:{body['person_id']}}}!"
        line = client.post("/v1/render", json={"text": text, "target": "azure"}).json()
        assert markup in line["markup"]
        spoken = client.post("/v1/speak", json={"person_id": body["person_id"]})
        assert spoken.content.startswith(b"RIFF")
    assert heard[TRISYLLABIC].segmental != heard[DAY].segmental
    if voice == "espeak-ng":
        return  # the embedded engine hears espeak-ng too badly to be held to more
    for said, other in ((TRISYLLABIC, DAY), (DAY, TRISYLLABIC)):
        near = phonetic_distance(heard[said], parse_ipa(said))
        assert near < phonetic_distance(heard[said], parse_ipa(other))


def test_without_a_spelling(client):
    response = post(client, introduction(TRISYLLABIC))
    assert response.status_code == 201, response.text
    body = response.json()
    assert body["name"]["spelling_source"] == "transcript"
    assert "my name is" in body["transcript"]


def test_flac_and_other_rates(client):
    audio = flac(introduction(DAY))
    assert post(client, audio, "a.flac", spelling="Andrea").status_code == 201


def long_tone(seconds: float) -> bytes:
    return samples_wav(0.1 * np.sin(np.arange(round(seconds * 16_000)) / 10))


@pytest.mark.parametrize(
    ("make", "statuses", "slugs"),
    [
        (silence, {422}, {"no-speech"}),
        (lambda: b"This is a text file.\n" * 50, {415}, {"unreadable-audio"}),
        (lambda: b"", {415}, {"unreadable-audio"}),
        (
            lambda: flac(introduction(DAY))[:-9000],
            {422, 415},
            {"truncated-audio", "unreadable-audio"},
        ),
        (lambda: flac(introduction(DAY))[:30], {422, 415}, {"truncated-audio", "unreadable-audio"}),
        (lambda: long_tone(60), {413}, {"audio-too-long"}),
        (lambda: b"\0" * 26_000_000, {413}, {"audio-too-large"}),
        (lambda: sentence("The weather is quite nice."), {422}, {"no-name-heard"}),
    ],
    ids=["silence", "text", "empty", "truncated", "beheaded", "minute", "large", "no-name"],
)
def test_what_cannot_be_heard_stores_nothing(client, make, statuses, slugs):
    before = count(client)
    response = post(client, make(), external_id="nobody")
    assert response.status_code in statuses, response.text
    slug = response.json()["type"].rpartition(":")[2]
    assert slug in slugs
    body = expect_problem(response, response.status_code, slug)
    if slug == "no-name-heard":
        assert body["transcript"]
    expect_problem(client.get("/v1/people/by-external-id/nobody"), 404, "not-found")
    assert count(client) == before


def test_speech_without_the_name_that_was_given(client):
    response = post(client, sentence("The weather is quite nice today."), spelling="Siobhan")
    expect_problem(response, 422, "no-name-heard")


def test_health_answers_while_the_workers_hear(server):
    audio = introduction(DAY, "")
    done = threading.Event()

    def busy(_):
        with server.client() as client:
            return post(client, audio, spelling="Andrea", asked="true").status_code

    answers = 0
    with ThreadPoolExecutor(4) as threads, server.client() as client:
        running = [threads.submit(busy, i) for i in range(4)]
        for job in running:
            job.add_done_callback(lambda _: done.set())
        while not done.is_set():
            assert client.get("/healthz", timeout=60).status_code == 200
            answers += 1
        assert [job.result() for job in running] == [201] * 4
    assert answers > 1


@pytest.mark.shared
def test_recordings_of_real_people(client, shared_recordings):
    recordings = sorted((shared_recordings / "names_real").glob("athena_*.flac"))[:4]
    wanted = parse_ipa("əˈθiːnə")
    near = 0
    for path in recordings:
        response = post(client, path.read_bytes(), path.name, spelling="Athena", asked="true")
        assert response.status_code in (201, 422), response.text
        if response.status_code == 201:
            said = parse_ipa(response.json()["name"]["ipa"])
            near += phonetic_distance(said, wanted) < 0.1
    assert near >= 3, "most of them"


@pytest.mark.shared
def test_real_speech_without_a_name(client, shared_recordings):
    before = count(client)
    for path in sorted((shared_recordings / "no_name").glob("0*.flac"))[:2]:
        response = post(client, path.read_bytes(), path.name)
        assert response.status_code == 422, response.text
        assert response.json()["type"].rpartition(":")[2] in ("no-name-heard", "no-speech")
    assert count(client) == before
