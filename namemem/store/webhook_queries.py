"""The ends of jobs that are to be reported to their callers; see `namemem.webhooks`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from namemem.store.scope import Scope, utc_now
from namemem.store.tables import JobRow


@dataclass(frozen=True, slots=True)
class DueWebhook:
    """The end of a job that is to be reported, for the `tries`-th time."""

    job_id: str
    space: str
    url: str
    tries: int
    state: str
    finished_at: datetime | None
    introduction_id: str | None
    person_id: str | None


class WebhookQueries(Scope):
    """Reports that are due, in every space."""

    def take_due_webhook(self, lease_seconds: float) -> DueWebhook | None:
        """The next report to send, in any space; nobody else sends it while the lease holds."""
        now = utc_now()
        row = self._session.scalars(
            select(JobRow)
            .where(JobRow.webhook_state == "pending", JobRow.webhook_at <= now)
            .order_by(JobRow.webhook_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).one_or_none()
        if row is None or row.webhook is None:
            return None
        row.webhook_tries += 1
        row.webhook_at = now + timedelta(seconds=lease_seconds)
        self._session.flush()
        return DueWebhook(
            row.id, row.space, row.webhook, row.webhook_tries, row.state, row.finished_at,
            row.introduction_id, row.person_id,
        )  # fmt: skip

    def webhook_tried(self, due: DueWebhook, *, state: str, again_at: datetime | None) -> None:
        """Notes how sending went: `sent`, `given_up`, or `pending` to be tried at `again_at`."""
        self._session.execute(
            update(JobRow)
            .where(JobRow.id == due.job_id, JobRow.webhook_tries == due.tries)
            .values(webhook_state=state, webhook_at=again_at),
            execution_options={"synchronize_session": False},
        )
