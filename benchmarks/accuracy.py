"""How right the ear is: every method on the same clips, in one run.

    python -m benchmarks.accuracy --split test --out docs/accuracy --encoder CHECKPOINT

Needs flite, espeak-ng and matplotlib (`pip install -e '.[whisper,bench]'`), and for the real
recordings the speech folder. `--every 4` takes every fourth clip, for a quick look; with
`--slow-every 6` all are taken, but what needs a transcriber or pocketsphinx on every sixth only.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import oracle, report, trials
from benchmarks.clips import (
    LEVELS,
    Clip,
    at_levels,
    nonspeech,
    real_names,
    spelled_names,
    without_names,
)
from benchmarks.measures import RESAMPLES
from namemem.asr import create_transcriber
from namemem.phone_recognition import create


def gather(
    split: str,
    speech: Path,
    levels: Sequence[float | None] = LEVELS,
    every: int = 1,
    *,
    heard_voices: bool = False,
) -> list[Clip]:
    """All clips of a run: synthesised ones at every level, real ones as they are."""
    from benchmarks.synthesis import introductions

    made = introductions(split, heard_voices=heard_voices)
    spellings = sorted({c.spelling for c in made})
    # Takes of one name stay together: two by two they are fused.
    kept = [c for i, c in enumerate(made) if (i // 2) % every == 0]
    others = [
        *real_names(speech),
        *without_names(speech, spellings),
        *nonspeech(spellings),
        *spelled_names(speech),
    ]
    return [*at_levels(kept, levels), *others[::every]]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", default="whisper_ctc")
    parser.add_argument("--encoder", default="tiny.en", help="of whisper_ctc")
    parser.add_argument("--transcriber", default="sphinx")
    parser.add_argument("--split", choices=("dev", "test"), default="dev")
    parser.add_argument("--speech", type=Path, default=Path("../shared/speech"))
    parser.add_argument("--out", type=Path, default=Path("docs/accuracy"))
    parser.add_argument("--scoring", help="JSON of parameters of `Scoring` to try instead")
    parser.add_argument("--every", type=int, default=1, help="take every n-th clip only")
    parser.add_argument(
        "--slow-every", type=int, default=1,
        help="run the transcriber and pocketsphinx on every n-th introduction only",
    )  # fmt: skip
    parser.add_argument(
        "--heard-voices", action="store_true",
        help="the split's names by voices that training hears: what unknown voices cost",
    )  # fmt: skip
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--no-baselines", action="store_true", help="leave pocketsphinx out")
    args = parser.parse_args()
    options = {"encoder": args.encoder} if args.engine == "whisper_ctc" else {}
    started = time.perf_counter()
    clips = gather(args.split, args.speech, every=args.every, heard_voices=args.heard_voices)
    rows = trials.run(
        clips,
        args.engine,
        options,
        transcriber=args.transcriber,
        baselines=not args.no_baselines,
        scoring=json.loads(args.scoring) if args.scoring else None,
        slow_every=args.slow_every,
        processes=args.processes,
    )
    transcriber = create_transcriber(args.transcriber)
    recognizer = create(args.engine, **options)
    recognizer.load()  # its version is that of its weights
    about = {
        "split": args.split,
        "kind": _KINDS[args.split],
        "command": " ".join(["python", "-m", "benchmarks.accuracy", *sys.argv[1:]]),
        "date": time.strftime("%Y-%m-%d"),
        "clips": len(clips),
        "recognizer": recognizer.identity,
        "transcriber": f"{transcriber.name} {transcriber.version}",
        "resamples": RESAMPLES,
        "seconds": round(time.perf_counter() - started),
    }
    report.write(rows, about, args.out, oracle.measure(clips, recognizer))
    print((args.out / "README.md").read_text(encoding="utf-8"))


_KINDS = {
    "dev": "This is development data: parameters were chosen on it.",
    "test": "Nothing was tuned on the synthesised names and voices of this report.",
}


if __name__ == "__main__":
    main()
