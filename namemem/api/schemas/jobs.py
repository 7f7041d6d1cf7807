"""Introductions that are heard later."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from namemem.api.schemas.basics import Problem
from namemem.api.schemas.introducing import IntroductionOut


class JobOut(BaseModel):
    """A recording that waits to be heard, and how that ended.

    `introduction` is there when it is done, as it now stands; `problem` when it failed.
    """

    id: str
    status: Literal["queued", "running", "done", "failed"]
    status_url: str = Field(description="Ask here how it goes; ?wait=10 answers when it has ended.")
    created_at: datetime
    finished_at: datetime | None
    attempts: int = Field(description="How often a worker has begun to hear it.")
    introduction: IntroductionOut | None
    introduction_url: str | None
    problem: Problem | None
    webhook: Literal["none", "waits", "pending", "sent", "given_up"] = Field(
        description="Whether the end was reported; `waits` for the end, `pending`: being tried."
    )
