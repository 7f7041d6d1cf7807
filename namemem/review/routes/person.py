"""One person: what they said, what was heard, what the character says, and how it came about."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from namemem.errors import NotFound
from namemem.people import Name, NameKind, NameVersion, Person, Status
from namemem.phones.respelling import to_respelling
from namemem.review import views
from namemem.review.site import ear_problem, go, page
from namemem.review.visitors import Reader, Visitor
from namemem.service.reviewing import exact_ipa
from namemem.service.saying import preferred

router = APIRouter()


@router.get("/people/{person_id}")
def show_person(request: Request, visitor: Reader, person_id: str) -> Response:
    """The name that the character uses; a page without one, where there is none yet."""
    person = visitor.service.person(visitor.space, person_id)
    if not person.names:
        return page(request, "person.html", person=person, name=None, kinds=list(NameKind))
    return go(request, f"/people/{person.id}/names/{preferred(person, None).id}")


@router.get("/people/{person_id}/names/{name_id}")
def show_name(
    request: Request,
    visitor: Reader,
    person_id: str,
    name_id: str,
    saved: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Everything about one name; `saved` is the version before the change that was just made."""
    person = visitor.service.person(visitor.space, person_id)
    name = next((n for n in person.names if n.id == name_id), None)
    if name is None:
        raise NotFound("This person has no such name.", name_id=name_id)
    return name_page(request, visitor, person, name, saved)


def name_page(
    request: Request, visitor: Visitor, person: Person, name: Name, saved: int = 0
) -> Response:
    """The page of one name."""
    service = visitor.service
    view = service.evidence(visitor.space, name)
    said = name.pronunciation
    predicted = service.predicted(name, view)
    now = said or predicted
    targets = service.on_targets(name) if now else []
    heard = views.heard_view(view, name) if view is not None else None
    history = service.history(visitor.space, person.id, name.id)
    response = page(
        request,
        "person.html",
        person=person,
        name=name,
        said=views.spelled_out(said) if said else None,
        start=views.spelled_out(now) if now else None,
        heard=heard,
        predicted=views.spelled_out(predicted) if predicted else None,
        compared=views.compared(predicted, said) if predicted and said else [],
        suggestion=views.spelled_out(name.suggestion) if name.suggestion else None,
        targets=targets,
        warnings=sum(t.rendering is None or not t.rendering.exact for t in targets),
        history=past(history),
        tiles=views.tiles(),
        kinds=list(NameKind),
        approved=name.status is Status.APPROVED,
        keeps=service.policy.keep_audio == "clip",
        deaf=ear_problem(service),
        undo=saved if 0 < saved < name.version else 0,
    )
    response.headers["ETag"] = f'"{name.version}"'
    return response


def past(history: list[NameVersion]) -> list[dict[str, object]]:
    """The history, newest first, as the templates show it."""
    return [
        {
            "version": one.version,
            "who": one.who,
            "when": one.when,
            "what": one.what,
            "why": one.why,
            "status": one.status,
            "spelling": one.spelling,
            "ipa": one.pronunciation.ipa if one.pronunciation else "",
            "exact": exact_ipa(one.pronunciation) if one.pronunciation else "",
            "respelling": to_respelling(one.pronunciation).value if one.pronunciation else "",
        }
        for one in reversed(history)
    ]
