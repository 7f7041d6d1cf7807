"""Any CTC phone model of Hugging Face `transformers`: wav2vec 2.0, HuBERT, WavLM.

Larger and slower than `whisper_ctc`, for a GPU and for many languages. It takes checkpoints whose
vocabulary is espeak's or IPA, as a hub name or a local folder:
facebook/wav2vec2-lv-60-espeak-cv-ft and facebook/wav2vec2-xlsr-53-espeak-cv-ft among them.
Nothing is downloaded while it loads; `locate` does that where it may.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import math
import os
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from namemem.audio import Waveform
from namemem.errors import EngineUnavailable
from namemem.phone_recognition.base import Listening, PhoneRecognizer, Scoring
from namemem.phone_recognition.ctc_listening import CtcListening, Output
from namemem.phone_recognition.ctc_vocabulary import CtcVocabulary

CHECKPOINT = "facebook/wav2vec2-lv-60-espeak-cv-ft"
_RATE = 16_000
_FILES = ("*.json", "*.safetensors", "pytorch_model*.bin")


class Wav2Vec2Phones(PhoneRecognizer):
    """A `transformers` CTC checkpoint with a phone vocabulary.

    Args:
        checkpoint: name on the hub, or a folder with config.json, vocab.json,
            preprocessor_config.json and the weights.
        device: where it runs: `cpu`, `cuda`, `cuda:1`.
        threads: processor threads on the CPU.
    """

    name = "wav2vec2"
    hears_ipa = True
    # One output instead of whisper_ctc's two, so twice its factor; not tuned on real weights.
    scoring = Scoring(
        evidence=1.0,
        prior=1.0,
        temperature=1.0,
        confidence_cap=0.95,
        free_confidence=0.6,
        recombined=200,
        mix_factor=1.0,
        mix_penalty=1.0,
        edited=3,
        edit_penalty=6.0,
    )

    def __init__(self, checkpoint: str = CHECKPOINT, device: str = "cpu", threads: int = 1) -> None:
        super().__init__()
        self._checkpoint, self._device, self._threads = checkpoint, device, threads
        self._model: Any = None
        self._prepare: Any = None
        self._vocabulary: CtcVocabulary | None = None
        self._frame = 0.02

    @property
    def version(self) -> str:
        """The checkpoint, and the version of transformers."""
        try:
            release = metadata.version("transformers")
        except metadata.PackageNotFoundError:
            release = "not installed"
        local = Path(self._checkpoint).expanduser()
        return f"{local.name if local.is_dir() else self._checkpoint} (transformers {release})"

    @staticmethod
    def missing() -> str | None:
        """What has to be installed first, or None."""
        for module in ("torch", "transformers"):
            if importlib.util.find_spec(module) is None:
                return "transformers and torch are not installed: pip install 'namemem[wav2vec2]'"
        return None

    def _load(self) -> None:
        folder = locate(self._checkpoint)
        import torch

        transformers: Any = importlib.import_module("transformers")
        if self._device.startswith("cuda") and not torch.cuda.is_available():
            raise EngineUnavailable(
                f"The phone recogniser wav2vec2 is to run on {self._device}, and there is no CUDA "
                "device that torch can use. Set the device to cpu."
            )
        torch.set_num_threads(min(self._threads, os.cpu_count() or 1))
        transformers.utils.logging.disable_progress_bar()
        try:
            config = transformers.AutoConfig.from_pretrained(folder)
            self._prepare = transformers.AutoFeatureExtractor.from_pretrained(folder)
            if self._prepare.sampling_rate != _RATE:
                raise ValueError(f"It hears {self._prepare.sampling_rate} Hz and not {_RATE}.")
            symbols = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
            if any(isinstance(inner, dict) for inner in symbols.values()):
                raise ValueError("It has one vocabulary for each language.")
            self._vocabulary = CtcVocabulary(symbols, int(config.pad_token_id))
            self._frame = math.prod(config.conv_stride) / _RATE
            model = transformers.AutoModelForCTC.from_pretrained(folder)
            self._model = model.eval().requires_grad_(False).to(self._device)
        except (OSError, ValueError, RuntimeError, KeyError, AttributeError, TypeError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise EngineUnavailable(
                f"The checkpoint {self._checkpoint!r} cannot be used for wav2vec2: {reason} "
                "It must be a CTC model on raw audio with a phone vocabulary (espeak or IPA)."
            ) from error
        noise = np.random.default_rng(0).standard_normal(_RATE).astype(np.float32) * 0.01
        self._posteriors(noise)

    def _listen(self, waveform: Waveform) -> Listening:
        assert self._vocabulary is not None  # noqa: S101 - `listen` has loaded it
        output = Output(
            self._vocabulary.merge(self._posteriors(waveform.samples)),
            self._vocabulary.columns_of,
            self._vocabulary.names,
            1.0,
            self._vocabulary.joined,
        )
        return CtcListening([output], free=0, frame_seconds=self._frame)

    def _posteriors(self, samples: np.ndarray) -> np.ndarray:
        """Natural-log posteriors [T, the model's columns] of mono float samples at 16 kHz."""
        import torch

        with torch.inference_mode():
            inputs = self._prepare(samples, sampling_rate=_RATE, return_tensors="pt")
            logits = self._model(**inputs.to(self._device)).logits[0]
            found: np.ndarray = logits.float().log_softmax(-1).cpu().numpy()
        return found


def locate(checkpoint: str, *, fetch: bool = False) -> Path:
    """The folder of a checkpoint: itself, or where the hub's cache has it.

    Args:
        checkpoint: hub name or folder.
        fetch: whether it may be downloaded.

    Raises:
        EngineUnavailable: it is not here, or transformers is not installed; says what to do.
    """
    problem = Wav2Vec2Phones.missing()
    if problem is not None:
        raise EngineUnavailable(f"The phone recogniser wav2vec2 cannot be used: {problem}.")
    folder = Path(checkpoint).expanduser()
    if folder.is_dir():
        return folder
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    failure: Exception | None = None
    for offline in (True, False) if fetch else (True,):
        try:
            found = snapshot_download(
                checkpoint, allow_patterns=list(_FILES), local_files_only=offline
            )
            return Path(found)
        except (OSError, ValueError, HfHubHTTPError, HFValidationError) as error:
            failure = error
    raise EngineUnavailable(
        f"The weights of {checkpoint!r} are not on this machine. With a network, fetch them once: "
        f"`hf download {checkpoint}`; or set NAMEMEM_PHONE_CHECKPOINT to a folder with "
        "config.json, vocab.json, preprocessor_config.json and the weights."
    ) from failure
