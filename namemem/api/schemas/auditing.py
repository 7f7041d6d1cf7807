"""The audit log as JSON."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel


class AuditEntryOut(BaseModel):
    """One thing that was done; `what` is a fixed word, and nobody's name is in it."""

    id: str
    at: datetime
    what: str
    key_id: str | None
    key_label: str
    who: str
    person_id: str | None
    name_id: str | None
    version: int | None
    subject_key_id: str | None


class AuditOut(BaseModel):
    """One page of the audit log, newest first."""

    items: list[AuditEntryOut]
    next_cursor: str | None
