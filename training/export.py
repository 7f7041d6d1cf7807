"""Write a trained head as the file that ships: float16 arrays and JSON metadata in one npz.

python -m training.export --run RUN --version 2026.1 [--out namemem/phone_recognition/weights]

Of a run of `training.adapt` the encoder's adapter goes into the same file. With `--blend HEAD`, the
head that the run started from, the weights lie between both, half-way or at `--share` of the run's
(Wortsman et al. 2022, "Robust fine-tuning of zero-shot models", arXiv:2109.01903); an adapter that
HEAD lacks counts by its share.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.inventory import LABELS_VERSION, WEIGHTS


def export(
    runs: Sequence[Path],
    out: Path,
    version: str,
    encoder: str,
    notes: dict[str, Any],
    blend: Path | None = None,
    share: float = 0.5,
) -> Path:
    """`head.pt`, `adapter.pt` if there is one, and `config.json` of runs of one shape → `head.npz`.

    Heads of several runs are averaged; an adapter can only be one run's.
    """
    config = json.loads((runs[0] / "config.json").read_text())
    states = [torch.load(run / "head.pt", weights_only=True) for run in runs]
    adapters = [run / "adapter.pt" for run in runs if (run / "adapter.pt").exists()]
    if adapters and len(runs) > 1:
        raise SystemExit("Runs with adapters cannot be averaged: export one of them.")
    state = {key: torch.stack([s[key] for s in states]).mean(0) for key in states[0]}
    metadata = {
        "version": version,
        "encoder": encoder,
        "labels_version": LABELS_VERSION,
        "config": config,
        **notes,
    }
    old: dict[str, torch.Tensor] = {}
    if blend is not None:
        with np.load(blend) as stored:
            old = {k: torch.from_numpy(stored[k].astype(np.float32))
                   for k in stored.files if k != "metadata"}  # fmt: skip
    for path in adapters:
        adapter = torch.load(path, weights_only=True)
        state |= {f"encoder.{key}": value for key, value in adapter.items()}
    for key in state if old else ():
        if key in old:
            state[key] = share * state[key] + (1 - share) * old[key]
        elif not key.endswith(".a"):  # of the two factors of a product only one shrinks
            state[key] = share * state[key]
    arrays = {key: value.numpy().astype(np.float16) for key, value in state.items()}
    target = out / "head.npz"
    np.savez(target, metadata=np.array(json.dumps(metadata)), **arrays)
    return target


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--version", required=True)
    parser.add_argument("--encoder", default="tiny.en")
    parser.add_argument("--blend", type=Path, help="head.npz the run started from")
    parser.add_argument("--share", type=float, default=0.5, help="of the run, with --blend")
    parser.add_argument("--note", nargs="*", default=[], help="key=value, kept in the metadata")
    args = parser.parse_args()
    notes = dict(item.split("=", 1) for item in args.note)
    path = export(args.run, args.out, args.version, args.encoder, notes, args.blend, args.share)
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
