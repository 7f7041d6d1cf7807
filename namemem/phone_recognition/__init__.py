"""Which phones are in a stretch of audio, and how well a given pronunciation fits it.

`PhoneRecognizer.listen` takes one recording and gives a `Listening`, from which the pipeline asks
everything else. Engines: `whisper_ctc` (a CTC head on Whisper's encoder), `compact` (a model of our
own that ships in the package), `wav2vec2` (any phone model of `transformers`) and `sphinx`
(pocketsphinx, the last resort). `registry` builds them by name.
"""

from namemem.phone_recognition.base import (
    Alignment,
    Calibration,
    Context,
    Letters,
    Listening,
    PhoneRecognizer,
    Scoring,
    Span,
)
from namemem.phone_recognition.registry import choose, create, engine_names

__all__ = [
    "Alignment",
    "Calibration",
    "Context",
    "Letters",
    "Listening",
    "PhoneRecognizer",
    "Scoring",
    "Span",
    "choose",
    "create",
    "engine_names",
]
