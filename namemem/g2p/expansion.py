"""More candidates than any one language gives: recombinations, and single-phone edits.

A name is often said half by the rules of one language and half by another's. The readings of all
languages are laid side by side, position by position, and the likeliest paths through the columns
become candidates. Edits of a good candidate reach what no rule predicts; whether they are taken is
for the ear to say, against a penalty.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from namemem.g2p.candidates import Candidate
from namemem.phones import Phone, Pronunciation, Stress, feature_distance
from namemem.phones.model import Syllable
from namemem.phones.syllables import syllabify

_GAP = 0.6  # cost of a phone that has no partner, against feature distances of 0 to 0.5
_BACKBONES = 3  # how many of the most probable readings the others are laid beside
_FLOOR = 0.02  # a phone with a smaller share of its column is not recombined

# What an edit may put in a phone's place: frequent phones of the world's names.
_EDIT_VOWELS = "i ɪ e ɛ æ a ɑ ɔ o ʊ u ʌ ə ɚ y ø aɪ eɪ oʊ aʊ ɔɪ".split()
_EDIT_CONSONANTS = "p b t d k ɡ m n ŋ ɲ f v θ ð s z ʃ ʒ x h l ɹ ɾ r j w t͡ʃ d͡ʒ".split()
_REDUCED = frozenset("ə ɚ ɪ".split())

LONGEST = 60
"""Phones of a reading that is expanded: no name has more, and the work grows with the square."""

Slot = tuple[Phone, ...]
"""What stands at one place: a consonant, a nucleus (one or two vowels), or nothing."""


def recombine(candidates: Sequence[Candidate], limit: int = 200) -> list[Candidate]:
    """Paths through the aligned readings that are no reading themselves, most probable first.

    Args:
        candidates: readings of one spelling with their priors.
        limit: at most so many.

    Returns:
        Candidates with source `recombined`; the prior is the product of the shares that each
        chosen phone has of its column, so that agreement between languages counts.
    """
    single = [c for c in candidates if len(c.pronunciation.words) == 1 and not _too_long(c)]
    if len(single) < 2:
        return []
    known = {c.pronunciation.segmental for c in candidates}
    best: dict[tuple[str, ...], tuple[float, list[Slot], list[Stress]]] = {}
    for backbone in single[:_BACKBONES]:
        columns, stresses = _columns(backbone, single)
        for log_share, path in _paths(columns, limit + len(known)):
            key = tuple(p.base + p.diacritics for slot in path for p in slot)
            if key not in known and (key not in best or best[key][0] < log_share):
                best[key] = log_share, path, stresses
    result = []
    for log_share, path, stresses in sorted(best.values(), key=lambda item: -item[0])[:limit]:
        pronunciation = _build(path, stresses)  # the dear part: only for those that are kept
        if pronunciation is not None:
            result.append(Candidate(pronunciation, ("recombined",), log_share))
    return result


@dataclass(frozen=True, slots=True)
class Move:
    """One phone changed.

    Attributes:
        pronunciation: the result.
        kind: `reduced` (an unstressed vowel to schwa or the like), `vowel`, `consonant`,
            `dropped` or `added`.
        distance: how far a changed phone is, by features.
    """

    pronunciation: Pronunciation
    kind: str
    distance: float = 0.0


EDIT_COSTS = {
    "reduced": (0.2, 3.0),
    "vowel": (0.3, 3.0),
    "consonant": (0.3, 3.0),
    "dropped": (1.7, 0.0),
    "added": (1.8, 0.0),
}
"""What a kind of edit costs, and its distance on top, in units of the penalty."""


def edits(candidate: Candidate, penalty: float) -> list[Candidate]:
    """The candidate with one phone changed, dropped, or a schwa or glide put in.

    Args:
        candidate: a reading that fits well already.
        penalty: nats that an edit costs; a farther phone costs more.

    Returns:
        Candidates with source `ear`; none of a reading that is longer than any name.
    """
    result: list[Candidate] = []
    if _too_long(candidate):
        return result
    for move in moves(candidate.pronunciation):
        fixed, by_distance = EDIT_COSTS[move.kind]
        cost = penalty * (fixed + by_distance * move.distance)
        result.append(Candidate(move.pronunciation, ("ear",), candidate.log_prior - cost))
    return result


def _too_long(candidate: Candidate) -> bool:
    return len(candidate.pronunciation.phones) > LONGEST


def moves(pronunciation: Pronunciation) -> list[Move]:
    """Everything that one edit makes of a pronunciation, without repetitions."""
    result: list[Move] = []
    words = pronunciation.words
    seen = {pronunciation.segmental}

    def add(
        slots: list[Slot], stresses: list[Stress], w: int, kind: str, distance: float = 0.0
    ) -> None:
        built = _build(slots, stresses)
        if built is None:
            return
        changed = Pronunciation((*words[:w], *built.words, *words[w + 1 :]))
        if changed.segmental not in seen:
            seen.add(changed.segmental)
            result.append(Move(changed, kind, distance))

    for w, word in enumerate(words):
        slots, stresses = _slots(word)
        for i, slot in enumerate(slots):
            nucleus = slot[0].is_syllabic
            for other in _alternatives(slot, nucleus):
                kind = "vowel" if nucleus else "consonant"
                if nucleus and stresses[i] is not Stress.PRIMARY and _text(other) in _REDUCED:
                    kind = "reduced"
                changed = [*slots[:i], other, *slots[i + 1 :]]
                add(changed, stresses, w, kind, _slot_distance(slot, other))
            if len(slots) > 2:
                gone = [*slots[:i], *slots[i + 1 :]]
                marks = [*stresses[:i], *stresses[i + 1 :]]
                if stresses[i] is Stress.PRIMARY:
                    marks = stresses  # `_build` gives it to the next nucleus
                add(gone, marks, w, "dropped")
        for i in range(len(slots) + 1):
            for extra in (_phone("ə"), _phone("j"), _phone("ɹ"), _phone("h"), _phone("n")):
                grown = [*slots[:i], (extra,), *slots[i:]]
                marks = [*stresses[:i], Stress.NONE, *stresses[i:]]
                add(grown, marks, w, "added")
    return result


@lru_cache(maxsize=512)
def _phone(ipa: str) -> Phone:
    return Phone(ipa)


def _alternatives(slot: Slot, nucleus: bool) -> list[Slot]:
    if nucleus:
        return [tuple(_phone(p) for p in _split(v)) for v in _EDIT_VOWELS if _text(slot) != v]
    return [
        (_phone(c),)
        for c in _EDIT_CONSONANTS
        if _text(slot) != c and _slot_distance(slot, (_phone(c),)) < 0.25
    ]


def _split(vowel: str) -> list[str]:
    return [vowel[0], vowel[1]] if len(vowel) == 2 else [vowel]


def _text(slot: Slot) -> str:
    return "".join(p.base + p.diacritics for p in slot)


def _slots(word: Sequence[Syllable]) -> tuple[list[Slot], list[Stress]]:
    slots: list[Slot] = []
    stresses: list[Stress] = []
    for syllable in word:
        for unit, nucleus in syllable.units():
            slots.append(unit)
            stresses.append(syllable.stress if nucleus else Stress.NONE)
    return slots, stresses


def _slot_distance(a: Slot, b: Slot) -> float:
    """Feature distance between two slots; a vowel never stands for a consonant."""
    if a[0].is_syllabic != b[0].is_syllabic:
        return 1.0
    distance = feature_distance(a[0], b[0])
    if len(a) != len(b):
        return min(1.0, distance + 0.08)
    return max(distance, feature_distance(a[-1], b[-1]))


def _columns(
    backbone: Candidate, candidates: Sequence[Candidate]
) -> tuple[list[dict[Slot, float]], list[Stress]]:
    """For each place of the backbone: what stands there (or nothing) and its share of votes."""
    slots, stresses = _slots(backbone.pronunciation.words[0])
    columns: list[dict[Slot, float]] = [{} for _ in slots]
    for candidate in candidates:
        weight = math.exp(candidate.log_prior)
        others, _ = _slots(candidate.pronunciation.words[0])
        for column, slot in zip(columns, _align(slots, others), strict=True):
            plain = tuple(Phone(p.base, p.diacritics) for p in slot)
            column[plain] = column.get(plain, 0.0) + weight
    result = []
    for column in columns:
        total = sum(column.values())
        kept = {slot: w / total for slot, w in column.items() if w / total >= _FLOOR}
        result.append(kept or column)
    return result, stresses


def _align(backbone: Sequence[Slot], other: Sequence[Slot]) -> list[Slot]:
    """For each slot of the backbone, what stands there in `other` (empty: nothing).

    What `other` has in between is joined to the slot before it, if both are consonants.
    """
    rows, columns = len(backbone) + 1, len(other) + 1
    cost = [[0.0] * columns for _ in range(rows)]
    for i in range(rows):
        for j in range(columns):
            if i == 0 or j == 0:
                cost[i][j] = _GAP * (i + j)
                continue
            cost[i][j] = min(
                cost[i - 1][j - 1] + 2.0 * _slot_distance(backbone[i - 1], other[j - 1]),
                cost[i - 1][j] + _GAP,
                cost[i][j - 1] + _GAP,
            )
    result: list[Slot] = [()] * len(backbone)
    i, j = len(backbone), len(other)
    while i > 0 or j > 0:
        here = cost[i][j]
        if (
            i
            and j
            and math.isclose(
                here, cost[i - 1][j - 1] + 2.0 * _slot_distance(backbone[i - 1], other[j - 1])
            )
        ):
            result[i - 1] = other[j - 1] + result[i - 1]
            i, j = i - 1, j - 1
        elif i and math.isclose(here, cost[i - 1][j] + _GAP):
            i -= 1
        else:
            if i and not other[j - 1][0].is_syllabic and not backbone[i - 1][0].is_syllabic:
                result[i - 1] = other[j - 1] + result[i - 1]
            j -= 1
    return result


def _paths(columns: Sequence[dict[Slot, float]], limit: int) -> list[tuple[float, list[Slot]]]:
    """The `limit` most probable ways through the columns, as (log share, slots)."""
    ordered = [
        sorted(((math.log(w), slot) for slot, w in column.items()), key=lambda item: -item[0])
        for column in columns
    ]
    start = tuple(0 for _ in ordered)
    total = sum(column[0][0] for column in ordered)
    heap: list[tuple[float, tuple[int, ...]]] = [(-total, start)]
    seen = {start}
    found: list[tuple[float, list[Slot]]] = []
    while heap and len(found) < limit:
        negative, choice = heapq.heappop(heap)
        slots = [ordered[i][k][1] for i, k in enumerate(choice)]
        found.append((-negative, [slot for slot in slots if slot]))
        for i, k in enumerate(choice):
            if k + 1 < len(ordered[i]):
                following = (*choice[:i], k + 1, *choice[i + 1 :])
                if following not in seen:
                    seen.add(following)
                    step = ordered[i][k][0] - ordered[i][k + 1][0]
                    heapq.heappush(heap, (negative + step, following))
    return found


def _build(slots: Sequence[Slot], stresses: Sequence[Stress]) -> Pronunciation | None:
    """A pronunciation of one word from slots; stress stays on the nucleus where it was."""
    phones: list[Phone] = []
    marks: dict[int, Stress] = {}
    breaks: set[int] = set()
    nuclei = [s for s in stresses if s is not Stress.NONE]
    aligned = len(slots) == len(stresses)
    for index, slot in enumerate(slots):
        if not slot:
            continue
        if slot[0].is_syllabic:
            if phones and phones[-1].is_syllabic:
                breaks.add(len(phones))
            if aligned:
                marks[len(phones)] = stresses[index]
        phones.extend(slot)
    if not any(p.is_syllabic for p in phones):
        return None
    if not aligned and nuclei:
        # A slot is gone: the first stress goes to the nucleus nearest to where it was.
        where = next(i for i, s in enumerate(stresses) if s is Stress.PRIMARY or s is nuclei[0])
        at = [i for i, p in enumerate(phones) if p.is_syllabic]
        marks[min(at, key=lambda i: abs(i - where))] = Stress.PRIMARY
    return Pronunciation((syllabify(phones, breaks, marks, {}),))
