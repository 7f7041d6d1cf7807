"""Webhooks: the end of a job is reported to the URL that its caller named.

A report holds ids and no names: whoever gets it asks for the job with their API key. It is sent at
least once; `webhook-id` is the job's id, so that a receiver can tell a second one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from namemem import webhooks
from namemem.errors import InvalidRequest, NamememError
from namemem.service import Service
from namemem.store import DueWebhook
from namemem.webhooks import WebhookFailed

_log = logging.getLogger(__name__)
WAITS = (5, 30, 120, 600, 1800, 7200, 21600)
"""Seconds between tries; after the last one it is given up."""
_LEASE = 60.0  # seconds in which one process sends and notes how it went
_EVERY = 1.0  # seconds between looks
_AT_ONCE = 8


class Reports:
    """Sends what is due, from any number of processes.

    Args:
        service: its jobs, and the secrets to sign with.
        every: seconds between looks.
        waits: seconds between tries.
    """

    def __init__(
        self, service: Service, *, every: float = _EVERY, waits: tuple[float, ...] = WAITS
    ) -> None:
        self._service = service
        self._every = every
        self._waits = waits
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Sends until it is cancelled; what was being sent then is sent again later."""
        try:
            while True:
                await self.send_due()
                await asyncio.sleep(self._every)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def send_due(self) -> None:
        """Begins to send all that is due, as far as there is room."""
        while len(self._tasks) < _AT_ONCE:
            try:
                due = await asyncio.to_thread(self._take)
            except NamememError as error:
                _log.warning("Due webhooks cannot be looked up: %s", error.message)
                return
            if due is None:
                return
            task = asyncio.create_task(self._send(due))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _take(self) -> DueWebhook | None:
        with self._service.store.transaction() as repo:
            return repo.take_due_webhook(_LEASE)

    async def _send(self, due: DueWebhook) -> None:
        policy = self._service.job_policy
        secret = policy.webhook_secrets.get(due.space)
        state, why = "sent", ""
        try:
            if secret is None:
                raise WebhookFailed("There is no secret to sign it with any more.", gone=True)
            await webhooks.send(
                due.url, secret, due.job_id, report(due), private=policy.webhook_private
            )
        except InvalidRequest as error:
            state, why = "given_up", error.message
        except WebhookFailed as error:
            last = error.gone or due.tries > len(self._waits)
            state, why = ("given_up" if last else "pending"), error.message
        if why:
            _log.warning(
                "The webhook of the job %s, try %d: %s %s",
                due.job_id, due.tries, why, "Given up." if state == "given_up" else "",
            )  # fmt: skip
        again = None
        if state == "pending":
            again = datetime.now(UTC) + timedelta(seconds=self._waits[due.tries - 1])

        def note() -> None:
            with self._service.store.transaction(due.space) as repo:
                repo.webhook_tried(due, state=state, again_at=again)

        with contextlib.suppress(NamememError):  # sent again when the lease is over
            await asyncio.to_thread(note)


def report(due: DueWebhook) -> dict[str, Any]:
    """The body of a webhook."""
    finished = due.finished_at or datetime.now(UTC)
    return {
        "type": f"introduction.{due.state}",
        "timestamp": finished.isoformat(),
        "data": {
            "job_id": due.job_id,
            "status": due.state,
            "status_url": f"/v1/jobs/{due.job_id}",
            "introduction_id": due.introduction_id,
            "person_id": due.person_id,
        },
    }
