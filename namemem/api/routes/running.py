"""Running it: alive, ready, version."""

from __future__ import annotations

import platform

from fastapi import APIRouter, Request, Response

from namemem import __version__
from namemem.api.schemas import ReadyOut, VersionOut
from namemem.service.readiness import Prober

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
async def readyz(request: Request, response: Response) -> ReadyOut:
    """Runs every engine once, unless it has just worked; 503 with reasons until all do."""
    prober: Prober = request.app.state.prober
    found = await prober.check()
    if not found.ready:
        response.status_code = 503
        response.headers["Retry-After"] = "2"
    return ReadyOut(
        ready=found.ready,
        engines=found.engines,
        notes=list(found.notes),
        reasons=list(found.reasons),
    )


@router.get("/version", response_model=VersionOut, summary="Which namemem answers")
async def version(request: Request) -> VersionOut:
    """Name, version and Python."""
    return VersionOut(name="namemem", version=__version__, python=platform.python_version())
