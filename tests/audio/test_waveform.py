import numpy as np
import pytest

from namemem.audio import Waveform, assess, decode, encode_wav, speech_span

RATE = 16_000
TIME = np.arange(3 * RATE) / RATE


def of(samples):
    return Waveform(np.clip(samples, -1, 1).astype(np.float32))


def noise(level, seconds=3):
    return np.random.default_rng(1).normal(0, level, round(seconds * RATE))


def vowel(seconds=0.8, pitch=120):
    t = np.arange(round(seconds * RATE)) / RATE
    glide = pitch * t + 15 * t**2
    wave = sum(np.sin(2 * np.pi * k * glide) / k for k in range(1, 12))
    return 0.15 * np.hanning(t.size) ** 0.5 * wave


def test_wav_round_trip():
    one = of(0.5 * np.sin(2 * np.pi * 440 * TIME))
    again = decode(encode_wav(one))
    assert np.abs(again.samples - one.samples).max() < 1e-4


def test_slices_and_levels():
    one = of(np.sin(2 * np.pi * 440 * TIME))
    assert one.slice(1, 99).seconds == 2
    assert one.slice(1, 1).seconds == 0
    assert one.concatenate(one).seconds == 6
    assert one.rms_dbfs == pytest.approx(-3.01, abs=0.02)
    assert Waveform.silence(1).rms_dbfs == -120
    assert Waveform.silence(0).peak == 0
    with pytest.raises(ValueError, match="before it ends"):
        one.slice(2, 1)


@pytest.mark.parametrize(
    "samples",
    [np.zeros((2, 3), np.float32), np.zeros(3), np.array([2], np.float32),
     np.array([np.nan], np.float32)],
)  # fmt: skip
def test_what_is_no_waveform(samples):
    with pytest.raises(ValueError, match="waveform"):
        Waveform(samples)


def test_flags():
    assert assess(Waveform.silence(1)).flags == {"silent"}
    assert assess(Waveform.silence(0)).flags == {"silent"}
    assert "noisy" in assess(of(noise(0.1))).flags
    assert "clipped" in assess(of(3 * np.sin(2 * np.pi * 200 * TIME))).flags
    assert "clipped" not in assess(of(0.99 * np.sin(2 * np.pi * 200 * TIME))).flags
    spoken = np.concatenate([noise(0.0005, 0.5), 0.01 * vowel(), noise(0.0005, 0.5)])
    assert "quiet" in assess(of(spoken)).flags
    loud = assess(of(np.concatenate([noise(0.0005, 0.5), vowel(), noise(0.0005, 0.5)])))
    assert loud.flags == frozenset()
    assert loud.snr_db > 30


@pytest.mark.parametrize(
    "sound",
    [np.zeros(RATE), np.zeros(0), noise(0.001), noise(0.1), noise(0.3),
     0.2 * np.sin(2 * np.pi * 50 * TIME), 0.3 * np.sin(2 * np.pi * 1000 * TIME),
     noise(0.01) * np.where((TIME > 1) & (TIME < 1.5), 8, 1)],
)  # fmt: skip
def test_no_speech(sound):
    assert speech_span(of(sound)) is None


@pytest.mark.parametrize("level", [0.0, 0.001, 0.01, 0.05])
def test_speech_is_found(level):
    sound = np.concatenate([np.zeros(RATE), vowel(), np.zeros(RATE)])
    span = speech_span(of(sound + noise(level, sound.size / RATE)))
    assert span == (pytest.approx(1.0, abs=0.15), pytest.approx(1.8, abs=0.15))


@pytest.mark.shared
@pytest.mark.parametrize("folder", ["names_real", "no_name", "names_spelled"])
def test_real_voices_are_speech(shared_speech, folder):
    silent = [f.name for f in (shared_speech / folder).glob("*.flac") if not speech_span(decode(f))]
    assert silent == []
