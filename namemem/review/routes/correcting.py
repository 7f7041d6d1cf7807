"""Changing a name: correcting, approving, taking another recording, going back, conflicts."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, UploadFile
from starlette.responses import JSONResponse, Response

from namemem.errors import AudioTooLarge, VersionConflict
from namemem.people import NameKind, Status
from namemem.phones.respelling import to_respelling
from namemem.review import views
from namemem.review.routes.person import past
from namemem.review.site import go, page, wants_page
from namemem.review.visitors import Visitor, Writer
from namemem.service.reviewing import exact_ipa

router = APIRouter(prefix="/people/{person_id}/names/{name_id}")
Version = Annotated[int, Form(ge=0, le=2_000_000_000)]
Why = Annotated[str, Form(max_length=500)]


@router.post("/correct")
def correct(
    request: Request,
    visitor: Writer,
    person_id: str,
    name_id: str,
    ipa: Annotated[str, Form(max_length=500)],
    version: Version,
    why: Why = "",
    approve: Annotated[bool, Form()] = False,
) -> Response:
    """Saves what the designer has heard; to be approved at once, where they say so."""
    space, who = visitor.space, visitor.who
    try:
        name = visitor.service.change_name(
            space, person_id, name_id,
            expected_version=version, who=who, why=why, said={"ipa": ipa},
        )  # fmt: skip
        if approve:
            visitor.service.change_name(
                space, person_id, name_id,
                expected_version=name.version, who=who, status=Status.APPROVED,
            )  # fmt: skip
    except VersionConflict:
        return conflict(request, visitor, person_id, name_id, mine=ipa, why=why, approve=approve)
    return go(request, f"/people/{person_id}/names/{name_id}?saved={version}")


@router.post("/approve")
def approve(
    request: Request, visitor: Writer, person_id: str, name_id: str, version: Version
) -> Response:
    """Signs the name off as it was read."""
    try:
        visitor.service.change_name(
            visitor.space, person_id, name_id,
            expected_version=version, who=visitor.who, status=Status.APPROVED,
        )  # fmt: skip
    except VersionConflict:
        return conflict(request, visitor, person_id, name_id)
    return go(request, f"/people/{person_id}/names/{name_id}")


@router.post("/edit")
def edit(
    request: Request,
    visitor: Writer,
    person_id: str,
    name_id: str,
    version: Version,
    spelling: Annotated[str, Form(max_length=200)],
    kind: Annotated[NameKind, Form()],
) -> Response:
    """Changes how the name is written, or which of the person's names it is."""
    try:
        visitor.service.change_name(
            visitor.space, person_id, name_id,
            expected_version=version, who=visitor.who, spelling=spelling, kind=kind,
        )  # fmt: skip
    except VersionConflict:
        return conflict(request, visitor, person_id, name_id, written=(spelling, kind))
    return go(request, f"/people/{person_id}/names/{name_id}")


@router.post("/revert")
def revert(
    request: Request,
    visitor: Writer,
    person_id: str,
    name_id: str,
    version: Version,
    to: Version,
) -> Response:
    """Makes the name as it was in an older version."""
    try:
        visitor.service.revert(visitor.space, person_id, name_id, to, visitor.who, version)
    except VersionConflict:
        history = visitor.service.history(visitor.space, person_id, name_id)
        wanted = next((v.pronunciation for v in history if v.version == to), None)
        mine = exact_ipa(wanted) if wanted else ""
        return conflict(request, visitor, person_id, name_id, mine=mine)
    return go(request, f"/people/{person_id}/names/{name_id}")


@router.post("/dismiss")
def dismiss(
    request: Request, visitor: Writer, person_id: str, name_id: str, version: Version
) -> Response:
    """Keeps what is approved and forgets what was heard since."""
    try:
        visitor.service.dismiss_suggestion(
            visitor.space, person_id, name_id, visitor.who, expected_version=version
        )
    except VersionConflict:
        return conflict(request, visitor, person_id, name_id)
    return go(request, f"/people/{person_id}/names/{name_id}")


@router.post("/try-take")
async def try_take(
    visitor: Writer, person_id: str, name_id: str, audio: UploadFile
) -> dict[str, Any]:
    """What would be heard in another recording; nothing is stored."""
    name = await asyncio.to_thread(visitor.service.name, visitor.space, person_id, name_id)
    data = await read_upload(audio, visitor.service.policy.max_bytes)
    hearing = await visitor.service.try_take(visitor.space, name, data)
    return {
        **views.spelled_out(hearing.chosen.pronunciation),
        "percent": round(hearing.chosen.confidence * 100),
        "transcript": hearing.transcript,
        "quality": [views.QUALITY_WORDS.get(flag, flag) for flag in hearing.quality],
        "alternatives": views.alternatives(hearing),
    }


@router.post("/take")
async def take(
    request: Request,
    visitor: Writer,
    person_id: str,
    name_id: str,
    audio: UploadFile,
    version: Version,
    keep: Annotated[bool, Form()] = False,
) -> Response:
    """Saves another recording and what is heard in it, after the designer has heard both."""
    service, space = visitor.service, visitor.space
    data = await read_upload(audio, service.policy.max_bytes)
    name = await asyncio.to_thread(service.name, space, person_id, name_id)
    base = request.scope.get("root_path", "")
    address = f"{base}/people/{person_id}/names/{name_id}"
    if name.version != version:
        detail = "Somebody changed this name while you were recording. Load the page again."
        return JSONResponse({"title": "Somebody was faster", "detail": detail}, 412)
    saved = await service.save_take(space, name, data, visitor.who, keep=keep)
    return JSONResponse({"go": address, "version": saved.version})


async def read_upload(audio: UploadFile, limit: int) -> bytes:
    """The bytes of an upload. Raises `AudioTooLarge`."""
    data = await audio.read(limit + 1)
    if len(data) > limit:
        raise AudioTooLarge(f"The recording is larger than {limit} bytes.", max_bytes=limit)
    return data


def conflict(
    request: Request,
    visitor: Visitor,
    person_id: str,
    name_id: str,
    *,
    mine: str = "",
    why: str = "",
    approve: bool = False,
    written: tuple[str, NameKind] | None = None,
) -> Response:
    """Somebody was faster: says who, and shows both: how it is said, or `written` and its kind."""
    service, space = visitor.service, visitor.space
    person = service.person(space, person_id)
    name = service.name(space, person_id, name_id)
    history = past(service.history(space, person_id, name_id))
    read = views.read_exact(mine) if mine else None
    if not wants_page(request):
        return JSONResponse({"title": "Somebody was faster", "version": name.version}, 412)
    return page(
        request,
        "conflict.html",
        412,
        person=person,
        name=name,
        theirs=history[0],
        mine=views.spelled_out(read) if read else None,
        exact=exact_ipa(read) if read else "",
        respelled=to_respelling,
        why=why,
        approve=approve,
        written=written,
    )
