"""What scripts ask for: speech, kept recordings, and what a typed pronunciation means."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from namemem.errors import InvalidRequest, NotFound
from namemem.review import views
from namemem.review.visitors import Reader
from namemem.service.remembering import read_pronunciation
from namemem.service.reviewing import exact_ipa

router = APIRouter()
_KEPT = {"Cache-Control": "private, max-age=3600"}
Typed = Annotated[str | None, Query(max_length=500)]


@router.get("/say")
def say(
    visitor: Reader,
    ipa: Annotated[str, Query(max_length=500)],
    text: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """What the character says: the preview voice, alone or where `{name}` is in `text`."""
    wav = visitor.service.speak(visitor.space, ipa=ipa, text=text)
    return Response(wav, media_type="audio/wav", headers=_KEPT)


@router.get("/people/{person_id}/names/{name_id}/say")
def say_name(visitor: Reader, person_id: str, name_id: str) -> Response:
    """A name as it stands; as its spelling reads, where nobody has said it yet."""
    service = visitor.service
    name = service.name(visitor.space, person_id, name_id)
    said = name.pronunciation or service.predicted(name)
    if said is None:
        raise NotFound("Nobody has said this name yet, and its spelling cannot be read.")
    return Response(service.speak(visitor.space, ipa=exact_ipa(said)), media_type="audio/wav")


@router.get("/introductions/{introduction_id}/audio")
def recording(visitor: Reader, introduction_id: str) -> Response:
    """The kept recording."""
    audio, media_type = visitor.service.clip(visitor.space, introduction_id)
    return Response(audio, media_type=media_type)


@router.get("/check")
def check(visitor: Reader, ipa: Typed = None, respelling: Typed = None) -> dict[str, Any]:
    """What somebody typed, as the editor shows it; errors have a position."""
    given = {k: v for k, v in (("ipa", ipa), ("respelling", respelling)) if v is not None}
    read = read_pronunciation(given)
    if read is None:
        raise InvalidRequest("Type a pronunciation first.", field="ipa")
    return views.spelled_out(read)
