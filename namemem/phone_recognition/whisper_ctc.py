"""Phone posteriors from Whisper's frozen encoder and a small CTC head.

One pass of the encoder over just the clip (log-mel of the clip, the first T rows of the positional
embedding, no padding to 30 s) gives 50 frames a second; the head turns the encoder's layers into
two log-posterior matrices over one trunk: 39 ARPABET phones and about 100 IPA phones, each with the
CTC blank at index 0. What can be done with them is in `ctc.py`.

torch, whisper and onnxruntime are imported by `WhisperCtcEncoder.load()` only.
"""

from __future__ import annotations

import json
import logging
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from namemem.phone_recognition.ctc_head import read_head
from namemem.phone_recognition.whisper_encoder import (
    adapt,
    encoder_layers,
    frame_count,
    load_audio_encoder,
    quantize_linears,
)

WEIGHTS = Path(__file__).parent / "weights"
_LOG = logging.getLogger(__name__)

_IGNORED = frozenset("ˈˌ'ːˑ.|‖‿-_ ˥˦˧˨˩↓↑→↗↘0123456789" + "\u0361\u035c")


@dataclass(frozen=True, slots=True)
class PhoneLabels:
    """The labels of the head's two outputs, and which of them stand for an IPA segment.

    `ipa` and `arpabet` start with the blank; indices into them are the columns of the matrices.
    """

    version: int
    ipa: tuple[str, ...]
    arpabet: tuple[str, ...]
    segments: dict[str, tuple[str, ...]]
    projection: dict[str, tuple[str, ...]]
    from_arpabet: dict[str, tuple[str, ...]]
    vowels: frozenset[str]

    @classmethod
    def read(cls, path: Path = WEIGHTS / "labels.json") -> PhoneLabels:
        """Read the label file that ships with the weights."""
        raw = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            version=int(raw["version"]),
            ipa=tuple(raw["ipa"]),
            arpabet=tuple(raw["arpabet"]),
            segments={k: tuple(v) for k, v in raw["segments"].items()},
            projection={k: tuple(v) for k, v in raw["projection"].items()},
            from_arpabet={k: tuple(v) for k, v in raw["from_arpabet"].items()},
            vowels=frozenset(raw["vowels"]),
        )

    def ipa_for(self, segment: str) -> tuple[str, ...]:
        """Labels of the IPA output for one segment: `t͡ʃ` → t͡ʃ; `aɪ` → a, j; `ɚ` → ɚ.

        Stress, tone and length are ignored, a diacritic without a label of its own is dropped, a
        letter without one becomes its nearest label by articulatory features; within a segment a
        high vowel beside another vowel is a glide. No segment ever becomes nothing: `ValueError`
        names a symbol that is no IPA letter.
        """
        key = unicodedata.normalize("NFD", segment)
        key = "".join(c for c in key if c not in _IGNORED).replace("g", "ɡ")
        pieces: list[tuple[str, ...]] = []
        at = 0
        while at < len(key):
            for size in (4, 3, 2, 1):
                found = self.segments.get(key[at : at + size]) if at + size <= len(key) else None
                if found is not None:
                    pieces.append(found)
                    at += size
                    break
            else:
                symbol = key[at]
                if not pieces or not _is_diacritic(symbol):
                    raise ValueError(f"{symbol!r} in {segment!r} is not a phone of IPA.")
                at += 1
        if not pieces:
            raise ValueError(f"{segment!r} holds no phone.")
        return self._with_glides([label for piece in pieces for label in piece])

    def arpabet_for(self, segment: str) -> tuple[str, ...]:
        """ARPABET projection of one IPA segment: `aɪ` → AY; `ɑ̃` → AA, N; `x` → HH."""
        labels = self.ipa_for(segment)
        out: list[str] = []
        at = 0
        while at < len(labels):
            pair = (
                self.projection.get(" ".join(labels[at : at + 2])) if at + 1 < len(labels) else None
            )
            if pair is not None:
                out.extend(pair)
                at += 2
            else:
                out.extend(self.projection[labels[at]])
                at += 1
        return tuple(out)

    def ipa_for_arpabet(self, phone: str) -> tuple[str, ...]:
        """IPA labels of one ARPABET phone; of the stress digits only AH0 (schwa) matters."""
        found = self.from_arpabet.get(phone) or self.from_arpabet.get(phone.rstrip("012"))
        if found is None:
            raise ValueError(f"{phone!r} is not a phone of ARPABET.")
        return found

    def ipa_ids(self, labels: list[str] | tuple[str, ...]) -> list[int]:
        """Columns of the IPA matrix."""
        index = _index(self.ipa)
        return [index[label] for label in labels]

    def arpabet_ids(self, labels: list[str] | tuple[str, ...]) -> list[int]:
        """Columns of the ARPABET matrix."""
        index = _index(self.arpabet)
        return [index[label] for label in labels]

    def _with_glides(self, labels: list[str]) -> tuple[str, ...]:
        """High vowels beside another vowel become glides; before ə they stay vowels (iə)."""
        out: list[str] = []
        for i, label in enumerate(labels):
            following = labels[i + 1] if i + 1 < len(labels) else ""
            if out and out[-1] == label and label in self.vowels:
                continue  # a doubled vowel is a long one
            if out and out[-1] in self.vowels:
                out.append(_OFF_GLIDES.get(label, label))
            elif not out and following in self.vowels - {"ə", label}:
                out.append(_ON_GLIDES.get(label, label))
            else:
                out.append(label)
        return tuple(out)


_ON_GLIDES = {"i": "j", "u": "w", "y": "ɥ"}
_OFF_GLIDES = {"i": "j", "ɪ": "j", "ʏ": "j", "u": "w", "ʊ": "w", "ɯ": "w", "y": "ɥ"} | {
    unicodedata.normalize("NFD", "ĩ"): "j",
    unicodedata.normalize("NFD", "ũ"): "w",
}


@lru_cache(maxsize=8)
def _index(labels: tuple[str, ...]) -> dict[str, int]:
    return {label: i for i, label in enumerate(labels)}


def _is_diacritic(symbol: str) -> bool:
    return unicodedata.combining(symbol) != 0 or unicodedata.category(symbol) in ("Lm", "Sk")


SAMPLE_RATE = 16_000
FRAME_SECONDS = 0.02
_CHUNK, _EDGE = 24 * SAMPLE_RATE, SAMPLE_RATE  # an encoder pass is at most 30 s


class WhisperCtcEncoder:
    """Samples in, two log-posterior matrices out.

    `encoder` is a Whisper model name (`tiny.en`; downloaded by whisper if it is not cached) or the
    path of a checkpoint, a whole one or the encoder's part of one; only the encoder stays in
    memory. It must be the model that the head was trained on (`metadata["encoder"]`). `runtime` is
    `onnx`, `torch`, or `auto`: ONNX Runtime, which gives the same numbers in half the time, or
    torch where the graph cannot be made (`onnx` is not installed). `quantized` runs torch's linear
    layers in int8. Safe to use from several threads once loaded.
    """

    def __init__(
        self,
        encoder: str | Path = "tiny.en",
        *,
        weights: Path = WEIGHTS / "head.npz",
        quantized: bool = False,
        runtime: Literal["auto", "onnx", "torch"] = "auto",
        threads: int = 1,
    ) -> None:
        self.labels = PhoneLabels.read()
        self.metadata: dict[str, Any] = {}
        self._source, self._weights, self._quantized = encoder, weights, quantized
        self._wanted, self._threads = runtime, threads
        self._encoder: Any = None
        self._head: Any = None
        self._session: Any = None

    @property
    def runtime(self) -> str:
        """What runs it once it is loaded: `onnx` or `torch`."""
        return "torch" if self._session is None else "onnx"

    @property
    def version(self) -> str:
        """Version of the shipped weights, for the record of a hearing."""
        return f"whisper_ctc {self.metadata.get('version', 'not loaded')}"

    def load(self) -> None:
        """Load encoder and head; a second call does nothing."""
        if self._head is not None or self._session is not None:
            return
        import torch

        encoder = load_audio_encoder(self._source)
        head, adapter, self.metadata = read_head(self._weights)
        if encoder.positional_embedding.shape[1] != self.metadata["config"]["encoder_width"]:
            raise ValueError(
                f"The head was trained on {self.metadata['encoder']}; "
                f"{self._source} has another width."
            )
        adapt(encoder, adapter)
        if self._quantized:
            kinds = {torch.nn.Linear, torch.nn.GRU}
            encoder = quantize_linears(encoder)
            quantize: Any = torch.ao.quantization.quantize_dynamic
            head = quantize(head, kinds, dtype=torch.qint8)
        elif self._wanted != "torch":
            self._session = self._compiled(encoder, head)
        if self._session is None:
            self._encoder, self._head = encoder, head

    def _compiled(self, encoder: Any, head: Any) -> Any:
        """The model on ONNX Runtime; with `auto` None if that cannot be had."""
        from namemem.phone_recognition.onnx_export import graph, on_onnx_runtime

        try:
            model = graph(encoder, head, self.metadata["config"]["layers"])
            return on_onnx_runtime(model, self._threads)
        except Exception as error:  # an exporter can fail in any way, and torch is there
            if self._wanted == "onnx":
                raise
            _LOG.info("The ear runs on torch, not on ONNX Runtime: %s", error)
            return None

    def warm_up(self) -> None:
        """Run once on a second of noise, so that the first real clip is not the slow one."""
        rng = np.random.default_rng(0)
        self.posteriors(rng.standard_normal(SAMPLE_RATE).astype(np.float32) * 0.01)

    def posteriors(
        self, samples: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
        """Natural-log posteriors of a clip.

        `samples`: float32, shape [n], mono, 16 kHz, in [-1, 1]. Returns ARPABET [T, 40], IPA [T, V]
        (columns as in `labels.arpabet` and `labels.ipa`, blank first) and the seconds of a frame.
        T is about n / 320. Longer clips than 24 s go through in overlapping pieces.
        """
        self.load()
        samples = np.ascontiguousarray(samples, dtype=np.float32)
        if samples.ndim != 1:
            raise ValueError(f"Expected mono samples of shape [n], not {samples.shape}.")
        if len(samples) < SAMPLE_RATE // 10:
            samples = np.pad(samples, (0, SAMPLE_RATE // 10 - len(samples)))
        if len(samples) <= _CHUNK:
            return (*self._pass(samples), FRAME_SECONDS)
        parts: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []
        edge = frame_count(_EDGE)
        for start in range(0, len(samples) - _EDGE, _CHUNK - 2 * _EDGE):
            piece = samples[start : start + _CHUNK]
            first = 0 if start == 0 else edge
            last = None if start + _CHUNK >= len(samples) else -edge
            arpabet, ipa = self._pass(piece)
            parts.append((arpabet[first:last], ipa[first:last]))
            if last is None:
                break
        arpabets, ipas = zip(*parts, strict=True)
        return np.concatenate(arpabets), np.concatenate(ipas), FRAME_SECONDS

    def _pass(
        self, samples: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        if self._session is not None:
            arpabet, ipa = self._session(samples)
            return arpabet, ipa
        import torch
        from whisper.audio import log_mel_spectrogram

        with torch.inference_mode():
            mel = log_mel_spectrogram(torch.from_numpy(samples))[None]
            layers = encoder_layers(self._encoder, mel)
            chosen = torch.stack([layers[i] for i in self.metadata["config"]["layers"]], 2)
            arpabet, ipa = self._head(chosen)
        return arpabet[0].numpy(), ipa[0].numpy()
