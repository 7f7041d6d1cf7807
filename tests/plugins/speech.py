"""Speech for the tests, made here: espeak-ng from its wheel, no system package."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from namemem.phones import parse_ipa
from namemem.tts.preview import EspeakPreview

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "speech"
VOICE = "en-us+f3"  # the variant that pocketsphinx hears best
Say = Callable[..., bytes]


@cache
def introduction(ipa: str, before: str = "Hello, my name is ", voice: str = VOICE) -> bytes:
    """WAV of "Hello, my name is …", the name said exactly as the IPA is."""
    return EspeakPreview().speak([before, parse_ipa(ipa), "."], voice)


@cache
def sentence(text: str, voice: str = VOICE) -> bytes:
    """WAV of a sentence."""
    return EspeakPreview().speak(text, voice)


def samples_wav(samples: np.ndarray, rate: int = 16_000) -> bytes:
    """WAV of float samples in [-1, 1]."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return buffer.getvalue()


def silence(seconds: float = 1.5) -> bytes:
    """WAV with the faint noise of a quiet microphone."""
    noise = np.random.default_rng(7).normal(0.0, 1e-4, round(seconds * 16_000))
    return samples_wav(noise)


def flac(wav: bytes) -> bytes:
    """The same sound as FLAC."""
    import av

    buffer = io.BytesIO()
    with av.open(io.BytesIO(wav)) as source, av.open(buffer, "w", format="flac") as out:
        into = out.add_stream("flac", rate=source.streams.audio[0].rate, layout="mono")
        for frame in source.decode(audio=0):
            out.mux(into.encode(frame))
        out.mux(into.encode(None))
    return buffer.getvalue()


@pytest.fixture(scope="session")
def shared_recordings() -> Path:
    """Recordings of real people beside the repository, where there are any."""
    if not SHARED.is_dir():
        pytest.skip("needs ../shared/speech: recordings of real people")
    return SHARED
