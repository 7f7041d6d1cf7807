"""Everything in order: corpus, features, training, adaptation, export, figures, model card.

    python -m training.run --work WORK [--encoder tiny.en] [--real ../shared/train] [--minutes 30]

A step with a `.done` marker in `WORK` is left out, so that a run that broke off goes on.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from training.inventory import WEIGHTS

VERSION = "1"
SHAPE = ("gru_layers=0", "blocks=5", "kernel=9", "width=192")


def step(module: str, *arguments: object, done: Path | None = None) -> None:
    """Run one module of this package as a process, unless the marker says that it is done."""
    if done is not None and done.exists():
        print(f"{module}: {done.name} is there", flush=True)
        return
    command = [sys.executable, "-m", f"training.{module}", *map(str, arguments)]
    print(" ".join(["python", *command[1:]]), flush=True)
    subprocess.run(command, check=True)
    if done is not None:
        done.touch()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--work", type=Path, required=True, help="folder for corpus, features, runs"
    )
    parser.add_argument("--encoder", default="tiny.en", help="Whisper model name or checkpoint")
    parser.add_argument("--real", type=Path, default=Path("../shared/train"))
    parser.add_argument("--speech", type=Path, default=Path("../shared/speech"))
    parser.add_argument("--festival", type=Path, default=Path("/usr/share/festival/voices"))
    parser.add_argument("--pico", default=shutil.which("pico2wave"), help="pico2wave, if there")
    parser.add_argument("--size", type=float, default=1.0, help="1 is about 12,000 synthetic clips")
    parser.add_argument("--passes", type=int, default=1, help="augmented passes over the corpus")
    parser.add_argument("--minutes", type=float, default=30, help="minutes of training")
    parser.add_argument("--adapt-minutes", type=float, default=80, help="minutes of adaptation")
    parser.add_argument("--set", nargs="*", default=SHAPE, help="fields of HeadConfig, key=value")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    args = parser.parse_args()
    work: Path = args.work
    work.mkdir(parents=True, exist_ok=True)
    step("inventory")
    synthesis = ("--festival", args.festival, "--seed", args.seed)
    for split in ("train", "dev", "test"):
        corpus = work / split
        pico = ("--pico", args.pico) if args.pico else ()
        extra = ("--size", args.size, "--real", args.real, *pico) if split == "train" else ()
        step(
            "synthesize",
            "--split",
            split,
            "--out",
            corpus,
            *synthesis,
            *extra,
            done=work / f"{split}.done",
        )
    passes = [work / "train" / f"pass{n}" for n in range(1, args.passes + 1)]
    for n, folder in enumerate(passes, 1):
        step("features", "--corpus", work / "train", "--encoder", args.encoder, "--pass", n,
             "--threads", args.threads, done=work / f"{folder.name}.done")  # fmt: skip
    run = work / "run"
    step("train", "--features", *passes, "--out", run, "--minutes", args.minutes,
         "--seed", args.seed, "--threads", args.threads, "--set", *args.set,
         done=work / "run.done")  # fmt: skip
    step("export", "--run", run, "--out", work, "--version", "frozen")
    adapted = work / "adapted"
    step("adapt", "--corpus", work / "train", "--out", adapted, "--encoder", args.encoder,
         "--start", work / "head.npz", "--minutes", args.adapt_minutes, "--seed", args.seed,
         "--threads", args.threads, "--resume", done=work / "adapted.done")  # fmt: skip
    step("export", "--run", adapted, "--out", args.out, "--version", VERSION, "--blend",
         work / "head.npz")  # fmt: skip
    figures = run / "figures.json"
    step("evaluate", "--weights", args.out / "head.npz", "--encoder", args.encoder, "--speech",
         args.speech, "--heldout", work / "dev", work / "test", "--noise", 20, 10, 5,
         "--json", figures)  # fmt: skip
    step("model_card", "--weights", args.out / "head.npz", "--figures", figures, "--corpus",
         work / "train", "--out", args.out / "MODEL_CARD.md")  # fmt: skip


if __name__ == "__main__":
    main()
