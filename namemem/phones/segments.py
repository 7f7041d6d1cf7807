"""The table of IPA segments: which letters exist, what they are, and their features.

The data is `segments.tsv` beside this file (made by `tools/make_segments.py` from panphon's
features, plus one of our own, `rhotic`). A segment is a letter or a tied pair; what diacritics
and length add to it is computed here.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt

LENGTH_MARKS = "ːˑ"
TIE_BAR = "͡"
NON_SYLLABIC = "̯"
SYLLABIC = "̩"
UNTIED = ("tʃ", "dʒ", "tɕ", "dʑ", "ʈʂ", "ɖʐ")
"""Affricates that most people write without the tie bar; one phone all the same."""

# Diacritics and modifier letters that may follow a letter, with the feature each one sets
# (index by name; +1 or -1), or None where panphon's features cannot express it.
DIACRITICS: dict[str, tuple[tuple[str, int], ...]] = {
    "̃": (("nas", 1),),
    NON_SYLLABIC: (("syl", -1),),
    SYLLABIC: (("syl", 1),),
    "̍": (("syl", 1),),
    "̥": (("voi", -1),),
    "̊": (("voi", -1),),
    "̬": (("voi", 1),),
    "ʰ": (("sg", 1),),
    "ʱ": (("sg", 1), ("voi", 1)),
    "̤": (("sg", 1), ("voi", 1)),
    "̰": (("cg", 1),),
    "ʼ": (("cg", 1),),
    "ʲ": (("hi", 1), ("back", -1)),
    "ʷ": (("lab", 1), ("round", 1)),
    "ˠ": (("hi", 1), ("back", 1)),
    "ˤ": (("lo", 1), ("back", 1)),
    "̴": (("back", 1),),
    "̪": (("distr", 1),),
    "̺": (("distr", -1),),
    "̻": (("distr", 1),),
    "̼": (),
    "̹": (("round", 1),),
    "̜": (("round", -1),),
    "̟": (("back", -1),),
    "̠": (("back", 1),),
    "̈": (("back", -1),),
    "̽": (("tense", -1),),
    "̘": (("tense", 1),),
    "̙": (("tense", -1),),
    "̝": (("hi", 1),),
    "̞": (("hi", -1),),
    "˞": (("rhotic", 1),),
    "̆": (),
    "̚": (),
    "ⁿ": (("nas", 1),),
    "ˡ": (("lat", 1),),
    "ᵊ": (),
}
PRENASAL_N = "ᶰ"
"""How the ⁿ before a consonant is kept, since the same letter after one is its release."""
# What stands before a letter and belongs to it: prenasalised consonants.
PREFIXES: dict[str, tuple[tuple[str, int], ...]] = {
    "ᵐ": (("nas", 1),),
    PRENASAL_N: (("nas", 1),),
    "ᵑ": (("nas", 1),),
}
TONE_LETTERS = "˥˦˧˨˩"


@cache
def _rows() -> dict[str, tuple[str, str]]:
    """Segment (NFD) → (kind, features as a string of `+-0`)."""
    text = resources.files(__package__).joinpath("segments.tsv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {row[0]: (row[1], row[2]) for row in (line.split("\t") for line in lines[1:])}


@cache
def feature_names() -> tuple[str, ...]:
    """Names of the articulatory features, in the order of `features`."""
    text = resources.files(__package__).joinpath("segments.tsv").read_text(encoding="utf-8")
    header = [line for line in text.splitlines() if line.startswith("# syl ")]
    return tuple(header[0][2:].split())


def known_segments() -> tuple[str, ...]:
    """All letters and tied pairs of the table, NFD."""
    return tuple(_rows())


def is_segment(text: str) -> bool:
    """Whether `text` (NFD) is a letter or tied pair of the table."""
    return text in _rows()


def is_vowel_letter(text: str) -> bool:
    """Whether `text` (NFD, a segment of the table) is a vowel."""
    return _rows()[text][0] == "vowel"


@cache
def features(base: str, diacritics: str = "", length: str = "") -> npt.NDArray[np.float32]:
    """Articulatory features of one phone.

    Args:
        base: a segment of the table, NFD.
        diacritics: its combining marks and modifier letters, in any order.
        length: `""`, `"ˑ"` or `"ː"`.

    Returns:
        float32, shape [25], values -1, 0 or 1, in the order of `feature_names()`. Read-only.
    """
    vector = np.array([{"+": 1.0, "-": -1.0, "0": 0.0}[s] for s in _rows()[base][1]], np.float32)
    names = feature_names()
    for mark in diacritics:
        for name, value in DIACRITICS.get(mark) or PREFIXES.get(mark, ()):
            vector[names.index(name)] = value
    if length:
        vector[names.index("long")] = 1.0 if length == "ː" else 0.0
    vector.setflags(write=False)
    return vector
