"""What a synchronous request leaves in the queue: nothing, and a note for the disk."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from namemem.errors import DeadlineExceeded
from namemem.queueing.hearer import QueueHearer
from namemem.service.queueing import NoQueue
from namemem.service.working import heard_document
from namemem.store import Store, TakenJob
from namemem.testing import FakeHearer
from namemem.workers import Job


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(f"sqlite:///{tmp_path}/namemem.db")
    made.upgrade()
    return made


@pytest.mark.parametrize("heard", [True, False])
def test_the_recording_is_noted_for_the_sweeper(store: Store, heard: bool) -> None:
    """Else its bytes stay in PostgreSQL's files for as long as nothing else is erased."""
    hearer = QueueHearer(store, NoQueue(), deadline=60.0 if heard else 0.2, workers=lambda: 1)
    job = Job(b"a recording")

    def work() -> bool:
        with store.transaction() as repo:
            taken = repo.take_next_job(lease_seconds=30.0)
            if not isinstance(taken, TakenJob):
                return False
            result = heard_document(asyncio.run(FakeHearer().hear(job)))
            repo.finish_job(taken, result=result)
            return True

    async def hear() -> None:
        asking = asyncio.create_task(hearer.hear(job))
        while heard and not await asyncio.to_thread(work):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        if heard:
            assert (await asking).hearing.spelling == "Siobhan"
        else:
            with pytest.raises(DeadlineExceeded):
                await asking

    asyncio.run(hear())
    with store.transaction(read_only=True) as repo:
        assert [tables for _, tables in repo.noted_erasures()] == [("jobs",)]
        count = repo._session.connection().exec_driver_sql("SELECT count(*) FROM jobs").scalar()
    assert count == 0
    hearer.close()
