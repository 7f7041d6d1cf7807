"""The ear on Whisper's encoder as a `PhoneRecognizer`: English phonemes and IPA together."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from namemem.errors import EngineUnavailable
from namemem.phone_recognition.base import Calibration, Scoring
from namemem.phone_recognition.two_outputs import Posteriors, TwoOutputPhones
from namemem.phone_recognition.whisper_ctc import PhoneLabels, WhisperCtcEncoder


class WhisperCtcPhones(TwoOutputPhones):
    """A trained CTC head on the frozen encoder of Whisper `tiny.en`.

    Args:
        encoder: Whisper model name, or the path of a checkpoint (whole, or encoder only).
        threads: processor threads of one recogniser.
    """

    name = "whisper_ctc"
    scoring = Scoring(  # chosen by benchmarks/tuning.py on development data
        evidence=0.56,
        prior=1.0,
        temperature=1.0,
        calibration=Calibration(0.276, 0.213, 1.001, 0.107, -1.542, 0.011, 0.252),
        confidence_cap=0.98,
        free_confidence=0.6,
        word_confidence=1.0,
        recombined=200,
        mix_factor=0.85,
        mix_penalty=4.0,
        edited=3,
        edit_penalty=6.0,
        listed=1.0,
        accent=1.0,
        letters=0.45,
        spelled=30,
        spelled_native=10,
        spelled_penalty=5.0,
        guess_penalty=0.0,
        lexicon=60,
        lexicon_penalty=8.0,
        ear_penalty=8.0,
        per_phone=1.0,
        word_trust=8.0,
    )
    min_fit = -2.4  # development clips: real names above -2.1, speech without a name below -5.1
    farthest = 0.45  # development clips: all real names nearer, a third of music and clicks not

    def __init__(self, encoder: str = "tiny.en", threads: int = 1) -> None:
        super().__init__(PhoneLabels.read())
        path = Path(encoder).expanduser()
        self._model = WhisperCtcEncoder(path if path.is_file() else encoder, threads=threads)
        self._threads = threads
        self._source = (path.stem if path.is_file() else encoder).removesuffix("-encoder")

    @property
    def version(self) -> str:
        """Version of the head's weights, and the encoder."""
        return f"{self._model.version.removeprefix('whisper_ctc ')} on {self._source}"

    @staticmethod
    def missing() -> str | None:
        """What has to be installed first, or None."""
        for module in ("torch", "whisper"):
            if importlib.util.find_spec(module) is None:
                return "openai-whisper and torch are not installed: pip install 'namemem[whisper]'"
        return None

    def _load(self) -> None:
        problem = self.missing()
        if problem is not None:
            raise EngineUnavailable(f"The phone recogniser whisper_ctc cannot be used: {problem}.")
        import torch

        torch.set_num_threads(min(self._threads, os.cpu_count() or 1))
        try:
            self._model.load()
        except Exception as error:  # a file that is no checkpoint can fail in any way
            raise EngineUnavailable(
                f"Whisper's encoder {self._source!r} cannot be loaded: {error} Fetch it with "
                "`namemem models fetch tiny.en`, or set NAMEMEM_PHONE_ENCODER to a checkpoint."
            ) from error
        self._model.warm_up()

    def posteriors(self, samples: NDArray[np.float32]) -> tuple[Posteriors, Posteriors, float]:
        """See `WhisperCtcEncoder.posteriors`."""
        return self._model.posteriors(samples)
