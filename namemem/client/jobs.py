"""Introductions that are heard later, for both clients."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from namemem.client.calls import Call, Calls, ClientError, Json, reading

_LONGEST_QUESTION = 10.0  # seconds that one request waits for the end


def queue_call(audio: bytes, form: Mapping[str, Any], webhook: str | None) -> Call[Json]:
    """A recording that is heard later; the key makes it safe to send twice."""
    return replace(Calls.introduce(audio, {**form, "webhook": webhook}), params={"mode": "async"})


def job_call(job_id: str, wait: float = 0.0) -> Call[Json]:
    """How far a job is, told when it has ended or after `wait` seconds."""
    return Calls.get(f"/v1/jobs/{quote(job_id, safe='')}", wait=wait or None)


class Patience:
    """How long to wait for the end of a job, in questions that each wait for a while."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = time.monotonic() + seconds

    def question(self, job_id: str) -> Call[Json]:
        """The next question."""
        left = max(0.0, self._until - time.monotonic())
        return job_call(job_id, round(min(left, _LONGEST_QUESTION), 3))

    def introduction(self, job: Json) -> Json | None:
        """What the job has made; None where it is worth asking again.

        Raises:
            ClientError: it failed, with its problem; or it has not ended in time (status 0).
        """
        with reading():
            status, made, problem = job["status"], job["introduction"], job["problem"]
        if status == "done" and isinstance(made, dict):
            return made
        if status == "failed":
            problem = problem if isinstance(problem, dict) else {}
            detail = str(problem.get("detail") or "The recording could not be heard.")
            raise ClientError(detail, int(problem.get("status", 0)), problem)
        if time.monotonic() >= self._until:
            raise ClientError(f"The recording was not heard within {self._seconds:g} s.")
        return None
