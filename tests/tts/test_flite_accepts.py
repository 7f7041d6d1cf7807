"""flite takes our phones without a warning (its exit code is 0 whatever happens)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from namemem.phones import parse_ipa
from namemem.tts import get_target
from namemem.tts.sentences import SpokenName, parse_template, render_sentence

pytestmark = pytest.mark.engines
GOLDEN = json.loads((Path(__file__).parent / "golden" / "flite.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def flite() -> str:
    found = shutil.which("flite")
    if found is None:
        if os.environ.get("NAMEMEM_REQUIRE_ALL") == "1":
            pytest.fail("flite is not installed")
        pytest.skip("flite is not installed")
    return found


def run(*arguments: str) -> tuple[list[str], str]:
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.split(), done.stderr.strip()


@pytest.mark.parametrize("row", GOLDEN, ids=lambda r: r["given"]["ipa"])
def test_phones(flite: str, row: dict[str, dict[str, str]]) -> None:
    markup = row["rendering"]["markup"]
    spoken, warnings = run(flite, "-p", markup, "-ps", "-o", "none")
    assert not warnings
    assert spoken == [p.rstrip("012") for p in markup.split()]


def test_a_wrong_phone_would_be_noticed(flite: str) -> None:
    assert run(flite, "-p", "sh zz n", "-ps", "-o", "none")[1]


def test_sentence(flite: str, tmp_path: Path) -> None:
    parts = parse_template('Hello {person:1}, <break/> & "you"')
    names = {("person", "1"): SpokenName("Siobhan", parse_ipa("ʃɪˈvɔːn"))}
    file = tmp_path / "sentence.ssml"
    file.write_text(render_sentence(get_target("flite"), parts, names).markup, encoding="utf-8")
    spoken, warnings = run(flite, "-ssml", "-f", str(file), "-ps", "-o", "none")
    assert not warnings
    assert " sh ih v ao n " in " ".join(spoken)
    assert "b r ey k" in " ".join(spoken)  # spoken, not obeyed
