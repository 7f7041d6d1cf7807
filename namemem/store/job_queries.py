"""Recordings that wait to be heard: taken on a lease, ended once, whoever dies in between.

    with store.transaction(space) as repo:
        job = repo.add_job(kind="introduction", request=..., audio=...)
    ... another process, or this one after a restart ...
    with store.transaction() as repo:
        taken = repo.take_job(job.id, lease_seconds=30.0, tries=5)
    ... listen, and call repo.renew_job(taken, 30.0) now and then ...
    with store.one_transaction(taken.space) as repo:
        ... write the introduction ...
        repo.finish_job(taken, introduction_id=...)   # commits together with what it made

A worker that dies lets its lease run out; then another takes the job, with a new token. Should the
first one still live, it can no longer finish: its whole transaction is rolled back. So nothing is
lost, and nothing is made twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, and_, case, delete, func, literal, or_, select, text, update

from namemem.errors import Conflict, NotFound
from namemem.store.scope import Scope, checked_optional, is_storable, new_id, utc_now
from namemem.store.tables import EXTERNAL_ID_LENGTH, JobRow, PersonRow, UtcDateTime

INTRODUCTION, HEARING = "introduction", "hearing"
_OPEN = ("queued", "running")
_ENDED = ("done", "failed")
_EMPTY: dict[str, Any] = {"request": None, "audio": None, "token": None, "lease_until": None}
"""What the end of a job erases."""


@dataclass(frozen=True, slots=True)
class StoredJob:
    """A job as its caller may see it.

    `problem` is as the service wrote it; `result` and `audio` are of a `hearing` that is done.
    Times are aware UTC.
    """

    id: str
    space: str
    kind: str
    state: str
    priority: int
    attempts: int
    created_at: datetime
    finished_at: datetime | None
    person_id: str | None
    introduction_id: str | None
    problem: dict[str, Any] | None
    webhook_state: str | None
    has_webhook: bool
    result: dict[str, Any] | None = None
    audio: bytes | None = None


@dataclass(frozen=True, slots=True)
class TakenJob:
    """The right to do a job, with all that it needs; ends with `finish_job` or `release_job`."""

    id: str
    space: str
    kind: str
    token: str
    attempts: int
    priority: int
    request: dict[str, Any]
    audio: bytes


@dataclass(frozen=True, slots=True)
class HeldJob:
    """Somebody else works on the job, or it is not to be tried before `until`."""

    id: str
    until: datetime
    priority: int


class JobQueries(Scope):
    """The jobs of one space; what takes, sweeps and reports looks beyond it."""

    def add_job(
        self,
        *,
        kind: str,
        request: Mapping[str, Any],
        audio: bytes,
        expires_at: datetime,
        urgency: int = 0,
        person_id: str | None = None,
        external_id: str | None = None,
        webhook: str | None = None,
    ) -> StoredJob:
        """Adds a job that waits. Behind what its space has waiting already comes what others have.

        Args:
            kind: `introduction` or `hearing`.
            request: all but the audio, JSON-serialisable.
            audio: the upload.
            expires_at: aware; when it is given up unheard.
            urgency: added to the priority; the job goes before those with less.
            person_id: whose name it is, if known.
            external_id: the caller's id of them; the person is found by it if they are known.
            webhook: where its end is reported.
        """
        if person_id is None and external_id is not None:
            person_id = self._session.scalars(
                select(PersonRow.id).where(
                    PersonRow.space == self.space, PersonRow.external_id == external_id
                )
            ).one_or_none()
        row = JobRow(
            id=new_id("j"),
            space=self.space,
            kind=kind,
            state="queued",
            priority=urgency - self.open_jobs(kind),
            request=dict(request),
            audio=audio,
            person_id=person_id,
            external_id=checked_optional(external_id, "external_id", EXTERNAL_ID_LENGTH),
            attempts=0,
            created_at=utc_now(),
            expires_at=expires_at,
            webhook=webhook,
            webhook_tries=0,
        )
        self._session.add(row)
        self._session.flush()
        return _stored(row)

    def open_jobs(self, kind: str) -> int:
        """How many jobs of this space wait or are being heard."""
        query = select(func.count()).where(
            JobRow.space == self.space, JobRow.state.in_(_OPEN), JobRow.kind == kind
        )
        return self._session.scalars(query).one()

    def job(self, job_id: str, kind: str = INTRODUCTION) -> StoredJob:
        """One job. Raises `NotFound`, also for another space's."""
        found = self.find_job(job_id, kind)
        if found is None:
            raise NotFound(f"There is no job {job_id!r} in this space.", job_id=job_id)
        return found

    def find_job(self, job_id: str, kind: str = INTRODUCTION) -> StoredJob | None:
        """One job; None where this space has none of that id and kind."""
        if not is_storable(job_id):
            return None
        query = select(JobRow).where(
            JobRow.id == job_id, JobRow.space == self.space, JobRow.kind == kind
        )
        row = self._session.scalars(query).one_or_none()
        return None if row is None else _stored(row)

    def ended_jobs(self, job_ids: list[str]) -> set[str]:
        """Which of these jobs have ended, or are not there (any more); in every space."""
        query = select(JobRow.id).where(JobRow.id.in_(job_ids), JobRow.state.in_(_OPEN))
        return set(job_ids) - set(self._session.scalars(query))

    def take_job(self, job_id: str, *, lease_seconds: float) -> TakenJob | HeldJob | None:
        """Takes one job of any space; None where it has ended or is gone."""
        row = self._session.scalars(
            select(JobRow).where(JobRow.id == job_id).with_for_update()
        ).one_or_none()
        if row is None or row.state in _ENDED:
            return None
        now = utc_now()
        held = row.lease_until if row.state == "running" else row.not_before
        if held is not None and held > now:
            return HeldJob(row.id, held, row.priority)
        return self._take(row, now, lease_seconds)

    def take_next_job(self, *, lease_seconds: float) -> TakenJob | None:
        """Takes the job of any space whose turn it is; None where none waits."""
        now = utc_now()
        query = (
            select(JobRow)
            .where(
                or_(
                    and_(
                        JobRow.state == "queued",
                        or_(JobRow.not_before.is_(None), JobRow.not_before <= now),
                    ),
                    and_(JobRow.state == "running", JobRow.lease_until <= now),
                )
            )
            .order_by(JobRow.priority.desc(), JobRow.created_at, JobRow.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = self._session.scalars(query).one_or_none()
        return None if row is None else self._take(row, now, lease_seconds)

    def _take(self, row: JobRow, now: datetime, lease_seconds: float) -> TakenJob:
        token = new_id("t")
        row.state = "running"
        row.token = token
        row.lease_until = now + timedelta(seconds=lease_seconds)
        row.not_before = None
        row.attempts += 1
        self._session.flush()
        return TakenJob(
            row.id, row.space, row.kind, token, row.attempts, row.priority,
            row.request or {}, bytes(row.audio or b""),
        )  # fmt: skip

    def renew_job(self, taken: TakenJob, lease_seconds: float) -> bool:
        """Moves the lease on; False where the job is another's by now, or gone."""
        until = utc_now() + timedelta(seconds=lease_seconds)
        return self._change(taken, lease_until=until) == 1

    def release_job(
        self, taken: TakenJob, *, not_before: datetime | None = None, counted: bool = True
    ) -> bool:
        """Lets the job wait again; False where it is another's by now, or gone.

        Args:
            taken: from `take_job` or `take_next_job`.
            not_before: aware; when it may be taken again.
            counted: whether this try was one; not when nobody even began to listen.
        """
        attempts = taken.attempts if counted else taken.attempts - 1
        changed = self._change(
            taken, state="queued", token=None, lease_until=None, not_before=not_before,
            attempts=attempts,
        )  # fmt: skip
        return changed == 1

    def finish_job(
        self,
        taken: TakenJob,
        *,
        introduction_id: str | None = None,
        person_id: str | None = None,
        result: Mapping[str, Any] | None = None,
        audio: bytes | None = None,
        problem: Mapping[str, Any] | None = None,
    ) -> None:
        """Ends a job in the transaction that stores what it made; erases request and recording.

        Args:
            taken: from `take_job` or `take_next_job`.
            introduction_id: what it made.
            person_id: whom.
            result: what a `hearing` heard, for the server that waits for it.
            audio: its recording as WAV, where that was wanted.
            problem: why it failed; without one it is done.

        Raises:
            Conflict: it is another's by now, or gone (`reason` `claim_lost`). Let it roll the
                transaction back.
        """
        changes = _end("done" if problem is None else "failed", problem)
        if introduction_id is not None:
            changes["introduction_id"] = introduction_id
        if person_id is not None:
            changes["person_id"] = person_id
        changes["result"] = None if result is None else dict(result)
        changes["audio"] = audio
        if self._change(taken, **changes) != 1:
            raise Conflict("Another worker has taken this job over.", reason="claim_lost")

    def delete_job(self, job_id: str) -> None:
        """Deletes a job of this space, whatever its state; what works on it stores nothing."""
        self._session.execute(
            delete(JobRow).where(JobRow.id == job_id, JobRow.space == self.space),
            execution_options={"synchronize_session": False},
        )

    def jobs_of(self, person_id: str) -> list[dict[str, Any]]:
        """What is stored of a person's jobs, JSON-serialisable, without the audio."""
        rows = self._session.scalars(
            select(JobRow)
            .where(JobRow.person_id == person_id, JobRow.space == self.space)
            .order_by(JobRow.created_at, JobRow.id)
        )
        return [
            {
                "id": row.id,
                "state": row.state,
                "request": row.request,
                "audio_bytes": len(row.audio or b""),
                "introduction_id": row.introduction_id,
                "problem": row.problem,
                "webhook": row.webhook,
                "webhook_state": row.webhook_state,
                "created_at": row.created_at.isoformat(),
                "finished_at": None if row.finished_at is None else row.finished_at.isoformat(),
            }
            for row in rows
        ]

    def expire_jobs(self, problem: Mapping[str, Any], keep: timedelta) -> int:
        """Gives up what has waited too long, and forgets what ended long ago; in every space.

        Args:
            problem: of those that are given up.
            keep: how long a job that has ended is remembered.

        Returns:
            How many recordings or jobs were erased; then call `Store.erase_traces`.
        """
        now = utc_now()
        given_up = self._session.execute(
            update(JobRow)
            .where(JobRow.state.in_(_OPEN), JobRow.expires_at <= now)
            .values(**_end("failed", problem)),
            execution_options={"synchronize_session": False},
        )
        forgotten = self._session.execute(
            delete(JobRow).where(JobRow.state.in_(_ENDED), JobRow.finished_at <= now - keep),
            execution_options={"synchronize_session": False},
        )
        # Nobody waits for an answer of that age any more.
        left = self._session.execute(
            delete(JobRow).where(JobRow.kind == HEARING, JobRow.expires_at <= now),
            execution_options={"synchronize_session": False},
        )
        counts = (given_up, forgotten, left)
        return sum(cast("CursorResult[Any]", one).rowcount for one in counts)

    def unannounced_jobs(self, schema: str, lease_seconds: float) -> list[tuple[str, int]]:
        """Ids and priorities of open jobs that procrastinate's tables in `schema` do not know.

        Those that came while the database had no queue, or whose announcement got lost; not the
        youngest, which are just being announced. In every space.
        """
        query = text(
            f"SELECT job.id, job.priority FROM jobs AS job"  # noqa: S608 - no value of a caller
            f" WHERE ((job.state = 'queued' AND job.created_at < :before)"
            f" OR (job.state = 'running' AND job.lease_until < :now))"
            f" AND NOT EXISTS (SELECT 1 FROM {schema}.procrastinate_jobs AS known"
            f" WHERE known.queueing_lock = job.id AND known.status IN ('todo', 'doing'))"
            f" ORDER BY job.priority DESC LIMIT 1000"
        )
        now = utc_now()
        values = {"now": now, "before": now - timedelta(seconds=lease_seconds)}
        return [(row.id, row.priority) for row in self._session.execute(query, values)]

    def driver_connection(self) -> Any:
        """The driver's own connection in this transaction: for a queue in the same database."""
        return self._session.connection().connection.driver_connection

    def _change(self, taken: TakenJob, **values: Any) -> int:
        result = self._session.execute(
            update(JobRow)
            .where(JobRow.id == taken.id, JobRow.token == taken.token, JobRow.state == "running")
            .values(**values),
            execution_options={"synchronize_session": False},
        )
        return cast("CursorResult[Any]", result).rowcount


def _end(state: str, problem: Mapping[str, Any] | None) -> dict[str, Any]:
    now = utc_now()
    return {
        **_EMPTY,
        "state": state,
        "finished_at": now,
        "problem": None if problem is None else dict(problem),
        "webhook_state": case((JobRow.webhook.is_not(None), "pending"), else_=None),
        "webhook_at": case((JobRow.webhook.is_not(None), literal(now, UtcDateTime())), else_=None),
    }


def _stored(row: JobRow) -> StoredJob:
    ended_hearing = row.kind == HEARING and row.state == "done"
    return StoredJob(
        row.id, row.space, row.kind, row.state, row.priority, row.attempts, row.created_at,
        row.finished_at, row.person_id, row.introduction_id, row.problem, row.webhook_state,
        row.webhook is not None, row.result, row.audio if ended_hearing else None,
    )  # fmt: skip
