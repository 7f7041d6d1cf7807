"""Piper as the preview voice: any voice of it, from the user's own file."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from namemem.errors import UnknownVoice
from namemem.phones import Pronunciation
from namemem.tts.endings import stress_single_syllables
from namemem.tts.piper import Piper
from namemem.tts.preview_engines import NeuralPreview


class PiperPreview(NeuralPreview):
    """Speaks through piper-tts; `voice` is a speaker's name or number in the model.

    Piper drops a phone that its voice has no number for, with a warning in its log. Here it is
    an error that names the phone.
    """

    name = "piper"
    extra = "piper"
    how_to_get = (
        "Get a voice and its .json: python -m piper.download_voices en_US-amy-medium, or "
        "https://huggingface.co/rhasspy/piper-voices."
    )

    def load(self) -> Any:
        """A `piper.PiperVoice`."""
        from piper import PiperVoice

        return PiperVoice.load(self.model)

    def files(self) -> tuple[Any, ...]:
        """The model, and its `.json`."""
        return (self.model, self.model.with_name(self.model.name + ".json"))

    def synthesise(
        self, loaded: Any, segments: Sequence[str | Pronunciation], voice: str
    ) -> tuple[NDArray[np.float32], int]:
        """As in `NeuralPreview`; sentences one after the other."""
        from piper import SynthesisConfig

        text = "".join(
            Piper().escape(s) if isinstance(s, str) else f"[[{self.phones(loaded, s)}]]"
            for s in segments
        )
        chosen = SynthesisConfig(speaker_id=self._speaker(loaded, voice))
        chunks = [np.asarray(c.audio_float_array) for c in loaded.synthesize(text, chosen)]
        joined = np.concatenate(chunks) if chunks else np.zeros(0)
        return joined.astype(np.float32), int(loaded.config.sample_rate)

    def phones(self, loaded: Any, pronunciation: Pronunciation) -> str:
        """The name in code points, each of which the loaded voice has a number for."""
        if loaded.config.phoneme_type.value != "espeak":
            raise UnknownVoice(
                f"The Piper voice {self.model.name} does not read IPA "
                f"(its phonemes are {loaded.config.phoneme_type.value}).",
                voice=self.model.name,
            )
        written = Piper().phones(stress_single_syllables(pronunciation)).value
        known = loaded.config.phoneme_id_map
        for char in unicodedata.normalize("NFD", written):
            if char not in known:
                raise UnknownVoice(
                    f"The Piper voice {self.model.name} has no phoneme {char!r}, which "
                    f"/{pronunciation.ipa}/ needs; it would be dropped. Take another voice.",
                    voice=self.model.name,
                    symbol=char,
                )
        return written

    def _speaker(self, loaded: Any, voice: str) -> int | None:
        if not voice:
            return None
        speakers = loaded.config.speaker_id_map
        if voice in speakers:
            return int(speakers[voice])
        if voice.isdigit() and int(voice) < loaded.config.num_speakers:
            return int(voice)
        raise UnknownVoice(
            f"The Piper voice {self.model.name} has no speaker {voice[:60]!r}; it has: "
            f"{', '.join([*speakers][:20]) or 'one, without a name'}.",
            voice=voice[:60],
            known=[*speakers],
        )
