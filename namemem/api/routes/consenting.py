"""What people agreed to, and taking it back."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from namemem.api.bodies import consent_out
from namemem.api.dependencies import ServiceDep, SpaceDep
from namemem.api.repeating import RepeatDep
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
    responses=problems(400, 404, 409, 422),
    summary="Note what a person agreed to",
)
def add_consent(
    service: ServiceDep, space: SpaceDep, repeat: RepeatDep, person_id: str, body: ConsentIn
) -> Any:
    """For consent that came later or otherwise than with a recording."""
    return repeat.once(
        lambda: consent_out(service.add_consent(space, person_id, body.value())),
        sent=body,
        status=201,
        person=lambda _made: person_id,
    )


@router.post(
    "/people/{person_id}/consents/{consent_id}/withdraw",
    response_model=ConsentOut,
    responses=problems(400, 404, 409, 422),
    summary="A consent is withdrawn",
)
def withdraw_consent(
    service: ServiceDep, space: SpaceDep, repeat: RepeatDep, person_id: str, consent_id: str
) -> Any:
    """Marks it as withdrawn, and erases the recordings kept under it; what was heard stays.

    Under a consent that came with a recording that one was kept; under another, those of the
    person that came with none. Done again it changes nothing.
    """
    return repeat.once(
        lambda: consent_out(service.withdraw_consent(space, person_id, consent_id)),
        person=lambda _made: person_id,
    )
