"""The phrase that carries a name ("my name is", "call me"), found although the name is unknown.

The words that pocketsphinx hears say most: its language model holds the carrier in place and
gives good times, while the unknown name after it becomes some other word. Where they miss,
a keyword spotter looks for the two phrases that it tells safely from anything else.
(A grammar of carrier and phone loop was tried: seconds per recording, and "I am" everywhere.)
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from namemem.asr.base import TimedWord, Transcript
from namemem.asr.sphinx import SphinxTranscriber
from namemem.audio import Waveform
from namemem.scratch import scratch_folder

if TYPE_CHECKING:
    import pocketsphinx

CARRIERS = (
    ("my", "name", "is"),
    ("my", "name's"),
    ("call", "me"),
    ("this", "is"),
    ("i'm",),
    ("i", "am"),
)
_SPOTTED = {"my name is": 0.88, "call me": 0.86}
"""The least score of each: above what it reaches in speech without the phrase."""
_SPOTTER_LAG = 0.037
"""Seconds by which the spotter ends a phrase too early."""


@dataclass(frozen=True)
class CarrierMatch:
    """A carrier phrase and its time; the name, if one follows, starts about at `end`."""

    phrase: str
    start: float
    """Seconds from the start of the waveform."""
    end: float
    """Seconds."""
    score: float | None
    """The spotter's, in [0, 1], against a loop of phones; None where the words say it."""


class CarrierFinder:
    """Finds carrier phrases with pocketsphinx. Thread-safe; loads at its first use."""

    def __init__(self, transcriber: SphinxTranscriber) -> None:
        self._transcriber = transcriber
        self._lock = threading.Lock()
        self._spotter: pocketsphinx.Decoder | None = None

    def find(self, waveform: Waveform, transcript: Transcript | None = None) -> CarrierMatch | None:
        """The first carrier phrase with something after it, or None.

        `transcript`: what the transcriber heard in the same waveform, to spare hearing it
        again. Whether what follows is a name is not decided here. Raises EngineUnavailable
        and EngineFailed.
        """
        heard = transcript or self._transcriber.transcribe(waveform)
        return carrier_in_words(heard.words) or self._spot(waveform)

    def _spot(self, waveform: Waveform) -> CarrierMatch | None:
        with self._lock:
            spotter = self._spotter = self._spotter or _load_spotter()
            spotter.reinit_feat()
            spotter.start_utt()
            try:
                spotter.process_raw(waveform.pcm16, full_utt=True)
            finally:
                spotter.end_utt()
            found = [
                CarrierMatch(
                    segment.word.strip(),
                    segment.start_frame / 100,
                    min((segment.end_frame + 1) / 100 + _SPOTTER_LAG, waveform.seconds),
                    min(float(segment.prob), 1.0),
                )
                for segment in (spotter.seg() if spotter.hyp() else ())
            ]
        safe = [match for match in found if (match.score or 0.0) >= _SPOTTED[match.phrase]]
        return max(safe, key=lambda match: match.score or 0.0, default=None)


def carrier_in_words(words: tuple[TimedWord, ...]) -> CarrierMatch | None:
    """The first carrier phrase among timed words that has another word after it."""
    spoken = [word.word for word in words]
    for first in range(len(words)):
        for carrier in CARRIERS:
            last = first + len(carrier)
            if tuple(spoken[first:last]) != carrier or last >= len(words):
                continue
            start, end = words[first].start, words[last - 1].end
            if start is not None and end is not None:
                return CarrierMatch(" ".join(carrier), start, end, None)
    return None


def _load_spotter() -> pocketsphinx.Decoder:
    import pocketsphinx

    decoder = pocketsphinx.Decoder(lm=None, loglevel="FATAL")
    with scratch_folder() as folder:
        phrases = folder / "phrases"
        phrases.write_text("".join(f"{phrase} /1e-20/\n" for phrase in _SPOTTED))
        decoder.add_kws("carriers", str(phrases))
    decoder.activate_search("carriers")
    return decoder
