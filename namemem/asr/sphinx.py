"""pocketsphinx: English words with times, from the models inside its wheel."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

from namemem.asr.base import Capabilities, TimedWord, Transcriber, Transcript
from namemem.audio import Waveform, speech_span

if TYPE_CHECKING:
    import pocketsphinx

_FRAMES_PER_SECOND = 100
_PAD_SECONDS = 0.2
"""Silence added at both ends: a word cut close at the start is heard better."""


class SphinxTranscriber(Transcriber):
    """The engine that always works: offline, English, 130,000 words."""

    name = "sphinx"
    capabilities = Capabilities(languages=frozenset({"en"}), prompt=False, guesses=True)
    modules = ("pocketsphinx",)

    @property
    def version(self) -> str:
        """Of pocketsphinx, with its US English model."""
        return f"{metadata.version('pocketsphinx')} en-us"

    def _load(self) -> None:
        import pocketsphinx

        self._decoder: pocketsphinx.Decoder = pocketsphinx.Decoder(loglevel="FATAL")

    def _transcribe(
        self, waveform: Waveform, *, language: str | None, prompt: str | None
    ) -> Transcript:
        words = self._words(waveform) if speech_span(waveform) else []
        text = " ".join(word.word for word in words)
        return Transcript(text, tuple(words), f"{self.name} {self.version}", "en")

    def _words(self, waveform: Waveform) -> list[TimedWord]:
        silence = Waveform.silence(_PAD_SECONDS)
        decoder = self._decoder
        decoder.reinit_feat()  # forgets the last speaker's cepstral mean
        decoder.start_utt()
        try:
            pcm = silence.concatenate(waveform, silence).pcm16
            decoder.process_raw(pcm, full_utt=True)
        finally:
            decoder.end_utt()
        if decoder.hyp() is None:
            return []
        logarithm = decoder.get_logmath()
        words = []
        for segment in decoder.seg():
            if segment.word[0] in "<[+":
                continue
            start, end = (
                min(max(frame / _FRAMES_PER_SECOND - _PAD_SECONDS, 0.0), waveform.seconds)
                for frame in (segment.start_frame, segment.end_frame + 1)
            )
            if end <= start:
                continue  # heard in the added silence
            confidence = min(1.0, float(logarithm.exp(segment.prob)))
            words.append(TimedWord(segment.word.split("(")[0], start, end, confidence))
        return words
