"""What the others are made of: limited texts, and the problems of every route."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from namemem.errors import InvalidRequest
from namemem.people import LANGUAGE_LENGTH, LANGUAGE_TAG, NO_LANGUAGE, checked_language

Text200 = Annotated[str, StringConstraints(max_length=200)]


Text500 = Annotated[str, StringConstraints(max_length=500)]


def _language(tag: str) -> str:
    try:
        found = checked_language(tag)
    except InvalidRequest:
        found = None
    if found is None:
        raise PydanticCustomError("language_tag", NO_LANGUAGE)
    return found


Language = Annotated[
    str,
    AfterValidator(_language),
    WithJsonSchema({"type": "string", "maxLength": LANGUAGE_LENGTH, "pattern": LANGUAGE_TAG}),
]


class Problem(BaseModel):
    """RFC 9457. `type` is `urn:namemem:problem:<slug>`; more fields help to mend it."""

    model_config = ConfigDict(extra="allow")
    type: str = Field(examples=["urn:namemem:problem:no-name-heard"])
    title: str
    status: int
    detail: str
    instance: str


PROBLEMS: dict[int | str, dict[str, Any]] = {
    code: {
        "model": Problem,
        "description": text,
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        },
    }
    for code, text in {
        400: "The request could not be read",
        401: "The API key is missing or wrong",
        403: "The API key may not do this; `detail` names the scope it needs",
        404: "No such person, name, introduction or clip in this space",
        408: "The request's body did not come in time",
        409: "It exists already, or the same request is in flight",
        412: "Somebody was faster: read again and repeat",
        413: "Too long or too large",
        415: "Not readable as audio",
        422: "A value that can be mended; `detail` says how",
        428: "If-Match is missing",
        429: "Too many requests, or too many wrong keys; see Retry-After",
        503: "Busy, or an engine or the database is not there; see Retry-After",
    }.items()
}


def problems(*codes: int) -> dict[int | str, dict[str, Any]]:
    """The documented problems of a route; those of keys and limits, 422 and 503 anywhere."""
    return {code: PROBLEMS[code] for code in sorted({*codes, 401, 403, 422, 429, 503})}
