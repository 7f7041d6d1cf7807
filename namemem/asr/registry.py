"""The transcribers there are. A new one is one module and one line here."""

from __future__ import annotations

import importlib

from namemem.asr.base import Transcriber
from namemem.errors import InvalidSettings

ENGINES = {
    "sphinx": "namemem.asr.sphinx:SphinxTranscriber",
    "whisper": "namemem.asr.whisper:WhisperTranscriber",
}


def transcriber_class(name: str) -> type[Transcriber]:
    """The class registered as `name`; imports its module, loads nothing.

    Raises InvalidSettings for an unknown name.
    """
    if name not in ENGINES:
        raise InvalidSettings(f"There is no transcriber {name!r}; there are {', '.join(ENGINES)}.")
    module, attribute = ENGINES[name].split(":")
    found: type[Transcriber] = getattr(importlib.import_module(module), attribute)
    return found


def create_transcriber(name: str, **options: object) -> Transcriber:
    """An engine, not loaded yet; `options` go to its constructor."""
    return transcriber_class(name)(**options)
