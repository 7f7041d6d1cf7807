"""Who of the people of a space is speaking."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form

from namemem.api.bodies import heard_out
from namemem.api.dependencies import ServiceDep, SpaceDep, WaitDep
from namemem.api.routes.introductions import AudioFile, read_audio, read_transcript
from namemem.api.schemas import Language, problems
from namemem.api.schemas.identifying import HeardOut, IdentifiedOut, MatchOut
from namemem.introductions import Hints

router = APIRouter(prefix="/v1/people", tags=["people"])


@router.post(
    "/identify",
    response_model=IdentifiedOut,
    responses=problems(400, 413, 415, 422),
    summary="Find somebody by how they say their name",
    dependencies=[WaitDep],
)
async def identify(
    service: ServiceDep,
    space: SpaceDep,
    audio: AudioFile,
    language: Annotated[
        Language | None, Form(description="BCP 47 of the name and the speech.")
    ] = None,
    asked: Annotated[
        bool, Form(description="The character just asked for the name: a bare name will do.")
    ] = True,
    transcript: Annotated[
        str | None,
        Form(
            description='Your own recogniser\'s words, JSON {"text", "language", "words": '
            '[{"word", "start", "end"}]}; then no transcriber runs.',
            max_length=100_000,
        ),
    ] = None,
    limit: Annotated[int, Form(ge=1, le=50, description="How many matches at most.")] = 10,
) -> IdentifiedOut:
    """Listens to "Hi, it's Siobhan" and answers who that may be, nearest first.

    Only the name counts, not the voice. Nothing is stored and no audio is kept. People without a
    pronunciation are left out; a space without people answers no matches.
    """
    hints = Hints(language=language, asked=asked, transcript=read_transcript(transcript))
    data = await read_audio(audio, service.policy.max_bytes)
    found = await service.identify(space, data, hints, limit)
    return IdentifiedOut(
        matches=[
            MatchOut(
                person_id=match.person.id,
                external_id=match.person.external_id,
                display_name=match.person.display_name,
                name_id=match.name_id,
                name=match.spelling,
                distance=round(match.distance, 4),
                probability=round(match.probability, 4),
            )
            for match in found.matches
        ],
        stranger_probability=round(found.stranger, 4),
        heard=HeardOut.model_validate(heard_out(found.hearing)),
    )
