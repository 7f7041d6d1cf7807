"""Requests that are done exactly once, however often they are sent.

    with store.transaction(space) as repo:            # short, before any work
        answer = repo.begin(key, digest)              # Outcome: done before, answer the same
    ... listen ...
    with store.transaction(space) as repo:
        ... write the introduction ...
        repo.finish(claim, introduction_id=...)       # commits together with what it answers

Where nothing takes long, all three happen in one transaction. A server that dies in between
leaves a claim behind; after its lease, which a living one renews, another request takes the key
over, and the first one, should it still live, can no longer finish: its whole transaction is
rolled back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, and_, delete, select, update
from sqlalchemy.exc import IntegrityError

from namemem.errors import Conflict
from namemem.store.erasure_queries import ErasureQueries
from namemem.store.scope import checked, new_id, utc_now
from namemem.store.tables import (
    KEY_LENGTH,
    WORD_LENGTH,
    IdempotencyKeyRow,
    IntroductionRow,
    JobRow,
)

_PENDING, _DONE = "pending", "done"
_NEAR = timedelta(minutes=1)
LEASE_SECONDS = 20.0
"""How long a claim holds that nobody renews: so long a retry waits after a crash."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do the request of one key; ends with `finish` or `abandon`."""

    key: str
    token: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a request ended: the introduction it made, or the problem it was answered with.

    `answer` is what the caller got, where that was kept.
    """

    introduction_id: str | None
    problem: dict[str, Any] | None
    answer: dict[str, Any] | None = None


class IdempotencyQueries(ErasureQueries):
    """The idempotency keys of one space."""

    def begin(self, key: str, digest: str, lease_seconds: float = LEASE_SECONDS) -> Claim | Outcome:
        """Claims a key, or says how its request ended.

        In a transaction of its own where what follows takes long; else in that of the request,
        and then two at once wait for each other.

        Args:
            key: what the caller sent as `Idempotency-Key`.
            digest: of the whole request, so that another request under the key is noticed.
            lease_seconds: how long a claim holds that `renew` does not prolong.

        Raises:
            Conflict: `details["reason"]` is `other_request` (the key belongs to a request with
                another digest) or `in_flight` (the same request is being worked on).
            InvalidRequest: a key that cannot be stored.
        """
        now = utc_now()
        fresh = IdempotencyKeyRow(
            space=self.space,
            key=checked(key, "Idempotency-Key", KEY_LENGTH),
            digest=checked(digest, "digest", WORD_LENGTH),
            status=_PENDING,
            token=new_id("c"),
            created_at=now,
        )
        existing = self._key_row(key)
        if existing is None:
            claim = Claim(key, fresh.token)
            try:
                with self._session.begin_nested():
                    self._session.add(fresh)
                    self._session.flush()
            except IntegrityError as error:  # another request was faster by a moment
                existing = self._key_row(key)
                if existing is None:
                    raise _in_flight() from error
            else:
                return claim
        if existing.digest != digest:
            raise Conflict(
                "This Idempotency-Key was used for another request. Send a new key.",
                reason="other_request",
            )
        if existing.status == _DONE:
            return Outcome(existing.introduction_id, existing.problem, existing.answer)
        if existing.created_at > now - timedelta(seconds=lease_seconds):
            raise _in_flight()
        claim = Claim(key, new_id("c"))
        existing.token = claim.token
        existing.created_at = now
        self._session.flush()
        return claim

    def finish(
        self,
        claim: Claim,
        *,
        introduction_id: str | None = None,
        person_id: str | None = None,
        problem: Mapping[str, Any] | None = None,
        answer: Mapping[str, Any] | None = None,
    ) -> None:
        """Stores how the request ended, in the transaction that stores its effects.

        Args:
            claim: from `begin`.
            introduction_id: what the request made; its person is found by it.
            person_id: whom a problem is about, so that erasing them erases it too.
            problem: the problem document that the request was answered with.
            answer: what the caller gets, JSON-serialisable; erased together with the person.

        Raises:
            Conflict: the claim was lost to a later request (`reason` `claim_lost`). Let it
                roll the transaction back.
        """
        if introduction_id is not None and person_id is None:
            query = select(IntroductionRow.person_id).where(
                IntroductionRow.id == introduction_id, IntroductionRow.space == self.space
            )
            person_id = self._session.scalars(query).one_or_none()
        result = self._session.execute(
            update(IdempotencyKeyRow)
            .where(self._mine(claim))
            .values(
                status=_DONE,
                introduction_id=introduction_id,
                person_id=person_id,
                problem=None if problem is None else dict(problem),
                answer=None if answer is None else dict(answer),
            ),
            execution_options={"synchronize_session": False},
        )
        if cast("CursorResult[Any]", result).rowcount != 1:
            raise Conflict(
                "Another request with the same Idempotency-Key has taken over.",
                reason="claim_lost",
            )

    def give_to_person(self, job_id: str, person_id: str) -> None:
        """The answer that told of a job is about that person: erasing them erases it too.

        In the transaction that ends the job; when it was queued nobody knew whose name it is.
        """
        queued = select(JobRow.created_at).where(JobRow.id == job_id, JobRow.space == self.space)
        at = self._session.scalars(queued).one_or_none()
        if at is None:
            return
        self._session.execute(
            update(IdempotencyKeyRow)
            .where(
                IdempotencyKeyRow.space == self.space,
                IdempotencyKeyRow.person_id.is_(None),
                # They were written in one transaction; this keeps the others from being read.
                IdempotencyKeyRow.created_at.between(at - _NEAR, at + _NEAR),
                IdempotencyKeyRow.answer["body"]["id"].as_string() == job_id,
            )
            .values(person_id=person_id),
            execution_options={"synchronize_session": False},
        )

    def renew(self, claim: Claim) -> bool:
        """Prolongs a claim by another lease; False when it is lost or has ended."""
        result = self._session.execute(
            update(IdempotencyKeyRow).where(self._mine(claim)).values(created_at=utc_now()),
            execution_options={"synchronize_session": False},
        )
        return cast("CursorResult[Any]", result).rowcount == 1

    def abandon(self, claim: Claim) -> None:
        """Gives a key back unused (a full queue, a failed engine), so that a retry may work."""
        self._session.execute(
            delete(IdempotencyKeyRow).where(self._mine(claim)),
            execution_options={"synchronize_session": False},
        )

    def delete_idempotency_keys(self, before: datetime) -> int:
        """Forgets the keys of every space begun before that moment; how many there were."""
        result = self._session.execute(
            delete(IdempotencyKeyRow).where(IdempotencyKeyRow.created_at < before),
            execution_options={"synchronize_session": False},
        )
        deleted = cast("CursorResult[Any]", result).rowcount
        if deleted:
            self.note_erasure("idempotency_keys")
        return deleted

    def _key_row(self, key: str) -> IdempotencyKeyRow | None:
        query = select(IdempotencyKeyRow).where(
            IdempotencyKeyRow.space == self.space, IdempotencyKeyRow.key == key
        )
        return self._session.scalars(query.with_for_update()).one_or_none()

    def _mine(self, claim: Claim) -> Any:
        return and_(
            IdempotencyKeyRow.space == self.space,
            IdempotencyKeyRow.key == claim.key,
            IdempotencyKeyRow.token == claim.token,
            IdempotencyKeyRow.status == _PENDING,
        )


def _in_flight() -> Conflict:
    return Conflict(
        "The request with this Idempotency-Key is being worked on. Ask again in a moment.",
        reason="in_flight",
    )
