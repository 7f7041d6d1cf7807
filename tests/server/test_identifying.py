"""A real server with the embedded engines finds people by a recording of their name."""

from __future__ import annotations

from pathlib import Path

import pytest
from plugins.http import expect_problem
from plugins.speech import silence

pytestmark = [pytest.mark.server, pytest.mark.engines]
RECORDINGS = Path(__file__).resolve().parents[2] / "api_examples" / "recordings"
PEOPLE = {
    "Andrea": "ˈændɹiə", "Siobhan": "ʃɪˈvɔːn", "Anna": "ˈænə", "Hannah": "ˈhænə", "Maya": "ˈmaɪə",
    "Yvonne": "ɪˈvɒn",
}  # fmt: skip


def identify(client, audio):
    return client.post("/v1/people/identify", files={"audio": audio})


def test_who_is_it(server):
    with server.client() as client:
        ids = {}
        for name, ipa in PEOPLE.items():
            person = {"names": [{"spelling": name, "ipa": ipa}]}
            ids[name] = client.post("/v1/people", json=person).json()["id"]
        found = identify(client, (RECORDINGS / "siobhan.wav").read_bytes()).json()
        # Other tests may have introduced people of that name to this server.
        alike = [m for m in found["matches"] if m["name"] == "Siobhan"]
        assert found["matches"][0] in alike
        assert ids["Siobhan"] in {m["person_id"] for m in alike}
        assert sum(m["probability"] for m in found["matches"]) > 0.7
        assert "identify" in found["heard"]["timings_ms"]
        expect_problem(identify(client, silence()), 422, "no-speech")
        for person_id in ids.values():
            assert client.delete(f"/v1/people/{person_id}").status_code == 204
