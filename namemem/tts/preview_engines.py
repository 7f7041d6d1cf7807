"""Preview voices by name: espeak-ng always, Piper and Kokoro with weights that the user points to.

Their modules are imported only when chosen.
"""

from __future__ import annotations

import io
import threading
import wave
from abc import ABC, abstractmethod
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from namemem.errors import EngineFailed, EngineUnavailable, InvalidRequest, InvalidSettings
from namemem.phones import Pronunciation
from namemem.tts.preview import MAX_TEXT, EspeakPreview

_ENGINES = {
    "piper": "namemem.tts.preview_piper:PiperPreview",
    "kokoro": "namemem.tts.preview_kokoro:KokoroPreview",
}
ENGINES = ("espeak-ng", *_ENGINES)
"""Names of the preview voices."""


class NeuralPreview(ABC):
    """A voice of a neural network: loaded at the first call, one call at a time.

    Attributes:
        name: as in the settings.
        extra: the extra that brings its package.
        how_to_get: a sentence, for who has no weights.
    """

    name: ClassVar[str]
    extra: ClassVar[str]
    how_to_get: ClassVar[str]

    def __init__(self, model: Path) -> None:
        self.model = model
        self._lock = threading.Lock()
        self._loaded: Any = None

    @abstractmethod
    def load(self) -> Any:
        """The package's own voice object. Raises `ImportError` without the package."""

    @abstractmethod
    def synthesise(
        self, loaded: Any, segments: Sequence[str | Pronunciation], voice: str
    ) -> tuple[NDArray[np.float32], int]:
        """Samples (float32 mono in [-1, 1]) and their rate in Hz.

        Raises:
            UnknownVoice: no such voice or speaker, or it lacks a phone that is asked for.
        """

    def files(self) -> tuple[Path, ...]:
        """What must be there before it can be loaded."""
        return (self.model,)

    def speak(
        self, text_or_segments: str | Sequence[str | Pronunciation], voice: str = ""
    ) -> bytes:
        """Speech as a WAV file: mono, 16-bit, at the voice's rate.

        Args:
            text_or_segments: plain text, or text and pronunciations in order.
            voice: a speaker or style of the model; empty: its first.

        Raises:
            InvalidRequest: nothing to say, or more than `MAX_TEXT` characters.
            EngineUnavailable: the package or the weights are missing, or no such model.
            EngineFailed: the network broke.
            UnknownVoice: as in `synthesise`.
        """
        segments = [text_or_segments] if isinstance(text_or_segments, str) else text_or_segments
        length = sum(len(s if isinstance(s, str) else s.ipa) for s in segments)
        if not any(s.strip() if isinstance(s, str) else s.ipa for s in segments):
            raise InvalidRequest("There is nothing to say.")
        if length > MAX_TEXT:
            raise InvalidRequest(
                f"At most {MAX_TEXT} characters are spoken at once; these are {length}.",
                length=length,
            )
        with self._lock:
            loaded = self._ready()
            try:
                samples, rate = self.synthesise(loaded, segments, voice)
            except (RuntimeError, ValueError, KeyError, IndexError) as error:
                raise EngineFailed(f"{self.name} could not speak: {error}") from error
        if not samples.size:
            raise EngineFailed(f"{self.name} gave no audio.")
        return to_wav(samples, rate)

    def _ready(self) -> Any:
        if self._loaded is None:
            for file in self.files():
                if not file.is_file():
                    raise EngineUnavailable(f"There is no {file}. {self.how_to_get}")
            try:
                self._loaded = self.load()
            except ImportError as error:
                raise EngineUnavailable(
                    f"The preview voice {self.name} needs its package: "
                    f"pip install 'namemem[{self.extra}]'."
                ) from error
            except Exception as error:  # what a damaged file makes of a runtime is not documented
                raise EngineUnavailable(
                    f"{self.model} cannot be loaded by {self.name}: {error}. {self.how_to_get}"
                ) from error
        return self._loaded


def to_wav(samples: NDArray[np.float32], rate: int) -> bytes:
    """A WAV file of mono samples in [-1, 1]; what is louder is clipped."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((np.clip(samples, -1.0, 1.0) * 32767.0).astype("<i2").tobytes())
    return buffer.getvalue()


def preview(
    name: str = "espeak-ng", model: str = "", voices: str = ""
) -> EspeakPreview | NeuralPreview:
    """The preview voice of that name, not yet loaded.

    Args:
        name: one of `ENGINES`.
        model: the ONNX file of Piper's or Kokoro's voice.
        voices: Kokoro's file of styles; `voices-v1.0.bin` beside the model by default.

    Raises:
        InvalidSettings: no such engine, or one that needs a model without one.
    """
    if name == "espeak-ng":
        return EspeakPreview()
    if name not in _ENGINES:
        raise InvalidSettings(f"No preview voice {name!r}; there are: {', '.join(ENGINES)}.")
    module, _, kind = _ENGINES[name].partition(":")
    engine = getattr(import_module(module), kind)
    if not model:
        raise InvalidSettings(
            f"The preview voice {name} needs a model: NAMEMEM_PREVIEW_MODEL, or --model. "
            f"{engine.how_to_get}"
        )
    made: NeuralPreview = (
        engine(Path(model), Path(voices) if voices else None)
        if name == "kokoro"
        else engine(Path(model))
    )
    return made
