"""Sound in: bytes of any recording → `Waveform`, its quality, and where the speech is.

    decode (bytes, file, path) → Waveform (mono float32, [-1, 1], 16 kHz)
    assess (Waveform)          → Quality (levels, clipping, signal-to-noise, flags)
    speech_span (Waveform)     → (start, end) in seconds, or None

Nothing heavy is imported before it is used: PyAV inside `decode`, pocketsphinx never.
"""

from namemem.audio.decoding import FORMATS, MAX_BYTES, MAX_SECONDS, decode
from namemem.audio.endpoints import speech_span
from namemem.audio.quality import Quality, assess
from namemem.audio.waveform import SAMPLE_RATE, Waveform, encode_wav

__all__ = [
    "FORMATS",
    "MAX_BYTES",
    "MAX_SECONDS",
    "SAMPLE_RATE",
    "Quality",
    "Waveform",
    "assess",
    "decode",
    "encode_wav",
    "speech_span",
]
