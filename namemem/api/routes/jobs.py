"""Introductions that are heard later: how far they are."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from namemem.api.bodies import introduction_out
from namemem.api.dependencies import ServiceDep, SpaceDep
from namemem.api.errors import problem_of
from namemem.api.repeating import Repeat, kept
from namemem.api.schemas import JobOut, problems
from namemem.service import IntroduceRequest, Key, Replay, Service
from namemem.service.queueing import JobView

router = APIRouter(prefix="/v1", tags=["introductions"])
LONGEST_WAIT = 30.0
"""Seconds for which one question about a job may wait for its end."""


@router.get(
    "/jobs/{job_id}",
    response_model=JobOut,
    responses=problems(404),
    summary="How far an introduction is that is heard later",
)
async def job(
    service: ServiceDep,
    space: SpaceDep,
    request: Request,
    response: Response,
    job_id: str,
    wait: Annotated[
        float,
        Query(ge=0, le=LONGEST_WAIT, description="Seconds to wait for the end before answering."),
    ] = 0.0,
) -> JobOut:
    """`queued`, `running`, `done` with the introduction, or `failed` with the problem."""
    view = await service.wait_for_job(space, job_id, wait)
    if view.job.finished_at is None:
        response.headers["Retry-After"] = "1"
    return job_out(view, request)


@router.delete(
    "/jobs/{job_id}",
    status_code=204,
    responses=problems(404),
    summary="Withdraw a recording that waits",
)
def forget_job(service: ServiceDep, space: SpaceDep, job_id: str) -> None:
    """Erases the recording and the job, also while it is heard; an introduction it made stays."""
    service.forget_job(space, job_id)


async def answer_later(
    service: Service,
    space: str,
    introduction: IntroduceRequest,
    webhook: str | None,
    request: Request,
    repeat: Repeat,
) -> Response:
    """Queues an introduction and answers 202 with where to ask for it."""

    def place(made: JobOut) -> dict[str, str]:
        return {"Location": made.status_url}

    def answer(view: JobView) -> dict[str, object]:
        return kept(job_out(view, request), 202, place)

    key: Key[JobView] | None = None
    if repeat.key is not None:
        digest = repeat.digest("async", webhook, introduction.digest())
        key = Key(repeat.key, digest, answer)
    done = await service.introduce_later(space, introduction, webhook, key)
    if isinstance(done, Replay):
        return repeat.replayed(done)
    made = job_out(done, request)
    return Response(
        made.model_dump_json(), 202, {"Retry-After": "1", **place(made)}, "application/json"
    )


def job_out(view: JobView, request: Request) -> JobOut:
    """A job as it is answered."""
    stored, made = view.job, view.introduction
    url = str(request.app.url_path_for("job", job_id=stored.id))
    problem = introduction_url = None
    if view.error is not None:
        problem = json.loads(bytes(problem_of(view.error, url).body))
    if made is not None:
        introduction_url = str(
            request.app.url_path_for("introduction", introduction_id=made.introduction.id)
        )
    return JobOut.model_validate(
        {
            "id": stored.id,
            "status": stored.state,
            "status_url": url,
            "created_at": stored.created_at,
            "finished_at": stored.finished_at,
            "attempts": stored.attempts,
            "introduction": None if made is None else introduction_out(made),
            "introduction_url": introduction_url,
            "problem": problem,
            "webhook": stored.webhook_state or ("waits" if stored.has_webhook else "none"),
        }
    )
