"""Decodes the corpus of broken audio in this process, and says what each file cost.

    cd tests && python -m plugins.decoding_broken_audio [--json]

Each file is decoded as a worker does it. `memory` is how far the resident memory rose above what
it was before the file, in bytes (Linux); `seconds` is processor time.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plugins.broken_audio import corpus

from namemem.audio import decode
from namemem.audio.memory import DECODING_BYTES, memory_bounded
from namemem.errors import AudioError


def decoded() -> Iterator[dict[str, Any]]:
    """Each file's outcome and cost."""
    for one in list(corpus()):  # made beforehand: making them takes memory as well
        Path("/proc/self/clear_refs").write_text("5")  # the high-water mark starts anew
        before = _memory("VmRSS")
        began = time.thread_time()
        try:
            with memory_bounded(DECODING_BYTES):
                seconds_of_sound = decode(one.data).seconds
            outcome, detail = "heard", f"{seconds_of_sound:.2f} s"
        except AudioError as error:
            outcome, detail = type(error).__name__, error.message
        yield {
            "name": one.name,
            "bytes": len(one.data),
            "must_fail": one.must_fail,
            "outcome": outcome,
            "detail": detail,
            "seconds": time.thread_time() - began,
            "memory": max(0, _memory("VmHWM") - before),
        }


def _memory(what: str) -> int:
    line = next(x for x in Path("/proc/self/status").read_text().splitlines() if x.startswith(what))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    if "--json" in sys.argv:
        for row in decoded():
            print(json.dumps(row), flush=True)
    else:
        rows = list(decoded())
        print(f"{len(rows)} files, {sum(r['bytes'] for r in rows) / 1e6:.1f} MB")
        for outcome, number in Counter(r["outcome"] for r in rows).most_common():
            print(f"  {number:4d} {outcome}")
        slowest = sorted(rows, key=lambda r: -r["seconds"])[:5]
        largest = sorted(rows, key=lambda r: -r["memory"])[:5]
        print("slowest:", ", ".join(f"{r['name']} {r['seconds']:.2f} s" for r in slowest))
        print("largest:", ", ".join(f"{r['name']} {r['memory'] / 2**20:.0f} MiB" for r in largest))
