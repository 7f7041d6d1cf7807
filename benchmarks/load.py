"""Whether reading stays fast while every worker hears: one server, idle and under full load.

    python -m benchmarks.load [--seconds 20] [--workers 2] [--nice 10] [--json FILE]

Starts `namemem serve` (one process and its workers) on a database of its own. One caller asks for
`GET /v1/people/{id}/pronunciation`, one request after another on one connection, first while
nothing else happens, then while more callers than the queue has room for send introductions
without pause; another asks for `/healthz` meanwhile. Callers run in processes of their own, so
that they do not measure each other, and all of them on the same machine as the server. The ratio of
loaded to idle is what compares between machines. Engines are those of the settings.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import multiprocessing
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from namemem.phones import parse_ipa
from namemem.tts.preview import EspeakPreview

QUEUE = 8
_START = 300.0  # seconds for loading the engines
_PAUSE = 0.005  # seconds between two requests of one reader


@contextlib.contextmanager
def server(folder: Path, workers: int, nice: int) -> Iterator[tuple[int, Path]]:
    """A server that is ready: its port, and its log."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "NAMEMEM_DATA_DIR": str(folder),
        "NAMEMEM_WORKERS": str(workers),
        "NAMEMEM_QUEUE_SIZE": str(QUEUE),
        "NAMEMEM_WORKER_NICE": str(nice),
    }
    log = folder / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "namemem.cli", "serve", "--port", str(port)],
            env=os.environ | settings,
            cwd=folder,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + _START
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=40).status_code == 200:
                    break
            time.sleep(0.5)
        else:
            raise SystemExit(f"The server did not get ready:\n{log.read_text()[-3000:]}")
        yield port, log
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def read(port: int, path: str, seconds: float) -> list[float]:
    """Milliseconds of each request, one after another on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        began = time.perf_counter()
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        taken.append(1000 * (time.perf_counter() - began))
        if response.status != 200:
            raise SystemExit(f"{path} answered {response.status}.")
        time.sleep(_PAUSE)
    connection.close()
    return taken


def introduce(port: int, callers: int, seconds: float, audio: bytes) -> dict[str, Any]:
    """Introductions without pause by so many callers; who is refused comes again after 50 ms."""
    statuses: Counter[str] = Counter()
    taken: list[float] = []
    end = time.perf_counter() + seconds

    def call(_: int) -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
            while time.perf_counter() < end:
                began = time.perf_counter()
                response = client.post(
                    "/v1/introductions",
                    files={"audio": ("a.wav", audio)},
                    data={"spelling": "Andrea", "asked": "true"},
                )
                statuses[str(response.status_code)] += 1
                if response.status_code == 201:
                    taken.append(1000 * (time.perf_counter() - began))
                else:
                    time.sleep(0.05)

    with ThreadPoolExecutor(callers) as threads:
        list(threads.map(call, range(callers)))
    whole = seconds + max(0.0, time.perf_counter() - end)
    return {
        "callers": callers,
        "by_status": dict(statuses),
        "heard_per_second": round(statuses["201"] / whole, 2),
        **summary(taken),
    }


def summary(taken: list[float]) -> dict[str, float]:
    """Percentiles of milliseconds."""
    if not taken:
        return {"requests": 0}
    return {
        "requests": len(taken),
        "p50_ms": round(float(np.percentile(taken, 50)), 2),
        "p99_ms": round(float(np.percentile(taken, 99)), 2),
        "max_ms": round(max(taken), 2),
    }


def measure(port: int, seconds: float, workers: int) -> dict[str, Any]:
    """Idle, then loaded."""
    base = f"http://127.0.0.1:{port}"
    person = {"display_name": "Siobhan", "names": [{"spelling": "Siobhan", "ipa": "ʃɪˈvɔːn"}]}
    made = httpx.post(f"{base}/v1/people", json=person, timeout=60).raise_for_status().json()
    path = f"/v1/people/{made['id']}/pronunciation?target=azure"
    parts = ["Hello, my name is ", parse_ipa("ɑnˈdɹeɪə"), "."]
    audio = EspeakPreview().speak(parts, "en-us+f3")
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(3, mp_context=spawn) as callers:
        list(callers.map(time.sleep, [0.2] * 3))  # all have started
        form = {"spelling": "Andrea", "asked": "true"}
        once = httpx.post(
            f"{base}/v1/introductions", files={"audio": audio}, data=form, timeout=120
        )
        once.raise_for_status()
        read(port, path, 1.0)
        idle = callers.submit(read, port, path, seconds).result()
        idle_health = callers.submit(read, port, "/healthz", seconds / 4).result()
        load = callers.submit(introduce, port, workers + QUEUE + 4, seconds + 4, audio)
        time.sleep(2.0)
        loaded = callers.submit(read, port, path, seconds)
        health = callers.submit(read, port, "/healthz", seconds)
        result = {
            "pronunciation_idle": summary(idle),
            "pronunciation_loaded": summary(loaded.result()),
            "healthz_idle": summary(idle_health),
            "healthz_loaded": summary(health.result()),
            "introductions": load.result(),
        }
    idle_row, loaded_row = result["pronunciation_idle"], result["pronunciation_loaded"]
    result["ratio_p50"] = round(loaded_row["p50_ms"] / idle_row["p50_ms"], 2)
    result["ratio_p99"] = round(loaded_row["p99_ms"] / idle_row["p99_ms"], 2)
    ready = httpx.get(f"{base}/readyz", timeout=40).json()
    result["engines"] = ready["engines"]
    return result


def table(result: dict[str, Any]) -> str:
    """The result as Markdown."""
    lines = ["| what | requests | p50 ms | p99 ms | max ms |", "| --- | --- | --- | --- | --- |"]
    for key, words in (
        ("pronunciation_idle", "GET …/pronunciation, idle"),
        ("pronunciation_loaded", "GET …/pronunciation, every worker busy and the queue full"),
        ("healthz_idle", "GET /healthz, idle"),
        ("healthz_loaded", "GET /healthz, every worker busy and the queue full"),
        ("introductions", "POST /v1/introductions that were heard, waiting included"),
    ):
        row = result[key]
        if row["requests"]:
            lines.append(
                f"| {words} | {row['requests']} | {row['p50_ms']:.1f} | {row['p99_ms']:.1f} "
                f"| {row['max_ms']:.1f} |"
            )
    load = result["introductions"]
    lines += [
        "",
        f"Loaded to idle: {result['ratio_p50']:.2f} at p50, {result['ratio_p99']:.2f} at p99. "
        f"{load['callers']} callers: {load['heard_per_second']:.2f} introductions heard a second, "
        f"answers by status {load['by_status']}.",
    ]
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each measurement")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--nice", type=int, default=10, help="NAMEMEM_WORKER_NICE")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    about = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "load_before": [round(x, 1) for x in os.getloadavg()],
        "workers": args.workers,
        "queue": QUEUE,
        "nice": args.nice,
        "seconds": args.seconds,
    }
    with (
        tempfile.TemporaryDirectory() as folder,
        server(Path(folder), args.workers, args.nice) as (port, _),
    ):
        result = measure(port, args.seconds, args.workers)
    print(f"{about}\n{result['engines']}\n\n{table(result)}")
    if args.json:
        args.json.write_text(json.dumps({**about, **result}, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
