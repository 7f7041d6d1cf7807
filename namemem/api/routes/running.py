"""Running it: alive, ready, version."""

from __future__ import annotations

import platform

from fastapi import APIRouter, Request, Response

from namemem import __version__
from namemem.api.dependencies import ServiceDep
from namemem.api.schemas import ReadyOut, VersionOut
from namemem.errors import NamememError

router = APIRouter(tags=["running it"])


@router.get("/healthz", summary="Alive")
async def healthz() -> dict[str, str]:
    """Answers while inference is busy."""
    return {"status": "ok"}


@router.get(
    "/readyz",
    response_model=ReadyOut,
    responses={503: {"model": ReadyOut, "description": "Not ready; `reasons` says why"}},
    summary="The engines are loaded and the database answers",
)
def readyz(service: ServiceDep, response: Response) -> ReadyOut:
    """503 with reasons until everything works; says which engines hear."""
    state = service.hearer.state()
    reasons = [] if state.ready else [state.problem or "The engines are loading."]
    try:
        service.store.ping()
    except NamememError as error:
        reasons.append(error.message)
    if reasons:
        response.status_code = 503
        response.headers["Retry-After"] = "2"
    return ReadyOut(
        ready=not reasons, engines=state.engines, notes=list(state.notes), reasons=reasons
    )


@router.get("/version", response_model=VersionOut, summary="Which namemem answers")
async def version(request: Request) -> VersionOut:
    """Name, version and Python."""
    return VersionOut(name="namemem", version=__version__, python=platform.python_version())
