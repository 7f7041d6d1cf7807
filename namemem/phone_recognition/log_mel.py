"""Log-mel spectrogram of the compact ear, in numpy.

The filter bank and the frames are Whisper's (80 triangular filters on Slaney's mel scale, each of
area one, Hann window of 25 ms each 10 ms; Radford et al. 2022), so that what its encoder teaches
fits frame by frame. The level is taken off: the loudest point is 1, what is 80 dB below it -1.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
WINDOW, HOP, MELS = 400, 160, 80


@cache
def filters() -> NDArray[np.float32]:
    """Filter bank, float32 [MELS, WINDOW // 2 + 1] (M. Slaney, Auditory Toolbox, 1998)."""
    edges = _to_hertz(np.linspace(0.0, _to_mel(SAMPLE_RATE / 2), MELS + 2))
    bins = np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE)
    slopes: NDArray[np.float64] = edges[:, None] - bins[None]
    widths = np.diff(edges)
    rising, falling = -slopes[:-2] / widths[:-1, None], slopes[2:] / widths[1:, None]
    bank = np.maximum(0.0, np.minimum(rising, falling))
    areas: NDArray[np.float64] = 2.0 / (edges[2:] - edges[:-2])
    out: NDArray[np.float32] = (bank * areas[:, None]).astype(np.float32)
    return out


@cache
def window() -> NDArray[np.float32]:
    """Periodic Hann window, float32 [WINDOW]."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)


def log_mel(samples: NDArray[np.float32], loudest: float | None = None) -> NDArray[np.float32]:
    """Float32 mono samples at 16 kHz, [n] → float32 [n // HOP, MELS] between -1 and 1.

    `loudest` is the greatest log10 power so far, for callers that hear a stream; by default the
    clip's own.
    """
    powers = log_power(samples)
    top = float(powers.max()) if loudest is None else loudest
    return ((np.maximum(powers, top - 8.0) - top) / 4.0 + 1.0).astype(np.float32)


def log_power(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log10 mel power, float32 [n // HOP, MELS], before the level is taken off."""
    padded = np.pad(samples, WINDOW // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP][: len(samples) // HOP]
    spectrum = np.fft.rfft(frames * window(), axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    out: NDArray[np.float32] = np.log10(np.maximum(power @ filters().T, 1e-10)).astype(np.float32)
    return out


def _to_mel(hertz: float) -> float:
    return 15.0 + 27.0 * np.log(hertz / 1000.0) / np.log(6.4) if hertz >= 1000 else hertz * 3 / 200


def _to_hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    linear = mel * 200.0 / 3.0
    return np.where(mel >= 15.0, 1000.0 * np.exp((mel - 15.0) * np.log(6.4) / 27.0), linear)
