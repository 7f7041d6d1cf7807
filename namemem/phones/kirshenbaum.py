"""Kirshenbaum (ASCII IPA, of the Usenet groups): letters, diacritics, and features in `< >`.

Source: E. Kirshenbaum, "Representing IPA phonetics in ASCII" (2001),
http://www.kirshenbaum.net/IPA/ascii-ipa.pdf. espeak-ng's mnemonics grew from it.
"""

from __future__ import annotations

from namemem.phones.ascii_table import AsciiTable
from namemem.phones.conversion import Conversion
from namemem.phones.model import Pronunciation

KIRSHENBAUM = AsciiTable("kirshenbaum", "Kirshenbaum")


def to_kirshenbaum(pronunciation: Pronunciation) -> Conversion:
    """A pronunciation in Kirshenbaum's ASCII IPA, such as `SI'vO:n`.

    Only prenasalisation (ᵐ, ᵑ) has nothing in it; it is left out and reported.
    """
    return KIRSHENBAUM.write(pronunciation)


def from_kirshenbaum(text: str) -> Pronunciation:
    """Reads Kirshenbaum's ASCII IPA, the longest symbol first.

    Raises:
        UnknownPhone: a symbol that is not of it, with its position in `text`.
        InvalidPronunciation: a mark with nothing to stand on, or a text too long.
        EmptyPronunciation: no phone at all.
    """
    return KIRSHENBAUM.read(text)
