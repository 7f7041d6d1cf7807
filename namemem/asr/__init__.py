"""Waveform → words with times.

`Transcriber` is what the rest of namemem sees; `ENGINES` names where each one lives, and it
is imported only when chosen. A caller who has words already brings them as a `Transcript`.
"""

from namemem.asr.base import Capabilities, TimedWord, Transcriber, Transcript
from namemem.asr.choice import choose_transcriber
from namemem.asr.from_caller import transcript_from_caller
from namemem.asr.registry import ENGINES, create_transcriber, transcriber_class

__all__ = [
    "ENGINES",
    "Capabilities",
    "TimedWord",
    "Transcriber",
    "Transcript",
    "choose_transcriber",
    "create_transcriber",
    "transcriber_class",
    "transcript_from_caller",
]
