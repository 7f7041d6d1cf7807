"""Settings: from the environment, checked at the start, with messages that name the variable."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from namemem.errors import InvalidSettings
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
