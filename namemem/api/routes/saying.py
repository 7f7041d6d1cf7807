"""Saying it: pronunciations for a TTS, sentences, targets, preview speech."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from namemem.api.bodies import said_out
from namemem.api.dependencies import ServiceDep, SpaceDep
from namemem.api.schemas import (
    Language,
    PronunciationOut,
    RenderIn,
    RenderOut,
    SentenceOut,
    SpeakIn,
    TargetOut,
    TargetsOut,
    Text200,
    problems,
)
from namemem.people import NameKind
from namemem.tts import get_target, target_names
from namemem.tts.voices import Voice

router = APIRouter(prefix="/v1", tags=["saying it"])


@router.get(
    "/people/{person_id}/pronunciation",
    response_model=PronunciationOut,
    responses={304: {"description": "Nothing changed"}, **problems(404, 422)},
    summary="A person's name in a TTS's form",
)
def pronunciation(
    service: ServiceDep,
    space: SpaceDep,
    person_id: str,
    response: Response,
    target: Annotated[str, Query(max_length=50, description="From GET /v1/targets.")] = "ssml",
    voice: Annotated[Text200 | None, Query()] = None,
    kind: Annotated[NameKind | None, Query(description="Which of the names.")] = None,
    model: Annotated[Text200 | None, Query(description="The TTS's model or engine.")] = None,
    locale: Annotated[Language | None, Query(description="The voice's, such as de-DE.")] = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> PronunciationOut | Response:
    """Cache it by its ETag."""
    chosen = Voice(voice or None, model or None, locale)
    said = said_out(service.pronunciation(space, person_id, target, chosen, kind))
    digest = hashlib.sha256(said.model_dump_json().encode()).hexdigest()[:16]
    etag = f'"{said.version}-{digest}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    known = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    if etag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return said


@router.post(
    "/render",
    response_model=RenderOut,
    responses=problems(400, 404, 422),
    summary="A sentence with names in it",
)
def render(service: ServiceDep, space: SpaceDep, body: RenderIn) -> RenderOut:
    """`{person:ID}` and `{external:ID}` become names; the text around them is escaped."""
    voice = Voice(body.voice or None, body.model or None, body.locale)
    done = service.render(space, body.text, body.target, voice, people=body.people)
    one_by_one = [SentenceOut(markup=s.markup, text=s.text) for s in done.sentences]
    return RenderOut(
        markup=done.whole.markup,
        text=done.whole.text,
        names=[said_out(one) for one in done.said],
        sentences=one_by_one if body.sentences else None,
    )


@router.get("/targets", response_model=TargetsOut, responses=problems(), summary="Every TTS target")
def targets(space: SpaceDep) -> TargetsOut:
    """Its alphabet, syntax, known limits and an example."""
    return TargetsOut(
        items=[TargetOut.model_validate(get_target(name).describe()) for name in target_names()]
    )


@router.post(
    "/speak",
    responses={
        200: {"content": {"audio/wav": {}}, "description": "Speech"},
        **problems(400, 404, 422),
    },
    response_class=Response,
    summary="Hear it from the preview voice",
)
def speak(service: ServiceDep, space: SpaceDep, body: SpeakIn) -> Response:
    """A person's name, or any IPA, as WAV from espeak-ng."""
    wav = service.speak(
        space, person_id=body.person_id, ipa=body.ipa, text=body.text, voice=body.voice
    )
    return Response(wav, media_type="audio/wav")
