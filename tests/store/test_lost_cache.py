"""SQLite after a power cut that loses the operating system's cache, which `kill -9` does not.

`make prove-power-cuts` looks at 2000 moments.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
from pathlib import Path

import pytest
from plugins import unattended
from plugins.lost_cache import images, record
from plugins.unattended import show

from namemem.errors import StoreError
from namemem.store import Store

IMAGES = int(os.environ.get("NAMEMEM_POWER_CUT_IMAGES", "15"))
STEPS = int(os.environ.get("NAMEMEM_POWER_CUT_STEPS", "8"))
SEED = int(os.environ.get("NAMEMEM_POWER_CUT_SEED", "8"))
pytestmark = pytest.mark.timeout(600 + IMAGES)


class Loss(AssertionError):
    """Something acknowledged is not there, or something is half there."""


def check(url: str, printed: bytes) -> None:
    """Raises `Loss` unless the database holds what had been printed as done."""
    acknowledged: dict[str, unattended.State] = {}
    begun: dict[str, unattended.Step] = {}
    for line in printed.decode().splitlines():
        said = json.loads(line)
        step = said.get("begins") or said["done"]
        if "begins" in said:
            begun[step["external_id"]] = step
        else:
            del begun[step["external_id"]]
            acknowledged[step["external_id"]] = said["state"]
    service = unattended.service_on(url)
    try:
        if findings := service.store.findings():
            raise Loss(findings)
        for external_id in {*acknowledged, *begun}:
            before = acknowledged.get(external_id, unattended.NOBODY)
            now = unattended.state(service, external_id)
            if now == before:
                continue
            if external_id not in begun:
                raise Loss(external_id, before, now)
            if unattended.numbers(now) != unattended.after(before, begun[external_id]):
                raise Loss(begun[external_id], before, now)
    except StoreError as error:
        raise Loss(error.message) from error
    finally:
        service.store.close()


def losses(directory: Path, steps: int, count: int, *options: str) -> tuple[int, int]:
    """Runs a writer and cuts its power at many moments: how many events, how many losses."""
    database = directory / "namemem.db"
    store = Store(f"sqlite:///{database}")
    store.upgrade()
    store.close()
    start = {database: database.read_bytes()}
    tests = Path(__file__).resolve().parents[1]
    writer = [sys.executable, str(Path(__file__).with_name("crash_writer.py"))]
    events = record(
        [*writer, f"sqlite:///{database}", "1", str(steps), *options],
        directory / "strace.log",
        {**os.environ, "PYTHONPATH": os.pathsep.join([str(tests), str(tests.parent)])},
    )
    assert sum(event.what == "print" for event in events) == 2 * steps
    lost = 0
    chance = random.Random(SEED)
    for number, (printed, files) in enumerate(images(events, start, chance, count), 1):
        after = directory / "after"
        after.mkdir()
        for path, content in files.items():
            if not path.name.endswith("-shm") and path.parent == directory:
                (after / path.name).write_bytes(content)
        try:
            check(f"sqlite:///{after}/namemem.db", printed)
        except Loss as loss:
            lost += 1
            if not options:
                raise AssertionError(f"moment {number}, {len(printed)} bytes printed") from loss
        shutil.rmtree(after)
        if number % 100 == 0:
            show(
                f"SQLite without its cache, seed {SEED}: {number} of {IMAGES} moments, {lost} lost"
            )
    return len(events), lost


def test_what_was_acknowledged_survives_the_loss_of_the_cache(tmp_path: Path) -> None:
    events, lost = losses(tmp_path, STEPS, IMAGES)
    show(f"{IMAGES} moments among {events} events, seed {SEED}: {lost} lose something")
    assert lost == 0


def test_without_waiting_for_the_disk_it_would_not(tmp_path: Path) -> None:
    """So that the test above is known to see what it looks for."""
    assert losses(tmp_path, 4, 12, "unsafe")[1] > 0
