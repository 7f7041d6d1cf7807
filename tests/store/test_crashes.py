from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from namemem.store import Store

ROUNDS = int(os.environ.get("NAMEMEM_CRASH_ROUNDS", "2"))
"""Two writers are killed in each round; `docs/reliability.md` uses more."""


def test_killed_writers_lose_nothing_and_leave_nothing_half(
    store: Store, database_url: str
) -> None:
    tests = Path(__file__).resolve().parents[1]
    path = os.pathsep.join([str(tests), str(tests.parent)])
    script = Path(__file__).with_name("crash_writer.py")
    chance = random.Random(7)
    acknowledged: set[str] = set()
    for round_number in range(ROUNDS):
        writers = [
            subprocess.Popen(
                [sys.executable, str(script), database_url, f"{round_number}-{w}"],
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": path},
            )
            for w in range(2)
        ]
        for writer in writers:
            assert writer.stdout is not None
            acknowledged.add(writer.stdout.readline().strip())  # both are at work
        time.sleep(chance.uniform(0.05, 0.4))
        for writer in writers:
            writer.kill()
        for writer in writers:
            said, _ = writer.communicate()
            acknowledged.update(line for line in said.split("\n")[:-1] if line)
    assert "" not in acknowledged
    with store.transaction(read_only=True) as repo:
        people = list(repo.all_people_iter())
        assert acknowledged <= {p.id for p in people}
        for person in people:
            export = repo.export_person(person.id)
            assert [h["version"] for h in export["names"][0]["history"]] == [1, 2]
            assert export["introductions"][0]["clip"] is not None
            assert export["idempotency_keys"][0]["status"] == "done"
    # Killed after the commit and before the line: at most one of each writer.
    assert len(people) <= len(acknowledged) + 2 * ROUNDS
