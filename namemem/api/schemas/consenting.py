"""What people agreed to."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from namemem.consent import EXAMPLE, LONGEST_BY, MOST_PURPOSES, Consent, consent_from

Purpose = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]


def _written(value: object) -> object:
    """Refuses numbers, which Pydantic takes for seconds since 1970."""
    if not isinstance(value, str) or "-" not in value[1:]:
        raise ValueError("write it as ISO 8601 with its zone, such as 2026-05-04T10:15:00+02:00")
    return value


class ConsentIn(BaseModel):
    """Who agreed, when, and for what."""

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
        json_schema_extra={"examples": [json.loads(EXAMPLE)]},
    )
    by: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_BY)] = Field(
        examples=["the person"]
    )
    at: Annotated[AwareDatetime, BeforeValidator(_written)]
    purposes: list[Purpose] = Field(
        alias="for",
        min_length=1,
        max_length=MOST_PURPOSES,
        description="`audio` lets recordings be kept; the other words are yours.",
        examples=[["pronunciation", "audio"]],
    )

    def value(self) -> Consent:
        """The domain's value. Raises `InvalidRequest`."""
        return consent_from({"by": self.by, "at": self.at.isoformat(), "for": self.purposes})


class ConsentOut(BaseModel):
    """An agreement as it is kept."""

    model_config = ConfigDict(populate_by_name=True)
    id: str
    introduction_id: str | None
    by: str
    at: datetime
    purposes: list[str] = Field(alias="for")
    recorded_at: datetime
    withdrawn_at: datetime | None = Field(
        description="When it was withdrawn, by itself or by having the recording erased."
    )


class ConsentsOut(BaseModel):
    """Everything that a person agreed to, oldest first."""

    items: list[ConsentOut]


CONSENT_FIELD = (
    f"What the person agreed to, JSON: `{EXAMPLE}`. `audio` in `for` lets the recording be kept; "
    "the other words are yours."
)
