"""What namemem takes on a small machine: the light install and the full one.

    python -m benchmarks.footprint [--only light] [--core 0] [--json FILE]

For each: seconds and megabytes of an install into a new environment, then, on one processor core,
seconds until `namemem serve` is ready, seconds that one introduction takes there (spelling given,
second request), and the resident memory of all its processes. The light install is the package
alone; the full one has the extra `whisper` with torch's CPU build. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "api_examples" / "recordings" / "siobhan.wav"
INSTALLS = {"light": ("namemem", ()), "full": ("namemem[whisper]", ("torch",))}
_PATIENCE = 180.0


def install(name: str, folder: Path) -> dict[str, float]:
    """A new environment with the package; torch first, as the Makefile does."""
    extra, first = INSTALLS[name]
    began = time.monotonic()
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check",
           "-c", str(ROOT / "constraints.txt")]  # fmt: skip
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    for package in first:
        subprocess.run([*pip, next(p for p in pins if p.startswith(f"{package}=="))], check=True)
    target = str(ROOT) + extra.removeprefix("namemem")
    subprocess.run([*pip, target], check=True)
    size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file() and not f.is_symlink())
    return {"install_seconds": round(time.monotonic() - began, 1), "megabytes": round(size / 1e6)}


def resident(pid: int) -> float:
    """Megabytes of a process and of all that it started (shared pages counted once: PSS)."""
    total = 0.0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int(folder.name) != pid and pid not in _ancestors(int(folder.name)):
                continue
            for line in (folder / "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) / 1000
        except (OSError, ValueError):
            continue
    return total


def _ancestors(pid: int) -> set[int]:
    found: set[int] = set()
    while pid > 1:
        status = Path(f"/proc/{pid}/stat").read_text()
        pid = int(status.rpartition(")")[2].split()[1])
        found.add(pid)
    return found


def serve(folder: Path, core: int) -> dict[str, Any]:
    """Starts the server of that environment on one core and sends it introductions."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as data:
        environment = {**os.environ, "NAMEMEM_DATA_DIR": data, "NAMEMEM_WORKERS": "1"}
        command = ["taskset", "-c", str(core), str(folder / "bin" / "namemem"), "serve",
                   "--port", str(port)]  # fmt: skip
        began = time.monotonic()
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as server:
            try:
                base = f"http://127.0.0.1:{port}"
                _until_ready(base, began)
                ready = time.monotonic() - began
                answers = [_introduce(base) for _ in range(4)]
                return {
                    "ready_seconds": round(ready, 1),
                    "introduction_ms": round(1000 * min(a[0] for a in answers[1:])),
                    "first_introduction_ms": round(1000 * answers[0][0]),
                    "memory_megabytes": round(resident(server.pid)),
                    "ear": answers[0][1],
                }
            finally:
                server.terminate()


def _until_ready(base: str, began: float) -> None:
    while time.monotonic() - began < _PATIENCE:
        try:
            if httpx.get(f"{base}/readyz", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise SystemExit("The server did not become ready.")


def _introduce(base: str) -> tuple[float, str]:
    began = time.monotonic()
    answer = httpx.post(
        f"{base}/v1/introductions", files={"audio": EXAMPLE.read_bytes()},
        data={"spelling": "Siobhan"}, timeout=60,
    )  # fmt: skip
    seconds = time.monotonic() - began
    answer.raise_for_status()
    return seconds, answer.json()["engines"]["phone_recognizer"]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=tuple(INSTALLS))
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    result = {}
    for name in [args.only] if args.only else list(INSTALLS):
        with tempfile.TemporaryDirectory() as work:
            folder = Path(work) / "venv"
            result[name] = install(name, folder) | serve(folder, args.core)
            shutil.rmtree(folder)
        print(name, json.dumps(result[name]), flush=True)
    if args.json:
        args.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
