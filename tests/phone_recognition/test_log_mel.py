"""The compact ear's spectrogram against Whisper's own."""

from __future__ import annotations

import numpy as np
import pytest

from namemem.phone_recognition import log_mel


@pytest.fixture
def samples():
    rng = np.random.default_rng(3)
    return (rng.standard_normal(24_000) * np.linspace(0.001, 0.5, 24_000)).astype(np.float32)


def test_filters_and_powers_are_whispers(samples):
    audio = pytest.importorskip("whisper.audio")
    torch = pytest.importorskip("torch")
    assert np.allclose(log_mel.filters(), audio.mel_filters("cpu", 80).numpy(), atol=1e-7)
    theirs = audio.log_mel_spectrogram(torch.from_numpy(samples)).numpy().T
    ours = log_mel.log_power(samples)
    assert np.allclose((np.maximum(ours, ours.max() - 8.0) + 4.0) / 4.0, theirs, atol=1e-4)


def test_the_level_does_not_matter(samples):
    once = log_mel.log_mel(samples)
    assert once.shape == (150, 80)
    assert once.dtype == np.float32
    assert once.max() == pytest.approx(1.0)
    assert once.min() >= -1.0
    assert np.allclose(log_mel.log_mel(samples * 0.1), once, atol=1e-3)


def test_a_stream_may_say_how_loud_it_was(samples):
    top = float(log_mel.log_power(samples).max())
    quiet = log_mel.log_mel(samples[:8000], loudest=top)
    assert np.allclose(quiet[:40], log_mel.log_mel(samples)[:40], atol=1e-4)


def test_silence_is_no_number_problem():
    assert np.isfinite(log_mel.log_mel(np.zeros(1600, np.float32))).all()
