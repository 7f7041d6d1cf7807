"""Putting a fitted pronunciation into one line: where stress stands, what is between symbols."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from namemem.phones.model import Stress
from namemem.phones.written import Written, WrittenSyllable

Marks = Mapping[Stress, str]
IPA_MARKS: Marks = {Stress.NONE: "", Stress.PRIMARY: "ˈ", Stress.SECONDARY: "ˌ"}
X_SAMPA_MARKS: Marks = {Stress.NONE: "", Stress.PRIMARY: '"', Stress.SECONDARY: "%"}


def tokens(
    syllable: WrittenSyllable,
    marks: Marks,
    place: Literal["syllable", "vowel", "after"],
) -> list[str]:
    """Symbols of a syllable with the mark of its stress among them, as a token of its own.

    Args:
        syllable: in a target's symbols.
        marks: the mark of each stress; an empty one is no token.
        place: before the `syllable`, before its `vowel`, or `after` its first vowel symbol.
    """
    mark = [marks[syllable.stress]] if marks[syllable.stress] else []
    onset, nucleus, coda = list(syllable.onset), list(syllable.nucleus), list(syllable.coda)
    if not nucleus or place == "syllable":
        return mark + onset + nucleus + coda if nucleus or place != "after" else onset + coda
    if place == "vowel":
        return onset + mark + nucleus + coda
    return onset + nucleus[:1] + mark + nucleus[1:] + coda


def words(
    written: Written,
    marks: Marks,
    *,
    place: Literal["syllable", "vowel", "after"] = "syllable",
    joint: str = " ",
    boundary: str = "",
) -> list[str]:
    """Each word on a line of its own symbols; `boundary` is a token between syllables."""
    lines = []
    for word in written.words:
        line: list[str] = []
        for index, syllable in enumerate(s for s in word if s.symbols):
            if boundary and index:
                line.append(boundary)
            line.extend(tokens(syllable, marks, place))
        if line:
            lines.append(joint.join(line))
    return lines
