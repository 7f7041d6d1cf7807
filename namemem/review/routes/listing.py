"""The list of everybody, approving several at once, and exports of all."""

from __future__ import annotations

import json
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from namemem.errors import InvalidRequest
from namemem.people import Status
from namemem.phones.respelling import to_respelling
from namemem.review.site import go, page
from namemem.review.visitors import Reader, Writer
from namemem.service.reviewing import CONFIDENCES, PAGE

router = APIRouter()
_FILTERS = ("q", "by", "status", "confidence", "page")
Short = Annotated[str, Query(max_length=200)]


@router.get("/")
def show_list(
    request: Request,
    visitor: Reader,
    q: Short = "",
    by: Short = "spelling",
    status: Short = "",
    confidence: Short = "",
    at: Annotated[str, Query(alias="page", max_length=9)] = "1",
    done: Annotated[int, Query(ge=0)] = 0,
    left: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Everybody of the space; filters are in the address, so that it can be sent to others."""
    problem = ""
    known = status if status in [s.value for s in Status] else ""
    band = confidence if confidence in CONFIDENCES else ""
    number = int(at) if at.isdecimal() else 1
    wanted = Status(known) if known else None
    by_sound = by == "sound"
    service = visitor.service
    try:
        found = service.review_list(
            visitor.space, q=q, by_sound=by_sound, status=wanted, confidence=band, page=number
        )
    except InvalidRequest as error:
        problem = error.message
        found = service.review_list(visitor.space, status=wanted, confidence=band, page=number)
    filters = {"q": q, "by": "sound" if by_sound else "", "status": known, "confidence": band}
    part = request.headers.get("hx-target") == "results"
    return page(
        request,
        "_results.html" if part else "list.html",
        found=found,
        first=(found.page - 1) * PAGE + 1,
        filters=filters,
        filtered=any(filters.values()),
        problem=problem,
        respelled=to_respelling,
        statuses=list(Status),
        address=lambda page: "?" + urlencode({k: v for k, v in filters.items() if v} | page),
        done=done,
        left=left,
    )


@router.post("/approve")
async def approve(
    request: Request,
    visitor: Writer,
    names: Annotated[list[str] | None, Form()] = None,
    only: Annotated[str, Form(max_length=200)] = "",
    back: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Approves the chosen names, or the one whose own button was pressed."""
    chosen = [_named(one) for one in ([only] if only else names or [])]
    outcome = visitor.service.approve(visitor.space, chosen, visitor.who)
    refused = sum(error is not None for _, error in outcome)
    kept = {k: v for k, v in parse_qsl(back.lstrip("?")) if k in _FILTERS}
    kept |= {"done": str(len(outcome) - refused), "left": str(refused)}
    return go(request, "/?" + urlencode(kept))


def _named(text: str) -> tuple[str, str, int]:
    parts = text.split(":")
    if len(parts) != 3 or not parts[2].isdecimal() or len(parts[2]) > 9:
        raise InvalidRequest("This is no name of the list. Load the list again.", field="names")
    return parts[0], parts[1], int(parts[2])


@router.get("/export.csv")
def export_csv(visitor: Reader) -> Response:
    """Every name as a table."""
    return _file(visitor.service.table(visitor.space), "text/csv; charset=utf-8", "names.csv")


@router.get("/export.json")
def export_json(visitor: Reader) -> Response:
    """Everybody as JSON."""
    text = json.dumps(visitor.service.document(visitor.space), ensure_ascii=False, indent=1)
    return _file(text, "application/json", "names.json")


@router.get("/export.pls")
def export_pls(visitor: Reader) -> Response:
    """Every name that has a pronunciation, as a W3C lexicon."""
    part = visitor.service.lexicon(visitor.space, "pls").parts[0]
    return _file(part.content, part.media_type, "names.pls")


def _file(content: str, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content.encode("utf-8"), media_type=media_type, headers=headers)
