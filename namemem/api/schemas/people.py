"""People, their names, and the history of these."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from namemem.api.schemas.basics import Language, Text200, Text500
from namemem.api.schemas.consenting import ConsentIn
from namemem.people import NameKind, Status


class NameIn(BaseModel):
    """A name typed in, with at most one of ipa, respelling and arpabet."""

    model_config = ConfigDict(extra="forbid")
    spelling: Text200 = ""
    kind: NameKind = NameKind.GIVEN
    language: Language | None = None
    ipa: Text500 | None = None
    respelling: Text500 | None = None
    arpabet: Text500 | None = None

    def said(self) -> dict[str, str]:
        """The notations that were filled in."""
        given = {"ipa": self.ipa, "respelling": self.respelling, "arpabet": self.arpabet}
        return {k: v for k, v in given.items() if v is not None}


class PersonIn(BaseModel):
    """A person typed in."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "external_id": "alice",
                    "display_name": "Siobhan",
                    "names": [{"spelling": "Siobhan", "kind": "given", "ipa": "ʃɪˈvɔːn"}],
                }
            ]
        },
    )
    external_id: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    display_name: Text200 | None = None
    names: list[NameIn] = Field(default_factory=list, max_length=20)
    consent: ConsentIn | None = None


class PersonPatch(BaseModel):
    """What may change about a person; `external_id: null` takes it away."""

    model_config = ConfigDict(extra="forbid")
    external_id: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    display_name: Annotated[str, StringConstraints(min_length=1, max_length=200)] = ""


class NamePatch(BaseModel):
    """What may change about a name; at most one of ipa, respelling and arpabet."""

    model_config = ConfigDict(extra="forbid")
    ipa: Text500 | None = None
    respelling: Text500 | None = None
    arpabet: Text500 | None = None
    spelling: Text200 | None = None
    status: Status | None = None
    kind: NameKind | None = None
    why: Text500 = ""

    def said(self) -> dict[str, str]:
        """The notations that were filled in."""
        given = {"ipa": self.ipa, "respelling": self.respelling, "arpabet": self.arpabet}
        return {k: v for k, v in given.items() if v is not None}


class PronouncedOut(BaseModel):
    """A stored pronunciation in the three notations people read."""

    ipa: str
    respelling: str
    arpabet: str


class NameOut(BaseModel):
    """One name of a person."""

    id: str
    kind: NameKind
    spelling: str
    language: str | None
    pronunciation: PronouncedOut | None
    status: Status
    confidence: float | None
    suggestion: PronouncedOut | None
    introduction_id: str | None
    version: int


class PersonOut(BaseModel):
    """A person with their names."""

    id: str
    external_id: str | None
    display_name: str
    names: list[NameOut]
    created_at: datetime
    updated_at: datetime
    distance: float | None = Field(
        default=None, description="Phonetic distance to `sounds_like`, where that was asked for."
    )


class PeopleOut(BaseModel):
    """One page of people."""

    items: list[PersonOut]
    next_cursor: str | None


class NameVersionOut(BaseModel):
    """One entry of a name's history."""

    version: int
    who: str
    when: datetime
    what: str
    why: str
    kind: NameKind
    spelling: str
    language: str | None
    pronunciation: PronouncedOut | None
    status: Status
    confidence: float | None


class HistoryOut(BaseModel):
    """Every version of a name, oldest first."""

    items: list[NameVersionOut]


class RevertIn(BaseModel):
    """The version to go back to."""

    model_config = ConfigDict(extra="forbid")
    version: int = Field(ge=1, le=2_000_000_000, strict=True)
