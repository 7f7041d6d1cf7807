"""The audit log: who did what to whom, by ids."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from namemem.api.dependencies import SpaceDep
from namemem.api.schemas import problems
from namemem.api.schemas.auditing import AuditEntryOut, AuditOut
from namemem.service.access import Keyring

router = APIRouter(prefix="/v1", tags=["running it"])


@router.get("/audit", response_model=AuditOut, responses=problems(), summary="Who did what to whom")
def audit(
    request: Request,
    space: SpaceDep,
    person_id: Annotated[
        str | None, Query(max_length=100, description="Only what was done to that person.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> AuditOut:
    """One page, newest first; ids alone, also of those who have been erased."""
    keyring: Keyring = request.app.state.keyring
    entries, following = keyring.audit(space, person_id=person_id, limit=limit, cursor=cursor)
    return AuditOut(
        items=[AuditEntryOut.model_validate(entry, from_attributes=True) for entry in entries],
        next_cursor=following,
    )
