"""The compact ear: what ships in the package, without torch and without a download."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from plugins.speech import introduction

from namemem.audio import decode
from namemem.errors import EngineUnavailable
from namemem.phone_recognition import choose, create
from namemem.phone_recognition.compact import MODEL, CompactPhones


@pytest.fixture(scope="module")
def ear():
    engine = CompactPhones()
    engine.load()
    return engine


def test_it_is_small_enough_for_a_wheel():
    assert MODEL.stat().st_size < 12_000_000


def test_posteriors_are_probabilities(ear):
    rng = np.random.default_rng(0)
    english, ipa, frame = ear.posteriors(rng.standard_normal(16_333).astype(np.float32) * 0.1)
    assert frame == 0.02
    assert english.shape == (51, len(ear.labels.arpabet))
    assert ipa.shape == (51, len(ear.labels.ipa))
    assert np.allclose(np.exp(english).sum(1), 1.0, atol=1e-4)
    assert np.allclose(np.exp(ipa).sum(1), 1.0, atol=1e-4)


def test_pieces_of_a_long_recording_give_what_the_whole_gives(ear):
    speech = decode(introduction("ˈændɹiə")).samples
    long = np.resize(speech, 50 * 16_000)
    english, ipa, _ = ear.posteriors(long)
    from namemem.phone_recognition.log_mel import log_mel

    whole_english, whole_ipa = ear._pass(log_mel(long))
    assert english.shape == whole_english.shape
    assert np.allclose(english, whole_english, atol=1e-3)
    assert np.allclose(ipa, whole_ipa, atol=1e-3)


def test_the_shortest_clip_and_the_wrong_shape(ear):
    assert len(ear.posteriors(np.zeros(10, np.float32))[0]) > 0
    with pytest.raises(ValueError, match="mono"):
        ear.posteriors(np.zeros((2, 1600), np.float32))


def test_auto_takes_it_where_whispers_encoder_is_not(tmp_path):
    engine, why = choose("auto", encoder="tiny.en", cache=tmp_path)
    assert engine.name == "compact"
    assert "compact ear of the package" in why


def test_auto_falls_back_to_pocketsphinx_without_onnxruntime(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    engine, why = choose("auto", encoder="tiny.en", cache=tmp_path)
    assert engine.name == "sphinx"
    assert "onnxruntime" in why


def test_a_broken_model_says_how_to_mend_it(tmp_path):
    broken = tmp_path / "compact.onnx"
    broken.write_bytes(MODEL.read_bytes()[:1000])
    with pytest.raises(EngineUnavailable, match="reinstall"):
        create("compact", model=broken).load()


def test_neither_torch_nor_whisper_is_imported():
    code = (
        "import sys, numpy as np\n"
        "from namemem.phone_recognition import create\n"
        "create('compact').load()\n"
        "print([m for m in ('torch', 'whisper', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
