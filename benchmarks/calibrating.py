"""Fits the confidence on development data: `Calibration` of an engine's `Scoring`.

    python -m benchmarks.calibrating --engine whisper_ctc --encoder CHECKPOINT [--cache FILE]

Every introduction of the development split is heard with its spelling at every noise level, and the
answer's softmax share and circumstances become the inputs of a logistic regression on whether it
was right (Platt 1999). The printed errors are cross-validated: the names that a figure is about
were not among those the regression was fitted on.
"""

from __future__ import annotations

import argparse
import math
import os
import pickle
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks import judging
from benchmarks.accuracy import gather
from benchmarks.clips import Clip
from benchmarks.measures import ece
from benchmarks.methods import Lab, context_of
from namemem.asr import create_transcriber
from namemem.audio import speech_span
from namemem.phone_recognition import Calibration, Span, create
from namemem.reconcile import Surroundings, rank

Array = npt.NDArray[np.float64]
_SUREST = 6.0
FOLDS = 5
NAMES = ("bias", "odds", "listed", "reading", "entropy", "pace", "fit")


@dataclass(frozen=True, slots=True)
class Case:
    """One answer: its inputs without the constant, whether it was right, where it comes from."""

    inputs: tuple[float, ...]
    right: bool
    spelling: str
    group: str
    level: float | None


def case(lab: Lab, clip: Clip) -> Case | None:
    """Hears one clip between its known phrases; None where nothing is heard."""
    found = speech_span(clip.waveform)
    if found is None or clip.said is None:
        return None
    whole, context = Span(*found), context_of(clip)
    listening = lab.recognizer.listen(clip.waveform)
    gathered = lab.gatherer.gather(listening, whole, context, spelling=clip.spelling)
    bare = replace(
        lab.recognizer.scoring, calibration=None, confidence_cap=1.0, free_confidence=1.0
    )
    readings = rank(gathered, bare, hears_ipa=True, spelling_known=True)
    if not readings:
        return None
    best = readings[0]
    around = Surroundings.of(listening, whole, context, gathered)
    chosen = next(
        e.candidate
        for e in gathered
        if e.candidate.pronunciation.segmental == best.pronunciation.segmental
    )
    share = min(max(best.confidence, 1e-9), 1.0 - 1e-9)
    odds = min(max(math.log(share / (1.0 - share)), -_SUREST), _SUREST)
    inputs = (
        odds,
        float(chosen.listed),
        float(chosen.sources[0].startswith(("cmudict", "g2p:"))),
        around.uncertainty,
        around.said(best.pronunciation) / around.seconds,
        around.fit(best.pronunciation),
    )
    right = judging.accepted(clip, best.pronunciation)
    return Case(inputs, right, clip.spelling, clip.group, clip.level)


def fit(inputs: Array, right: Array, weights: Array, ridge: float = 1.0) -> Array:
    """Logistic regression by Newton's method; `inputs` [N, k] start with a column of ones."""
    found = np.zeros(inputs.shape[1])
    penalty = ridge * np.eye(len(found))
    penalty[0, 0] = 0.0
    for _ in range(50):
        chance = 1.0 / (1.0 + np.exp(-inputs @ found))
        slope = inputs.T @ (weights * (right - chance)) - penalty @ found
        bend = (inputs * (weights * chance * (1.0 - chance))[:, None]).T @ inputs + penalty
        step = np.linalg.solve(bend, slope)
        found = found + step
        if float(np.abs(step).max()) < 1e-6:
            break
    return found


def arrays(cases: Sequence[Case]) -> tuple[Array, Array, Array]:
    """Inputs with a column of ones, whether right, and weights.

    Sets count as in `tuning.shares`, whatever their size: real voices most, noise less.
    """
    inputs = np.array([(1.0, *c.inputs) for c in cases])
    right = np.array([float(c.right) for c in cases])
    keys = [(c.group, c.level) for c in cases]
    sizes = {key: keys.count(key) for key in set(keys)}
    share = {key: 2.0 if key[0] == "real" else 1.0 if key[1] is None else 0.35 for key in sizes}
    whole = sum(share.values())
    weights = np.array([len(cases) * share[key] / whole / sizes[key] for key in keys])
    return inputs, right, weights


def crossed(cases: Sequence[Case]) -> Array:
    """Confidence of every case by a regression that has not seen its name."""
    inputs, right, weights = arrays(cases)
    names = sorted({c.spelling for c in cases})
    fold = np.array([names.index(c.spelling) % FOLDS for c in cases])
    out = np.zeros(len(cases))
    for k in range(FOLDS):
        kept = fold != k
        found = fit(inputs[kept], right[kept], weights[kept])
        out[~kept] = 1.0 / (1.0 + np.exp(-inputs[~kept] @ found))
    return out


_lab: Lab | None = None


def _start(engine: str, options: dict[str, str]) -> None:
    global _lab
    os.nice(5)
    _lab = Lab(create(engine, **options), create_transcriber("sphinx"), baselines=False)


def _one(clip: Clip) -> Case | None:
    assert _lab is not None
    return case(_lab, clip)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", default="whisper_ctc")
    parser.add_argument("--encoder", default="tiny.en")
    parser.add_argument("--speech", type=Path, default=Path("../shared/speech"))
    parser.add_argument("--every", type=int, default=1, help="take every n-th clip only")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--cache", type=Path, help="file of cases; deleted: heard anew")
    args = parser.parse_args()
    if args.cache is not None and args.cache.is_file():
        cases: list[Case] = pickle.loads(args.cache.read_bytes())
    else:
        options = {"encoder": args.encoder} if args.engine == "whisper_ctc" else {}
        clips = [c for c in gather("dev", args.speech, every=args.every) if c.said is not None]
        with ProcessPoolExecutor(args.processes, initializer=_start,
                                 initargs=(args.engine, options)) as pool:  # fmt: skip
            cases = [c for c in pool.map(_one, clips, chunksize=16) if c is not None]
        if args.cache is not None:
            args.cache.write_bytes(pickle.dumps(cases))
    inputs, right, weights = arrays(cases)
    found = fit(inputs, right, weights)
    values = dict(zip(NAMES, (round(float(v), 3) for v in found), strict=True))
    print(f"{len(cases)} answers, {100 * right.mean():.1f} % right\n{Calibration(**values)}\n")
    sure = crossed(cases)
    for title, chosen in (
        ("all", np.ones(len(cases), bool)),
        ("clean", np.array([c.level is None for c in cases])),
        *((g, np.array([c.group == g for c in cases])) for g in sorted({c.group for c in cases})),
    ):
        brier = float(np.mean((sure[chosen] - right[chosen]) ** 2))
        error = ece(sure[chosen].tolist(), (right[chosen] > 0.5).tolist())
        print(f"{title:16s} {int(chosen.sum()):5d} answers, {100 * right[chosen].mean():5.1f} % "
              f"right, mean confidence {100 * sure[chosen].mean():5.1f} %, Brier {brier:.3f}, "
              f"ECE {100 * error:.1f} %")  # fmt: skip


if __name__ == "__main__":
    main()
