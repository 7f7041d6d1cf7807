"""How long the review list takes with many people in the space.

    python -m benchmarks.review [--people 10000] [--runs 40] [--json FILE]

The pages are asked for in this process, on SQLite in a folder of its own, without a network
between: server time. What compares between machines is the ratio to the empty list, which has the
same templates, cookies and headers, but no rows.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from fastapi.testclient import TestClient

from namemem.app import create_app
from namemem.people import NameKind, Status
from namemem.phones import parse_ipa
from namemem.settings import Settings
from namemem.store import Store
from namemem.testing import FakeHearer

PAGES = {
    "first page": "/review/",
    "last page": "/review/?page=99999",
    "search by spelling": "/review/?q=ma",
    "filter by status": "/review/?status=approved",
    "filter by confidence": "/review/?confidence=unsure",
}
_ONSETS = ["m", "n", "l", "ɹ", "s", "t", "k", "b", "d", "ʃ", "v", "j"]
_VOWELS = ["i", "ɛ", "ɑ", "oʊ", "u", "ə", "aɪ"]


def populate(store: Store, count: int, seed: int = 1) -> None:
    """Fills the space `default` with people of one name each, the same ones every time."""
    rng = random.Random(seed)
    with store.transaction() as repo:
        for i in range(count):
            said = parse_ipa(_name(rng))
            person = repo.add_person(f"p{i}", f"{said.ipa.title()} {i}")
            repo.add_name(
                person.id,
                kind=NameKind.GIVEN,
                spelling=f"Ma{i}" if i % 3 else f"Lu{i}",
                pronunciation=said,
                status=rng.choice(list(Status)),
                confidence=round(rng.random(), 3),
                who="benchmark",
                what="heard",
            )


def _name(rng: random.Random) -> str:
    syllables = [rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(rng.randint(2, 4))]
    return "ˈ" + ".".join(syllables)


def measure(client: TestClient, path: str, runs: int) -> list[float]:
    """Milliseconds of each request after three that warm up."""
    times = []
    for _ in range(runs + 3):
        started = time.perf_counter()
        response = client.get(path, headers={"Accept": "text/html"})
        times.append((time.perf_counter() - started) * 1000)
        response.raise_for_status()
    return times[3:]


def run(people: int, runs: int) -> dict[str, Any]:
    """p50 and p95 in milliseconds of the empty list and of every page of the full one."""
    result: dict[str, Any] = {"people": people, "runs": runs}
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), _env_file=None)
        with TestClient(create_app(settings, engines=FakeHearer()), "http://localhost") as client:
            empty = measure(client, "/review/", runs)
            populate(client.app.state.service.store, people)
            pages = {name: measure(client, path, runs) for name, path in PAGES.items()}
            pages["search by sound"] = measure(client, "/review/?by=sound&q=ʃəˈvɔn", 5)
    base = float(np.percentile(empty, 95))
    for name, times in {"empty": empty, **pages}.items():
        p50, p95 = (float(np.percentile(times, q)) for q in (50, 95))
        result[name] = {"p50_ms": p50, "p95_ms": p95, "ratio_to_empty": p95 / base}
    return result


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    result = run(options.people, options.runs)
    print(f"{options.people} people\n{'page':24}{'p50 ms':>10}{'p95 ms':>10}{'to empty':>10}")
    for name, row in result.items():
        if isinstance(row, dict):
            figures = (row["p50_ms"], row["p95_ms"], row["ratio_to_empty"])
            print(f"{name:24}{figures[0]:10.1f}{figures[1]:10.1f}{figures[2]:10.1f}")
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
