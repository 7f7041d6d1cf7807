"""A second program that opens and leaves the database must not cost the first one its writes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
from pathlib import Path

import pytest

from namemem.store import Store

multi = multiprocessing.get_context("fork")  # before this process has a connection


def write_and_wait(url: str, ready, go) -> None:
    store = Store(url)
    store.upgrade()
    with store.transaction("museum") as repo:
        repo.add_person("a", "Anna")
    store.upgrade()  # as a starting server does while it has connections
    ready.set()
    go.wait(60)
    with store.transaction("museum") as repo:
        repo.add_person("b", "Ben")
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.timeout(120)
def test_what_is_written_after_another_program_left_is_there(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'namemem.db'}"
    ready, go = multi.Event(), multi.Event()
    writer = multi.Process(target=write_and_wait, args=(url, ready, go))
    writer.start()
    assert ready.wait(20)
    other = sqlite3.connect(tmp_path / "namemem.db")
    assert other.execute("SELECT count(*) FROM people").fetchone() == (1,)
    other.close()
    assert (tmp_path / "namemem.db-wal").exists(), "the last to leave deletes it: we were not"
    go.set()
    writer.join(60)
    assert writer.exitcode == -signal.SIGKILL
    left = Store(url)
    with left.transaction("museum", read_only=True) as repo:
        assert repo.find_person_by_external_id("b") is not None
    left.close()
