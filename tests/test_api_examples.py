"""Every example runs against a real server and says what it should."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[1] / "api_examples"
EXPECTED: dict[str, tuple[str, ...]] = {
    "introduce.sh": ("hello my name is siobhan", "ʃ", "<phoneme alphabet", '"target":"azure"'),
    "confirm_or_retake.sh": ("heard:", "from 2 recordings", "status:    confirmed", "Andrea!"),
    "heard_later.sh": (
        "at once:   queued, ask at /v1/jobs/",
        "later:     done",
        "heard:     ʃ",
        "webhook:   422",
        "forgotten: 204",
    ),
    "type_a_person.sh": ('"external_id":"alice-', "ʃɪˈvɔːn", "spoken:", "erased:    204"),
    "say_in_a_sentence.sh": ("Good morning Andrea & Andrea!", "&amp;", "ˈændɹiə", "kokoro"),
    "correct_a_name.sh": (
        'etag:      "1"',
        "approved",
        "too late:  412",
        "version 2:",
        "dana",
        "She told me.",
        "version 3",
    ),
    "consent_and_erasing.sh": (
        "kept:      True, agreed by the person",
        "exported:  audio/wav",
        "withdrawn: 204",
        "recording: 404",
        "ended:     20",
        "no film:   withdrawn at 20",
        "erased:    204",
        "afterwards: 404",
    ),
    "errors.sh": (
        "silence: 422 urn:namemem:problem:no-speech",
        "a text file: 415 urn:namemem:problem:unreadable-audio",
        "a minute: 413 urn:namemem:problem:audio-too-long",
        "no such person: 404 urn:namemem:problem:not-found",
        "not a pronunciation: 422 urn:namemem:problem:invalid-pronunciation",
        "'symbol': '7'",
        "no such target: 422 urn:namemem:problem:unknown-target",
        "nobody-of-this-id",
    ),
    "lexicon_and_notations.sh": (
        'SI"vO:n',
        "schi-WONN",
        '"grade":"close"',
        "<grapheme>Siobhan",
        "lexicon-parts: 1",
    ),
    "who_is_it.sh": ("heard:   /", "perhaps: Siobhan 0.", "nobody:   0."),
    "with_the_client.py": ("<phoneme", "no request: True", "not-found"),
    "names_in_pipecat.py": ("voice: Good morning, shi-VAWN!", "shi-VAWN's tea?"),
    "names_in_livekit.py": (
        'voice: Good morning, <phoneme alphabet="cmu-arpabet" ph="SH IH0 V AO1 N">Siobhan<',
        "transcript: Good morning, Siobhan! Is this Siobhan's tea?",
    ),
    "names_for_home_assistant.py": ("voice: [[ʃɪvˈɔːnz]] tea is ready.",),
    "listen_live.py": ("somebody speaks", "heard: /", "<phoneme alphabet"),
    "robot_turn.py": ("heard: /", "robot: Nice to meet you, Andrea!", "<speak"),
}
NEEDS = {
    "names_in_pipecat.py": "pipecat",
    "names_in_livekit.py": "livekit.agents",
    "names_for_home_assistant.py": "wyoming",
}
pytestmark = [pytest.mark.server, pytest.mark.engines]


def test_every_example_is_tested():
    there = {p.name for p in EXAMPLES.iterdir() if p.suffix in (".sh", ".py")}
    assert there == set(EXPECTED)
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert all(name in readme for name in there)


@pytest.mark.parametrize("name", sorted(EXPECTED))
@pytest.mark.filterwarnings("ignore")  # of the frameworks that some examples need
def test_example(server, tmp_path, name):
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    command = [sys.executable] if name.endswith(".py") else ["bash"]
    if command == ["bash"] and not (shutil.which("bash") and shutil.which("curl")):
        pytest.skip("bash and curl are needed")
    ended = subprocess.run(
        [*command, str(EXAMPLES / name)],
        env=os.environ | {"BASE_URL": server.url, "TMPDIR": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    for part in EXPECTED[name]:
        assert part in ended.stdout, f"{part!r} is missing in:\n{ended.stdout}"
