"""Who is speaking, by how they say their name."""

from __future__ import annotations

from pydantic import BaseModel, Field

from namemem.api.schemas.introducing import (
    AlternativeOut,
    EnginesOut,
    HeardNameOut,
    MentionOut,
    PredictedOut,
)


class MatchOut(BaseModel):
    """Somebody who may be speaking, once, by the name that sounds most like what was said."""

    person_id: str
    external_id: str | None
    display_name: str
    name_id: str
    name: str = Field(description="Spelling of that name.", examples=["Siobhan"])
    distance: float = Field(
        ge=0, le=1, description="PFER between what was said and that name; 0 is the same."
    )
    probability: float = Field(
        ge=0,
        le=1,
        description="That this person said it; people whose names sound the same share it.",
    )


class HeardOut(BaseModel):
    """What was heard, as in an introduction; none of it is stored."""

    transcript: str
    name: HeardNameOut
    others: list[MentionOut] = []
    alternatives: list[AlternativeOut]
    predicted_from_spelling: PredictedOut | None
    heard_freely: str
    quality: list[str]
    engines: EnginesOut
    timings_ms: dict[str, float]


class IdentifiedOut(BaseModel):
    """Who it may be, nearest first; empty where nobody's name is near."""

    matches: list[MatchOut]
    stranger_probability: float = Field(ge=0, le=1, description="That it is nobody of this space.")
    heard: HeardOut
