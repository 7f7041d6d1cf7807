"""Chooses the parameters of the choice on development data only, from posteriors scored once.

    python -m benchmarks.tuning --encoder CHECKPOINT [--cache FILE] [--json FILE]

Scoring takes minutes, and is kept in the cache file; a sweep then takes seconds. Printed are how
often the right reading is among the candidates at all, what each stage brings, the best weights
with a check on names that they were not chosen on, what variants would add, the temperature that
calibrates the confidence, and where names and other sounds part for `min_fit` and the carriers.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy import gather
from benchmarks.clips import Clip
from benchmarks.measures import ece
from benchmarks.prepared import SPELLED_NATIVE, Prepared, prepare
from benchmarks.sweeping import Bench, Weights

GRID: dict[str, tuple[float, ...]] = {
    "ipa": (0.25, 0.5, 0.75, 1.0, 1.25),
    "english": (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5),
    "evidence": (0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 1.0),
    "mix_factor": (0.5, 0.7, 0.85, 1.0, 1.2),
    "mix_penalty": (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0),
    "listed": (0.0, 0.5, 1.0, 1.5, 2.0, 3.0),
    "accent": (0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0),
    "letters": (0.0, 0.15, 0.3, 0.45, 0.6, 0.8, 1.0),
    "spelled_penalty": (0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 1e3),
    "spelled_native": (0, SPELLED_NATIVE),
    "edited": (0, 1, 2, 3, 4),
    "again": (0, 1),
    "edit_penalty": (3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0),
    "reduced": (0.2, 0.3, 0.4, 0.5, 0.6, 0.8),
    "vowel": (0.3, 0.45, 0.6, 0.8, 1.0),
    "consonant": (0.3, 0.45, 0.6, 0.8, 1.0, 1.4),
    "dropped": (0.5, 0.7, 0.9, 1.3, 1.7),
    "added": (0.5, 0.7, 0.9, 1.4, 1.8),
    "by_distance": (0.0, 1.0, 2.0, 3.0, 4.0),
}
VARIANTS: dict[str, tuple[float, ...]] = {
    "by_length": (-0.5, -0.25, 0.25, 0.5),
    "by_entropy": (-0.5, -0.25, 0.25, 0.5, 1.0),
    "per_phone": (-0.5, -0.25, 0.25, 0.5, 1.0),
    "foreign": (0.25, 0.5, 1.0, 1.5),
    "heard_penalty": (8.0, 14.0, 17.0, 20.0),
}
"""Tried one by one on top of the best; see `Weights`."""
_COUNTS = frozenset(("edited", "again", "spelled_native"))


def shares(bench: Bench) -> dict[str, float]:
    """How much each set counts: real voices most, noise less than clean speech."""
    return {
        group: 2.0 if group == "real" else 0.35 if " " in group else 1.0
        for group in sorted({str(g) for g in bench.groups})
    }


def varied(weights: Weights, name: str, value: float) -> Weights:
    """The weights with one of them changed."""
    changed: dict[str, Any] = {name: int(value) if name in _COUNTS else value}
    return replace(weights, **changed)


def descend(
    bench: Bench, start: Weights, only: np.ndarray | None = None, rounds: int = 3
) -> Weights:
    """The best weights of the grid, one coordinate after the other until nothing improves."""
    weighing = shares(bench)
    best = bench.loss(start, weighing, only)
    for _ in range(rounds):
        changed = False
        for name, values in GRID.items():
            for value in values:
                candidate = varied(start, name, value)
                loss = bench.loss(candidate, weighing, only)
                if loss < best - 1e-5:
                    best, start, changed = loss, candidate, True
        if not changed:
            break
    return start


def crossed(bench: Bench, start: Weights) -> tuple[float, float, float]:
    """Loss before tuning, after it on other names than it was tuned on, and on its own names."""
    weighing = shares(bench)
    names = sorted({c.spelling for c in bench.clips if c.group != "real"})
    fold = {name: i % 2 for i, name in enumerate(names)}
    # The four real names stand on both sides: they are too few to be parted.
    sides = np.array([fold.get(c.spelling, 2) for c in bench.clips])
    before, other, own = [], [], []
    for side in (0, 1):
        mine, theirs = (sides == side) | (sides == 2), sides == 1 - side
        tuned = descend(bench, start, mine, rounds=2)
        before.append(bench.loss(start, weighing, theirs))
        other.append(bench.loss(tuned, weighing, theirs))
        own.append(bench.loss(tuned, weighing, mine))
    return float(np.mean(before)), float(np.mean(other)), float(np.mean(own))


def calibrate(bench: Bench, weights: Weights) -> tuple[float, float, float]:
    """The temperature and cap with the least calibration error over all sets, and that error."""
    best = (1.0, 1.0, 1.0)
    for temperature in (0.5, 0.7, 0.85, 1.0, 1.2, 1.4, 1.7, 2.0, 2.5):
        outcome = bench.choose(replace(weights, temperature=temperature))
        for cap in (0.9, 0.95, 0.97, 0.99, 1.0):
            error = ece((outcome.confidence * cap).tolist(), outcome.right.tolist())
            if error < best[2]:
                best = (temperature, cap, error)
    return best


def thresholds(clips: Sequence[Prepared]) -> dict[str, dict[str, float]]:
    """Where the fits of what was said and of what was not part: quantiles of both."""
    result: dict[str, dict[str, float]] = {}
    said = [c.fits["right"] for c in clips if c.size and "right" in c.fits]
    other = [c.fits["wrong"] for c in clips if "wrong" in c.fits]
    nobody = [c.fits["right"] for c in clips if not c.size and "right" in c.fits]
    result["min_fit"] = _parted(said, [*other, *nobody])
    phrases = sorted({p for c in clips for p in c.fits} - {"right", "wrong"})
    for phrase in phrases:
        own = [c.fits[phrase] for c in clips if c.size and phrase in c.key.casefold()]
        rest = [c.fits[phrase] for c in clips if phrase not in c.key.casefold()]
        if own:
            result[f"phrase {phrase!r}"] = _parted(own, rest)
    return result


def _parted(own: Sequence[float], rest: Sequence[float]) -> dict[str, float]:
    return {
        "said, 2 %": float(np.quantile(own, 0.02)),
        "said, 10 %": float(np.quantile(own, 0.1)),
        "said, 50 %": float(np.quantile(own, 0.5)),
        "not said, 90 %": float(np.quantile(rest, 0.9)),
        "not said, 98 %": float(np.quantile(rest, 0.98)),
        "not said, most": float(np.max(rest)),
    }


def line(bench: Bench, title: str, weights: Weights) -> str:
    """One row of the printed table: PER, exact, top-3 by set."""
    cells = [
        f"{group} {100 * f['per']:.1f}/{100 * f['exact']:.0f}/{100 * f['variants']:.0f}"
        f"/{100 * f['top3']:.0f}"
        for group, f in bench.figures(weights).items()
        if " " not in group or "10 dB" in group
    ]
    return f"{title:32s} {bench.loss(weights, shares(bench)):.4f}  " + "  ".join(cells)


def development(speech: Path) -> list[Clip]:
    """Clean clips, and every second one with noise; half of the real ones."""
    clean = gather("dev", speech, levels=(None,))
    noisy = [c for c in gather("dev", speech, levels=(10.0, 5.0), every=2) if c.level is not None]
    kept = [c for i, c in enumerate(clean) if c.group != "real" or i % 2]
    return sorted((c for c in [*kept, *noisy] if c.group != "spelled"), key=lambda c: c.spelling)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", default="whisper_ctc")
    parser.add_argument("--encoder", default="tiny.en", help="of whisper_ctc")
    parser.add_argument("--speech", type=Path, default=Path("../shared/speech"))
    parser.add_argument("--cache", type=Path, help="file of scored clips; deleted: scored anew")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    known = args.cache is not None and args.cache.is_file()
    clips = [] if known else development(args.speech)
    prepared = prepare(clips, args.encoder, args.cache, args.processes, args.engine)
    bench, start = Bench(prepared), Weights()
    print(f"{len(bench.clips)} clips. PER/exact/with variants/top-3, per cent.\n\nThe right one is")
    for group, row in bench.oracle().items():
        print(f"  {group:22s} " + "  ".join(f"{k} {100 * v:.0f}" for k, v in row.items()))
    print()
    closed = replace(start, edited=0, mix_penalty=1e3)
    stages = {
        "IPA output": replace(closed, english=0.0, prior=0.0),
        "English output": replace(closed, ipa=0.0, prior=0.0),
        "both": replace(closed, prior=0.0),
        "+ prior": closed,
        "+ recombined": replace(start, edited=0),
        "+ edits": start,
    }
    for title, weights in stages.items():
        print(line(bench, title, weights))
    best = descend(bench, start)
    print(line(bench, "tuned", best))
    print(f"\n{best}\n")
    before, other, own = crossed(bench, start)
    print(f"On names tuned on {own:.4f}; on others {other:.4f}, before tuning {before:.4f}.\n")
    for name, values in VARIANTS.items():
        losses = [f"{v:g}: {bench.loss(varied(best, name, v), shares(bench)):.4f}"
                  for v in values]  # fmt: skip
        print(f"{name:12s} " + "  ".join(losses))
    temperature, cap, error = calibrate(bench, best)
    print(f"\nTemperature {temperature}, cap {cap}: ECE {error:.3f}")
    parted = thresholds(prepared)
    for name, quantiles in parted.items():
        print(f"{name:26s} " + "  ".join(f"{k}: {v:.2f}" for k, v in quantiles.items()))
    if args.json:
        args.json.write_text(
            json.dumps({"best": asdict(best), "temperature": temperature, "cap": cap, "ece": error,
                        "thresholds": parted}, indent=1) + "\n"
        )  # fmt: skip


if __name__ == "__main__":
    main()
