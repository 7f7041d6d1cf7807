"""How often the right reading is in the list at all, before anybody listens, and what that costs.

A choice cannot be better than its candidates: the share of names whose said reading is among the
first 1, 20 and 300 of them, ordered by prior alone, and the share that one changed phone reaches.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks import judging
from benchmarks.clips import Clip
from benchmarks.measures import Figure, ratio
from namemem.evidence import Gatherer
from namemem.g2p import Candidate, Candidates
from namemem.g2p.expansion import moves
from namemem.phone_recognition import PhoneRecognizer

FIRSTS = (1, 20, 300)
_EDITED = 20
"""So many of the likeliest readings are tried with one phone changed."""


@dataclass(frozen=True, slots=True)
class Ranks:
    """Where the said readings of one set of clips are among the candidates.

    Attributes:
        group: the set.
        places: per distinct name and reading, its place from 1 on; `inf` where it is not there.
        reached: the same names: whether it is there, or is one of the likeliest with one change.
    """

    group: str
    places: list[float] = field(default_factory=list)
    reached: list[bool] = field(default_factory=list)

    def among(self, first: int) -> Figure | None:
        """Share whose reading is among so many."""
        return ratio([float(p <= first) for p in self.places])

    @property
    def edited(self) -> Figure | None:
        """Share that is there or one change away from one of the likeliest."""
        return ratio([float(r) for r in self.reached])


@dataclass(frozen=True, slots=True)
class Oracle:
    """All sets, and how long the list of a name takes that was never asked for before.

    Attributes:
        ranks: by set.
        milliseconds: per spelling; the letter model and the dictionaries are loaded.
        sizes: candidates of each.
    """

    ranks: tuple[Ranks, ...]
    milliseconds: tuple[float, ...]
    sizes: tuple[int, ...]


def measure(clips: Sequence[Clip], recognizer: PhoneRecognizer) -> Oracle:
    """The candidates of every spelling of the clips, with the weights of one engine."""
    gatherer = Gatherer(Candidates(), recognizer)
    gatherer.candidates("Anna", None)  # loads what is loaded once
    known: dict[str, list[Candidate]] = {}
    spent = []
    for spelling in sorted({c.spelling for c in clips if c.said is not None}):
        started = time.perf_counter()
        known[spelling] = gatherer.candidates(spelling, None)
        spent.append((time.perf_counter() - started) * 1000)
    by_group: dict[str, Ranks] = {}
    seen = set()
    for clip in clips:
        key = (clip.group, clip.spelling, clip.tokens)
        if clip.said is None or key in seen:
            continue
        seen.add(key)
        ranks = by_group.setdefault(clip.group, Ranks(clip.group))
        place = _place(clip, known[clip.spelling])
        ranks.places.append(place)
        ranks.reached.append(math.isfinite(place) or _one_away(clip, known[clip.spelling]))
    sizes = tuple(len(known[s]) for s in sorted(known))
    return Oracle(tuple(by_group[g] for g in sorted(by_group)), tuple(spent), sizes)


def _place(clip: Clip, candidates: Sequence[Candidate]) -> float:
    for place, candidate in enumerate(candidates, 1):
        if judging.tokens(candidate.pronunciation, clip.notation) == clip.tokens:
            return place
    return math.inf


def _one_away(clip: Clip, candidates: Sequence[Candidate]) -> bool:
    return any(
        judging.tokens(move.pronunciation, clip.notation) == clip.tokens
        for candidate in candidates[:_EDITED]
        for move in moves(candidate.pronunciation)
    )
