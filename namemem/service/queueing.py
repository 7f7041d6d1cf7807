"""Introductions that are heard later: queued now, asked for by their id, reported when they end.

What waits is personal data. It is in the job's row and nowhere else: a queue that carries the work
to other processes is told ids alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from pydantic import TypeAdapter

from namemem import errors, webhooks
from namemem.errors import EngineBusy, InvalidRequest, JobExpired, NamememError, NotFound
from namemem.service.answering import IntroductionView
from namemem.service.introducing import IntroduceRequest, Introducing
from namemem.service.repeating import Key, Replay, replay_of
from namemem.service.watching import Watcher
from namemem.store import INTRODUCTION, Outcome, Repository, StoredJob
from namemem.store.acting import Actor, current_actor

_REQUESTS = TypeAdapter(IntroduceRequest)
_NOT_KEPT = {"audio", "idempotency_key"}


@dataclass(frozen=True, slots=True)
class JobPolicy:
    """Limits of what waits.

    Attributes:
        lease_seconds: after which a job whose worker died is taken by another.
        tries: how often hearing a recording is tried when its worker dies or breaks.
        ttl: how long a job waits at most, and how long one that has ended is remembered.
        max_queued: introductions of one space that may wait.
        webhook_secrets: what reports of a space are signed with; without one it has none.
        webhook_private: whether reports may go to one's own machine and network.
    """

    lease_seconds: float = 30.0
    tries: int = 5
    ttl: timedelta = timedelta(hours=24)
    max_queued: int = 1000
    webhook_secrets: Mapping[str, bytes] = field(default_factory=dict)
    webhook_private: bool = False


class Queue(Protocol):
    """Carries the word that there is work to whoever does it."""

    def put(
        self, repo: Repository, job_id: str, *, priority: int, at: datetime | None = None
    ) -> None:
        """In the transaction that queues the job: it is to be done, not before `at`."""

    def wake(self) -> None:
        """After that transaction: somebody may look."""


class NoQueue:
    """Nobody is told: whoever works looks into the table by itself."""

    def put(
        self, repo: Repository, job_id: str, *, priority: int, at: datetime | None = None
    ) -> None:
        """Nothing."""

    def wake(self) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as it is answered.

    Attributes:
        job: as it is stored.
        introduction: what it made, as that now stands.
        error: why it failed.
    """

    job: StoredJob
    introduction: IntroductionView | None = None
    error: NamememError | None = None


class Queueing(Introducing):
    """The use cases around a job, for its caller."""

    job_policy: JobPolicy = JobPolicy()
    queue: Queue = NoQueue()
    _watcher: Watcher | None = None

    @property
    def watcher(self) -> Watcher:
        """Tells when jobs have ended."""
        if self._watcher is None:
            self._watcher = Watcher(self.store)
        return self._watcher

    async def introduce_later(
        self,
        space: str,
        request: IntroduceRequest,
        webhook: str | None = None,
        key: Key[JobView] | None = None,
    ) -> JobView | Replay:
        """Queues a recording, to be heard as `introduce` hears it.

        Args:
            space: whose people.
            request: as for `introduce`; its own idempotency key is not looked at.
            webhook: where the end is reported.
            key: makes it safe to send twice.

        Raises:
            NotFound: `person_id` names nobody in this space.
            InvalidRequest: the webhook is one that reports may not go to, or the space has no
                secret to sign them with.
            EngineBusy: too many introductions of this space wait.
            Conflict: the idempotency key was used for another request, or is in flight.
            NotFound: the key's job has been withdrawn or forgotten since.
        """
        if webhook is not None:
            await self._check_webhook(space, webhook)
        await asyncio.to_thread(self._check, space, request)
        view = await asyncio.to_thread(self._add_job, space, request, webhook, key)
        self.queue.wake()
        return view

    async def _check_webhook(self, space: str, webhook: str) -> None:
        if space not in self.job_policy.webhook_secrets:
            raise InvalidRequest(
                f"There is no secret to sign webhooks of the space {space!r} with. Whoever runs "
                "this server can set one: NAMEMEM_WEBHOOK_SECRETS. Or ask for the job by its id.",
                field="webhook",
            )
        url = webhooks.check_url(webhook)
        await webhooks.check_host(url, private=self.job_policy.webhook_private)

    def _add_job(
        self,
        space: str,
        request: IntroduceRequest,
        webhook: str | None,
        key: Key[JobView] | None,
    ) -> JobView | Replay:
        policy = self.job_policy
        with self.store.one_transaction(space) as repo:
            begun = None if key is None else repo.begin(key.key, key.digest)
            if isinstance(begun, Outcome):
                return _still_there(repo, replay_of(begun))
            if repo.open_jobs(INTRODUCTION) >= policy.max_queued:
                raise EngineBusy(
                    f"{policy.max_queued} introductions of this space wait to be heard already. "
                    "Send it again later.",
                    retry_after=10,
                )
            job = repo.add_job(
                kind=INTRODUCTION,
                request=request_document(request),
                audio=request.audio,
                expires_at=datetime.now(UTC) + policy.ttl,
                person_id=request.person_id,
                external_id=request.external_id,
                webhook=webhook,
            )
            self.queue.put(repo, job.id, priority=job.priority)
            view = JobView(job)
            if begun is not None and key is not None:
                repo.finish(begun, person_id=job.person_id, answer=key.answer(view))
            return view

    def job(self, space: str, job_id: str) -> JobView:
        """A job as it now stands. Raises `NotFound`."""
        with self.store.transaction(space, read_only=True) as repo:
            job = repo.job(job_id)
            made = error = None
            if job.introduction_id is not None:
                made = self._view(repo, repo.introduction(job.introduction_id))
            if job.problem is not None:
                error = error_of(job.problem)
            return JobView(job, made, error)

    async def wait_for_job(self, space: str, job_id: str, seconds: float) -> JobView:
        """A job when it has ended, or as it is after so many seconds. Raises `NotFound`."""
        view = await asyncio.to_thread(self.job, space, job_id)
        if seconds > 0 and view.job.finished_at is None:
            await self.watcher.wait(job_id, seconds)
            view = await asyncio.to_thread(self.job, space, job_id)
        return view

    def forget_job(self, space: str, job_id: str) -> None:
        """Deletes a job with its recording; what it made stays. Raises `NotFound`.

        A job that is being heard is stopped: nothing of it is stored.
        """
        with self.store.transaction(space) as repo:
            job = repo.job(job_id)
            repo.note_erasure("jobs")
            repo.delete_job(job_id)
            repo.note("job.erased", person_id=job.person_id)

    def expire_jobs(self) -> int:
        """Gives up what has waited too long, and forgets what ended long ago; how many."""
        hours = self.job_policy.ttl.total_seconds() / 3600
        error = JobExpired(
            f"Nobody heard this recording within {hours:g} hours, so it was erased. "
            "Is a worker running? Send it again."
        )
        with self.store.transaction() as repo:
            count = repo.expire_jobs(document_of(error), self.job_policy.ttl)
            if count:
                repo.note_erasure("jobs")
            return count


def _still_there(repo: Repository, replay: Replay) -> Replay:
    """The kept answer, where there still is the job that it tells of.

    Raises:
        NotFound: there is not: a `202` would have the caller wait for ever, and hearing the
            recording anew would undo that somebody withdrew it.
    """
    job_id = str(replay.answer["body"]["id"])
    if repo.find_job(job_id) is None:
        raise NotFound(
            "The job that this Idempotency-Key made has been withdrawn or forgotten, and its "
            "recording with it. To have a recording heard, send it with a new key.",
            job_id=job_id,
        )
    return replay


def request_document(request: IntroduceRequest) -> dict[str, Any]:
    """A request and who made it, without the recording, JSON-serialisable."""
    asked: dict[str, Any] = _REQUESTS.dump_python(request, mode="json", exclude=_NOT_KEPT)
    return {"request": asked, "actor": asdict(current_actor())}


def request_of(document: Mapping[str, Any], audio: bytes) -> tuple[IntroduceRequest, Actor]:
    """What `request_document` wrote, and the recording."""
    request = _REQUESTS.validate_python({**document["request"], "audio": audio})
    return request, Actor(**document["actor"])


def document_of(error: NamememError) -> dict[str, Any]:
    """An error, JSON-serialisable."""
    return {"kind": type(error).__name__, "message": error.message, "details": error.details}


def error_of(document: Mapping[str, Any]) -> NamememError:
    """What `document_of` wrote; a `NamememError` where this version has no such error."""
    kind = getattr(errors, str(document["kind"]), NamememError)
    if not (isinstance(kind, type) and issubclass(kind, NamememError)):
        kind = NamememError
    error = kind.__new__(kind)
    NamememError.__init__(error, str(document["message"]), **document["details"])
    return error
