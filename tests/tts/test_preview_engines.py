"""Piper and Kokoro as preview voices: the real packages, on tiny models made here."""

from __future__ import annotations

import os
import sys

import pytest
from plugins.server import clean_environment
from plugins.tiny_voices import PIPER_SYMBOLS, numbers, write_kokoro, write_piper
from typer.testing import CliRunner

from namemem.cli import app
from namemem.errors import (
    EngineUnavailable,
    InvalidRequest,
    InvalidSettings,
    UnknownVoice,
)
from namemem.phones import parse_ipa
from namemem.tts.preview import MAX_TEXT, EspeakPreview
from namemem.tts.preview_engines import ENGINES, preview
from namemem.tts.preview_piper import PiperPreview

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
SIOBHAN = parse_ipa("ʃɪˈvɔːn")


@pytest.fixture(params=["piper", "kokoro"])
def voice(request, tmp_path):
    pytest.importorskip({"piper": "piper", "kokoro": "kokoro_onnx"}[request.param])
    write = write_piper if request.param == "piper" else write_kokoro
    return preview(request.param, str(write(tmp_path)))


def piper_says(wav: bytes) -> str:
    """Piper's phonemes; between any two it puts a pad."""
    return "".join(PIPER_SYMBOLS[n] for n in numbers(wav) if n).strip("^$")


def test_the_contract(voice):
    assert voice.name in ENGINES
    assert voice.speak([SIOBHAN])[:4] == b"RIFF"
    assert len(voice.speak(["Hi ", SIOBHAN])) > len(voice.speak([SIOBHAN]))
    assert voice.speak("Hi") == voice.speak(["Hi"])
    with pytest.raises(InvalidRequest):
        voice.speak("  ")
    with pytest.raises(InvalidRequest, match=str(MAX_TEXT)):
        voice.speak("a" * (MAX_TEXT + 1))
    with pytest.raises(UnknownVoice):
        voice.speak([SIOBHAN], "hal9000")


@pytest.mark.parametrize("name", ["piper", "kokoro"])
def test_without_weights_it_says_how_to_get_them(name, tmp_path):
    with pytest.raises(InvalidSettings, match=r"NAMEMEM_PREVIEW_MODEL.*(Get a voice|Get kokoro)"):
        preview(name)
    with pytest.raises(EngineUnavailable, match=r"There is no .*huggingface|There is no .*github"):
        preview(name, str(tmp_path / "voice.onnx")).speak("Hi")


@pytest.mark.parametrize("name", ["piper", "kokoro"])
def test_what_is_no_model(name, tmp_path):
    pytest.importorskip({"piper": "piper", "kokoro": "kokoro_onnx"}[name])
    for file in ("voice.onnx", "voice.onnx.json", "voices-v1.0.bin"):
        (tmp_path / file).write_text("{}")
    with pytest.raises(EngineUnavailable, match="cannot be loaded"):
        preview(name, str(tmp_path / "voice.onnx")).speak("Hi")


@pytest.mark.parametrize(("name", "module"), [("piper", "piper"), ("kokoro", "kokoro_onnx")])
def test_without_the_package(name, module, tmp_path, monkeypatch):
    for file in ("voice.onnx", "voice.onnx.json", "voices-v1.0.bin"):
        (tmp_path / file).write_text("{}")
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(EngineUnavailable, match=rf"namemem\[{name}\]"):
        preview(name, str(tmp_path / "voice.onnx")).speak("Hi")


def test_names():
    assert isinstance(preview(), EspeakPreview)
    with pytest.raises(InvalidSettings, match="hal"):
        preview("hal")


def test_piper_is_given_the_phones(tmp_path):
    pytest.importorskip("piper")
    voice = preview("piper", str(write_piper(tmp_path)))
    assert piper_says(voice.speak([SIOBHAN])) == "ʃɪvˈɔːn"
    assert piper_says(voice.speak([parse_ipa("ʒɑ̃")])) == "ʒˈɑ\u0303"  # NFD
    assert "ʃɪvˈɔːn" in piper_says(voice.speak(["Good [[x]] day, ", SIOBHAN, "!"]))
    with pytest.raises(UnknownVoice, match=r"no phoneme 'ǁ'"):
        voice.speak([parse_ipa("ǁɔˈlaːni")])


def test_piper_speakers(tmp_path):
    pytest.importorskip("piper")
    voice = preview("piper", str(write_piper(tmp_path, speakers=2)))
    for speaker in ("amy", "joe", "1", ""):
        assert voice.speak([SIOBHAN], speaker)
    with pytest.raises(UnknownVoice, match="amy, joe"):
        voice.speak([SIOBHAN], "2")


def test_a_piper_voice_that_reads_letters(tmp_path):
    pytest.importorskip("piper")
    voice = PiperPreview(write_piper(tmp_path, "text"))
    assert voice.speak("hello")
    with pytest.raises(UnknownVoice, match="does not read IPA"):
        voice.speak([SIOBHAN])


def test_kokoro_is_given_the_symbols(tmp_path):
    config = pytest.importorskip("kokoro_onnx.config")
    symbols = {n: s for s, n in config.DEFAULT_VOCAB.items()}
    voice = preview("kokoro", str(write_kokoro(tmp_path)))

    def says(wav: bytes) -> str:
        return "".join(symbols.get(n, "") for n in numbers(wav))

    assert says(voice.speak([SIOBHAN])) == "ʃɪvˈɔn"
    assert says(voice.speak([SIOBHAN], "bf_emma")) == "ʃɪvˈɔːn"
    assert says(voice.speak(["Hi ", SIOBHAN, ", come in!"])).startswith("hˈaɪ ʃɪvˈɔn, k")
    with pytest.raises(UnknownVoice, match="af_heart"):
        voice.speak([SIOBHAN], "af_hart")


def test_say_with_an_engine(tmp_path, monkeypatch):
    pytest.importorskip("piper")
    for name in [*os.environ]:
        if name.startswith("NAMEMEM_"):
            monkeypatch.delenv(name)
    for name, value in clean_environment(tmp_path / "data").items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    model, out = str(write_piper(tmp_path)), tmp_path / "said.wav"
    say = ["say", "--ipa", "ʃɪˈvɔːn", "--out", str(out)]
    done = CliRunner().invoke(app, [*say, "--engine", "piper", "--model", model])
    assert done.exit_code == 0, done.output
    assert piper_says(out.read_bytes()) == "ʃɪvˈɔːn"
    monkeypatch.setenv("NAMEMEM_PREVIEW_ENGINE", "piper")
    assert isinstance(CliRunner().invoke(app, say).exception, InvalidSettings)
    monkeypatch.setenv("NAMEMEM_PREVIEW_MODEL", model)
    out.unlink()
    assert CliRunner().invoke(app, say).exit_code == 0
    assert piper_says(out.read_bytes()) == "ʃɪvˈɔːn"
