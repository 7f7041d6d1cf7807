"""Listening live: what a client says of itself and of whom it hears."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from namemem.api.schemas.basics import Language, Text200
from namemem.audio.streaming import HIGHEST_RATE, LOWEST_RATE
from namemem.consent import Consent, consent_from, read_consent
from namemem.errors import InvalidRequest
from namemem.people import NameKind


class ListenIn(BaseModel):
    """The query of `WS /v1/listen`, and its message `{"type": "start", ...}`.

    The fields are those of `POST /v1/introductions`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    sample_rate: Annotated[int, Field(ge=LOWEST_RATE, le=HIGHEST_RATE)] = 16_000
    target: Text200 | None = None
    voice: Text200 | None = None
    spelling: Text200 | None = None
    language: Language | None = None
    kind: NameKind | None = None
    person_id: Text200 | None = None
    external_id: Text200 | None = None
    asked: bool = False
    keep_audio: Literal["none", "clip"] | None = None
    consent: Consent | None = None

    @field_validator("consent", mode="before")
    @classmethod
    def _consent(cls, value: object) -> object:
        """As JSON text in a query, as an object in a message. Raises `InvalidRequest`."""
        if isinstance(value, str):
            return read_consent(value)
        return consent_from(value) if isinstance(value, dict) else value

    def changed(self, fields: dict[str, Any]) -> ListenIn:
        """With these fields in place of its own; null or an empty text takes one away.

        Raises:
            InvalidRequest: a field that there is not, or a value that it cannot have.
        """
        kept = {k: v for k, v in self if k not in fields}
        given = {k: v for k, v in fields.items() if v is not None and v != ""}
        try:
            return ListenIn.model_validate({**kept, **given})
        except ValidationError as error:
            found = [
                {"field": ".".join(str(p) for p in e["loc"]), "message": e["msg"]}
                for e in error.errors()
            ]
            detail = "; ".join(f"{f['field']}: {f['message']}" for f in found)
            raise InvalidRequest(f"{detail}. See docs/listening.md.", errors=found) from error
