"""How good a recording is: levels, clipping, noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from namemem.audio.waveform import SAMPLE_RATE, SILENCE_DBFS, Waveform

_FRAME = SAMPLE_RATE // 50
_SILENT_DBFS = -62.0
_QUIET_DBFS = -45.0
_NOISY_DB = 12.0
_CLIPPED_SHARE = 0.001
_FLAT_RUN = 4


@dataclass(frozen=True)
class Quality:
    """What `assess` measures. Levels are in dB of full scale, -120 to 0."""

    peak: float
    """Largest magnitude, in [0, 1]."""
    rms_dbfs: float
    """Level of the whole recording."""
    clipped_share: float
    """Share of samples within flat tops, in [0, 1]."""
    speech_dbfs: float
    """Level of the loudest tenth of its 20 ms frames: of the voice, where there is one."""
    noise_dbfs: float
    """Level of the quietest tenth."""
    flags: frozenset[str]
    """Any of "silent", "quiet", "clipped", "noisy"."""

    @property
    def snr_db(self) -> float:
        """Estimated signal-to-noise ratio in dB, ≥ 0; speech without a pause reads too low."""
        return self.speech_dbfs - self.noise_dbfs


def assess(waveform: Waveform) -> Quality:
    """Levels and faults of a recording; an empty one is silent."""
    levels = frame_levels(waveform.samples)
    speech, noise = (float(np.quantile(levels, q)) for q in (0.9, 0.1))
    clipped = _clipped_share(waveform.samples)
    flags = set()
    if speech < _SILENT_DBFS:
        flags.add("silent")
    elif speech < _QUIET_DBFS:
        flags.add("quiet")
    if clipped > _CLIPPED_SHARE:
        flags.add("clipped")
    if speech - noise < _NOISY_DB and "silent" not in flags:
        flags.add("noisy")
    return Quality(waveform.peak, waveform.rms_dbfs, clipped, speech, noise, frozenset(flags))


def frame_levels(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Level (dB of full scale) of each 20 ms frame without its offset; at least one frame."""
    padded = samples if samples.size >= _FRAME else np.pad(samples, (0, _FRAME - samples.size))
    frames = padded[: padded.size // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float64)
    power = frames.var(axis=1)
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (SILENCE_DBFS / 10))))


def _clipped_share(samples: npt.NDArray[np.float32]) -> float:
    """Share of samples in runs of at least four at the very top or bottom."""
    peak = float(np.abs(samples).max(initial=0.0))
    if peak < 0.3:
        return 0.0
    total = 0
    for side in (samples, -samples):
        at_top = np.concatenate([[False], side >= peak * 0.9995, [False]])
        starts, ends = np.flatnonzero(np.diff(at_top.astype(np.int8))).reshape(-1, 2).T
        lengths = ends - starts
        total += int(lengths[lengths >= _FLAT_RUN].sum())
    return total / samples.size
