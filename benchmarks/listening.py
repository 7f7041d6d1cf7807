"""How soon after the end of speech a listening connection answers; and what idle ones cost.

    python -m benchmarks.listening [--speech ../shared/speech] [--runs 40] [--json FILE]
    python -m benchmarks.listening --idle 300

A real server with the embedded engines (pocketsphinx, the compact ear) and one worker; a client
streams 20 ms frames at real time. End of speech is the last sample of speech in the file: each
recording is cut there (the last 20 ms that are louder than its own floor, by `speech_span` without
its margin), and the noise of a quiet room follows. The delay is from the moment at which that
sample was sent to the arrival of the introduction. Of it, the detector's part is what passed in the
stream until it was silent for the two marks, whatever the machine; hearing is `timings_ms.total`.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import numpy as np
import websockets

from namemem.audio import SAMPLE_RATE, Waveform, decode, speech_span
from namemem.phones import parse_ipa
from namemem.tts.preview import EspeakPreview

FRAME_SECONDS = 0.02
LEAD, TAIL = 0.6, 3.0  # seconds of room noise before and after
_MARGIN = 0.06  # that `speech_span` adds
NAMES = {
    "Siobhan": "ʃɪˈvɔːn", "Andrea": "ˈændɹiə", "Xavier": "ˈzeɪviɚ", "Thiago": "tiˈɑɡoʊ",
    "Niamh": "niːv", "Joaquin": "wɑˈkin", "Saoirse": "ˈsɝʃə", "Priya": "ˈpɹijə",
    "Giulia": "ˈdʒuliə", "Nguyen": "wɪn", "Aisling": "ˈæʃlɪŋ", "Mateo": "məˈteɪoʊ",
}  # fmt: skip
Clip = tuple[str, Waveform]


def synthetic() -> list[Clip]:
    """Introductions by the preview voice: spelling and sound."""
    voice = EspeakPreview()
    made = []
    for spelling, ipa in NAMES.items():
        for before in ("Hello, my name is ", "Hi, I'm "):
            made.append((spelling, decode(voice.speak([before, parse_ipa(ipa), "."], "en-us+f3"))))
    return made


def real(folder: Path, count: int) -> list[Clip]:
    """Recordings of people who say a name, in a fixed random order."""
    with (folder / "manifest.tsv").open(encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file, delimiter="\t") if "names_real" in r["file"]]
    random.Random(1).shuffle(rows)
    return [(r["words"], decode(folder / r["file"])) for r in rows[:count]]


def streamed(waveform: Waveform) -> tuple[bytes, float] | None:
    """PCM with room noise around it, and where the speech ends in it (seconds)."""
    span = speech_span(waveform)
    if span is None or waveform.peak < 0.02:
        return None
    end = span[1] - _MARGIN if span[1] < waveform.seconds else span[1]
    speech = waveform.slice(0.0, end).samples
    size = round((LEAD + TAIL) * SAMPLE_RATE) + speech.size
    samples = np.random.default_rng(1).normal(0, 3e-4, size).astype(np.float32)
    first = round(LEAD * SAMPLE_RATE)
    samples[first : first + speech.size] += speech
    return Waveform(np.clip(samples, -1, 1)).pcm16, LEAD + speech.size / SAMPLE_RATE


async def one(url: str, pcm: bytes, end: float, wishes: dict[str, str]) -> dict[str, float] | None:
    """Streams one recording at real time; None where no name was heard."""
    step = round(FRAME_SECONDS * SAMPLE_RATE) * 2
    async with websockets.connect(f"{url}/v1/listen?{urlencode(wishes)}", compression=None) as ws:
        began = time.perf_counter()

        async def send() -> None:
            for number, first in enumerate(range(0, len(pcm), step)):
                # A frame is sent when its last sample has been spoken.
                due = began + (number + 1) * FRAME_SECONDS
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                await ws.send(pcm[first : first + step])

        sending = asyncio.create_task(send())
        partial = None
        try:
            async with asyncio.timeout(len(pcm) / 2 / SAMPLE_RATE + 20):
                async for text in ws:
                    now = time.perf_counter() - began
                    message = json.loads(text)
                    if message["type"] == "partial":
                        partial = now
                    elif message["type"] == "error":
                        return None
                    elif message["type"] == "introduction":
                        return {
                            "delay": now - end,
                            "hearing": message["timings_ms"]["total"] / 1000,
                            "detector": message["utterance"]["end"] - end,
                            "heard early": float(partial is not None),
                        }
        except TimeoutError:
            return None
        finally:
            sending.cancel()
    return None


async def measure(url: str, clips: list[Clip], case: dict[str, bool]) -> dict[str, Any]:
    """p50 and p95 of one way to ask."""
    found, silent = [], 0
    for spelling, waveform in clips:
        made = streamed(waveform)
        if made is None:
            continue
        wishes = {"external_id": f"bench-{random.random()}", "target": "azure"}
        if case.get("spelling"):
            wishes["spelling"] = spelling
        if case.get("asked"):
            wishes["asked"] = "true"
        result = await one(url, *made, wishes)
        if result is None:
            silent += 1
        else:
            found.append(result)
    row: dict[str, Any] = {"answered": len(found), "no name": silent}
    for key in ("delay", "hearing", "detector"):
        values = [1000 * r[key] for r in found] or [float("nan")]
        row[key] = [round(float(np.percentile(values, q))) for q in (50, 95)]
    row["within 400 ms"] = round(float(np.mean([r["delay"] <= 0.4 for r in found] or [0])), 3)
    return row


@contextmanager
def server(nice: int, **settings: str) -> Iterator[tuple[str, int]]:
    """A server on a free port with its data in a new folder: its address and process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("NAMEMEM_")}
        environment = kept | {
            "NAMEMEM_DATA_DIR": folder,
            "NAMEMEM_TRANSCRIBER": "sphinx",
            "NAMEMEM_PHONE_RECOGNIZER": "compact",
            "NAMEMEM_WORKERS": "1",
            "NAMEMEM_WORKER_NICE": str(nice),
            "NAMEMEM_LOG_LEVEL": "warning",
            **settings,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "namemem.cli", "serve", "--port", str(port)],
            env=environment,
            cwd=folder,
            start_new_session=True,
        )
        try:
            for _ in range(600):
                try:
                    if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200:
                        break
                except httpx.HTTPError:
                    pass
                time.sleep(0.25)
            yield f"ws://127.0.0.1:{port}", process.pid
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def resident_mb(pid: int) -> float:
    """Memory of one process (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def processor_seconds(pid: int) -> float:
    """Processor time of one process so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def reads(url: str, seconds: float) -> list[float]:
    """Milliseconds of GET /v1/targets, one after the other."""
    took = []
    async with httpx.AsyncClient(base_url=url.replace("ws", "http", 1)) as client:
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            before = time.perf_counter()
            (await client.get("/v1/people?limit=1")).raise_for_status()
            took.append(1000 * (time.perf_counter() - before))
            await asyncio.sleep(0.05)
    return took


async def crowd(url: str, pid: int, count: int, talking: int) -> dict[str, Any]:
    """`count` connections that send nothing; then `talking` of them send room noise."""
    alone = await reads(url, 8)
    memory = resident_mb(pid)
    open_ones = [
        await websockets.connect(f"{url}/v1/listen", compression=None) for _ in range(count)
    ]
    await asyncio.sleep(3)
    full = resident_mb(pid)
    busy = processor_seconds(pid)
    await asyncio.sleep(8)
    idle_cpu = (processor_seconds(pid) - busy) / 8
    with_idle = await reads(url, 8)
    noise = Waveform(
        np.clip(np.random.default_rng(1).normal(0, 3e-3, SAMPLE_RATE // 10), -1, 1).astype("f4")
    ).pcm16

    async def talk(ws: Any, offset: float) -> None:
        await asyncio.sleep(offset)
        while True:
            await ws.send(noise)
            await asyncio.sleep(0.1)

    talkers = [
        asyncio.create_task(talk(ws, 0.1 * n / max(1, talking)))
        for n, ws in enumerate(open_ones[:talking])
    ]
    await asyncio.sleep(2)
    busy, began = processor_seconds(pid), time.perf_counter()
    with_talk = await reads(url, 8)
    talk_cpu = (processor_seconds(pid) - busy) / (time.perf_counter() - began)
    for task in talkers:
        task.cancel()
    await asyncio.gather(*(ws.close() for ws in open_ones), return_exceptions=True)

    def spread(values: list[float]) -> list[float]:
        return [round(float(np.percentile(values, q)), 1) for q in (50, 99)]

    return {
        "idle connections": count,
        "kB each": round(1024 * (full - memory) / count, 1),
        "processor while idle": round(idle_cpu, 3),
        "read ms p50, p99: alone": spread(alone),
        "with idle ones": spread(with_idle),
        f"with {talking} of them sending noise": spread(with_talk),
        "processor then": round(talk_cpu, 3),
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speech", type=Path, default=Path("../shared/speech"))
    parser.add_argument("--runs", type=int, default=60, help="real recordings")
    parser.add_argument("--nice", type=int, default=0, help="of the worker")
    parser.add_argument("--idle", type=int, default=0, help="only this many idle connections")
    parser.add_argument("--talking", type=int, default=50)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with server(args.nice) as (url, pid):
        if args.idle:
            results: dict[str, Any] = asyncio.run(crowd(url, pid, args.idle, args.talking))
        else:
            made = synthetic()
            asyncio.run(measure(url, made[:3], {}))  # warm
            results = {
                "synthesised, spelling given": asyncio.run(measure(url, made, {"spelling": True})),
                "synthesised, nothing given": asyncio.run(measure(url, made, {})),
            }
            if args.speech.is_dir():
                people = real(args.speech, args.runs)
                case = {"spelling": True, "asked": True}
                results["people, asked, spelling given"] = asyncio.run(measure(url, people, case))
    print(f"{os.cpu_count()} cores, load {[round(x, 1) for x in os.getloadavg()]}")
    for name, row in results.items():
        print(f"{name}: {row}")
    if args.json:
        args.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
