"""Columns of a model, one after the other, as a pronunciation."""

from __future__ import annotations

from collections.abc import Sequence

from namemem.phones import Pronunciation, from_arpabet, parse_ipa

_VOWELS = frozenset("aɑɐæɛeəɚɝɜiɪɨʏyøœoɔʊuʌɯɤɒ")
_AS_IPA = {"t͡ʂ": "ʈ͡ʂ", "t͡ʂʰ": "ʈ͡ʂʰ", "d͡ʐ": "ɖ͡ʐ"}
"""Labels that IPA writes in another way."""


def as_ipa(labels: Sequence[str]) -> str:
    """Labels of an IPA output as one text that is read back as the same labels.

    A diphthong is a vowel and a glide here, so two vowels are two syllables.
    """
    text = ""
    for label in labels:
        joint = "." if text and text[-1] in _VOWELS and label[0] in _VOWELS else ""
        text += joint + _AS_IPA.get(label, label)
    return text


def pronounced(names: Sequence[str]) -> Pronunciation:
    """Columns' names (IPA, or ARPABET of an English output) as a pronunciation.

    Raises:
        InvalidPronunciation: they are no syllables.
    """
    if not all(name.isascii() and name.isupper() for name in names):
        return parse_ipa(as_ipa(names))
    vowels = sum(name[0] in "AEIOU" for name in names)
    # The English output has one label for "cup" and for schwa; only a single vowel is surely full.
    return from_arpabet(" ".join("AH0" if n == "AH" and vowels > 1 else n for n in names))
