"""Settings: from the environment, checked at the start, with messages that name the variable."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from namemem import cli, doctor
from namemem.errors import InvalidSettings
from namemem.misspelt import misspelt_settings
from namemem.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    for name in os.environ:
        if name.startswith("NAMEMEM_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_defaults(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    settings = load_settings()
    assert settings.data_dir == tmp_path / "namemem"
    assert settings.url == f"sqlite:///{tmp_path}/namemem/namemem.db"
    assert (settings.transcriber, settings.phone_recognizer) == ("auto", "auto")
    assert settings.phone_encoder == "tiny.en"
    assert (settings.max_audio_seconds, settings.max_upload_mb) == (30.0, 25.0)
    assert settings.keep_audio == "none"
    assert settings.api_keys == {}
    assert 1 <= settings.worker_count <= 4


def test_every_setting_is_described():
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert len(field.description) > 15, name


def test_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("NAMEMEM_DATABASE_URL", "postgresql://u:p@db/namemem")
    monkeypatch.setenv("NAMEMEM_WORKERS", "3")
    monkeypatch.setenv("NAMEMEM_API_KEYS", " museum:s3cret-key , robot:other:key-2,")
    settings = load_settings()
    assert settings.url == "postgresql://u:p@db/namemem"
    assert settings.worker_count == 3
    assert settings.api_keys == {"s3cret-key": "museum", "other:key-2": "robot"}


def test_from_a_file(tmp_path):
    Path(".env").write_text("NAMEMEM_KEEP_AUDIO=clip\nUNRELATED=1\n", encoding="utf-8")
    assert load_settings().keep_audio == "clip"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TRANSCRIBER", "siri"),
        ("MAX_AUDIO_SECONDS", "0"),
        ("MAX_AUDIO_SECONDS", "1e9"),
        ("MAX_UPLOAD_MB", "-1"),
        ("KEEP_AUDIO", "all"),
        ("AUDIO_TTL_DAYS", "never"),
        ("WORKERS", "1000"),
        ("QUEUE_SIZE", "-1"),
        ("API_KEYS", "no-colon"),
        ("API_KEYS", ","),
        ("API_KEYS", "museum:short"),
        ("API_KEYS", ":long-enough-key"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_wrong_values_name_the_variable(monkeypatch, variable, value):
    monkeypatch.setenv(f"NAMEMEM_{variable}", value)
    with pytest.raises(InvalidSettings, match=f"NAMEMEM_{variable}"):
        load_settings()


def test_keys_do_not_show_in_the_message(monkeypatch):
    monkeypatch.setenv("NAMEMEM_API_KEYS", "museum:hidden-secret,broken")
    with pytest.raises(InvalidSettings) as caught:
        load_settings()
    assert "hidden-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("API_KEYS", "museum:the-same-key,robot:the-same-key", "for museum and for robot"),
        ("API_KEYS", "museum:the-same-key, museum:the-same-key", "twice"),
        ("WEBHOOK_SECRETS", f"museum:whsec_{'A' * 32},museum:whsec_{'B' * 32}", "museum stands"),
    ],
)
def test_what_stands_there_twice_stops_the_start(monkeypatch, variable, value, says):
    monkeypatch.setenv(f"NAMEMEM_{variable}", value)
    with pytest.raises(InvalidSettings, match=f"NAMEMEM_{variable}.*{says}") as caught:
        load_settings()
    assert "the-same-key" not in caught.value.message
    assert "AAAA" not in caught.value.message


def test_misspelt_settings():
    environ = {
        "NAMEMEM_RATE_LIMITS": "s3cret",
        "namemem_keep_audi": "clip",
        "NAMEMEM_API_KEY": "s3cret",
        "NAMEMEM_COLOUR": "green",
        "NAMEMEM_WORKERS": "3",
        "namemem_queue_size": "3",
        "NAMEMEM_SERVICE_HOST": "10.0.0.1",
        "NAMEMEM_PORT": "tcp://10.0.0.1:8000",
        "NAMEMEM_PORT_8000_TCP_ADDR": "10.0.0.1",
        "NAMEMEM_TEST_POSTGRES_URL": "x",
        "PATH": "/bin",
    }
    Path(".env").write_text("NAMEMEM_WORKER=3\nNAMEMEM_DEADLINE_SECONDS=3\nOTHER=1\n")
    assert misspelt_settings(environ) == [
        "NAMEMEM_API_KEY in the environment does nothing: it is read by clients, not by the "
        "server. Did you mean NAMEMEM_API_KEYS?",
        "NAMEMEM_COLOUR in the environment does nothing: there is no such setting. They are listed "
        "in docs/settings.md.",
        "NAMEMEM_RATE_LIMITS in the environment does nothing: there is no such setting. Did you "
        "mean NAMEMEM_RATE_LIMIT?",
        "namemem_keep_audi in the environment does nothing: there is no such setting. Did you mean "
        "NAMEMEM_KEEP_AUDIO?",
        "NAMEMEM_WORKER in .env does nothing: there is no such setting. Did you mean "
        "NAMEMEM_WORKERS?",
    ]


def test_commands_warn_of_misspelt_settings(monkeypatch, tmp_path):
    monkeypatch.setenv("NAMEMEM_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("NAMEMEM_KEEP_AUDI", "clip")
    ended = CliRunner().invoke(cli.app, ["db", "upgrade"])
    assert ended.exit_code == 0, ended.output
    assert "Did you mean NAMEMEM_KEEP_AUDIO?" in ended.stderr
    assert "KEEP_AUDI" not in ended.stdout
    monkeypatch.delenv("NAMEMEM_KEEP_AUDI")
    assert CliRunner().invoke(cli.app, ["db", "upgrade"]).stderr == ""


def test_the_server_logs_misspelt_settings(monkeypatch, tmp_path, capsys):
    """As a line of its log, which machines read."""
    monkeypatch.setenv("NAMEMEM_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("NAMEMEM_KEEP_AUDI", "clip")
    monkeypatch.setenv("NAMEMEM_LOG_FORMAT", "json")
    monkeypatch.setattr("uvicorn.run", lambda *_arguments, **_more: None)
    cli.app(["serve"], standalone_mode=False)
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines() if "AUDI" in line]
    (entry,) = [one for one in told if "Did you mean" in one["message"]]
    assert entry["level"] == "warning"


def test_the_doctor_lists_misspelt_settings(monkeypatch, tmp_path):
    monkeypatch.setenv("NAMEMEM_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("NAMEMEM_KEEP_AUDI", "clip")
    notes = [one.text for one in doctor.examine(load_settings()) if one.subject == "settings"]
    assert notes == misspelt_settings()
    assert len(notes) == 1
