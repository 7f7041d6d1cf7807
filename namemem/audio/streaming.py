"""Raw PCM as it comes over a wire, in pieces of any size → samples at 16 kHz."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from namemem.audio.waveform import SAMPLE_RATE

if TYPE_CHECKING:
    from av.audio.resampler import AudioResampler

LOWEST_RATE, HIGHEST_RATE = 8_000, 96_000
"""Samples per second that a stream may have."""
_BYTES = 2  # of one sample


class PcmStream:
    """One stream of 16-bit little-endian mono PCM.

    Args:
        rate: its samples per second, `LOWEST_RATE` to `HIGHEST_RATE`. ValueError for others.

    A piece may end anywhere, even within a sample: the pieces are one stream of bytes.
    """

    def __init__(self, rate: int = SAMPLE_RATE) -> None:
        if not LOWEST_RATE <= rate <= HIGHEST_RATE:
            raise ValueError(f"{rate} Hz is not {LOWEST_RATE} to {HIGHEST_RATE} Hz.")
        self.rate = rate
        self._half = b""
        self._resampler: AudioResampler | None = None

    def push(self, data: bytes) -> npt.NDArray[np.float32]:
        """The samples that became ready: float32 within [-1, 1] at 16 kHz."""
        data = self._half + data if self._half else data
        whole = len(data) - len(data) % _BYTES
        self._half = data[whole:]
        pcm = np.frombuffer(data[:whole], "<i2")
        if self.rate == SAMPLE_RATE or not pcm.size:
            return pcm.astype(np.float32) / np.float32(32768)
        import av

        if self._resampler is None:
            self._resampler = av.AudioResampler(format="fltp", layout="mono", rate=SAMPLE_RATE)
        frame = av.AudioFrame.from_ndarray(pcm.astype(np.int16)[None], "s16", "mono")
        frame.sample_rate = self.rate
        return _joined([out.to_ndarray()[0] for out in self._resampler.resample(frame)])

    def flush(self) -> npt.NDArray[np.float32]:
        """What the resampler still holds; half a sample is left out. A new stream may follow."""
        self._half = b""
        resampler, self._resampler = self._resampler, None
        if resampler is None:
            return np.zeros(0, np.float32)
        return _joined([out.to_ndarray()[0] for out in resampler.resample(None)])


def _joined(parts: list[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
    if not parts:
        return np.zeros(0, np.float32)
    return np.clip(np.concatenate(parts), -1.0, 1.0).astype(np.float32, copy=False)
