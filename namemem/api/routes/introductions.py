"""Introductions: audio in, a pronunciation out."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, File, Form, Query, Request, Response, UploadFile

from namemem.api.bodies import introduction_out
from namemem.api.dependencies import ActorDep, ServiceDep, SpaceDep, WaitDep
from namemem.api.repeating import RepeatDep, kept
from namemem.api.routes.jobs import answer_later
from namemem.api.schemas import (
    IntroductionOut,
    JobOut,
    Language,
    RejectIn,
    SpotIn,
    SpotOut,
    SpottedOut,
    Text200,
    problems,
)
from namemem.api.schemas.consenting import CONSENT_FIELD
from namemem.asr import Transcript, transcript_from_caller
from namemem.consent import read_consent
from namemem.errors import AudioTooLarge, InvalidRequest
from namemem.introductions import Hints
from namemem.name_spotting import spot
from namemem.people import NameKind, SpellingSource, given_spelling
from namemem.service import IntroduceRequest, IntroductionView, Key, Replay

router = APIRouter(prefix="/v1", tags=["introductions"])

AudioFile = Annotated[
    UploadFile,
    File(description="wav, flac, mp3, ogg/opus, webm or m4a; any rate, any channels."),
]

ConsentText = Annotated[str | None, Form(description=CONSENT_FIELD, max_length=10_000)]


@router.post(
    "/introductions",
    status_code=201,
    response_model=IntroductionOut,
    responses={
        202: {"model": JobOut, "description": "With mode=async: queued; ask at `Location`"},
        **problems(400, 404, 409, 413, 415, 422),
    },
    summary="Hear an introduction and remember the name",
    dependencies=[WaitDep],
)
async def introduce(
    service: ServiceDep,
    space: SpaceDep,
    request: Request,
    repeat: RepeatDep,
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
    consent: ConsentText = None,
    webhook: Annotated[
        str | None,
        Form(
            description="With mode=async: http(s) URL that is told when it has ended, by signed "
            "POST (Standard Webhooks).",
            max_length=2000,
        ),
    ] = None,
    mode: Annotated[
        Literal["sync", "async"],
        Query(description="`async` answers 202 at once; GET /v1/jobs/{id} has the end."),
    ] = "sync",
) -> Any:
    """Listens to "Hi, my name is Siobhan", stores how it was said, and answers what to do next."""
    if webhook and mode == "sync":
        raise InvalidRequest("Send webhook with ?mode=async only.", field="webhook")

    def place(made: IntroductionOut) -> dict[str, str]:
        path = request.app.url_path_for("introduction", introduction_id=made.id)
        return {"Location": str(path)}

    asked_for = IntroduceRequest(
        audio=await read_audio(audio, service.policy.max_bytes),
        hints=Hints(
            spelling=given_spelling(spelling),
            language=language,
            asked=asked,
            transcript=read_transcript(transcript),
        ),
        person_id=person_id or None,
        external_id=external_id or None,
        kind=kind,
        target=target or None,
        voice=voice or None,
        keep_audio=keep_audio,
        idempotency_key=repeat.key,
        consent=read_consent(consent),
    )
    if mode == "async":
        return await answer_later(service, space, asked_for, webhook or None, request, repeat)
    done = await service.introduce_once(
        space, asked_for, lambda view: kept(introduction_out(view), 201, place)
    )
    if isinstance(done, Replay):
        return repeat.replayed(done)
    return repeat.answered(introduction_out(done), place)


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
    service: ServiceDep, space: SpaceDep, actor: ActorDep, repeat: RepeatDep, introduction_id: str
) -> Any:
    """The name becomes `confirmed`."""
    return repeat.once(
        lambda: introduction_out(service.confirm(space, introduction_id, actor)),
        person=lambda made: made.person_id,
    )


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
    repeat: RepeatDep,
    introduction_id: str,
    body: Annotated[RejectIn | None, Body()] = None,
) -> Any:
    """Takes the next likely alternative, or the chosen one; `ask_again` when none is left."""
    choice = body.choose if body is not None else None
    return repeat.once(
        lambda: introduction_out(
            service.reject_introduction(space, introduction_id, actor, choice)
        ),
        sent=body,
        person=lambda made: made.person_id,
    )


@router.post(
    "/introductions/{introduction_id}/retake",
    response_model=IntroductionOut,
    responses=problems(400, 404, 409, 413, 415, 422),
    summary="The person says it again",
    dependencies=[WaitDep],
)
async def retake(
    service: ServiceDep,
    space: SpaceDep,
    actor: ActorDep,
    repeat: RepeatDep,
    introduction_id: str,
    audio: AudioFile,
    spelling: Annotated[Text200 | None, Form(description="The spelling, if known now.")] = None,
    transcript: Annotated[str | None, Form(max_length=100_000)] = None,
    consent: ConsentText = None,
) -> Any:
    """Uses both recordings together."""
    data = await read_audio(audio, service.policy.max_bytes)
    hints = Hints(spelling=given_spelling(spelling), transcript=read_transcript(transcript))
    agreed = read_consent(consent)
    if repeat.key is None:
        view = await service.retake(space, introduction_id, data, actor, hints, consent=agreed)
        return introduction_out(view)
    key: Key[IntroductionView] = Key(
        repeat.key,
        repeat.digest(spelling, transcript, consent, audio=data),
        lambda view: kept(introduction_out(view), 200),
    )
    done = await service.retake_once(space, introduction_id, data, actor, hints, key, agreed)
    return repeat.replayed(done) if isinstance(done, Replay) else introduction_out(done)


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


async def read_audio(audio: UploadFile, max_bytes: int) -> bytes:
    """The uploaded recording. Raises `AudioTooLarge`."""
    if audio.size is not None and audio.size > max_bytes:
        raise AudioTooLarge(
            f"The recording has {audio.size} bytes; the limit is {max_bytes}. "
            "Send a shorter one, or a compressed format such as ogg/opus.",
            max_bytes=max_bytes,
        )
    return await audio.read()


def read_transcript(text: str | None) -> Transcript | None:
    """The caller's own words. Raises `InvalidRequest` where they are none."""
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
