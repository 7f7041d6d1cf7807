"""Introductions: audio in, a pronunciation out."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from fastapi import APIRouter, Body, File, Form, Header, Request, Response, UploadFile

from namemem.api.bodies import introduction_out
from namemem.api.dependencies import ActorDep, ServiceDep, SpaceDep
from namemem.api.schemas import (
    IntroductionOut,
    Language,
    RejectIn,
    SpotIn,
    SpotOut,
    SpottedOut,
    Text200,
    problems,
)
from namemem.asr import Transcript, transcript_from_caller
from namemem.errors import AudioTooLarge, InvalidRequest
from namemem.introductions import Hints
from namemem.name_spotting import spot
from namemem.people import NameKind, SpellingSource, tidy_spelling
from namemem.service import IntroduceRequest

router = APIRouter(prefix="/v1", tags=["introductions"])

AudioFile = Annotated[
    UploadFile,
    File(description="wav, flac, mp3, ogg/opus, webm or m4a; any rate, any channels."),
]


@router.post(
    "/introductions",
    status_code=201,
    response_model=IntroductionOut,
    responses=problems(400, 404, 409, 413, 415, 422),
    summary="Hear an introduction and remember the name",
)
async def introduce(
    service: ServiceDep,
    space: SpaceDep,
    response: Response,
    request: Request,
    audio: AudioFile,
    person_id: Annotated[Text200 | None, Form(description="Whose name it is, if known.")] = None,
    external_id: Annotated[
        Text200 | None, Form(description="Your own id of the person; made if it is new.")
    ] = None,
    spelling: Annotated[Text200 | None, Form(description="The spelling, if you know it.")] = None,
    language: Annotated[Language | None, Form(description="BCP 47 of the name.")] = None,
    kind: Annotated[NameKind | None, Form()] = None,
    target: Annotated[
        Text200 | None, Form(description="A TTS from GET /v1/targets; adds `rendering`.")
    ] = None,
    voice: Annotated[Text200 | None, Form(description="The TTS's voice.")] = None,
    keep_audio: Annotated[
        Literal["none", "clip"] | None, Form(description="`clip` keeps the recording.")
    ] = None,
    asked: Annotated[
        bool, Form(description="The character just asked for the name: a bare name will do.")
    ] = False,
    transcript: Annotated[
        str | None,
        Form(
            description='Your own recogniser\'s words, JSON {"text", "language", "words": '
            '[{"word", "start", "end"}]}; then no transcriber runs.',
            max_length=100_000,
        ),
    ] = None,
    idempotency_key: Annotated[
        str | None,
        Header(description="The same key and request give the same answer.", max_length=200),
    ] = None,
) -> IntroductionOut:
    """Listens to "Hi, my name is Siobhan", stores how it was said, and answers what to do next."""
    view = await service.introduce(
        space,
        IntroduceRequest(
            audio=await _read(audio, service.policy.max_bytes),
            hints=Hints(
                spelling=tidy_spelling(spelling or "") or None,
                language=language,
                asked=asked,
                transcript=_transcript(transcript),
            ),
            person_id=person_id or None,
            external_id=external_id or None,
            kind=kind,
            target=target or None,
            voice=voice or None,
            keep_audio=keep_audio,
            idempotency_key=idempotency_key,
        ),
    )
    response.headers["Location"] = str(
        request.app.url_path_for("introduction", introduction_id=view.introduction.id)
    )
    return introduction_out(view)


@router.get(
    "/introductions/{introduction_id}",
    response_model=IntroductionOut,
    responses=problems(404),
    summary="An introduction as it now stands",
)
def introduction(service: ServiceDep, space: SpaceDep, introduction_id: str) -> IntroductionOut:
    """What was heard, what was chosen, and what to do next."""
    return introduction_out(service.introduction(space, introduction_id))


@router.post(
    "/introductions/{introduction_id}/confirm",
    response_model=IntroductionOut,
    responses=problems(404, 409),
    summary="The person agreed",
)
def confirm(
    service: ServiceDep, space: SpaceDep, actor: ActorDep, introduction_id: str
) -> IntroductionOut:
    """The name becomes `confirmed`."""
    return introduction_out(service.confirm(space, introduction_id, actor))


@router.post(
    "/introductions/{introduction_id}/reject",
    response_model=IntroductionOut,
    responses=problems(404, 409, 422),
    summary="The person said no",
)
def reject(
    service: ServiceDep,
    space: SpaceDep,
    actor: ActorDep,
    introduction_id: str,
    body: Annotated[RejectIn | None, Body()] = None,
) -> IntroductionOut:
    """Takes the next likely alternative, or the chosen one; `ask_again` when none is left."""
    choice = body.choose if body is not None else None
    return introduction_out(service.reject_introduction(space, introduction_id, actor, choice))


@router.post(
    "/introductions/{introduction_id}/retake",
    response_model=IntroductionOut,
    responses=problems(400, 404, 409, 413, 415, 422),
    summary="The person says it again",
)
async def retake(
    service: ServiceDep,
    space: SpaceDep,
    actor: ActorDep,
    introduction_id: str,
    audio: AudioFile,
    spelling: Annotated[Text200 | None, Form(description="The spelling, if known now.")] = None,
    transcript: Annotated[str | None, Form(max_length=100_000)] = None,
) -> IntroductionOut:
    """Uses both recordings together."""
    data = await _read(audio, service.policy.max_bytes)
    hints = Hints(
        spelling=tidy_spelling(spelling or "") or None, transcript=_transcript(transcript)
    )
    return introduction_out(await service.retake(space, introduction_id, data, actor, hints))


@router.get(
    "/introductions/{introduction_id}/audio",
    responses={
        200: {"content": {"audio/wav": {}}, "description": "The kept recording"},
        **problems(404),
    },
    response_class=Response,
    summary="The kept recording",
)
def audio(service: ServiceDep, space: SpaceDep, introduction_id: str) -> Response:
    """The recording as 16 kHz mono WAV; 404 where none was kept."""
    data, media_type = service.clip(space, introduction_id)
    return Response(data, media_type=media_type, headers={"Cache-Control": "private, no-store"})


@router.post(
    "/spot", response_model=SpotOut, responses=problems(400, 422), summary="Find the name in text"
)
def spot_names(space: SpaceDep, body: SpotIn) -> SpotOut:
    """The name finder alone."""
    spotted = spot(body.text, body.language, asked=body.asked)
    return SpotOut(
        names=[
            SpottedOut(
                text=n.text,
                start=n.start,
                end=n.end,
                kind=n.kind,
                of="other" if n.of == "other" else "speaker",
                preferred=n.preferred,
                spelling_source=(
                    "spelled_aloud"
                    if n.spelling_source is SpellingSource.SPELLED_ALOUD
                    else "transcript"
                ),
            )
            for n in spotted.names
        ],
        reason=spotted.reason,
        explanation=spotted.explanation,
    )


async def _read(audio: UploadFile, max_bytes: int) -> bytes:
    if audio.size is not None and audio.size > max_bytes:
        raise AudioTooLarge(
            f"The recording has {audio.size} bytes; the limit is {max_bytes}. "
            "Send a shorter one, or a compressed format such as ogg/opus.",
            max_bytes=max_bytes,
        )
    return await audio.read()


def _transcript(text: str | None) -> Transcript | None:
    if text is None or not text.strip():
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(
            f"transcript is not JSON: {error}. Send "
            '{"text": "...", "words": [{"word": "...", "start": 0.0, "end": 0.4}]}.',
            field="transcript",
        ) from error
    return transcript_from_caller(data)
