"""The whole space as one pronunciation lexicon."""

from __future__ import annotations

import hashlib
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Header, Query, Response

from namemem.api.bodies import lexicon_out
from namemem.api.dependencies import ServiceDep, SpaceDep
from namemem.api.schemas import Language, LexiconOut, Text200, problems
from namemem.errors import InvalidRequest
from namemem.tts.lexicons import lexicon_formats
from namemem.tts.voices import Voice

router = APIRouter(prefix="/v1", tags=["saying it"])


@router.get(
    "/lexicon",
    response_model=None,
    responses={
        200: {
            "model": LexiconOut,
            "content": {
                "application/pls+xml": {"schema": {"type": "string"}},
                "text/plain": {"schema": {"type": "string"}},
            },
            "description": "The lexicon; with `report`, JSON with every part and what is inexact",
        },
        304: {"description": "Nothing changed"},
        **problems(422),
    },
    summary="All names as one lexicon",
)
def lexicon(
    service: ServiceDep,
    space: SpaceDep,
    target: Annotated[
        str, Query(max_length=50, description=f"One of: {', '.join(lexicon_formats())}.")
    ] = "pls",
    voice: Annotated[Text200 | None, Query()] = None,
    model: Annotated[Text200 | None, Query(description="The TTS's model or engine.")] = None,
    locale: Annotated[Language | None, Query(description="The voice's, such as de-DE.")] = None,
    part: Annotated[int, Query(ge=1, le=100_000, description="Where limits split it.")] = 1,
    report: Annotated[bool, Query(description="JSON with every part and a report.")] = False,
    if_none_match: Annotated[str | None, Header()] = None,
) -> LexiconOut | Response:
    """`Lexicon-Parts` says how many parts there are, `Link: rel="next"` where the next one is.

    `Lexicon-Left-Out` says how many entries the format cannot hold; `report` has them.
    """
    made = service.lexicon(space, target, Voice(voice or None, model or None, locale))
    if report:
        return lexicon_out(made)
    if part > len(made.parts):
        raise InvalidRequest(
            f"This lexicon has {len(made.parts)} parts; there is no part {part}.", field="part"
        )
    one = made.parts[part - 1]
    etag = f'"{hashlib.sha256(one.content.encode()).hexdigest()[:16]}"'
    headers = {
        "ETag": etag,
        "Cache-Control": "private, no-cache",
        "Lexicon-Parts": str(len(made.parts)),
        "Lexicon-Entries": str(one.entries),
        "Lexicon-Left-Out": str(len(made.left_out)),
        "Content-Disposition": f'attachment; filename="{one.name}"',
    }
    if part < len(made.parts):
        asked = {"target": target, "voice": voice, "model": model, "locale": locale}
        query = urlencode({k: v for k, v in asked.items() if v} | {"part": part + 1})
        headers["Link"] = f'</v1/lexicon?{query}>; rel="next"'
    known = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    if etag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(one.content.encode(), media_type=one.media_type, headers=headers)
