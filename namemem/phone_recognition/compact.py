"""The compact ear: an acoustic model of namemem's own that ships inside the package.

A convolutional network from log-mel to the same two CTC outputs as `whisper_ctc`, whose student it
is (`training/distil.py`), on ONNX Runtime: no torch, no download, no more memory than a few tens of
megabytes. Its reach is finite, so that long recordings and streams go through piece by piece with
the same answer.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from namemem.errors import EngineUnavailable
from namemem.phone_recognition.base import Calibration, Scoring
from namemem.phone_recognition.log_mel import HOP, SAMPLE_RATE, log_mel, log_power
from namemem.phone_recognition.two_outputs import Posteriors, TwoOutputPhones
from namemem.phone_recognition.whisper_ctc import FRAME_SECONDS, WEIGHTS, PhoneLabels

MODEL = WEIGHTS / "compact.onnx"
_STEP = 4  # mel frames that become one frame inside the network
_CHUNK = 20 * SAMPLE_RATE
_EDGE = 3 * SAMPLE_RATE  # more than the network reaches to either side


class CompactPhones(TwoOutputPhones):
    """The shipped model on ONNX Runtime.

    Args:
        model: an ONNX file of `training.export_student`.
        threads: processor threads of one recogniser.
    """

    name = "compact"
    scoring = Scoring(  # chosen by benchmarks/tuning.py on development data
        evidence=0.7,
        prior=1.0,
        temperature=1.0,
        calibration=Calibration(-0.272, 0.251, 1.438, 0.195, -0.056, -0.045, 0.159),
        confidence_cap=0.98,
        free_confidence=0.6,
        word_confidence=1.0,
        recombined=200,
        mix_factor=0.85,
        mix_penalty=5.0,
        edited=2,
        edit_penalty=7.0,
        listed=1.0,
        accent=1.0,
        letters=0.6,
        spelled=30,
        spelled_penalty=6.0,
        guess_penalty=0.0,
        lexicon=60,
        lexicon_penalty=8.0,
        ear_penalty=8.0,
        per_phone=1.0,
        word_trust=8.0,
    )
    min_fit = -2.6  # development clips: 99 % of names above, 98 % of other speech below -2.9
    farthest = 0.7  # development clips: 97 % of real names nearer, 76 % of music and clicks not

    def __init__(self, model: str | Path = MODEL, threads: int = 1) -> None:
        super().__init__(PhoneLabels.read())
        self._path, self._threads = Path(model), threads
        self._session: Any = None
        self.metadata: dict[str, Any] = {}

    @property
    def version(self) -> str:
        """Version of the weights, and of ONNX Runtime."""
        try:
            from onnxruntime import __version__ as runtime
        except ImportError:
            runtime = "not installed"
        return f"{self.metadata.get('version', '1')} (onnxruntime {runtime})"

    def _load(self) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise EngineUnavailable(
                "The compact ear needs onnxruntime. Install it with: pip install onnxruntime"
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(
                str(self._path), options, providers=["CPUExecutionProvider"]
            )
            stored = self._session.get_modelmeta().custom_metadata_map
            self.metadata = json.loads(stored.get("namemem", "{}"))
        except Exception as error:  # a file that is no model can fail in any way
            raise EngineUnavailable(
                f"The compact ear's model {self._path.name} cannot be loaded: {error} "
                "Install namemem again: pip install --force-reinstall namemem"
            ) from error
        self.posteriors(np.random.default_rng(0).standard_normal(SAMPLE_RATE).astype(np.float32))

    def posteriors(self, samples: NDArray[np.float32]) -> tuple[Posteriors, Posteriors, float]:
        """Natural-log posteriors of a clip.

        `samples`: float32, shape [n], mono, 16 kHz, in [-1, 1]. Returns ARPABET [T, 40], IPA [T, V]
        and the seconds of a frame; T is n / 320. Longer clips than 20 s go through in overlapping
        pieces, which gives what one piece would have given.
        """
        samples = np.ascontiguousarray(samples, dtype=np.float32)
        if samples.ndim != 1:
            raise ValueError(f"Expected mono samples of shape [n], not {samples.shape}.")
        if len(samples) < SAMPLE_RATE // 10:
            samples = np.pad(samples, (0, SAMPLE_RATE // 10 - len(samples)))
        if len(samples) <= _CHUNK + 2 * _EDGE:
            return (*self._pass(log_mel(samples)), FRAME_SECONDS)
        powers = log_power(samples)
        top = float(powers.max())
        mel = ((np.maximum(powers, top - 8.0) - top) / 4.0 + 1.0).astype(np.float32)
        chunk, edge = _CHUNK // HOP, _EDGE // HOP
        parts = []
        for start in range(0, len(mel), chunk):
            first = max(0, start - edge)
            arpabet, ipa = self._pass(mel[first : start + chunk + edge])
            cut = slice((start - first) // 2, (min(start + chunk, len(mel)) - first + 1) // 2)
            parts.append((arpabet[cut], ipa[cut]))
        arpabets, ipas = zip(*parts, strict=True)
        return np.concatenate(arpabets), np.concatenate(ipas), FRAME_SECONDS

    def _pass(self, mel: NDArray[np.float32]) -> tuple[Posteriors, Posteriors]:
        frames = (len(mel) + 1) // 2
        padded = np.pad(mel, ((0, -len(mel) % _STEP), (0, 0)), constant_values=-1.0)
        arpabet, ipa = self._session.run(None, {"mel": padded[None]})
        return arpabet[0, :frames], ipa[0, :frames]
