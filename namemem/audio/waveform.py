"""`Waveform`: the one form in which sound travels through namemem."""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 16_000
"""Samples per second of every `Waveform`."""

SILENCE_DBFS = -120.0
"""What digital silence measures, instead of minus infinity."""


@dataclass(frozen=True, eq=False)
class Waveform:
    """Mono sound at 16 kHz.

    `samples`: shape (n,), np.float32, C-contiguous, finite, within [-1, 1]. Treat it as
    read-only: slices share its memory. Raises ValueError where that does not hold.
    """

    samples: npt.NDArray[np.float32]

    def __post_init__(self) -> None:
        samples = self.samples
        if samples.ndim != 1 or samples.dtype != np.float32:
            raise ValueError(
                f"A waveform is one row of float32, not {samples.dtype} of shape {samples.shape}."
            )
        if samples.size and not float(np.abs(samples).max()) <= 1.0:  # NaN fails as well
            raise ValueError("A waveform's samples are finite and within [-1, 1].")
        if not samples.flags.c_contiguous:
            object.__setattr__(self, "samples", np.ascontiguousarray(samples))

    @property
    def sample_rate(self) -> int:
        """Samples per second: always 16,000."""
        return SAMPLE_RATE

    @property
    def seconds(self) -> float:
        """Duration in seconds."""
        return self.samples.size / SAMPLE_RATE

    @property
    def peak(self) -> float:
        """Largest magnitude, in [0, 1]."""
        return float(np.abs(self.samples).max()) if self.samples.size else 0.0

    @property
    def rms_dbfs(self) -> float:
        """Root mean square in dB of full scale: ≤ 0, and -120 for digital silence."""
        if not self.samples.size:
            return SILENCE_DBFS
        power = float(np.mean(np.square(self.samples, dtype=np.float64)))
        return max(10 * float(np.log10(power)), SILENCE_DBFS) if power else SILENCE_DBFS

    @property
    def pcm16(self) -> bytes:
        """The samples as 16-bit little-endian integers."""
        return np.round(self.samples * 32767).astype("<i2").tobytes()

    def slice(self, start: float, end: float) -> Waveform:
        """The part from `start` to `end` (seconds), cut to what there is."""
        if not start <= end:
            raise ValueError(f"A slice starts before it ends, unlike {start}..{end} s.")
        first, last = (max(0, round(t * SAMPLE_RATE)) for t in (start, end))
        return Waveform(self.samples[first:last])

    def concatenate(self, *others: Waveform) -> Waveform:
        """One waveform: these samples, then the others'."""
        return Waveform(np.concatenate([self.samples, *(other.samples for other in others)]))

    @classmethod
    def from_pcm16(cls, data: bytes) -> Waveform:
        """16-bit little-endian mono PCM at 16 kHz; ValueError for an odd number of bytes."""
        return cls(np.frombuffer(data, "<i2").astype(np.float32) / np.float32(32768))

    @classmethod
    def silence(cls, seconds: float) -> Waveform:
        """Digital silence."""
        return cls(np.zeros(round(seconds * SAMPLE_RATE), np.float32))


def encode_wav(waveform: Waveform) -> bytes:
    """A RIFF WAVE file: 16-bit, mono, 16 kHz."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(waveform.pcm16)
    return buffer.getvalue()
