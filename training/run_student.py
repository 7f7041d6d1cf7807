"""The compact ear from a corpus: distillation, export, figures, model card.

    python -m training.run_student --work WORK [--encoder tiny.en] [--minutes 90]

Takes up what `training.run` left in `WORK` (the corpus; what is missing is made). It goes
on where it broke off; two processor cores are enough, more hours of training make it better.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from training.inventory import WEIGHTS
from training.run import step

VERSION = "3"
SHAPE = ("inner=256", "outer=128", "inner_blocks=12")  # of version 2 and 3; version 1 had 8 blocks


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder of `training.run`")
    parser.add_argument("--encoder", default="tiny.en", help="Whisper model name or checkpoint")
    parser.add_argument("--teacher", type=Path, default=WEIGHTS / "head.npz")
    parser.add_argument("--real", type=Path, default=Path("../shared/train"))
    parser.add_argument("--speech", type=Path, default=Path("../shared/speech"))
    parser.add_argument("--festival", type=Path, default=Path("/usr/share/festival/voices"))
    parser.add_argument("--pico", default=shutil.which("pico2wave"), help="pico2wave, if there")
    parser.add_argument("--size", type=float, default=2.4, help="1 is about 14,000 clips")
    parser.add_argument("--start", type=Path, help="compact.onnx to go on from")
    parser.add_argument("--rhvoice", default=shutil.which("RHVoice-test"), help="if it is there")
    parser.add_argument("--kokoro", type=Path, help="folder of Kokoro-82M, see kokoro.py")
    parser.add_argument("--packages", type=Path, help="unpacked packages, see recordings.py")
    parser.add_argument("--minutes", type=float, default=90, help="minutes of training")
    parser.add_argument("--set", nargs="*", default=SHAPE, help="fields of StudentConfig")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu", help="cuda, where there is one")
    parser.add_argument("--feeders", type=int, default=0, help="see distil; 4 for a GPU")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    args = parser.parse_args()
    work: Path = args.work
    work.mkdir(parents=True, exist_ok=True)
    pico = ("--pico", args.pico) if args.pico else ()
    pico += ("--rhvoice", args.rhvoice) if args.rhvoice else ()
    kokoro = ("--kokoro", args.kokoro) if args.kokoro else ()
    for split in ("train", "dev", "test"):
        extra = ("--size", args.size, "--real", args.real, *pico) if split == "train" else ()
        step("synthesize", "--split", split, "--out", work / split, "--festival", args.festival,
             "--seed", args.seed, *extra, *kokoro, done=work / f"{split}.done")  # fmt: skip
    corpora = [work / "train"]
    if args.packages is not None:
        corpora.append(work / "recordings")
        step("recordings", "--out", corpora[-1], "--packages", args.packages, "--encoder",
             args.encoder, "--teacher", args.teacher, done=work / "recordings.done")  # fmt: skip
    run = work / "student"
    # The network that ships grows: what it lacks of the blocks asked for begins as nothing.
    start = ("--start", args.start) if args.start is not None else ()
    step("distil", "--corpus", *corpora, "--out", run, "--encoder", args.encoder,
         "--teacher", args.teacher, "--minutes", args.minutes, "--seed", args.seed, "--threads",
         args.threads, "--device", args.device, "--feeders", args.feeders, "--resume", *start,
         "--set", *args.set, done=work / "student.done")  # fmt: skip
    model = args.out / "compact.onnx"
    step("export_student", "--run", run, "--out", model, "--version", VERSION)
    figures = run / "figures.json"
    step("evaluate", "--weights", model, "--speech", args.speech, "--heldout", work / "dev",
         work / "test", "--noise", 20, 10, 5, "--json", figures)  # fmt: skip
    step("model_card", "--weights", model, "--figures", figures, "--corpus", *corpora,
         "--out", args.out / "COMPACT_CARD.md")  # fmt: skip


if __name__ == "__main__":
    main()
