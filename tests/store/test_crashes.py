"""Writers, and PostgreSQL itself, are killed in the middle: what was acknowledged is there, and
what was not is absent or whole, and done once when it is asked for again.

`make prove-power-cuts` does 200 rounds on each database.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from plugins import unattended
from plugins.private_postgres import PrivatePostgres, _alive
from plugins.unattended import show
from sqlalchemy import update

from namemem.service import Service
from namemem.store import Store
from namemem.store.scope import utc_now
from namemem.store.tables import IdempotencyKeyRow

ROUNDS = int(os.environ.get("NAMEMEM_POWER_CUT_ROUNDS", "2"))
SEED = int(os.environ.get("NAMEMEM_POWER_CUT_SEED", "8"))
WRITERS = 3
MOST_LINES = 40
"""Writers are killed after 0 to so many lines that they say, at a random moment."""
pytestmark = pytest.mark.timeout(300 + 30 * ROUNDS)


class Writers:
    """The process that starts writers; it holds no connection itself."""

    def __init__(self, url: str) -> None:
        tests = Path(__file__).resolve().parents[1]
        path = os.pathsep.join([str(tests), str(tests.parent)])
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("crash_writer.py")), url, str(WRITERS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        )
        assert "ready" in self._read()

    def begin(self, prefix: str, seed: int) -> None:
        """Starts a group of writers."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{prefix} {seed}\n".encode())
        self._process.stdin.flush()
        begun = self._read()
        self._group, self._pids = begun["group"], begun["writers"]
        self._said: list[dict[str, Any]] = []

    def let_say(self, lines: int) -> None:
        """Lets them work until they have said so much."""
        while len(self._said) < lines:
            self._said.append(self._read())

    def kill(self) -> None:
        """SIGKILL to the whole group; returns when nobody of it runs any more."""
        os.killpg(self._group, signal.SIGKILL)
        while any(_alive(pid) for pid in self._pids):
            time.sleep(0.005)

    def said(self) -> list[dict[str, Any]]:
        """What the group has said before it was killed."""
        while "over" not in (line := self._read()):
            self._said.append(line)
        for line in self._said:
            assert "broken" not in line, line["broken"]
        return self._said

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line: dict[str, Any] = json.loads(self._process.stdout.readline())
        return line

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@contextlib.contextmanager
def writers_on(url: str) -> Iterator[Writers]:
    writers = Writers(url)
    try:
        yield writers
    finally:
        writers.close()


class Ledger:
    """What was acknowledged, and what a killed writer had begun."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.acknowledged: dict[str, unattended.State] = {}
        self.counts: Counter[str] = Counter()

    def settle(self, said: list[dict[str, Any]]) -> None:
        """Checks everybody of one round, and does again what was begun and not acknowledged."""
        begun: dict[str, unattended.Step] = {}
        for line in said:
            if "begins" in line:
                begun[line["begins"]["external_id"]] = line["begins"]
            elif "done" in line:
                step = line["done"]
                assert begun.pop(step["external_id"]) == step
                self.acknowledged[step["external_id"]] = line["state"]
                self.counts["acknowledged"] += 1
        for external_id in {line["done"]["external_id"] for line in said if "done" in line}:
            if external_id not in begun:
                now = unattended.state(self.service, external_id)
                assert now == self.acknowledged[external_id], external_id
        self._end_leases()
        for external_id, step in begun.items():
            self._settle_begun(external_id, step)

    def _settle_begun(self, external_id: str, step: unattended.Step) -> None:
        before = self.acknowledged.get(external_id, unattended.NOBODY)
        now = unattended.state(self.service, external_id)
        wanted = unattended.after(before, step)
        if now == before:
            self.counts["begun, absent"] += 1
        else:
            assert unattended.numbers(now) == wanted, (step, before, now)
            self.counts["begun, whole"] += 1
        if not (step["do"] == "erase" and now == unattended.NOBODY):
            unattended.do(self.service, step)
        again = unattended.state(self.service, external_id)
        assert unattended.numbers(again) == wanted, (step, before, now, again)
        if now != before:
            assert again == now, "done twice"
        self.acknowledged[external_id] = again

    def _end_leases(self) -> None:
        """As if time had gone by: claims of the dead may be taken over."""
        with self.service.store.transaction() as repo:
            long_ago = utc_now().replace(year=2000)
            repo._session.execute(
                update(IdempotencyKeyRow)
                .where(IdempotencyKeyRow.status == "pending")
                .values(created_at=long_ago)
            )

    def audit(self) -> None:
        """Everybody of all rounds, once more."""
        for external_id, stored in self.acknowledged.items():
            assert unattended.state(self.service, external_id) == stored, external_id


def cut_power(url: str, postgres: PrivatePostgres | None = None) -> Ledger:
    """All rounds on one database; where PostgreSQL is given, it is killed too in every fourth."""
    chance = random.Random(SEED)
    service = unattended.service_on(url)
    ledger = Ledger(service)
    kind = "PostgreSQL" if postgres else "SQLite"
    started = time.monotonic()
    with writers_on(url) as writers:
        for number in range(ROUNDS):
            writers.begin(f"r{number}", SEED * 10_000 + number)
            writers.let_say(chance.randint(0, MOST_LINES))
            time.sleep(chance.uniform(0.0, 0.1))
            if postgres is not None and number % 4 == 1:
                postgres.kill()
                ledger.counts["PostgreSQL killed"] += 1
                time.sleep(chance.uniform(0.0, 0.1))
                writers.kill()
                postgres.start()
            else:
                writers.kill()
            ledger.settle(writers.said())
            if number % 20 == 19 or number == ROUNDS - 1:
                assert service.store.findings() == []
                took = time.monotonic() - started
                counts = ", ".join(f"{n} {what}" for what, n in sorted(ledger.counts.items()))
                show(f"{kind}, seed {SEED}, round {number + 1} of {ROUNDS}, {took:.0f} s: {counts}")
    ledger.audit()
    assert ledger.counts["acknowledged"] > 0
    if postgres is not None and ROUNDS >= 20:  # slow, so not in every run
        assert postgres.amcheck() == ""
    service.store.close()
    return ledger


def test_writers_on_sqlite_are_killed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/namemem.db"
    store = Store(url)
    store.upgrade()
    store.close()
    cut_power(url)


@pytest.mark.postgres
def test_writers_and_postgresql_are_killed(private_postgres: PrivatePostgres) -> None:
    cut_power(private_postgres.url, private_postgres)
