"""What people agreed to, and taking it back."""

from __future__ import annotations

from fastapi import APIRouter

from namemem.api.bodies import consent_out
from namemem.api.dependencies import ServiceDep, SpaceDep
from namemem.api.schemas import problems
from namemem.api.schemas.consenting import ConsentIn, ConsentOut, ConsentsOut

router = APIRouter(prefix="/v1", tags=["consent"])


@router.delete(
    "/introductions/{introduction_id}/audio",
    status_code=204,
    responses=problems(404),
    summary="Erase the kept recording: consent to it is withdrawn",
)
def withdraw_audio(service: ServiceDep, space: SpaceDep, introduction_id: str) -> None:
    """Erases the recording; what was heard in it stays. Done again it changes nothing."""
    service.withdraw_audio(space, introduction_id)


@router.get(
    "/people/{person_id}/consents",
    response_model=ConsentsOut,
    responses=problems(404),
    summary="What a person agreed to",
)
def consents(service: ServiceDep, space: SpaceDep, person_id: str) -> ConsentsOut:
    """Who agreed, when and for what, also what was withdrawn since; oldest first."""
    return ConsentsOut(items=[consent_out(one) for one in service.consents(space, person_id)])


@router.post(
    "/people/{person_id}/consents",
    status_code=201,
    response_model=ConsentOut,
    responses=problems(400, 404, 422),
    summary="Note what a person agreed to",
)
def add_consent(
    service: ServiceDep, space: SpaceDep, person_id: str, body: ConsentIn
) -> ConsentOut:
    """For consent that came later or otherwise than with a recording."""
    return consent_out(service.add_consent(space, person_id, body.value()))
