"""Doing a job: taken on a lease, heard, and stored together with the end of the job.

However often a job is taken, and whenever a worker dies, what it makes is stored once: the
introduction and the end of the job are one transaction, which only the holder of the job's token
can commit.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from namemem.discretion import loggable
from namemem.errors import (
    Conflict,
    DeadlineExceeded,
    EngineBusy,
    EngineFailed,
    EngineUnavailable,
    JobGivenUp,
    NamememError,
    StoreUnavailable,
    VersionConflict,
)
from namemem.identifying import Verdicts
from namemem.people import NameKind
from namemem.service.introducing import IntroduceRequest
from namemem.service.queueing import Queueing, document_of, request_of
from namemem.store import HEARING, HeldJob, TakenJob
from namemem.store.acting import acting
from namemem.store.documents import hearing_from_document, hearing_to_document
from namemem.workers import Heard, Job

_log = logging.getLogger(__name__)
_JOBS = TypeAdapter(Job)
_VERDICTS = TypeAdapter(Verdicts)
_HEARING_APART = {"audio", "before"}
_CONFLICTS = 10
"""How often storing is tried while other introductions of the same person keep coming in."""
_PAUSE = 1.0  # seconds until a job is tried again that could not be begun
_BACKOFF = 2.0  # seconds until a job is tried again that failed once; doubles


class Working(Queueing):
    """The use cases of whoever works on jobs."""

    def take(self, job_id: str) -> TakenJob | HeldJob | None:
        """Takes one job; None where there is nothing to do (any more).

        A job that somebody else holds is announced again for when their lease is over.
        """
        with self.store.transaction() as repo:
            taken = repo.take_job(job_id, lease_seconds=self.job_policy.lease_seconds)
            if isinstance(taken, HeldJob):
                self.queue.put(repo, taken.id, priority=taken.priority, at=taken.until)
            return taken

    def take_next(self) -> TakenJob | None:
        """Takes the job whose turn it is; None where none waits."""
        with self.store.transaction() as repo:
            return repo.take_next_job(lease_seconds=self.job_policy.lease_seconds)

    async def work(self, taken: TakenJob) -> None:
        """Does a job. What goes wrong is stored with the job or leads to another try.

        Cancelled, it lets the job go, for others to take at once.
        """
        hearing = asyncio.create_task(self._do(taken))
        keeping = asyncio.create_task(self._keep(taken))
        try:
            await asyncio.wait({hearing, keeping}, return_when=asyncio.FIRST_COMPLETED)
            if not hearing.done():
                _log.warning("The job %s was taken over or withdrawn.", taken.id)
                return
            await self._settle(taken, hearing)
        except asyncio.CancelledError:
            await self._let_go(taken, 0.0, counted=False)
            raise
        finally:
            for task in (hearing, keeping):
                task.cancel()
            await asyncio.gather(hearing, keeping, return_exceptions=True)

    async def _settle(self, taken: TakenJob, hearing: asyncio.Task[None]) -> None:
        error = hearing.exception()
        last = taken.attempts >= self.job_policy.tries
        match error:
            case None:
                return
            case Conflict() if error.details.get("reason") == "claim_lost":
                _log.warning("The job %s was taken over or withdrawn.", taken.id)
            case StoreUnavailable():
                _log.warning("The job %s could not be stored: %s", taken.id, error.message)
                await self._let_go(taken, _PAUSE, counted=False)
            case EngineBusy() | EngineUnavailable() if taken.kind != HEARING:
                await self._let_go(taken, _PAUSE, counted=False)
            case EngineFailed() | DeadlineExceeded() if taken.kind != HEARING and not last:
                _log.warning("The job %s failed and is tried again: %s", taken.id, loggable(error))
                await self._let_go(taken, _BACKOFF * 2 ** (taken.attempts - 1))
            case NamememError():
                await self._fail(taken, error)
            case _ if last:
                _log.error("The job %s failed: %s", taken.id, type(error).__name__)
                await self._fail(taken, _given_up(taken))
            case _:  # its text may quote what was heard
                _log.error("The job %s failed: %s", taken.id, type(error).__name__)
                await self._let_go(taken, _BACKOFF * 2 ** (taken.attempts - 1))

    async def _do(self, taken: TakenJob) -> None:
        if taken.attempts > self.job_policy.tries:
            raise _given_up(taken)
        if taken.kind == HEARING:
            heard = await self.hearer.hear(job_of(taken.request, taken.audio))
            await asyncio.to_thread(self._store_hearing, taken, heard)
            return
        request, actor = request_of(taken.request, taken.audio)
        with acting(actor):
            job = await asyncio.to_thread(self._with_earlier, taken.space, request)
            heard = await self.hearer.hear(job)
            await asyncio.to_thread(self._store_introduction, taken, request, heard)

    def _store_introduction(self, taken: TakenJob, request: IntroduceRequest, heard: Heard) -> None:
        """Stores what was heard and ends the job, in one transaction."""
        for _ in range(_CONFLICTS):
            try:
                with self.store.one_transaction(taken.space) as repo:
                    made = self._store_heard(taken.space, request, heard, None, None).introduction
                    repo.finish_job(taken, introduction_id=made.id, person_id=made.person_id)
                    repo.give_to_person(taken.id, made.person_id)
                    return
            except VersionConflict as error:  # the same person was introduced elsewhere
                if request.name_version is not None:
                    raise
                last = error
        raise last

    def _store_hearing(self, taken: TakenJob, heard: Heard) -> None:
        with self.store.transaction(taken.space) as repo:
            repo.finish_job(taken, result=heard_document(heard), audio=heard.clip)

    async def _fail(self, taken: TakenJob, error: NamememError) -> None:
        def fail() -> None:
            with self.store.transaction(taken.space) as repo:
                repo.finish_job(taken, problem=document_of(error))

        with contextlib.suppress(NamememError):  # the lease will end by itself
            await asyncio.to_thread(fail)

    async def _let_go(self, taken: TakenJob, seconds: float, *, counted: bool = True) -> None:
        at = datetime.now(UTC) + timedelta(seconds=seconds) if seconds else None

        def let_go() -> None:
            with self.store.transaction(taken.space) as repo:
                if repo.release_job(taken, not_before=at, counted=counted):
                    self.queue.put(repo, taken.id, priority=taken.priority, at=at)

        with contextlib.suppress(NamememError):  # the lease will end by itself
            await asyncio.shield(asyncio.to_thread(let_go))
            self.queue.wake()

    async def _keep(self, taken: TakenJob) -> None:
        """Renews the lease; returns when the job is another's, or gone."""
        lease = self.job_policy.lease_seconds

        def renew() -> bool:
            with self.store.transaction(taken.space) as repo:
                return repo.renew_job(taken, lease)

        while True:
            await asyncio.sleep(lease / 3)
            with contextlib.suppress(NamememError):  # tried again; who loses it stores nothing
                if not await asyncio.to_thread(renew):
                    return


def _given_up(taken: TakenJob) -> JobGivenUp:
    tries = max(1, taken.attempts - 1)
    return JobGivenUp(
        f"Hearing this recording broke off {tries} times, so it was given up. "
        "Send another recording.",
        tries=tries,
    )


def job_document(job: Job) -> dict[str, Any]:
    """What is to be heard, without the recording, JSON-serialisable."""
    document: dict[str, Any] = _JOBS.dump_python(job, mode="json", exclude=_HEARING_APART)
    before = None if job.before is None else hearing_to_document(job.before)
    return {"job": document, "before": before}


def job_of(document: Mapping[str, Any], audio: bytes) -> Job:
    """What `job_document` wrote, and the recording."""
    job = _JOBS.validate_python({**document["job"], "audio": audio})
    before = document["before"]
    return replace(job, before=None if before is None else hearing_from_document(before))


def heard_document(heard: Heard) -> dict[str, Any]:
    """What was heard, without the clip, JSON-serialisable."""
    document = {"hearing": hearing_to_document(heard.hearing), "kind": heard.kind.value}
    if heard.verdicts is not None:
        document["verdicts"] = _VERDICTS.dump_python(heard.verdicts, mode="json")
    return document


def heard_of(document: Mapping[str, Any], clip: bytes | None) -> Heard:
    """What `heard_document` wrote, and the clip."""
    found = document.get("verdicts")
    return Heard(
        hearing_from_document(document["hearing"]),
        NameKind(document["kind"]),
        clip,
        None if found is None else _VERDICTS.validate_python(found),
    )
