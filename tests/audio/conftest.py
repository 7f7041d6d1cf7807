"""Recordings for the tests: made here with PyAV, or read from ../shared."""

from __future__ import annotations

import io
import os
from pathlib import Path

import av
import numpy as np
import pytest

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "speech"


@pytest.fixture(scope="session")
def shared_speech() -> Path:
    """The folder of recordings beside the repository, where there is one."""
    if not SHARED.is_dir():
        pytest.skip("../shared/speech is not here: recordings of real people are not tested")
    if not os.access(SHARED, os.R_OK) or not any(SHARED.iterdir()):
        if os.environ.get("NAMEMEM_REQUIRE_ALL") == "1":
            pytest.fail("../shared/speech is here but cannot be read")
        pytest.skip("../shared/speech cannot be read")
    return SHARED


def record(container, codec, *, rate=48_000, layout="mono", sample_format=None, seconds=1.5):
    """A 440 Hz tone of amplitude 0.5 in any container and codec."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate, layout=layout)
        if sample_format:
            stream.codec_context.format = sample_format
        channels = stream.codec_context.channels
        total = round(rate * seconds)
        tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(total) / rate)
        resampler = av.AudioResampler(stream.codec_context.format, layout, rate)
        step = stream.codec_context.frame_size or 960
        for at in range(0, total, step):
            block = np.repeat(tone[at : at + step].astype(np.float32), channels)
            frame = av.AudioFrame.from_ndarray(block[None], format="flt", layout=layout)
            frame.sample_rate, frame.pts = rate, at
            for ready in resampler.resample(frame):
                out.mux(stream.encode(ready))
        for ready in resampler.resample(None):
            out.mux(stream.encode(ready))
        out.mux(stream.encode(None))
    return buffer.getvalue()
