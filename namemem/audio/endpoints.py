"""Where the speech is: louder than the recording's own floor, and voiced.

Chosen by measurement over pocketsphinx's detector (WebRTC's), which calls any loud noise
speech and loses quiet far-field voices in its strict modes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from namemem.audio.quality import frame_levels
from namemem.audio.waveform import SAMPLE_RATE, Waveform

_HOP = SAMPLE_RATE // 50
_WINDOW = 2 * _HOP
_SPEECH_BAND = (180.0, 3_800.0)
_PITCH_BAND = (110.0, 1_000.0)
_LONGEST_PERIOD, _SHORTEST_PERIOD = SAMPLE_RATE // 70, SAMPLE_RATE // 400
_OVER_FLOOR_DB = 4.0
_UNDER_TOP_DB = 32.0
_LOWEST_FLOOR_DBFS = -90.0
_VOICED = 0.5
_VOICED_FRAMES = 4
_MAX_GAP = 25
_PAD_FRAMES = 3


def speech_span(waveform: Waveform) -> tuple[float, float] | None:
    """Start and end of the speech in seconds, pauses included, or None without any.

    The ends are about 60 ms generous. Steady noise, hum, clicks and silence are no speech;
    music may pass for it.
    """
    samples = waveform.samples
    if samples.size < _WINDOW:
        return None
    levels = frame_levels(_band(samples, *_SPEECH_BAND))
    floor = max(float(np.quantile(levels, 0.1)), _LOWEST_FLOOR_DBFS)
    top = float(np.quantile(levels, 0.95))
    active = levels > max(floor + _OVER_FLOOR_DB, top - _UNDER_TOP_DB)
    voiced = active & (_periodicity(_band(samples, *_PITCH_BAND))[: levels.size] > _VOICED)
    kept = [run for run in _runs(active) if int(voiced[slice(*run)].sum()) >= _VOICED_FRAMES]
    if not kept:
        return None
    start, end = kept[0][0] - _PAD_FRAMES, kept[-1][1] + _PAD_FRAMES
    return max(0.0, start * _HOP / SAMPLE_RATE), min(waveform.seconds, end * _HOP / SAMPLE_RATE)


def _band(samples: npt.NDArray[np.float32], low: float, high: float) -> npt.NDArray[np.float32]:
    """The samples without what lies below `low` and above `high` Hz: hum, rumble, hiss."""
    # A prime number of samples takes ten times longer; mirrored ends make no click.
    padded = np.pad(samples, (0, -samples.size % 1000), mode="symmetric")
    spectrum = np.fft.rfft(padded)
    frequencies = np.fft.rfftfreq(padded.size, 1 / SAMPLE_RATE)
    spectrum[(frequencies < low) | (frequencies > high)] = 0
    return np.fft.irfft(spectrum, padded.size)[: samples.size].astype(np.float32)


def _runs(active: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Stretches (first, last + 1) of active frames, short pauses bridged."""
    runs: list[tuple[int, int]] = []
    for frame in np.flatnonzero(active).tolist():
        if runs and frame - runs[-1][1] <= _MAX_GAP:
            runs[-1] = (runs[-1][0], frame + 1)
        else:
            runs.append((frame, frame + 1))
    return runs


def _periodicity(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Per 20 ms frame, how far it repeats itself at a voice's pitch: about 0 to 1."""
    padded = np.pad(samples.astype(np.float64), (_HOP // 2, _WINDOW))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    window = np.hanning(_WINDOW)
    frames = (frames - frames.mean(axis=1, keepdims=True)) * window
    correlation = _autocorrelation(frames)
    taper = _autocorrelation(window[None])[0]
    repeats = correlation[:, _SHORTEST_PERIOD:_LONGEST_PERIOD] / (
        taper[_SHORTEST_PERIOD:_LONGEST_PERIOD] / taper[0]
    )
    return np.asarray(repeats.max(axis=1) / np.maximum(correlation[:, 0], 1e-12))


def _autocorrelation(frames: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    power = np.abs(np.fft.rfft(frames, 2 * _WINDOW)) ** 2
    return np.asarray(np.fft.irfft(power)[:, :_WINDOW])
