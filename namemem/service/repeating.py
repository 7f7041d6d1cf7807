"""Requests that may be sent again under one key and are done once.

What takes no time is one transaction: the key, its effect and its answer are stored together or
not at all, and two of the same at once wait for each other. What is heard first claims the key,
renews the claim while it listens, and stores the answer together with what was heard.

A request that failed has stored nothing, so its key is free again.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from namemem.errors import NamememError, NotFound
from namemem.service.base import ServiceBase
from namemem.store import LEASE_SECONDS, Claim, Outcome

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Key(Generic[T]):
    """What makes a request repeatable.

    Attributes:
        key: what the caller sent as `Idempotency-Key`.
        digest: of everything that makes the request what it is.
        answer: what is kept of the result and answered again, JSON-serialisable.
    """

    key: str
    digest: str
    answer: Callable[[T], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Replay:
    """The request was done before, and this was its answer."""

    answer: dict[str, Any]


def digest_of(*parts: object, audio: bytes = b"") -> str:
    """SHA-256 of a request: of texts, numbers and None, and of a recording."""
    head = json.dumps([None if part is None else str(part) for part in parts]).encode()
    return hashlib.sha256(head + b"\0" + audio).hexdigest()


class Repeating(ServiceBase):
    """Does once what is asked for several times."""

    def once(
        self, space: str, key: Key[T] | None, work: Callable[[], T], person: Callable[[T], str]
    ) -> T | Replay:
        """Does `work`, or says how it was answered before; all in one transaction.

        Args:
            space: whose key it is.
            key: None does it in any case.
            work: calls use cases of this service on the same space, and raises what they raise.
            person: whom the result is about, so that erasing them erases the answer too.

        Raises:
            Conflict: the key belongs to another request, or the same one is being worked on.
        """
        if key is None:
            return work()
        with self.store.one_transaction(space) as repo:
            begun = repo.begin(key.key, key.digest)
            if isinstance(begun, Outcome):
                return replay_of(begun)
            result = work()
            repo.finish(begun, person_id=person(result), answer=key.answer(result))
            return result

    async def _with_claim(
        self,
        space: str,
        key: str,
        digest: str,
        work: Callable[[Claim], Awaitable[T]],
    ) -> T | Outcome:
        """Claims a key for work that takes long and finishes the claim; gives it back on failure.

        `work` stores what it did and calls `Repository.finish` in one transaction.
        """

        def begin() -> Claim | Outcome:
            with self.store.transaction(space) as repo:
                return repo.begin(key, digest)

        begun = await asyncio.to_thread(begin)
        if isinstance(begun, Outcome):
            return begun
        claim = begun

        def give_back() -> None:
            with self.store.transaction(space) as repo:
                repo.abandon(claim)

        renewing = asyncio.create_task(self._renew(space, claim))
        try:
            return await work(claim)
        except BaseException:
            with contextlib.suppress(NamememError):  # the lease will end by itself
                await asyncio.shield(asyncio.to_thread(give_back))
            raise
        finally:
            renewing.cancel()

    async def _renew(self, space: str, claim: Claim) -> None:
        def renew() -> None:
            with self.store.transaction(space) as repo:
                repo.renew(claim)

        while True:
            await asyncio.sleep(LEASE_SECONDS / 3)
            with contextlib.suppress(NamememError):  # who loses the claim stores nothing
                await asyncio.to_thread(renew)


def replay_of(outcome: Outcome) -> Replay:
    """The kept answer. Raises `NotFound` where there is none (any more)."""
    if outcome.answer is None:
        raise NotFound(
            "What this Idempotency-Key was answered with is no longer kept. Send a new key."
        )
    return Replay(outcome.answer)
