"""How long an introduction of three seconds takes, by stage, on one core.

    python -m benchmarks.latency --encoder ../shared/models/whisper-tiny.en-encoder.pt [--json FILE]

Processor time is there as well, since a machine that does other things makes wall times longer.
Each engine hears the same synthesised introduction (espeak-ng from its wheel) with the spelling
given, the transcript given, and nothing given. The table has p50 and p95 of `Hearing.timings_ms`,
and each stage as a share of the whole of the same run, which is what compares between machines.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from namemem.asr import Transcript, create_transcriber
from namemem.audio import SAMPLE_RATE, Waveform, decode
from namemem.errors import NamememError
from namemem.g2p import Candidates
from namemem.introductions import Ear, Hints
from namemem.phone_recognition import create
from namemem.phones import Pronunciation, parse_ipa
from namemem.tts.preview import EspeakPreview

SECONDS = 3.0
SPELLING = "Siobhan"
TEXT = "Hello there, my name is Siobhan"
CASES: dict[str, Hints] = {
    "spelling given": Hints(spelling=SPELLING),
    "spelling given, never read before": Hints(spelling=SPELLING),
    "transcript given": Hints(transcript=Transcript(TEXT, (), "caller", timed=False)),
    "both given": Hints(spelling=SPELLING, transcript=Transcript(TEXT, (), "caller", timed=False)),
    "nothing given": Hints(),
}
Times = dict[str, list[float]]


def introduction(seconds: float = SECONDS) -> Waveform:
    """The introduction, with silence to its length and a little noise."""
    parts: list[str | Pronunciation] = ["Hello there, my name is ", parse_ipa("ʃɪˈvɔːn")]
    speech = decode(EspeakPreview().speak(parts, "en-us+f3")).samples
    size = round(seconds * SAMPLE_RATE)
    before = max(0, (size - len(speech)) // 2)
    samples = np.random.default_rng(1).normal(0, 1e-4, size)
    samples[before : before + len(speech)] += speech[: size - before]
    return Waveform(np.clip(samples, -1, 1).astype(np.float32))


def measure(
    ear: Ear, waveform: Waveform, hints: Hints, runs: int, *, fresh: bool = False, warm_up: int = 5
) -> Times:
    """Milliseconds of every stage in every run; nothing where nobody's name is heard.

    With `fresh` the readings of the spelling are made anew in every run: a name that this process
    has not met. Without, they are remembered from the run before, as for a second introduction.
    """
    times: Times = defaultdict(list)
    for run in range(warm_up + runs):
        if fresh:
            ear = Ear(ear.transcriber, ear.recognizer, ear.g2p)
        before = time.process_time()
        try:
            hearing, _ = ear.hear(waveform, hints)
        except NamememError:
            return {}
        if run >= warm_up:
            times["total, processor time"].append(1000 * (time.process_time() - before))
            for stage, value in hearing.timings_ms.items():
                times[stage].append(value)
    return dict(times)


def summary(times: Times) -> dict[str, dict[str, float]]:
    """By stage: p50, p95 and the share of the whole."""
    whole = float(np.median(times["total"])) if times else 0.0
    return {
        stage: {
            "p50_ms": round(float(np.percentile(values, 50)), 1),
            "p95_ms": round(float(np.percentile(values, 95)), 1),
            "share": round(float(np.median(values)) / whole, 3) if whole else 0.0,
        }
        for stage, values in times.items()
    }


def table(results: dict[str, dict[str, dict[str, dict[str, float]]]]) -> str:
    """All engines and cases as Markdown."""
    lines = [
        "| engine | given | stage | p50 ms | p95 ms | share of the whole |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for engine, cases in results.items():
        for case, stages in cases.items():
            if not stages:
                lines.append(f"| {engine} | {case} | no name heard | – | – | – |")
            for stage, row in stages.items():
                lines.append(
                    f"| {engine} | {case} | {stage} | {row['p50_ms']:.0f} | {row['p95_ms']:.0f} "
                    f"| {100 * row['share']:.0f} % |"
                )
    return "\n".join(lines)


def one_core() -> bool:
    """Keeps this process on one core, where the system can; call it before torch is imported."""
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[variable] = "1"
    if not hasattr(os, "sched_setaffinity"):
        return False
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    return True


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engines", nargs="*", default=["whisper_ctc", "sphinx"])
    parser.add_argument("--encoder", default="tiny.en", help="of whisper_ctc")
    parser.add_argument("--transcriber", default="sphinx")
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    pinned = one_core()
    waveform = introduction()
    results: dict[str, Any] = {}
    for engine in args.engines:
        options = {"encoder": args.encoder} if engine == "whisper_ctc" else {}
        ear = Ear(create_transcriber(args.transcriber), create(engine, **options), Candidates())
        ear.load()
        results[engine] = {
            case: summary(measure(ear, waveform, hints, args.runs, fresh="never" in case))
            for case, hints in CASES.items()
        }
    about = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, one used",
        "pinned": pinned,
        "load": [round(x, 1) for x in os.getloadavg()],
        "runs": args.runs,
        "seconds": SECONDS,
        "transcriber": args.transcriber,
    }
    print(f"{about}\n\n{table(results)}")
    if args.json:
        args.json.write_text(json.dumps({**about, "results": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
