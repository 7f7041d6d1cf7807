"""Names: added, corrected with optimistic concurrency, their history, going back."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from namemem.api.bodies import name_out, version_out
from namemem.api.dependencies import ActorDep, OptionalVersionDep, ServiceDep, SpaceDep, VersionDep
from namemem.api.repeating import RepeatDep
from namemem.api.schemas import HistoryOut, NameIn, NameOut, NamePatch, RevertIn, problems
from namemem.people import Name
from namemem.service import NewName

router = APIRouter(prefix="/v1/people/{person_id}/names", tags=["names"])


def _etag(name: NameOut) -> dict[str, str]:
    return {"ETag": f'"{name.version}"'}


def _answer(name: Name, response: Response) -> NameOut:
    answer = name_out(name)
    response.headers.update(_etag(answer))
    return answer


@router.post(
    "",
    status_code=201,
    response_model=NameOut,
    responses=problems(400, 404, 409, 422),
    summary="Add a name",
)
def add_name(
    service: ServiceDep,
    space: SpaceDep,
    actor: ActorDep,
    person_id: str,
    body: NameIn,
    repeat: RepeatDep,
) -> Any:
    """A typed name, with a pronunciation in one notation or none yet."""
    new = NewName(body.spelling, body.kind, body.language, body.said())
    return repeat.once(
        lambda: name_out(service.add_name(space, person_id, new, actor)),
        sent=body,
        status=201,
        person=lambda _: person_id,
        headers=_etag,
    )


@router.get("/{name_id}", response_model=NameOut, responses=problems(404), summary="One name")
def name(
    service: ServiceDep, space: SpaceDep, person_id: str, name_id: str, response: Response
) -> NameOut:
    """A name with its ETag."""
    return _answer(service.name(space, person_id, name_id), response)


@router.patch(
    "/{name_id}",
    response_model=NameOut,
    responses=problems(400, 404, 409, 412, 422, 428),
    summary="Correct or approve a name",
)
def change_name(
    service: ServiceDep,
    space: SpaceDep,
    actor: ActorDep,
    version: VersionDep,
    person_id: str,
    name_id: str,
    body: NamePatch,
    repeat: RepeatDep,
) -> Any:
    """Needs `If-Match` with the name's ETag; a new pronunciation makes it `corrected`."""

    def change() -> NameOut:
        changed = service.change_name(
            space,
            person_id,
            name_id,
            expected_version=version,
            who=actor,
            why=body.why,
            said=body.said(),
            spelling=body.spelling,
            status=body.status,
            kind=body.kind,
        )
        return name_out(changed)

    return repeat.once(change, sent=body, person=lambda _: person_id, headers=_etag)


@router.get(
    "/{name_id}/history",
    response_model=HistoryOut,
    responses=problems(404),
    summary="Every version of a name",
)
def history(service: ServiceDep, space: SpaceDep, person_id: str, name_id: str) -> HistoryOut:
    """Who, when, what and why, oldest first."""
    versions = service.history(space, person_id, name_id)
    return HistoryOut(items=[version_out(v) for v in versions])


@router.post(
    "/{name_id}/revert",
    response_model=NameOut,
    responses=problems(400, 404, 409, 412, 422),
    summary="Go back to a version",
)
def revert(
    service: ServiceDep,
    space: SpaceDep,
    actor: ActorDep,
    version: OptionalVersionDep,
    person_id: str,
    name_id: str,
    body: RevertIn,
    repeat: RepeatDep,
) -> Any:
    """Makes a new version that is as the older one was; `If-Match` is optional."""
    return repeat.once(
        lambda: name_out(service.revert(space, person_id, name_id, body.version, actor, version)),
        sent=body,
        person=lambda _: person_id,
        headers=_etag,
    )
