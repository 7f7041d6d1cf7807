"""Train the head by CTC on cached encoder features.

    python -m training.train --features DIR [DIR …] --out RUN [--set width=256 …] [--minutes 20]

Two CTC losses over one trunk: ARPABET where a clip has it, IPA always. The seed fixes the order of
batches and the initial weights; `RUN` gets `head.pt` (the moving average of the weights),
`config.json` and `log.jsonl`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from namemem.phone_recognition.ctc_head import HeadConfig, build_head
from namemem.phone_recognition.whisper_ctc import PhoneLabels
from training.features import LAYERS

LABELS = PhoneLabels.read()


@dataclass(frozen=True, slots=True)
class Example:
    """Where a clip's features are, and its label ids."""

    store: int
    offset: int
    frames: int
    ipa: tuple[int, ...]
    arpabet: tuple[int, ...] | None
    engine: str


class FeatureSet:
    """Feature folders of `training.features`, memory-mapped."""

    def __init__(self, folders: Sequence[Path], width: int = 384) -> None:
        self.stores = [
            np.memmap(f / "features.f16", dtype=np.float16, mode="r").reshape(
                -1, len(LAYERS), width
            )
            for f in folders
        ]
        self.examples: list[Example] = []
        for store, folder in enumerate(folders):
            for line in (folder / "features.jsonl").open(encoding="utf-8"):
                row = json.loads(line)
                ipa = LABELS.ipa_ids(row["ipa"])
                arpabet = LABELS.arpabet_ids(row["arpabet"]) if row["arpabet"] else None
                if fits(ipa, row["frames"]) and (arpabet is None or fits(arpabet, row["frames"])):
                    self.examples.append(
                        Example(store, row["offset"], row["frames"], tuple(ipa),
                                tuple(arpabet) if arpabet else None, row["engine"])
                    )  # fmt: skip

    def hours(self) -> float:
        return sum(e.frames for e in self.examples) * 0.02 / 3600

    def batch(self, examples: Sequence[Example]) -> tuple[torch.Tensor, torch.Tensor]:
        """[batch, frames, layers, width] float32 and the lengths."""
        longest = max(e.frames for e in examples)
        shape = (len(examples), longest, *self.stores[0].shape[1:])
        out = np.zeros(shape, dtype=np.float32)
        for i, e in enumerate(examples):
            out[i, : e.frames] = self.stores[e.store][e.offset : e.offset + e.frames]
        return torch.from_numpy(out), torch.tensor([e.frames for e in examples])


def fits(ids: Sequence[int], frames: int) -> bool:
    """Whether CTC can lay so many labels over so many frames."""
    repeats = sum(a == b for a, b in pairwise(ids))
    return 0 < len(ids) + repeats <= frames


def batches(
    examples: list[Example], rng: np.random.Generator, frames: int
) -> Iterator[list[Example]]:
    """Batches of clips of about one length, in random order, about `frames` frames each."""
    noise = rng.uniform(0.9, 1.1, len(examples))
    order = np.argsort([e.frames * n for e, n in zip(examples, noise, strict=True)])
    groups: list[list[Example]] = [[]]
    for i in order:
        group = groups[-1]
        if group and (len(group) + 1) * max(examples[i].frames, group[-1].frames) > frames:
            groups.append([])
        groups[-1].append(examples[i])
    for g in rng.permutation(len(groups)):
        yield groups[g]


def mask_time(x: torch.Tensor, rng: np.random.Generator, spans: int = 2, longest: int = 6) -> None:
    """Blank short stretches of the features, in place."""
    for row in x:
        for _ in range(int(rng.integers(0, spans + 1))):
            start = int(rng.integers(0, max(1, len(row) - longest)))
            row[start : start + int(rng.integers(1, longest + 1))] = 0.0


def ctc(
    log_probs: torch.Tensor, lengths: torch.Tensor, targets: Sequence[Sequence[int]]
) -> torch.Tensor:
    """Mean over clips of the CTC loss per label."""
    return ctc_of_each(log_probs, lengths, targets).mean()


def ctc_of_each(
    log_probs: torch.Tensor, lengths: torch.Tensor, targets: Sequence[Sequence[int]]
) -> torch.Tensor:
    """The CTC loss per label of each clip, nats, [clips]."""
    flat = torch.tensor([i for t in targets for i in t], device=log_probs.device)
    sizes = torch.tensor([len(t) for t in targets])
    loss = F.ctc_loss(
        log_probs.transpose(0, 1), flat, lengths, sizes, 0, "none", zero_infinity=True
    )
    return loss / sizes.to(loss.device)


def train(
    data: FeatureSet,
    config: HeadConfig,
    out: Path,
    *,
    minutes: float,
    heard: float = float("inf"),
    rate: float = 2e-3,
    frames: int = 900,
    seed: int = 1,
    weights: tuple[float, float] = (1.0, 1.0),
    floor: float = 0.02,
    start: Path | None = None,
) -> Any:
    """Train for a fixed time; returns the head with averaged weights.

    It ends after `minutes` or after having heard so many hours, repetitions counted: whichever
    comes first. The rate falls as a cosine to `floor` of what it was. `weights` are those of the
    IPA and the ARPABET loss; with 0 for one of them that output is not trained.

    With `start` the weights of an earlier run are the beginning; blocks it did not have start as
    the identity.
    """
    out.mkdir(parents=True, exist_ok=True)
    (out / "config.json").write_text(json.dumps(asdict(config)) + "\n")
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    head = build_head(config)
    if start is not None:
        state = torch.load(start, weights_only=True)
        for name, value in head.state_dict().items():
            if name not in state:
                state[name] = torch.zeros_like(value) if ".down." in name else value
        head.load_state_dict(state)
    average = {k: v.clone() for k, v in head.state_dict().items()}
    optimiser = torch.optim.AdamW(head.parameters(), lr=rate, weight_decay=0.02, betas=(0.9, 0.98))
    began, step, epoch, seen = time.monotonic(), 0, 0, 0.0
    losses: list[float] = []
    with (out / "log.jsonl").open("w") as log:
        while True:
            for examples in batches(data.examples, rng, frames):
                done = max((time.monotonic() - began) / 60 / minutes, seen / heard)
                if done >= 1:
                    head.load_state_dict(average)
                    torch.save(average, out / "head.pt")
                    return head.eval()
                warm = min(1.0, (step + 1) / 150)
                for group in optimiser.param_groups:
                    group["lr"] = rate * warm * max(floor, 0.5 * (1 + np.cos(np.pi * done)))
                x, lengths = data.batch(examples)
                mask_time(x, rng)
                arpabet, ipa = head(x)
                loss = weights[0] * ctc(ipa, lengths, [e.ipa for e in examples])
                known = [i for i, e in enumerate(examples) if e.arpabet]
                if known:
                    targets = [examples[i].arpabet or () for i in known]
                    share = len(known) / len(examples)
                    loss = loss + weights[1] * share * ctc(arpabet[known], lengths[known], targets)
                optimiser.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)
                optimiser.step()
                step, seen = step + 1, seen + float(lengths.sum()) * 0.02 / 3600
                decay = min(0.998, (step + 1) / (step + 20))
                for key, value in head.state_dict().items():
                    average[key].mul_(decay).add_(value, alpha=1 - decay)
                losses.append(float(loss.detach()))
                if step % 50 == 0:
                    row = {"step": step, "epoch": epoch, "hours": round(seen, 2),
                           "minutes": round((time.monotonic() - began) / 60, 2),
                           "loss": round(float(np.mean(losses[-50:])), 4)}  # fmt: skip
                    log.write(json.dumps(row) + "\n")
                    log.flush()
                    if step % 500 == 0:
                        torch.save(average, out / "head.pt")
            epoch += 1


def parse_config(settings: Sequence[str]) -> HeadConfig:
    """`width=256 gru_layers=2` → a configuration with the labels' sizes."""
    config = HeadConfig(layers=LAYERS, arpabet=len(LABELS.arpabet), ipa=len(LABELS.ipa))
    types = {f.name: type(getattr(config, f.name)) for f in fields(config)}
    for setting in settings:
        key, value = setting.split("=")
        config = replace(config, **{key: types[key](value)})
    return config


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--features", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--set", nargs="*", default=[], help="fields of HeadConfig, key=value")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--heard", type=float, default=float("inf"), help="hours to train on")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--frames", type=int, default=900, help="frames of a batch")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hours", type=float, help="use only so many hours of the features")
    parser.add_argument("--engines", nargs="*", help="use only clips of these engines or corpora")
    parser.add_argument("--floor", type=float, default=0.02, help="last rate over the first")
    parser.add_argument("--start", type=Path, help="head.pt to start from")
    parser.add_argument("--losses", type=float, nargs=2, default=(1.0, 1.0),
                        help="weights of the IPA and the ARPABET output")  # fmt: skip
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    data = FeatureSet(args.features)
    if args.engines:
        data.examples = [e for e in data.examples if e.engine in args.engines]
    if args.hours:
        picks = np.random.default_rng(args.seed).permutation(len(data.examples))
        total, kept = 0.0, []
        for i in picks:
            total += data.examples[i].frames * 0.02 / 3600
            if total > args.hours:
                break
            kept.append(data.examples[i])
        data.examples = kept
    config = parse_config(args.set)
    size = sum(p.numel() for p in build_head(config).parameters())
    print(
        f"{len(data.examples)} clips, {data.hours():.2f} h, {size / 1e6:.2f} M parameters",
        flush=True,
    )
    train(data, config, args.out, minutes=args.minutes, heard=args.heard, rate=args.rate,
          frames=args.frames, weights=tuple(args.losses),
          seed=args.seed, floor=args.floor, start=args.start)  # fmt: skip


if __name__ == "__main__":
    main()
