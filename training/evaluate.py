"""Development figures of a head, from any weights file, or of the compact ear.

    python -m training.evaluate --weights namemem/phone_recognition/weights/head.npz \\
        --encoder tiny.en --speech ../shared/speech --heldout DEV [TEST] [--noise 20 10 5]
    python -m training.evaluate --weights namemem/phone_recognition/weights/compact.onnx …

Greedy phone error rate on real clips of known names and on held-out synthetic speech, and the
forced choice between two readings of a spelling by log-likelihood. With `--json` also as a file.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from namemem.phone_recognition import ctc
from namemem.phone_recognition.compact import CompactPhones
from namemem.phone_recognition.whisper_ctc import WhisperCtcEncoder
from training.augment import add_noise, babble, coloured_noise, room
from training.features import read_corpus
from training.heldout import held_out, segments
from training.real_speech import decode

Ear = WhisperCtcEncoder | CompactPhones


def edit_distance(a: Sequence[str], b: Sequence[str]) -> int:
    """Insertions, deletions and substitutions from `a` to `b`."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]


class Tally:
    """Edits and phones of a set of clips."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, int]] = []

    def add(self, heard: Sequence[str], reference: Sequence[str]) -> None:
        self.rows.append((edit_distance(reference, heard), len(reference)))

    def figures(self) -> dict[str, float]:
        """PER and exact in per cent, with the 95 % bootstrap half-width of the PER."""
        edits, sizes = (np.array(v, dtype=float) for v in zip(*self.rows, strict=True))
        rng = np.random.default_rng(0)
        picks = rng.integers(0, len(edits), (500, len(edits)))
        spread = edits[picks].sum(1) / sizes[picks].sum(1)
        low, high = np.percentile(spread, [2.5, 97.5])
        return {"per": round(100 * float(edits.sum() / sizes.sum()), 1),
                "half_width": round(50 * float(high - low), 1),
                "exact": round(100 * float((edits == 0).mean()), 1),
                "clips": len(edits)}  # fmt: skip


def degrade(
    x: np.ndarray, snr: float | None, seed: int, others: Sequence[np.ndarray]
) -> np.ndarray:
    """Noise at a ratio; every second clip also a small room, every third noise is babble."""
    if snr is None:
        return x
    rng = np.random.default_rng(seed)
    if seed % 2:
        x = room(x, rng, 0.3, 2.0)
    noise = babble(len(x), rng, others) if seed % 3 == 0 else coloured_noise(len(x), rng)
    y = add_noise(x, noise, snr)
    return (y / max(1.0, float(np.abs(y).max()))).astype(np.float32)


def real_names(folder: Path) -> list[tuple[np.ndarray, list[str]]]:
    """Real clips of names with their dictionary phones."""
    out = []
    with (folder / "manifest.tsv").open(encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f, delimiter="\t"):
            if row["file"].startswith("names_real/"):
                samples = decode(folder / row["file"]).astype(np.float32) / 32768
                out.append((samples, row["phones_arpabet"].split()))
    return out


def synthetic(corpus: Path) -> list[tuple[np.ndarray, dict[str, Any]]]:
    """Clips of a held-out corpus with their rows."""
    audio, rows = read_corpus(corpus)
    return [
        (np.asarray(audio[r["offset"] : r["offset"] + r["length"]], dtype=np.float32) / 32768, r)
        for r in rows
    ]


def evaluate(
    ear: Ear, speech: Path | None, corpora: Sequence[Path], noises: Sequence[float]
) -> dict[str, Any]:
    """All figures as one nested dictionary."""
    result: dict[str, Any] = {}
    levels: list[float | None] = [None, *noises]
    if speech is not None and speech.is_dir():
        clips = real_names(speech)
        tally = Tally()
        choice = [0, 0]
        names = sorted({tuple(p) for _, p in clips})
        for samples, phones in clips:
            arpabet, _, _ = ear.posteriors(samples)
            tally.add(greedy(arpabet, ear.labels.arpabet), phones)
            scores = ctc.log_likelihoods(arpabet, [ear.labels.arpabet_ids(n) for n in names])
            choice[0] += names[int(scores.argmax())] == tuple(phones)
            choice[1] += 1
        result["real names, greedy ARPABET"] = tally.figures()
        result["real names, choice of 4"] = {"right": round(100 * choice[0] / choice[1], 1)}
    for corpus in corpora:
        clips_and_rows = synthetic(corpus)
        others = [x for x, _ in clips_and_rows[::7]]
        for level in levels:
            tallies: dict[str, Tally] = defaultdict(Tally)
            pairs: dict[str, list[int]] = defaultdict(lambda: [0, 0])
            for i, (x, row) in enumerate(clips_and_rows):
                arpabet, ipa, _ = ear.posteriors(degrade(x, level, i, others))
                group = "english" if row["arpabet"] else "native"
                heard = greedy(ipa, ear.labels.ipa)
                for name in (f"IPA, {group} by {row['engine']}", "IPA, all"):
                    tallies[name].add(heard, row["ipa"])
                if row["arpabet"]:
                    heard = greedy(arpabet, ear.labels.arpabet)
                    for name in (f"ARPABET, {row['engine']}", "ARPABET, all"):
                        tallies[name].add(heard, row["arpabet"])
                _choose(ear, arpabet, ipa, row, pairs)
            key = f"{corpus.name} {'clean' if level is None else f'{level:g} dB'}"
            result[key] = {name: tally.figures() for name, tally in sorted(tallies.items())}
            result[key] |= {
                name: {"right": round(100 * a / b, 1), "clips": b} for name, (a, b) in pairs.items()
            }
    return result


def greedy(log_probs: np.ndarray, labels: Sequence[str]) -> list[str]:
    """The labels that are heard, by the best of each frame."""
    return [labels[t.label] for t in ctc.greedy(log_probs)]


def _choose(
    ear: Ear,
    arpabet: np.ndarray,
    ipa: np.ndarray,
    row: dict[str, Any],
    pairs: dict[str, list[int]],
) -> None:
    """Was it the native or the English reading? Only for bare names said by espeak-ng."""
    name = next((n for n in held_out().names if n.spelling == row.get("name")), None)
    if name is None or row["kind"] != "name" or not name.native:
        return
    english = [segments(r.ipa) for r in name.readings if r.language == "en"]
    native = [segments(r.ipa) for r in name.readings if r.language != "en"]
    if not english or not native:
        return
    for output, matrix in (("IPA", ipa), ("ARPABET", arpabet)):
        best = []
        for readings in (english, native):
            to_labels = ear.labels.ipa_for if output == "IPA" else ear.labels.arpabet_for
            to_ids = ear.labels.ipa_ids if output == "IPA" else ear.labels.arpabet_ids
            ids = [to_ids([x for s in reading for x in to_labels(s)]) for reading in readings]
            best.append(float(ctc.log_likelihoods(matrix, ids).max()))
        said_native = not row["voice"].startswith("en")
        right = (best[1] > best[0]) == said_native
        count = pairs[f"native or English, {output}"]
        count[0] += int(right)
        count[1] += 1


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--encoder", default="tiny.en")
    parser.add_argument("--speech", type=Path, default=Path("../shared/speech"))
    parser.add_argument("--heldout", type=Path, nargs="*", default=[])
    parser.add_argument("--noise", type=float, nargs="*", default=[])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    ear: Ear
    if args.weights.suffix == ".onnx":
        ear = CompactPhones(args.weights, threads=args.threads)
        ear.load()
    else:
        import torch

        torch.set_num_threads(args.threads)
        ear = WhisperCtcEncoder(args.encoder, weights=args.weights)
    result = evaluate(ear, args.speech, args.heldout, args.noise)
    for key, value in result.items():
        if all(isinstance(v, dict) for v in value.values()):
            print(key)
            for name, figures in value.items():
                print(f"    {name:28s} {figures}")
        else:
            print(key, value)
    if args.json:
        args.json.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
