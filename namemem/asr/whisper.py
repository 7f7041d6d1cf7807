"""openai-whisper: words with times in about 100 languages."""

from __future__ import annotations

import re
import warnings
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from namemem import weights
from namemem.asr.base import Capabilities, TimedWord, Transcriber, Transcript
from namemem.audio import Waveform
from namemem.errors import EngineUnavailable

if TYPE_CHECKING:
    from whisper.model import Whisper

_NO_SPEECH = 0.6
_MIN_LOGPROB = -1.0
_MAX_COMPRESSION = 2.4
"""Whisper's own thresholds: a segment beyond them is a hallucination and left out."""
_TEMPERATURES = (0.0, 0.4)
"""Whisper tries six by default: most of a minute on a noise that it cannot hear."""
_BEAM = 5
_SAMPLES, _SAMPLING_TEMPERATURE = 6, 0.5
"""What else may have been said: the best of a beam, and some draws."""
_LONGEST = 48  # tokens of one of them: a phrase and a name
_EDGES = re.compile(r"^[^\w]+|[^\w]+$")


class WhisperTranscriber(Transcriber):
    """`model`: an official name such as "tiny.en", or the path of a checkpoint."""

    name = "whisper"
    capabilities = Capabilities(languages=None, prompt=True, detects_language=True, hypotheses=True)
    modules = ("whisper", "torch")
    extra = "whisper"

    def __init__(self, model: str = "tiny.en", *, cache: Path | None = None) -> None:
        super().__init__()
        self.model = model
        self._cache = cache

    @property
    def version(self) -> str:
        """Of openai-whisper, with the model's name."""
        return f"{metadata.version('openai-whisper')} {Path(self.model).name}"

    def _load(self) -> None:
        import whisper

        path = weights.available_locally(self.model, cache=self._cache)
        if path is None:
            raise EngineUnavailable(weights.how_to_get(self.model), model=self.model)
        try:
            # By path: Whisper itself would download, without a bound, what it does not find.
            self._model: Whisper = whisper.load_model(str(path))
        except Exception as error:
            raise EngineUnavailable(
                f"{path} is not a checkpoint that Whisper can load: {error}", model=self.model
            ) from error
        with warnings.catch_warnings():  # Whisper leaves its vocabulary's file open, once
            warnings.simplefilter("ignore", ResourceWarning)
            from whisper.tokenizer import get_tokenizer

            multilingual = self._model.is_multilingual
            get_tokenizer(multilingual, num_languages=self._model.num_languages)
        heads = getattr(whisper, "_ALIGNMENT_HEADS", {}).get(self.model)
        if heads is not None:
            self._model.set_alignment_heads(heads)

    def _transcribe(
        self, waveform: Waveform, *, language: str | None, prompt: str | None
    ) -> Transcript:
        engine = f"{self.name} {self.version}"
        if not waveform.samples.any():
            return Transcript("", (), engine, None, 1.0)
        result: dict[str, Any] = self._model.transcribe(
            waveform.samples.copy(),  # Whisper hands it to torch, which wants to own it
            language=self._language(language),
            initial_prompt=prompt,
            word_timestamps=True,
            condition_on_previous_text=False,
            no_speech_threshold=_NO_SPEECH,
            logprob_threshold=_MIN_LOGPROB,
            compression_ratio_threshold=_MAX_COMPRESSION,
            temperature=_TEMPERATURES,
            fp16=self._model.device.type == "cuda",
            verbose=None,
        )
        segments = result["segments"]
        kept = [segment for segment in segments if not _hallucinated(segment)]
        words = _words(kept, waveform)
        silence = max((float(s["no_speech_prob"]) for s in segments), default=None)
        text = " ".join(word.word for word in words)
        written = "".join(str(segment["text"]) for segment in kept).strip()
        heard = result.get("language")
        return Transcript(text, tuple(words), engine, heard, silence, written=written)

    def _hypotheses(
        self, waveform: Waveform, *, language: str | None, prompt: str | None
    ) -> tuple[str, ...]:
        import torch
        import whisper

        if not waveform.samples.any():
            return ()
        model = self._model
        half = model.device.type == "cuda"
        samples = whisper.pad_or_trim(torch.from_numpy(waveform.samples.copy()))
        mel = whisper.log_mel_spectrogram(samples, n_mels=model.dims.n_mels).to(model.device)
        with torch.no_grad():
            features = model.encoder((mel.half() if half else mel)[None])
        code = self._language(language)
        if code is None:
            _, (likely,) = model.detect_language(features)
            code = max(likely, key=likely.__getitem__)
        beam = _options(language=code, prompt=prompt, fp16=half, beam_size=_BEAM)
        drawn = _options(language=code, prompt=prompt, fp16=half, temperature=_SAMPLING_TEMPERATURE)
        with warnings.catch_warnings():  # Whisper sorts its beams by a call that NumPy will drop
            warnings.simplefilter("ignore", DeprecationWarning)
            results = [whisper.decode(model, features[0], beam)]
        devices = [model.device] if half else []
        with torch.random.fork_rng(devices=devices):  # the same recording, the same draws
            torch.manual_seed(0)
            results += whisper.decode(model, features.repeat(_SAMPLES, 1, 1), drawn)
        results.sort(key=lambda result: -float(result.avg_logprob))
        texts = [str(r.text).strip() for r in results if not _hallucinated(_figures(r))]
        return tuple(dict.fromkeys(text for text in texts if text))

    def _language(self, language: str | None) -> str | None:
        if not self._model.is_multilingual:
            return "en"
        from whisper.tokenizer import LANGUAGES

        primary = language.split("-")[0].lower() if language else None
        return primary if primary in LANGUAGES else None


def _options(**chosen: Any) -> Any:
    from whisper import DecodingOptions

    return DecodingOptions(without_timestamps=True, sample_len=_LONGEST, **chosen)


def _figures(result: Any) -> dict[str, float]:
    return {
        "no_speech_prob": float(result.no_speech_prob),
        "avg_logprob": float(result.avg_logprob),
        "compression_ratio": float(result.compression_ratio),
    }


def _hallucinated(segment: dict[str, Any]) -> bool:
    silent = segment["no_speech_prob"] > _NO_SPEECH and segment["avg_logprob"] < _MIN_LOGPROB / 2
    unsure = segment["avg_logprob"] < 2 * _MIN_LOGPROB
    return bool(silent or unsure or segment["compression_ratio"] > _MAX_COMPRESSION)


def _words(segments: list[dict[str, Any]], waveform: Waveform) -> list[TimedWord]:
    """Lower-case words without punctuation at their edges; times rise and stay in the audio."""
    words: list[TimedWord] = []
    now = 0.0
    for raw in (word for segment in segments for word in segment.get("words", ())):
        word = _EDGES.sub("", raw["word"]).lower()
        if not word:
            continue
        start = min(max(float(raw["start"]), now), waveform.seconds)
        end = min(max(float(raw["end"]), start), waveform.seconds)
        probability = min(max(float(raw["probability"]), 0.0), 1.0)
        words.append(TimedWord(word, start, end, probability))
        now = start
    return words
