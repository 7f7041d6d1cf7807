"""A name spelled aloud, found in phone posteriors: letter names in a row, and what letters follow.

A Viterbi search through the CTC states of all letter names (English; `H` is aitch or haitch, `Z`
zee or zed), where the next letter depends on the two before it as in names (`letter_lm.npz`, a
trigram model; `training/letter_lm.py`). No transcriber has to know the name.
"""

from __future__ import annotations

import functools
import string
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from namemem.phone_recognition.whisper_ctc import WEIGHTS, PhoneLabels

NAMES: dict[str, tuple[str, ...]] = {
    "a": ("EY",), "b": ("B IY",), "c": ("S IY",), "d": ("D IY",), "e": ("IY",), "f": ("EH F",),
    "g": ("JH IY",), "h": ("EY CH", "HH EY CH"), "i": ("AY",), "j": ("JH EY",), "k": ("K EY",),
    "l": ("EH L",), "m": ("EH M",), "n": ("EH N",), "o": ("OW",), "p": ("P IY",),
    "q": ("K Y UW",), "r": ("AA R", "AA"), "s": ("EH S",), "t": ("T IY",), "u": ("Y UW",),
    "v": ("V IY",), "w": ("D AH B AH L Y UW", "D AH B Y UW"), "x": ("EH K S",), "y": ("W AY",),
    "z": ("Z IY", "Z EH D"),
}  # fmt: skip
_ALPHABET = string.ascii_lowercase
_EDGE = 26
"""Stands for the beginning and the end of a word in the letter model."""

_LETTER_WEIGHT = 1.0
_PER_LETTER = 5.0
_NEW_WORD = 0.5
_NEVER = -1e9

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SpelledAloud:
    """Letters heard in a row.

    Attributes:
        text: the letters, a space between words: `siobhan`.
        score: log-likelihood of the best path, letter model included.
        starts: of each letter (not of the spaces), the frame where its name begins.
    """

    text: str
    score: float
    starts: tuple[int, ...]


@dataclass(frozen=True)
class _States:
    """The CTC states of every variant of every letter name, laid out one after the other."""

    label: NDArray[np.intp]
    before: NDArray[np.intp]
    skipped: NDArray[np.intp]
    first: NDArray[np.intp]
    last: NDArray[np.intp]
    letter: NDArray[np.intp]
    variant: NDArray[np.intp]
    begins: NDArray[np.intp]
    ends: NDArray[np.intp]
    ways: tuple[NDArray[np.intp], NDArray[np.intp]]


@functools.cache
def _states() -> _States:
    labels = PhoneLabels.read()
    rows: list[tuple[int, int, int, int]] = []  # label, before, skipped, variant
    variants: list[tuple[int, int, int, int, int]] = []  # first, last, letter, first and last phone
    for name, spoken in NAMES.items():
        for way in spoken:
            ids = labels.arpabet_ids(way.split())
            first = len(rows)
            for k, phone in enumerate(ids):
                at = len(rows)
                skipped = at - 2 if k and ids[k - 1] != phone else -1
                rows.append((phone, at - 1 if k else -1, skipped, len(variants)))
                rows.append((0, at, -1, len(variants)))
            letter = _ALPHABET.index(name)
            variants.append((first, len(rows) - 2, letter, ids[0], ids[-1]))
    label, before, skipping, variant = np.array(rows).T
    begin, end, letters, begins, ends = np.array(variants).T
    members = [np.flatnonzero(letters == n) for n in range(26)]
    ways = np.array([m[0] for m in members]), np.array([m[-1] for m in members])
    return _States(label, before, skipping, begin, end, letters, variant, begins, ends, ways)


@functools.cache
def letter_model(path: Path = WEIGHTS / "letter_lm.npz") -> Matrix:
    """Natural log of P(third | first, second), [27, 27, 27]; index 26 is a word's edge."""
    with np.load(path, allow_pickle=False) as stored:
        found: Matrix = stored["log_probs"].astype(np.float64)
    return found


def phones(text: str) -> list[int]:
    """Columns of the phones of letters said one after the other, by each letter's first name."""
    labels = PhoneLabels.read()
    names = [NAMES[letter][0] for letter in text if letter != " "]
    return labels.arpabet_ids([phone for name in names for phone in name.split()])


def search(english: NDArray[np.float32]) -> SpelledAloud | None:
    """The likeliest letters in log-posteriors [T, 40] (columns as in `PhoneLabels.arpabet`).

    None where there are fewer frames than any letter needs. Whether letters were said at all is for
    the caller to judge, by `score` against what free phones reach.
    """
    s, model = _states(), _LETTER_WEIGHT * letter_model()
    frames, states = len(english), len(s.label)
    if frames < 4:
        return None
    posteriors = english.astype(np.float64)
    # One row of states for each letter (or edge) that may have come before.
    score = np.full((27, states), _NEVER)
    steps = np.full((frames, 27, states), -1, dtype=np.int32)  # flat index of the state before
    came_before, came_skipping = s.before >= 0, s.skipped >= 0
    silence = np.concatenate(([0.0], np.cumsum(posteriors[:, 0])))
    flat = np.arange(27 * states).reshape(27, states)
    opening = model[_EDGE, _EDGE, s.letter] + _PER_LETTER  # [variants]
    for t in range(frames):
        options = np.full((3, 27, states), _NEVER)
        options[0] = score
        options[1][:, came_before] = score[:, s.before[came_before]]
        options[2][:, came_skipping] = score[:, s.skipped[came_skipping]]
        which = options.argmax(0)
        fresh = np.take_along_axis(options, which[None], 0)[0]
        source = np.where(
            which == 0, flat, np.where(which == 1, flat[:, s.before], flat[:, s.skipped])
        )
        value, origin = _entries(score, s, model)
        starts = silence[t] + opening
        from_start = starts > value[_EDGE]
        value[_EDGE] = np.where(from_start, starts, value[_EDGE])
        origin[_EDGE] = np.where(from_start, -2, origin[_EDGE])
        better = value > fresh[:, s.first]
        fresh[:, s.first] = np.where(better, value, fresh[:, s.first])
        source[:, s.first] = np.where(better, origin, source[:, s.first])
        score = fresh + posteriors[t][s.label][None]
        steps[t] = source
    closing = score + 0.0
    letters = s.letter[s.variant]
    closing += model[np.arange(27)[:, None], letters[None], _EDGE]
    unfinished = np.ones(states, dtype=bool)
    unfinished[np.concatenate((s.last, s.last + 1))] = False
    closing[:, unfinished] = _NEVER
    end = int(closing.argmax())
    return _trace(steps, end, states, s, float(closing.flat[end]))


def _entries(score: Matrix, s: _States, model: Matrix) -> tuple[Matrix, NDArray[np.intp]]:
    """Best way into each variant's first state: [27 contexts, variants] scores and origins.

    The context of what is entered is the letter that ends, or the edge where a new word begins.
    """
    states, variants = score.shape[1], len(s.first)
    value = np.full((27, variants), _NEVER)
    origin = np.full((27, variants), -1, dtype=np.intp)
    # Ends with the last phone itself (not before the same phone) or with the blank after it.
    for offset in (0, 1):
        ended = score[:, s.last + offset]  # [27, variants]
        second = ended[:, s.ways[1]] > ended[:, s.ways[0]]  # [27, 26]
        best = np.where(second, ended[:, s.ways[1]], ended[:, s.ways[0]])
        way = np.where(second, s.ways[1][None], s.ways[0][None])
        came = np.arange(27)[:, None] * states + s.last[way] + offset
        total = best[:, :, None] + model[:, :26][:, :, s.letter]  # [27, 26, variants]
        closed = best + model[:, :26, _EDGE]
        if offset == 0:
            same = s.ends[way][:, :, None] == s.begins[None, None]
            total = np.where(same, _NEVER, total)
        context = total.argmax(0)  # [26, variants]
        found = np.take_along_axis(total, context[None], 0)[0]
        better = found > value[:26]
        value[:26] = np.where(better, found, value[:26])
        origin[:26] = np.where(better, came[context, np.arange(26)[:, None]], origin[:26])
        flat = int(closed.argmax())
        opened = closed.flat[flat] + model[_EDGE, _EDGE, s.letter] - _NEW_WORD
        if offset == 0:
            opened = np.where(s.ends[way.flat[flat]] == s.begins, _NEVER, opened)
        better = opened > value[_EDGE]
        value[_EDGE] = np.where(better, opened, value[_EDGE])
        origin[_EDGE] = np.where(better, came.flat[flat], origin[_EDGE])
    return value + _PER_LETTER, origin


def _trace(
    steps: NDArray[np.int32], end: int, states: int, s: _States, score: float
) -> SpelledAloud | None:
    text: list[str] = []
    starts: list[int] = []
    at = end
    firsts = set(s.first.tolist())
    for t in range(len(steps) - 1, -1, -1):
        context, state = divmod(at, states)
        came = int(steps[t].flat[at])
        entered = state in firsts and (
            came < 0 or came % states not in (state,) or came // states != context
        )
        if entered:
            text.append(_ALPHABET[s.letter[s.variant[state]]])
            starts.append(t)
            if context == _EDGE and came != -2:
                text.append(" ")
        if came == -2:
            break
        if came < 0:
            return None
        at = came
    else:
        return None
    return SpelledAloud("".join(reversed(text)), score, tuple(reversed(starts)))
