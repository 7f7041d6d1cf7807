"""How probable speech is, 31 times a second: Silero VAD on ONNX Runtime.

The model is silero-vad 6.2.3's `silero_vad_16k_sequence.onnx` (MIT, https://github.com/snakers4/
silero-vad), which ships in `weights/` since the package on PyPI asks for torch. It gives what the
frame-by-frame model gives, for several frames in one call. One session serves every stream; a
stream keeps two vectors of its own. Chosen by `benchmarks/endpointing.py` (`docs/listening.md`).
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from namemem.audio.waveform import SAMPLE_RATE

MODEL = Path(__file__).parent / "weights" / "silero_vad_16k_sequence.onnx"
FRAME = 512
"""Samples that one probability stands for: 32 ms at 16 kHz."""
FRAME_SECONDS = FRAME / SAMPLE_RATE
_CONTEXT = 64  # samples of the frame before that the model sees again
_STATE = 128
_MOST_FRAMES = 128  # in one call: bounds its memory

Samples = npt.NDArray[np.float32]


class VoiceActivity(Protocol):
    """The speech detector of one stream: it remembers what it has heard."""

    def probabilities(self, samples: Samples) -> Samples:
        """For each whole frame of `FRAME` samples (shape (n * FRAME,), 16 kHz, within [-1, 1])
        the probability that it holds speech: shape (n,), in [0, 1].
        """


class SileroModel:
    """The model, loaded once and shared by all streams; thread-safe."""

    def __init__(self, path: Path = MODEL) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._session: Any = None

    def load(self) -> None:
        """Loads it (some 10 ms), if that has not happened yet."""
        with self._lock:
            if self._session is not None:
                return
            import onnxruntime

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            options.log_severity_level = 3  # the export has initialisers that nothing uses
            self._session = onnxruntime.InferenceSession(
                str(self._path), options, providers=["CPUExecutionProvider"]
            )

    def stream(self) -> SileroStream:
        """A detector for one new stream."""
        return SileroStream(self)

    def run(
        self, frames: Samples, hidden: Samples, cell: Samples
    ) -> tuple[Samples, Samples, Samples]:
        """Probabilities and the state after them; `frames` has shape (n, _CONTEXT + FRAME)."""
        self.load()
        given = {"input": frames, "h": hidden, "c": cell}
        found, hidden, cell = self._session.run(("speech_probs", "hn", "cn"), given)
        return found.reshape(-1), hidden, cell


class SileroStream:
    """One stream's state: 1.3 kB."""

    def __init__(self, model: SileroModel) -> None:
        self._model = model
        self._hidden = np.zeros((1, 1, _STATE), np.float32)
        self._cell = self._hidden.copy()
        self._context = np.zeros(_CONTEXT, np.float32)

    def probabilities(self, samples: Samples) -> Samples:
        """See `VoiceActivity`. Raises ValueError where the last frame is not whole."""
        if samples.size % FRAME:
            raise ValueError(f"{samples.size} samples are no whole number of frames of {FRAME}.")
        found = [np.zeros(0, np.float32)]
        for first in range(0, samples.size, FRAME * _MOST_FRAMES):
            part = np.concatenate((self._context, samples[first : first + FRAME * _MOST_FRAMES]))
            rows = np.lib.stride_tricks.sliding_window_view(part, _CONTEXT + FRAME)[::FRAME]
            values, self._hidden, self._cell = self._model.run(
                np.ascontiguousarray(rows), self._hidden, self._cell
            )
            self._context = part[-_CONTEXT:].copy()
            found.append(values)
        return np.concatenate(found)
