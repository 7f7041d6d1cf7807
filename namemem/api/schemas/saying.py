"""Names for a TTS: renderings, sentences, speech, targets, lexicons, conversions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from namemem.api.schemas.basics import Language, Text200, Text500
from namemem.people import Status


class SubstitutionOut(BaseModel):
    """A phone the target does not have, and what stands in for it."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)
    from_: str = Field(alias="from")
    to: str
    position: int
    cost: float = Field(0.0, description="How far it is from what was asked for, in [0, 1].")


class RenderingOut(BaseModel):
    """A name in a target's form."""

    target: str
    alphabet: str
    text: str
    markup: str
    phones: str
    ipa: str
    exact: bool
    substitutions: list[SubstitutionOut]
    unsupported: list[str]
    grade: Literal["exact", "close", "approximate"] = Field(
        description="Whether it is still a fair rendering of the name."
    )
    spoken: str = Field(description="IPA of what `phones` says, where the target tells.")
    locale: str | None = Field(description="Whose phones were used, where there are several.")
    notes: list[str] = Field(description="A fallback, or what could not be verified.")


class PronunciationOut(RenderingOut):
    """A person's name in a target's form. `source` is `spelling` where nobody has said it yet."""

    person_id: str
    name_id: str
    status: Status
    source: Literal["stored", "spelling"]
    version: int


class SayOut(BaseModel):
    """What the character may say: plain, and in the target's markup if a target was given."""

    text: str
    markup: str | None


class RenderIn(BaseModel):
    """A sentence with `{person:ID}` and `{external:ID}` in it; `{{` and `}}` are braces."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"text": "Good morning {external:alice}!", "target": "azure"}]
        },
    )
    text: Annotated[str, StringConstraints(max_length=5000)]
    target: Annotated[str, StringConstraints(max_length=50)]
    voice: Text200 | None = None
    model: Text200 | None = None
    locale: Language | None = None
    people: list[Text200] = Field(
        default=[],
        max_length=500,
        description="People (`person:ID`, `external:ID`) whose names may stand written out.",
    )
    sentences: StrictBool = Field(
        default=False, description="Also give the text sentence by sentence, for streaming."
    )


class SentenceOut(BaseModel):
    """One sentence of a longer text, ready to be sent on its own."""

    markup: str
    text: str


class RenderOut(BaseModel):
    """The sentence for the TTS, and for people."""

    markup: str
    text: str
    names: list[PronunciationOut]
    sentences: list[SentenceOut] | None = Field(
        default=None, description="One by one, each complete in itself, where they were asked for."
    )


class SpeakIn(BaseModel):
    """What the preview voice says: a person's name or an IPA, alone or where `{name}` is."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"ipa": "ʃɪˈvɔːn", "voice": "en-us"}]}
    )
    person_id: Text200 | None = None
    ipa: Text500 | None = None
    text: Annotated[str, StringConstraints(max_length=1000)] | None = None
    voice: Text200 | None = None


class TargetOut(BaseModel):
    """What one TTS accepts."""

    model_config = ConfigDict(extra="allow")
    name: str
    alphabet: str
    syntax: str
    limits: list[str]
    example: dict[str, str]
    unverified: list[str] = Field(description="What no documentation could confirm.")
    locales: list[str] = Field(description="Locales whose phones are known, the default first.")
    models: list[dict[str, Any]] = Field(description="Models, and whether they take phonemes.")


class TargetsOut(BaseModel):
    """Every target."""

    items: list[TargetOut]


class ConvertIn(BaseModel):
    """A pronunciation in one notation. `espeak:de` names a voice, `respelling:fr` a reader."""

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
        json_schema_extra={
            "examples": [{"from": "ipa", "to": "x-sampa", "value": "ʃɪˈvɔːn"}],
        },
    )
    from_: Text200 = Field(alias="from")
    to: Text200
    value: Annotated[str, StringConstraints(max_length=1000)]


class ConvertOut(BaseModel):
    """The same in another notation."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)
    from_: str = Field(alias="from")
    to: str
    value: str
    exact: bool
    substitutions: list[SubstitutionOut]
    unsupported: list[str]
    grade: Literal["exact", "close", "approximate"]
    ipa: str = Field(description="The pronunciation that was read.")
    spoken: str = Field(description="IPA of what the value says, where that is known.")


class LexiconPartOut(BaseModel):
    """One file of a lexicon."""

    name: str
    media_type: str
    entries: int
    content: str


class LexiconOut(BaseModel):
    """A lexicon with a report: every part, and every entry that is not exact."""

    format: str
    parts: list[LexiconPartOut]
    left_out: list[dict[str, str]]
    inexact: list[RenderingOut]
