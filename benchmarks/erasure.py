"""How long erasing takes, and how long it holds up those who read names meanwhile.

    python -m benchmarks.erasure [--url URL] [--people 3000] [--clips 300] [--json FILE]

Without a URL on SQLite in a folder of its own; with one on an empty database there, which is
filled. Readers are threads that ask for one person after another, as a character does before it
speaks. What compares between machines is the ratio of their times during the scrubbing to those
before it.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import create_engine, text

from namemem.people import Engines, HeardPhone, Hearing, NameKind, Reading, SpellingSource, Status
from namemem.phones import parse_ipa
from namemem.store import Store
from namemem.store.scope import utc_now

READERS = 2


def populate(store: Store, people: int, clips: int) -> list[str]:
    """People with one name and one introduction each; the first ones with 3 s of sound."""
    said = parse_ipa("ʃɪˈvɔːn")
    ids = []
    for start in range(0, people, 100):
        with store.transaction() as repo:
            for i in range(start, min(start + 100, people)):
                person = repo.add_person(f"person-{i}", f"Person {i}")
                name = repo.add_name(
                    person.id, kind=NameKind.GIVEN, spelling=f"Siobhan {i}", pronunciation=said,
                    status=Status.HEARD, who="benchmark", what="heard",
                )  # fmt: skip
                made = repo.add_introduction(
                    person_id=person.id, name_id=name.id, hearing=_hearing(i)
                )
                if i < clips:
                    expires = utc_now() + timedelta(days=30)
                    repo.save_clip(made.id, os.urandom(96_044), "audio/wav", expires)
                ids.append(person.id)
    return ids


def _hearing(i: int) -> Hearing:
    readings = tuple(
        Reading(parse_ipa("ʃɪˈvɔːn"), "g2p:en-us", -12.0 - n - i / 1e4, -0.7, 0.9 / (n + 1))
        for n in range(12)
    )
    return Hearing(
        transcript=f"hello my name is siobhan {i}", spelling=f"Siobhan {i}",
        spelling_source=SpellingSource.CALLER, language="en", readings=readings,
        phones=tuple(HeardPhone("ʃ", n / 10, n / 10 + 0.1, 0.9) for n in range(6)), start=0.5,
        end=1.1, predicted=None, heard_freely="ʃɪvɔn", engines=Engines("a", "b", "c"),
    )  # fmt: skip


class Readers:
    """Threads that read; `times` are seconds."""

    def __init__(self, store: Store, ids: list[str]) -> None:
        self.times: list[float] = []
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._read, args=(store, ids[n::READERS]))
            for n in range(READERS)
        ]

    def _read(self, store: Store, ids: list[str]) -> None:
        while not self._over.is_set():
            for one in ids:
                if self._over.is_set():
                    return
                begun = time.perf_counter()
                with store.transaction(read_only=True) as repo:
                    repo.person(one)
                self.times.append(time.perf_counter() - begun)
                time.sleep(0.002)

    def __enter__(self) -> Readers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


def measure(store: Store, people: int, clips: int) -> dict[str, Any]:
    """Times in milliseconds."""
    ids = populate(store, people, clips)
    kept, gone = ids[clips // 2 :], ids[: clips // 2]
    with Readers(store, kept) as idle:
        time.sleep(3.0)
    deleted = []
    for one in gone:
        begun = time.perf_counter()
        with store.transaction() as repo:
            repo.delete_person(one)
        deleted.append(time.perf_counter() - begun)
    with Readers(store, kept) as busy:
        begun = time.perf_counter()
        done = store.scrub()
        took = time.perf_counter() - begun
        time.sleep(0.05)
    worst = [round(1000 * float(np.max(t)), 1) for t in (idle.times, busy.times)]
    return {
        "database": "SQLite" if store.is_sqlite else "PostgreSQL",
        "megabytes": round(size(store) / 1e6, 1),
        "people": people, "clips": clips, "erased": len(gone), "scrubbed": done.tables,
        "delete_p50_ms": round(1000 * float(np.median(deleted)), 2),
        "scrub_ms": round(1000 * took, 1),
        "read_p50_idle_ms": round(1000 * float(np.median(idle.times)), 2),
        "read_longest_idle_ms": worst[0], "read_longest_while_scrubbing_ms": worst[1],
    }  # fmt: skip


def size(store: Store) -> int:
    """Bytes of the database."""
    engine = create_engine(store._url)
    with engine.connect() as connection:
        if store.is_sqlite:
            pages = connection.execute(text("PRAGMA page_count")).scalar_one()
            found = int(pages) * int(connection.execute(text("PRAGMA page_size")).scalar_one())
        else:
            query = text("SELECT pg_database_size(current_database())")
            found = int(connection.execute(query).scalar_one())
    engine.dispose()
    return found


def main() -> None:
    """Prints the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--url", help="an empty database; SQLite in a folder of its own if none")
    parser.add_argument("--people", type=int, default=3000)
    parser.add_argument("--clips", type=int, default=300)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = Store(asked.url or f"sqlite:///{folder}/namemem.db")
        store.upgrade()
        figures = measure(store, asked.people, asked.clips)
        store.close()
    line = json.dumps(figures, indent=2)
    print(line)
    if asked.json:
        asked.json.write_text(line + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
