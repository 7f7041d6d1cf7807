"""Evaluates one set of parameters on all prepared clips at once, in milliseconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.measures import ece
from benchmarks.prepared import (
    EDITED,
    HEARD,
    MIXED,
    MOVES,
    NATIVE,
    READING,
    SPELLED,
    TWICE,
    Prepared,
    finite,
)

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weights:
    """What is tuned for the choice; the names are those of `Scoring` and of the outputs' weights.

    `by_length`, `by_entropy`, `per_phone`, `foreign` and `heard_penalty` are variants that were
    tried: evidence that counts less in long spans or where the ear is unsure, a bonus for each
    phone, a penalty for readings that no English source gives, and what is heard freely beside the
    spelling; `listed` is a bonus for CMUdict's; `spelled_native` is 0 or how many were prepared.
    """

    ipa: float = 1.0
    english: float = 1.0
    evidence: float = 0.5
    prior: float = 1.0
    mix_factor: float = 1.0
    mix_penalty: float = 1.0
    edited: int = 3
    again: int = 0
    edit_penalty: float = 6.0
    reduced: float = 0.6
    vowel: float = 0.6
    consonant: float = 0.6
    dropped: float = 1.3
    added: float = 1.4
    by_distance: float = 2.0
    temperature: float = 1.0
    by_length: float = 0.0
    by_entropy: float = 0.0
    per_phone: float = 0.0
    foreign: float = 0.0
    listed: float = 0.0
    accent: float = 0.0
    letters: float = 0.0
    spelled_penalty: float = 1e3
    spelled_native: int = 0
    heard_penalty: float = 1e3


@dataclass(frozen=True, slots=True)
class Outcome:
    """Per clip: wrong phones, whether right, whether right among the first three, confidence."""

    wrong: Array
    right: npt.NDArray[np.bool_]
    top3: npt.NDArray[np.bool_]
    confidence: Array


class Bench:
    """All candidates of all clips in flat arrays; `starts` is where each clip begins."""

    def __init__(self, clips: Sequence[Prepared]) -> None:
        self.clips = [c for c in clips if len(c.kind) and c.size]
        sizes = [len(c.kind) for c in self.clips]
        self.starts = np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.intp)
        self.owner = np.repeat(np.arange(len(sizes)), sizes)
        self.scores = finite(np.concatenate([c.scores for c in self.clips], axis=1))
        self.kind = np.concatenate([c.kind for c in self.clips])
        self.log_prior = np.concatenate([c.log_prior for c in self.clips])
        self.letters = np.concatenate([c.letters for c in self.clips])
        parent = [
            np.where(c.parent < 0, -1, c.parent + s)
            for c, s in zip(self.clips, self.starts, strict=True)
        ]
        self.parent = np.concatenate(parent)
        self.move = np.concatenate([c.move for c in self.clips])
        self.distance = np.concatenate([c.distance for c in self.clips])
        self.listed = np.concatenate([c.listed for c in self.clips])
        self.accent = np.concatenate([c.accent for c in self.clips])
        self.lengths = np.concatenate([c.lengths for c in self.clips])
        self.foreign = ~np.concatenate([c.english for c in self.clips]) & (self.kind == READING)
        self.wrong = np.concatenate([c.wrong for c in self.clips])
        self.right = np.concatenate([c.right for c in self.clips])
        self.sounds = np.concatenate([c.sounds for c in self.clips])
        assert len(MOVES) == 6
        self.turn = np.concatenate([_turns(c.parent) for c in self.clips])
        self.groups = np.array([group_of(c) for c in self.clips])
        self.sizes = np.array([c.size for c in self.clips], float)
        self._frames = np.array([c.frames for c in self.clips], float)[self.owner]
        self._entropy = np.array([c.entropy for c in self.clips], float)[self.owner]

    def totals(self, w: Weights) -> Array:
        """Evidence and prior of every candidate."""
        heard = w.ipa * self.scores[0]
        if len(self.scores) > 1:
            heard = heard + w.english * self.scores[1]
        factor = w.evidence * np.ones(len(heard))
        if w.by_length:
            factor = factor * (self._frames / 80.0) ** -w.by_length
        if w.by_entropy:
            factor = factor * np.exp(-w.by_entropy * (self._entropy - 0.5))
        prior = np.where(
            self.kind == MIXED, w.mix_factor * self.log_prior - w.mix_penalty, self.log_prior
        )
        prior = np.where(self.kind == SPELLED, self.log_prior - w.spelled_penalty, prior)
        native = self.log_prior - (w.spelled_penalty if w.spelled_native else 1e3)
        prior = np.where(self.kind == NATIVE, native, prior)
        prior = np.where(self.kind == HEARD, -w.heard_penalty, prior)
        prior = prior - w.foreign * self.foreign + w.listed * self.listed - w.accent * self.accent
        fixed = np.array([0.0, w.reduced, w.vowel, w.consonant, w.dropped, w.added])
        cost = w.edit_penalty * (fixed[self.move] + w.by_distance * self.distance)
        for kind in (EDITED, TWICE):
            changed = prior[self.parent] - cost - w.accent * self.accent
            prior = np.where(self.kind == kind, changed, prior)
        prior = prior + w.letters * self.letters
        total = factor * heard + w.prior * prior + w.per_phone * self.lengths
        unused = ((self.kind == EDITED) & (self.turn >= w.edited)) | (
            (self.kind == TWICE) & (w.again == 0)
        )
        return np.where(unused, -1e9, total)

    def choose(self, w: Weights) -> Outcome:
        """The best candidate of every clip, and how sure one may be of it."""
        total = self.totals(w) / w.temperature
        peaks = np.maximum.reduceat(total, self.starts)
        weight = np.exp(total - peaks[self.owner])
        mass = np.add.reduceat(weight, self.starts)
        best = np.array(
            [
                s + int(np.argmax(total[s:e]))
                for s, e in zip(self.starts, [*self.starts[1:], len(total)], strict=True)
            ]
        )
        top3 = self._top3(total)
        return Outcome(self.wrong[best], self.right[best], top3, 1.0 / mass)

    def _top3(self, total: Array) -> npt.NDArray[np.bool_]:
        found = []
        for s, e in zip(self.starts, [*self.starts[1:], len(total)], strict=True):
            sounds: list[int] = []
            good = False
            for i in s + np.argsort(-total[s:e])[:40]:
                if self.sounds[i] in sounds:
                    continue
                sounds.append(int(self.sounds[i]))
                good = good or bool(self.right[i])
                if len(sounds) == 3 or good:
                    break
            found.append(good)
        return np.array(found)

    def oracle(self) -> dict[str, dict[str, float]]:
        """By group: how often the right one is among the readings, with mixtures, with edits."""
        result: dict[str, dict[str, float]] = {}
        for group in sorted(set(self.groups)):
            mine = self.groups[self.owner] == group
            row = {}
            kinds: list[int] = []
            for name, kind in (
                ("readings", READING),
                ("recombined", MIXED),
                ("spelled", SPELLED),
                ("native", NATIVE),
                ("edited", EDITED),
                ("twice", TWICE),
                ("heard", HEARD),
            ):
                kinds.append(kind)
                has = np.zeros(len(self.clips), bool)
                has[self.owner[mine & self.right & np.isin(self.kind, kinds)]] = True
                row[name] = float(has[self.groups == group].mean())
            result[group] = row
        return result

    def figures(self, w: Weights) -> dict[str, dict[str, float]]:
        """PER, exact, top-3 and ECE by group."""
        outcome = self.choose(w)
        result = {}
        for group in sorted(set(self.groups)):
            mine = self.groups == group
            result[group] = {
                "per": float(outcome.wrong[mine].sum() / self.sizes[mine].sum()),
                "exact": float((outcome.wrong[mine] == 0).mean()),
                "variants": float(outcome.right[mine].mean()),
                "top3": float(outcome.top3[mine].mean()),
                "ece": ece(outcome.confidence[mine].tolist(), outcome.right[mine].tolist()),
            }
        return result

    def loss(self, w: Weights, shares: dict[str, float], only: Array | None = None) -> float:
        """What tuning makes small: PER and half the share of wrong names, groups weighted.

        A name that is right but for the speaker's accent counts as half right.
        """
        total = self.totals(w)
        peaks = np.maximum.reduceat(total, self.starts)
        at_peak = np.flatnonzero(total == peaks[self.owner])
        _, first = np.unique(self.owner[at_peak], return_index=True)
        best = at_peak[first]
        wrong, right = self.wrong[best], self.right[best]
        loss = weight = 0.0
        for group, share in shares.items():
            mine = self.groups == group
            if only is not None:
                mine = mine & only.astype(bool)
            if mine.any():
                per = wrong[mine].sum() / self.sizes[mine].sum()
                exact = 0.5 * right[mine].mean() + 0.5 * (wrong[mine] == 0).mean()
                loss += share * float(per + 0.5 * (1 - exact))
                weight += share
        return loss / weight if weight else 0.0


def group_of(clip: Prepared) -> str:
    """The set and its noise level."""
    return clip.group if clip.level is None else f"{clip.group} {clip.level:g} dB"


def _turns(parent: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Of each edit, how many better candidates were edited before its parent."""
    turns = np.zeros(len(parent), np.int32)
    order: dict[int, int] = {}
    for i in np.flatnonzero(parent >= 0):
        turns[i] = order.setdefault(int(parent[i]), len(order))
    return turns
