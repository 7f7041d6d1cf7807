"""The command line: in this process, and a few times as a real command."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import wave
from pathlib import Path

import pytest
from plugins.server import clean_environment
from plugins.speech import introduction, silence
from typer.testing import CliRunner

from namemem import __version__, bootstrap
from namemem.cli import app
from namemem.doctor import Finding
from namemem.errors import InvalidPronunciation, InvalidRequest, NotFound, UnknownTarget
from namemem.service import NewName
from namemem.settings import load_settings
from namemem.store import Store
from namemem.testing import FakeHearer

pytestmark = pytest.mark.engines


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path) -> dict[str, str]:
    values = clean_environment(tmp_path / "data")
    for name in [*os.environ]:
        if name.startswith("NAMEMEM_"):
            monkeypatch.delenv(name)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return values


@pytest.fixture
def recording(tmp_path) -> Path:
    path = tmp_path / "andrea.wav"
    path.write_bytes(introduction("ˈændɹiə"))
    return path


def call(*arguments: object):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def real(environment, *arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "namemem.cli", *map(str, arguments)],
        env=environment,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=200,
    )


def seconds(data: bytes) -> float:
    with wave.open(io.BytesIO(data)) as file:
        return file.getnframes() / file.getframerate()


def test_version_and_help():
    assert call("--version").output.strip() == f"namemem {__version__}"
    text = call("--help").output
    for command in ("serve", "hear", "say", "doctor", "db", "models"):
        assert command in text
    assert "upgrade" in call("db", "--help").output


def test_it_is_a_module_as_well(tmp_path, environment):
    done = subprocess.run(
        [sys.executable, "-m", "namemem", "--version"],
        capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=60,
    )  # fmt: skip
    assert done.stdout.strip() == f"namemem {__version__}"


def test_hear_json_is_the_introductions_body(recording, tmp_path):
    result = call("hear", recording, "--spelling", "Andrea", "--target", "azure", "--json")
    assert result.exit_code == 0, result.output
    body = json.loads(result.stdout)
    assert not {"id", "person_id", "name_id", "file"} & set(body)
    assert body["name"]["spelling"] == "Andrea"
    assert body["name"]["phones"]
    assert body["rendering"]["markup"].startswith("<phoneme")
    assert body["next"]["action"] in ("greet", "confirm", "ask_again")
    assert body["next"]["say"]["text"]
    assert {
        "transcript",
        "alternatives",
        "predicted_from_spelling",
        "engines",
        "timings_ms",
    } <= set(body)
    assert not (tmp_path / "data" / "namemem.db").exists(), "nothing is stored"


def test_hear_for_people(recording):
    result = call("hear", recording, "--spelling", "Andrea")
    assert result.exit_code == 0
    for part in ("Andrea /", "ARPABET", "confidence", "or else", "heard by"):
        assert part in result.stdout


def test_hear_with_the_callers_words(recording):
    for transcript in ("my name is andrea", '{"text": "my name is andrea"}'):
        result = call("hear", recording, "--transcript", transcript, "--json")
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["engines"]["transcriber"] == "caller"
    broken = call("hear", recording, "--transcript", "{", "--json")
    assert isinstance(broken.exception, InvalidRequest)


def test_hear_knows_its_targets_before_it_hears(recording):
    result = call("hear", recording, "--target", "hal9000")
    assert isinstance(result.exception, UnknownTarget)


def test_several_files_as_a_real_command(environment, recording, tmp_path):
    quiet = tmp_path / "quiet.wav"
    quiet.write_bytes(silence())
    text = tmp_path / "text.wav"
    text.write_text("no audio")
    missing = tmp_path / "missing.wav"
    ended = real(
        environment, "hear", recording, quiet, text, missing, recording, "--spelling", "Andrea",
        "--json", cwd=tmp_path,
    )  # fmt: skip
    assert ended.returncode == 2
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [line["file"] for line in lines] == [str(recording), str(recording)]
    assert lines[0]["name"]["ipa"] == lines[1]["name"]["ipa"]
    problems = " ".join(ended.stderr.split())
    for part in ("NoSpeech", "UnreadableAudio", "cannot be read"):
        assert part in problems
    assert "Traceback" not in ended.stderr


def test_a_wrong_setting_is_one_line(environment, recording, tmp_path):
    ended = real(environment | {"NAMEMEM_WORKERS": "many"}, "hear", recording, cwd=tmp_path)
    assert ended.returncode == 2
    assert "NAMEMEM_WORKERS" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


def test_say_ipa(tmp_path):
    out = tmp_path / "said.wav"
    result = call("say", "--ipa", "ʃɪˈvɔːn", "--out", out)
    assert result.exit_code == 0, result.output
    assert seconds(out.read_bytes()) > 0.2
    longer = call("say", "--ipa", "ʃɪˈvɔːn", "--text", "Good morning, {name}!", "--out", out)
    assert longer.exit_code == 0
    assert seconds(out.read_bytes()) > 0.7
    unwritable = call("say", "--ipa", "a", "--out", tmp_path / "none" / "said.wav")
    assert unwritable.exit_code == 2


def test_say_writes_to_a_pipe(tmp_path, environment):
    ended = subprocess.run(
        [sys.executable, "-m", "namemem.cli", "say", "--ipa", "ʃɪˈvɔːn"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        timeout=100,
    )
    assert ended.returncode == 0, ended.stderr
    assert seconds(ended.stdout) > 0.2


def test_say_a_person(environment, tmp_path):
    assert call("db", "upgrade").exit_code == 0
    service = bootstrap.build_service(load_settings(), FakeHearer())
    person = service.add_person(
        "default",
        external_id="alice",
        display_name=None,
        names=[NewName("Alice", said={"ipa": "ˈælɪs"})],
        who="test",
    )
    service.store.close()
    out = tmp_path / "alice.wav"
    for who in (person.id, "alice"):
        result = call("say", who, "--out", out)
        assert result.exit_code == 0, result.output
        assert seconds(out.read_bytes()) > 0.2
        out.unlink()
    assert isinstance(call("say", "nobody", "--out", out).exception, NotFound)


def test_say_what_cannot_be_said(tmp_path):
    assert isinstance(call("say").exception, InvalidRequest)
    assert isinstance(call("say", "alice", "--ipa", "a").exception, InvalidRequest)
    assert isinstance(call("say", "--ipa", "Ω").exception, InvalidPronunciation)


def test_errors_of_a_real_command(environment, tmp_path):
    ended = real(environment, "say", "--ipa", "aΩ", cwd=tmp_path)
    assert ended.returncode == 2
    assert "position 1" in " ".join(ended.stderr.split())
    assert "Traceback" not in ended.stderr


def test_db_upgrade(tmp_path):
    first = call("db", "upgrade")
    assert first.exit_code == 0, first.output
    assert "empty" in first.stdout
    assert "empty" not in call("db", "upgrade").stdout
    store = Store(f"sqlite:///{tmp_path / 'data' / 'namemem.db'}")
    assert store.current_revision() == store.head_revision()
    store.close()


def test_doctor(environment, tmp_path):
    ended = real(environment, "doctor", cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    for part in ("pocketsphinx", "transcriber", "g2p", "preview voice", "db upgrade", "API_KEYS"):
        assert part in ended.stdout
    assert "bad" not in ended.stdout.split()


def test_what_is_told_after_doctor_is_on_standard_error(monkeypatch):
    found = [Finding("ok", "g2p", "here [and] well"), Finding("note", "access", "no key")]
    monkeypatch.setattr("namemem.doctor.examine", lambda _settings: iter(found))
    result = call("doctor")
    assert result.stdout.splitlines() == ["ok   g2p: here [and] well", "note access: no key"]
    assert result.stderr == ""
    monkeypatch.setenv("NAMEMEM_WORKERS", "many")
    result = call("doctor")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "InvalidSettings" in result.stderr


def test_doctor_finds_what_is_broken(environment, tmp_path):
    broken = environment | {"NAMEMEM_DATABASE_URL": f"sqlite:///{tmp_path}"}
    ended = real(broken, "doctor", cwd=tmp_path)
    assert ended.returncode == 1
    assert "bad" in ended.stdout.split()
    assert "Traceback" not in ended.stderr
