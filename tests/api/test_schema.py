"""Schemathesis: whatever is sent to any documented route, the answer is one that is documented.

NAMEMEM_SCHEMA_EXAMPLES says how many requests every operation gets at most in the fuzzing phase
(`make prove-api`); what the coverage phase sends follows from the document.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from plugins.serving import serving
from plugins.speech import samples_wav

from namemem.app import create_app
from namemem.audio import decode
from namemem.settings import Settings
from namemem.testing import FakeHearer
from namemem.workers import Heard, Job

EXAMPLES = os.environ.get("NAMEMEM_SCHEMA_EXAMPLES", "3")
TESTS = Path(__file__).parents[1]
KEY = "a-key-for-schemathesis"
AUTHORIZATION = {"Authorization": f"Bearer {KEY}"}
SOUND = samples_wav(0.1 * np.sin(np.arange(8000) / 20))
# A pronunciation, a target, a recording may be wrong in ways that no schema can tell.
NOT_HERE = "positive_data_acceptance"


class DecodingHearer(FakeHearer):
    """Hears the same name in whatever can be decoded."""

    async def hear(self, job: Job) -> Heard:
        decode(job.audio, max_seconds=job.max_seconds, max_bytes=job.max_bytes)
        return await super().hear(job)


@pytest.fixture
def address(tmp_path: Path, empty_database: Path) -> Iterator[str]:
    """A server of the real application."""
    shutil.copy(empty_database, tmp_path / "namemem.db")
    settings = Settings(
        data_dir=tmp_path,
        _env_file=None,
        api_keys={KEY: "default"},
        metrics_token=KEY,
        wrong_keys_per_minute=0,
    )
    app = create_app(settings, engines=DecodingHearer())
    with serving(app) as port:
        yield f"http://127.0.0.1:{port}"


def known(address: str) -> dict[str, list[str]]:
    """Ids that exist, by the name of the path parameter."""
    found: dict[str, list[str]] = {}
    with httpx.Client(base_url=address, headers=AUTHORIZATION, timeout=60) as client:
        for number in range(20):
            answer = client.post(
                "/v1/introductions",
                files={"audio": ("a.wav", SOUND, "audio/wav")},
                data={"external_id": f"known-{number}", "keep_audio": "clip"},
            )
            assert answer.status_code == 201, answer.text
            body = answer.json()
            for name, value in {
                "introduction_id": body["id"],
                "person_id": body["person_id"],
                "name_id": body["name_id"],
                "external_id": f"known-{number}",
            }.items():
                found.setdefault(name, []).append(value)
    return found


# 503 is documented, and an answer to be expected of a busy machine; 500 never is.
CONFIGURATION = """
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", "503"]
"""


@pytest.mark.timeout(3600)
def test_only_documented_answers(address: str, tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION)
    recording = tmp_path / "sound.wav"
    recording.write_bytes(SOUND)
    environment = os.environ | {
        "SCHEMATHESIS_HOOKS": "plugins.schema_hooks",
        "NAMEMEM_SCHEMA_KNOWN": json.dumps(known(address)),
        "NAMEMEM_SCHEMA_SOUND": str(recording),
        "PYTHONPATH": str(TESTS),
    }
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")), "run",
            f"{address}/openapi.json", "--exclude-checks", NOT_HERE, "--phases",
            "examples,coverage,fuzzing", "--max-examples", EXAMPLES, "--seed", "8",
            "--suppress-health-check", "all",
            "--request-timeout", "60", "--continue-on-failure",
            # One: in Python 3.11 two threads that parse source at once can fail (gh-106905).
            "--workers", "1",
            "--warnings", "off", "--no-color", "--header", f"Authorization: Bearer {KEY}",
        ],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=3600,
    )  # fmt: skip
    print(done.stdout[-60_000:])
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Tested" in done.stdout
