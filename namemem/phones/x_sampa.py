r"""X-SAMPA: all of IPA in ASCII, such as `SI"vO:n`.

It has `"`, `\`, `{`, `<` and `'` in it: escape it for whatever it is put into.
Source: J. C. Wells, "Computer-coding the IPA: a proposed extension of SAMPA" (1995).
"""

from __future__ import annotations

from namemem.phones.ascii_table import AsciiTable
from namemem.phones.conversion import Conversion
from namemem.phones.model import Pronunciation

X_SAMPA = AsciiTable("x_sampa", "X-SAMPA")


def to_x_sampa(pronunciation: Pronunciation, *, dots: bool = False) -> Conversion:
    """A pronunciation in X-SAMPA.

    Args:
        pronunciation: any. Only prenasalisation (ᵐ, ᵑ) and a few rare marks have no X-SAMPA; they
            are left out and the phone is reported; a letter that it lacks (ⱱ) becomes the nearest.
        dots: write every syllable boundary; otherwise only where reading back needs it.
    """
    return X_SAMPA.write(pronunciation, dots=dots)


def from_x_sampa(text: str) -> Pronunciation:
    """Reads X-SAMPA, the longest symbol first.

    Raises:
        UnknownPhone: a symbol that is not X-SAMPA, with its position in `text`.
        InvalidPronunciation: a mark with nothing to stand on, or a text too long.
        EmptyPronunciation: no phone at all.
    """
    return X_SAMPA.read(text)
