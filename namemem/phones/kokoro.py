"""Kokoro's phoneme symbols (misaki): IPA, with one symbol for each English diphthong and affricate.

Source: https://github.com/hexgrad/misaki (EN_PHONES.md). Stress marks stand before the vowel.
"""

from __future__ import annotations

import unicodedata
from typing import Literal

from namemem.phones.conversion import Conversion
from namemem.phones.model import Pronunciation, Stress
from namemem.phones.notation_table import notation_inventory

_MARKS = {Stress.NONE: "", Stress.PRIMARY: "ˈ", Stress.SECONDARY: "ˌ"}


def to_kokoro(pronunciation: Pronunciation, accent: Literal["us", "gb"] = "us") -> Conversion:
    """A pronunciation in Kokoro's symbols, such as `ʃɪvˈɔn` (American) or `ʃɪvˈɔːn` (British).

    Args:
        pronunciation: any; foreign sounds become what English makes of them, each reported.
        accent: the accent of the voice, which decides the inventory.
    """
    written = notation_inventory(f"kokoro:{accent}").write(pronunciation, fit=True)
    words = (
        "".join("".join(s.onset) + _MARKS[s.stress] + "".join(s.nucleus + s.coda) for s in word)
        for word in written.words
    )
    return Conversion(
        unicodedata.normalize("NFC", " ".join(words)), written.substitutions, written.spoken
    )
