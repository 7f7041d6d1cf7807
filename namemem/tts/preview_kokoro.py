"""Kokoro as the preview voice, by kokoro-onnx, from the user's own files."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from namemem.errors import UnknownVoice
from namemem.phones import Pronunciation
from namemem.tts.kokoro import Kokoro
from namemem.tts.preview_engines import NeuralPreview
from namemem.tts.target import clean

_DEFAULT = "af_heart"


class KokoroPreview(NeuralPreview):
    """Speaks through kokoro-onnx; `voice` is a style such as `af_heart` or `bf_emma`.

    Kokoro drops a symbol that it has no number for in silence. Here, in a name, it is an error.
    """

    name = "kokoro"
    extra = "kokoro"
    how_to_get = (
        "Get kokoro-v1.0.onnx and voices-v1.0.bin from "
        "https://github.com/thewh1teagle/kokoro-onnx/releases."
    )

    def __init__(self, model: Path, voices: Path | None = None) -> None:
        super().__init__(model)
        self.styles = voices or model.with_name("voices-v1.0.bin")

    def load(self) -> Any:
        """A `kokoro_onnx.Kokoro`."""
        from kokoro_onnx import Kokoro as Engine

        return Engine(str(self.model), str(self.styles))

    def files(self) -> tuple[Path, ...]:
        """The model, and the styles."""
        return (self.model, self.styles)

    def synthesise(
        self, loaded: Any, segments: Sequence[str | Pronunciation], voice: str
    ) -> tuple[NDArray[np.float32], int]:
        """As in `NeuralPreview`; English styles only take pronunciations."""
        style = self._style(loaded, voice)
        language = "en-gb" if style.startswith("b") else "en-us"
        phones = ""
        for segment in segments:
            if isinstance(segment, str):
                said = loaded.tokenizer.phonemize(clean(segment), language)
                before = " " if segment[:1].isspace() and phones else ""
                after = " " if segment[-1:].isspace() else ""
                phones += before + said + after
            else:
                phones += self.phones(loaded, segment, style)
        samples, rate = loaded.create(phones, style, is_phonemes=True, trim=False)
        return np.asarray(samples, dtype=np.float32), int(rate)

    def phones(self, loaded: Any, pronunciation: Pronunciation, style: str) -> str:
        """The name in Kokoro's symbols, each of which the loaded model has a number for."""
        written = Kokoro().phones(pronunciation, style).value
        for char in written:
            if char not in loaded.tokenizer.vocab:
                raise UnknownVoice(
                    f"The model {self.model.name} has no symbol {char!r}, which "
                    f"/{pronunciation.ipa}/ needs; it would be dropped. Take another model.",
                    voice=self.model.name,
                    symbol=char,
                )
        return written

    def _style(self, loaded: Any, voice: str) -> str:
        styles = sorted(loaded.voices)
        wanted = voice or (_DEFAULT if _DEFAULT in styles else styles[0])
        if wanted in styles:
            return wanted
        close = get_close_matches(wanted, styles, n=5, cutoff=0.3)
        raise UnknownVoice(
            f"Kokoro has no voice {wanted[:60]!r} in {self.styles.name}. "
            f"There are: {', '.join(close or styles[:10])}.",
            voice=wanted[:60],
            known=styles,
        )
