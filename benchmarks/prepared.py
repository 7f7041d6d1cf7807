"""Clips of the development split, scored once by every output, so that a sweep takes seconds.

For each clip: what the two outputs of the ear say of every candidate (readings, recombinations,
edits of the best few), how wrong each candidate is, and how well the name and a wrong name fit.
"""

from __future__ import annotations

import math
import os
import pickle
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks import judging
from benchmarks.clips import Clip
from benchmarks.measures import token_edits
from namemem.audio import speech_span
from namemem.g2p import Candidate, Candidates
from namemem.g2p.expansion import Move, moves, recombine
from namemem.letters import LetterModel
from namemem.name_spotting.carriers import carriers
from namemem.phone_recognition import Context, PhoneRecognizer, Span, create
from namemem.phone_recognition.ctc_listening import CtcListening
from namemem.phones import Pronunciation, accent_key
from namemem.placing import Place, bare, from_sound

Array = npt.NDArray[np.float64]

READING, MIXED, SPELLED, EDITED, TWICE, HEARD, NATIVE = 0, 1, 2, 3, 4, 5, 6
MOVES = ("", "reduced", "vowel", "consonant", "dropped", "added")
PARENTS = 4
"""How many of the best candidates are edited; a sweep may use fewer."""
AGAIN = 1
"""How many of the best edited ones are edited once more."""
RECOMBINED = 200
SPELLED_COUNT, SPELLED_NATIVE = 30, 10


@dataclass
class Prepared:
    """One clip with its scored candidates; all arrays have one entry per candidate.

    Attributes:
        kind: `READING`, `MIXED`, `SPELLED` or `NATIVE` (the letter model's own, by English and by
            other rules), `EDITED`, `TWICE` edited, or `HEARD` freely.
        letters: natural log of what the letter model gives it; 0 where it knows no letter.
        log_prior: as the G2P gives it; of an edit, that of what was edited.
        parent: index of what was edited, or -1.
        move: which kind of edit, an index into `MOVES`.
        distance: by features, of an edit.
        listed: whether CMUdict has it.
        accent: whether it differs from CMUdict's first one by accent only.
        scores: [outputs, N] log-likelihoods, IPA output first.
        wrong: wrong phones of each candidate.
        right: exact, or exact for an accent.
        sounds: a number for what sounds the same in English phones.
        fits: of the right spelling's best reading and of a wrong one's, with what placed them.
    """

    key: str
    group: str
    level: float | None
    spelling: str
    size: int
    frames: int
    entropy: float
    phrase: str
    unproven: bool
    kind: npt.NDArray[np.int8] = field(default_factory=lambda: np.zeros(0, np.int8))
    log_prior: Array = field(default_factory=lambda: np.zeros(0))
    letters: Array = field(default_factory=lambda: np.zeros(0))
    parent: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    move: npt.NDArray[np.int8] = field(default_factory=lambda: np.zeros(0, np.int8))
    distance: Array = field(default_factory=lambda: np.zeros(0))
    listed: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    accent: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    scores: Array = field(default_factory=lambda: np.zeros((2, 0)))
    lengths: Array = field(default_factory=lambda: np.zeros(0))
    english: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    wrong: Array = field(default_factory=lambda: np.zeros(0))
    right: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    sounds: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    fits: dict[str, float] = field(default_factory=dict)


class Preparer:
    """Scores clips with one engine."""

    def __init__(self, recognizer: PhoneRecognizer) -> None:
        self.recognizer = recognizer
        self.recognizer.load()
        self.g2p = Candidates()
        self.letters = LetterModel()
        self._known: dict[str, tuple[list[Candidate], list[Candidate]]] = {}
        self._edited: dict[str, list[Move]] = {}
        self._accents: dict[str, tuple[str, ...]] = {}
        self._tokens: dict[tuple[int, str], tuple[Pronunciation, tuple[str, ...]]] = {}

    def candidates(self, spelling: str) -> tuple[list[Candidate], list[Candidate]]:
        """Readings, and their recombinations with their bare priors."""
        if spelling not in self._known:
            readings = self.g2p.candidates(spelling)
            self._known[spelling] = readings, recombine(readings, RECOMBINED)
        return self._known[spelling]

    def prepare(self, clip: Clip, wrong: str) -> Prepared | None:
        """Everything a sweep needs of one clip; None where there is no speech."""
        found = speech_span(clip.waveform)
        if found is None:
            return None
        whole = Span(*found)
        listening = self.recognizer.listen(clip.waveform)
        assert isinstance(listening, CtcListening)
        readings, mixed = self.candidates(clip.spelling)
        place = _place(listening, readings, whole, clip.spelling)
        entropy = listening.uncertainty(place.span)
        frames = round(place.span.seconds / 0.02)
        result = Prepared(
            clip.key, clip.group, clip.level, clip.spelling, len(clip.tokens), frames, entropy,
            place.phrase, place.unproven,
        )  # fmt: skip
        result.fits = self._fits(listening, whole, clip.spelling, wrong)
        if clip.said is not None:
            self._score(result, clip, listening, place, readings, mixed)
        return result

    def _score(
        self, result: Prepared, clip: Clip, listening: CtcListening, place: Place,
        readings: Sequence[Candidate], mixed: Sequence[Candidate],
    ) -> None:  # fmt: skip
        pool = [c.pronunciation for c in (*readings, *mixed)]
        known = {p.segmental for p in pool}
        own: dict[tuple[str, ...], tuple[Pronunciation, int]] = {}
        for counts, kind in (((SPELLED_COUNT, 0), SPELLED), ((0, SPELLED_NATIVE), NATIVE)):
            for said in self.letters.readings(clip.spelling, *counts):
                if said.segmental not in known:
                    own.setdefault(said.segmental, (said, kind))
        pool += [said for said, _ in own.values()]
        kinds = [READING] * len(readings) + [MIXED] * len(mixed) + [k for _, k in own.values()]
        least = min((c.log_prior for c in readings), default=0.0)
        priors = [c.log_prior for c in (*readings, *mixed)] + [least] * len(own)
        listed = [c.listed for c in readings]
        english = [_is_english(c) for c in (*readings, *mixed)] + [True] * len(own)
        parents, kinds_of_move, distances = ([-1] * len(pool), [0] * len(pool), [0.0] * len(pool))
        scores = by_output(listening, pool, place.span, place.context)
        seen = {p.segmental for p in pool}
        total = 0.5 * scores.sum(0) + np.array(priors) - 2.0 * (np.array(kinds) != READING)
        total = total + 0.5 * np.nan_to_num(self.letters.log_probs(clip.spelling, pool))
        for kind, count in ((EDITED, PARENTS), (TWICE, AGAIN)):
            before = len(pool)
            for index in np.argsort(-total)[:count]:
                if kind == TWICE and kinds[index] != EDITED:
                    continue
                for move in self._moves(pool[index]):
                    if move.pronunciation.segmental in seen:
                        continue
                    seen.add(move.pronunciation.segmental)
                    pool.append(move.pronunciation)
                    kinds.append(kind)
                    parents.append(int(index))
                    kinds_of_move.append(MOVES.index(move.kind))
                    distances.append(move.distance)
                    priors.append(priors[index])
            added = by_output(listening, pool[before:], place.span, place.context)
            scores = np.concatenate([scores, added], axis=1)
            # Which edited ones are worth another edit, at a middling price.
            penalty = 4.0 * (0.6 + 2.0 * np.array(distances[before:]))
            total = np.concatenate(
                [np.full(before, -np.inf), 0.5 * added.sum(0) + np.array(priors[before:]) - penalty]
            )
        heard = [g for g in listening.guesses(place.span, place.context) if g.segmental not in seen]
        if heard:
            added = by_output(listening, heard, place.span, place.context)
            scores = np.concatenate([scores, added], axis=1)
            pool += heard
            kinds += [HEARD] * len(heard)
            priors += [0.0] * len(heard)
            parents += [-1] * len(heard)
            kinds_of_move += [0] * len(heard)
            distances += [0.0] * len(heard)
        sounds: dict[tuple[str, ...], int] = {}
        rest = len(pool) - len(english)
        result.kind = np.array(kinds, np.int8)
        result.log_prior = np.array(priors)
        result.parent = np.array(parents, np.int32)
        result.move = np.array(kinds_of_move, np.int8)
        result.distance = np.array(distances)
        result.scores = scores
        result.letters = np.nan_to_num(self.letters.log_probs(clip.spelling, pool))
        result.lengths = np.array([len(p.phones) for p in pool], float)
        result.english = np.array(english + [False] * rest)
        result.listed = np.array(listed + [False] * (len(pool) - len(listed)))
        firsts = [c.pronunciation for c in readings if "cmudict" in c.sources]
        spared, keys = {p.segmental for p in firsts}, {accent_key(p) for p in firsts}
        result.accent = np.array(
            [p.segmental not in spared and self._accent(p) in keys for p in pool]
        )
        read = [self._read(p, clip.notation) for p in pool]
        distinct = {h: token_edits(clip.tokens, h) for h in set(read)}
        result.wrong = np.array([distinct[h] for h in read])
        result.right = np.array([h == clip.tokens or " ".join(h) in clip.accepted for h in read])
        result.sounds = np.array(
            [sounds.setdefault(self._read(p, "arpabet"), len(sounds)) for p in pool],
            np.int32,
        )

    def _moves(self, pronunciation: Pronunciation) -> list[Move]:
        key = pronunciation.ipa
        if key not in self._edited:
            self._edited[key] = moves(pronunciation)
        return self._edited[key]

    def _accent(self, pronunciation: Pronunciation) -> tuple[str, ...]:
        key = pronunciation.ipa
        if key not in self._accents:
            self._accents[key] = accent_key(pronunciation)
        return self._accents[key]

    def _read(self, pronunciation: Pronunciation, notation: str) -> tuple[str, ...]:
        """`judging.tokens`, remembered: the same few thousand candidates come again and again."""
        key = (id(pronunciation), notation)
        if key not in self._tokens:
            self._tokens[key] = pronunciation, judging.tokens(pronunciation, notation)
        return self._tokens[key][1]

    def _fits(
        self, listening: CtcListening, whole: Span, spelling: str, wrong: str
    ) -> dict[str, float]:
        """How well the right and the wrong name fit where nothing says that a name is there."""
        found = {}
        for which, text in (("right", spelling), ("wrong", wrong)):
            place = bare(whole, text)
            tried = [c.pronunciation for c in self.candidates(text)[0][:8]]
            if not tried:
                continue
            scores = listening.score(tried, place.span, place.context)
            best = tried[int(np.argmax(scores))]
            found[which] = listening.fit(best, place.span, place.context)
        for carrier in carriers("en"):
            found[carrier.phrase] = listening.fit(carrier.pronunciation, whole, Context())
        return found


def _is_english(candidate: Candidate) -> bool:
    return any(s.startswith(("cmudict", "g2p:en")) for s in candidate.sources)


def _place(
    listening: CtcListening, readings: Sequence[Candidate], whole: Span, spelling: str
) -> Place:
    return from_sound(listening, readings, whole, None) or bare(whole, spelling)


def by_output(
    listening: CtcListening, pronunciations: Sequence[Pronunciation], span: Span, context: Context
) -> Array:
    """[outputs, N] log-likelihoods, each output by itself with weight 1."""
    return np.array(
        [np.array(single.score(pronunciations, span, context)) for single in listening.separately()]
    )


_preparer: Preparer | None = None


def _start(engine: str, encoder: str) -> None:
    global _preparer
    os.nice(5)
    options = {"encoder": encoder} if engine == "whisper_ctc" else {}
    _preparer = Preparer(create(engine, **options))


def _one(job: tuple[Clip, str]) -> Prepared | None:
    assert _preparer is not None
    return _preparer.prepare(*job)


def prepare(
    clips: Sequence[Clip],
    encoder: str,
    cache: Path | None = None,
    processes: int = 2,
    engine: str = "whisper_ctc",
) -> list[Prepared]:
    """All clips, from the cache file where there is one (made by this program, trusted)."""
    if cache is not None and cache.is_file():
        found: list[Prepared] = pickle.loads(cache.read_bytes())
        return found
    spellings = sorted({c.spelling for c in clips if c.spelling})
    jobs = []
    for clip in clips:
        others = [s for s in spellings if s[:1] != clip.spelling[:1]]
        jobs.append((clip, others[clip.seed % len(others)]))
    with ProcessPoolExecutor(processes, initializer=_start, initargs=(engine, encoder)) as pool:
        prepared = [p for p in pool.map(_one, jobs, chunksize=16) if p is not None]
    if cache is not None:
        cache.write_bytes(pickle.dumps(prepared))
    return prepared


def finite(values: Array) -> Array:
    """-inf made a very low number, so that sums stay numbers."""
    return np.maximum(values, -1e6)


def log_sum(values: Array) -> float:
    """Logarithm of the sum of exponentials."""
    peak = float(values.max())
    return peak + math.log(float(np.exp(values - peak).sum()))
