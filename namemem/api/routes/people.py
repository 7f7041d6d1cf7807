"""People: typed in, listed, found, changed, exported, erased."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.convertors import Convertor, register_url_convertor

from namemem.api.bodies import person_out
from namemem.api.dependencies import ActorDep, ServiceDep, SpaceDep
from namemem.api.repeating import RepeatDep
from namemem.api.schemas import PeopleOut, PersonIn, PersonOut, PersonPatch, problems
from namemem.people import Status
from namemem.service import NewName
from namemem.store import UNSET


class _AnyText(Convertor[str]):
    """The rest of a path, slashes and line breaks and all: the caller's ids are as they are."""

    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        """As it is."""
        return value

    def to_string(self, value: str) -> str:
        """As it is."""
        return value


register_url_convertor("text", _AnyText())
router = APIRouter(prefix="/v1/people", tags=["people"])


@router.post(
    "",
    status_code=201,
    response_model=PersonOut,
    responses=problems(400, 409, 422),
    summary="Add a person by typing",
)
def add_person(
    service: ServiceDep,
    space: SpaceDep,
    actor: ActorDep,
    body: PersonIn,
    request: Request,
    repeat: RepeatDep,
) -> Any:
    """A person with names; each with a pronunciation in one notation, or none yet."""

    def add() -> PersonOut:
        person = service.add_person(
            space,
            external_id=body.external_id,
            display_name=body.display_name,
            names=[NewName(n.spelling, n.kind, n.language, n.said()) for n in body.names],
            who=actor,
            consent=body.consent.value() if body.consent is not None else None,
        )
        return person_out(person)

    return repeat.once(
        add,
        sent=body,
        status=201,
        person=lambda made: made.id,
        headers=lambda made: {
            "Location": str(request.app.url_path_for("person", person_id=made.id))
        },
    )


@router.get("", response_model=PeopleOut, responses=problems(422), summary="List or find people")
def people(
    service: ServiceDep,
    space: SpaceDep,
    q: Annotated[str | None, Query(max_length=200, description="Part of a name or id.")] = None,
    status: Annotated[Status | None, Query(description="Only names of this status.")] = None,
    sounds_like: Annotated[
        str | None, Query(max_length=500, description="IPA: nearest-sounding people first.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> PeopleOut:
    """One page, newest first; `next_cursor` gives the next one."""
    if sounds_like is not None:
        near = service.people_sounding_like(space, sounds_like, limit)
        return PeopleOut(items=[person_out(p, d) for p, d in near], next_cursor=None)
    found, following = service.people(space, q=q, status=status, limit=limit, cursor=cursor)
    return PeopleOut(items=[person_out(p) for p in found], next_cursor=following)


@router.get(
    "/by-external-id/{external_id:text}",
    response_model=PersonOut,
    responses=problems(404),
    summary="A person by your own id",
)
def by_external_id(service: ServiceDep, space: SpaceDep, external_id: str) -> PersonOut:
    """The person with that `external_id`."""
    return person_out(service.person_by_external_id(space, external_id))


@router.get("/{person_id}", response_model=PersonOut, responses=problems(404), summary="One person")
def person(service: ServiceDep, space: SpaceDep, person_id: str) -> PersonOut:
    """A person with their names."""
    return person_out(service.person(space, person_id))


@router.patch(
    "/{person_id}",
    response_model=PersonOut,
    responses=problems(400, 404, 409, 422),
    summary="Change a person",
)
def change_person(
    service: ServiceDep, space: SpaceDep, person_id: str, body: PersonPatch
) -> PersonOut:
    """Changes what is sent; `external_id: null` takes it away."""
    sent = body.model_fields_set
    return person_out(
        service.change_person(
            space,
            person_id,
            display_name=body.display_name if "display_name" in sent else UNSET,
            external_id=body.external_id if "external_id" in sent else UNSET,
        )
    )


@router.delete("/{person_id}", status_code=204, responses=problems(404), summary="Erase a person")
def forget(service: ServiceDep, space: SpaceDep, person_id: str) -> None:
    """Erases names, history, introductions and audio; nothing of them is left."""
    service.forget(space, person_id)


@router.get(
    "/{person_id}/export",
    responses=problems(404),
    response_model=dict[str, Any],
    summary="Everything stored about a person",
)
def export(service: ServiceDep, space: SpaceDep, person_id: str) -> dict[str, Any]:
    """One JSON with all of it; audio as base64."""
    return service.export(space, person_id)
