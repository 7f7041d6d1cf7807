"""From a run of phones to syllables: the maximal onset principle with a sonority test.

Names come from every language, so the rule is deliberately general: an onset may be any single
consonant that can begin an English-like syllable, a cluster of rising sonority, or /s/-type
fricatives before it (Clements 1990, "The role of the sonority cycle in core syllabification").
Where the input says where a syllable begins (a dot, a stress mark), that is kept.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from namemem.phones import segments
from namemem.phones.model import DIPHTHONGS, Phone, Stress, Syllable

_GLIDES = set("jwɥɰ")
_LIQUIDS = set("lɹrɾʁɻɫʎɭʀɽ")
_NASALS = set("mnɲŋɳɴɱ")
_SIBILANTS = set("sʃʂɕzʒʐʑ")


def sonority(phone: Phone) -> int:
    """0 stop, 1 fricative or affricate, 2 nasal, 3 liquid, 4 glide, 5 vowel."""
    base = phone.base
    if phone.is_vowel:
        return 5 if phone.is_syllabic else 4
    if base in _GLIDES:
        return 4
    if base in _LIQUIDS:
        return 3
    if base in _NASALS:
        return 2
    stop = set("pbtdʈɖcɟkɡqɢʔɓɗʄɠʛʘǀǃǂǁ")
    return 0 if base in stop else 1


def legal_onset(cluster: Sequence[Phone]) -> bool:
    """Whether `cluster` may begin a syllable inside a word."""
    if len(cluster) <= 1:
        return not cluster or cluster[0].base != "ŋ"
    rest = list(cluster)
    if rest[0].base == "s" and sonority(rest[1]) <= 3 and rest[1].base not in _LIQUIDS - {"l"}:
        voiced = rest[1].base in set("bdɡvzʒ")
        if voiced or segments.TIE_BAR in rest[1].base or rest[1].base in _SIBILANTS:
            return False
        rest = rest[1:]
    elif rest[0].base in _SIBILANTS and rest[1].base in "lɫʎ":  # Ash-ley, Oz-lem
        return False
    levels = [sonority(p) for p in rest]
    if any(b <= a for a, b in itertools.pairwise(levels)):
        return False
    if len(rest) == 2:
        first, second = rest
        # /tl/ and /dl/ and nasals after stops (/kn/, /ɡm/) are split inside names: At-las, Ag-nes.
        if levels[1] == 2 or (first.base in "td" and second.base in "lɫ"):
            return False
        if levels[0] >= 2 and levels[1] == 3:
            return False
    return True


def nuclei(phones: Sequence[Phone], breaks: set[int]) -> list[tuple[int, int]]:
    """(start, end) of each nucleus in `phones`; `breaks` are indices where a syllable begins."""
    found: list[tuple[int, int]] = []
    i = 0
    while i < len(phones):
        if not phones[i].is_syllabic:
            i += 1
            continue
        end = i + 1
        if end < len(phones) and _joins(phones[i], phones[end]):
            # A break before a glide with no vowel after it begins no syllable.
            last = not phones[end].is_syllabic and not any(p.is_syllabic for p in phones[end:])
            end += end not in breaks or last
        found.append((i, end))
        i = end
    return found


def _joins(first: Phone, second: Phone) -> bool:
    if not second.is_vowel:
        return False
    if not second.is_syllabic:
        return True
    return first.length == "" and second.length == "" and first.base + second.base in DIPHTHONGS


def syllabify(
    phones: Sequence[Phone],
    breaks: set[int],
    stresses: dict[int, Stress],
    tones: dict[int, str],
) -> tuple[Syllable, ...]:
    """Syllables of one word.

    Args:
        phones: the word's segments, at least one.
        breaks: indices of phones at which the input itself says that a syllable begins.
        stresses: index of any phone of a syllable → that syllable's stress.
        tones: index of a phone → tone letters written after it.

    Returns:
        One syllable per nucleus; a word without any nucleus ("pst") is one syllable whose
        consonants are its onset.
    """
    spans = nuclei(phones, breaks)
    if not spans:
        marks = [s for s in stresses.values() if s] or [Stress.NONE]
        return (Syllable(tuple(phones), (), (), marks[0], "".join(tones.values())),)
    starts = [0]
    for (_, left_end), (right_start, _) in itertools.pairwise(spans):
        inside = sorted(b for b in breaks if left_end <= b <= right_start)
        if inside:  # of several, the one with stress, or where a tone ends the syllable before:
            told = (b for b in inside if stresses.get(b))  # a dot may only keep two letters apart
            toned = (b for b in inside if b - 1 in tones)
            starts.append(next(told, next(toned, inside[0])))
            continue
        begin = left_end
        while not legal_onset(phones[begin:right_start]):
            begin += 1
        starts.append(begin)
    ends = [*starts[1:], len(phones)]
    result = []
    for (left, right), start, end in zip(spans, starts, ends, strict=True):
        stress = next((stresses[i] for i in range(start, end) if i in stresses), Stress.NONE)
        tone = "".join(tones[i] for i in range(start, end) if i in tones)
        result.append(
            Syllable(
                tuple(phones[start:left]),
                tuple(phones[left:right]),
                tuple(phones[right:end]),
                stress,
                tone,
            )
        )
    return tuple(result)
