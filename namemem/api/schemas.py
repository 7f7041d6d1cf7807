"""The JSON of the contract, as Pydantic models. IPA is NFC, times are seconds."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from namemem.people import NameKind, Status

Text200 = Annotated[str, StringConstraints(max_length=200)]
Text500 = Annotated[str, StringConstraints(max_length=500)]
Language = Annotated[
    str, StringConstraints(max_length=35, pattern=r"^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*$")
]


class Problem(BaseModel):
    """RFC 9457. `type` is `urn:namemem:problem:<slug>`; more fields help to mend it."""

    model_config = ConfigDict(extra="allow")
    type: str = Field(examples=["urn:namemem:problem:no-name-heard"])
    title: str
    status: int
    detail: str
    instance: str


class PhoneOut(BaseModel):
    """One phone where it was heard."""

    ipa: str
    start: float
    end: float
    confidence: float


class HeardNameOut(BaseModel):
    """The name as it was heard."""

    spelling: str
    spelling_source: Literal["caller", "transcript", "spelled_aloud", "none"]
    ipa: str = Field(examples=["ʃɪˈvɔːn"])
    respelling: str = Field(examples=["shi-VAWN"])
    arpabet: str = Field(examples=["SH IH0 V AO1 N"])
    phones: list[PhoneOut]
    start: float
    end: float
    confidence: float


class MentionOut(BaseModel):
    """Another name given in the same breath: a second one of the speaker, or somebody else's."""

    spelling: str
    kind: NameKind
    of: Literal["speaker", "other"]


class AlternativeOut(BaseModel):
    """Another way the name may have been said."""

    ipa: str
    respelling: str
    arpabet: str
    confidence: float
    source: str = Field(examples=["g2p:en-us"])


class PredictedOut(BaseModel):
    """What the spelling alone would have predicted, and whether the ear agrees."""

    ipa: str
    agrees: bool


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


class NextOut(BaseModel):
    """What to do next."""

    action: Literal["greet", "confirm", "ask_again"]
    say: SayOut
    reason: str


class EnginesOut(BaseModel):
    """Who heard it: name and version of each engine."""

    transcriber: str
    phone_recognizer: str
    g2p: str


class IntroductionOut(BaseModel):
    """One introduction as it now stands."""

    id: str
    person_id: str
    name_id: str
    created_at: datetime
    state: str
    takes: int
    transcript: str
    name: HeardNameOut
    others: list[MentionOut] = []
    alternatives: list[AlternativeOut]
    predicted_from_spelling: PredictedOut | None
    heard_freely: str
    rendering: RenderingOut | None
    next: NextOut
    status: Status
    quality: list[str]
    audio_kept: bool
    engines: EnginesOut
    timings_ms: dict[str, float]


class RejectIn(BaseModel):
    """The person said no. `choose` takes that alternative (counted from 0)."""

    model_config = ConfigDict(extra="forbid")
    heard_wrong: bool = True
    choose: int | None = Field(default=None, ge=0, le=100)


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
    version: int = Field(ge=1, le=2_000_000_000)


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
    sentences: bool = Field(
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


class SpotIn(BaseModel):
    """A text in which somebody may give a name."""

    model_config = ConfigDict(extra="forbid")
    text: Annotated[str, StringConstraints(max_length=5000)]
    language: Language | None = None
    asked: bool = False


class SpottedOut(BaseModel):
    """One name, characters as offsets."""

    text: str
    start: int
    end: int
    kind: NameKind
    of: Literal["speaker", "other"]
    preferred: bool
    spelling_source: Literal["transcript", "spelled_aloud"]


class SpotOut(BaseModel):
    """The names, or a reason why there is none."""

    names: list[SpottedOut]
    reason: str | None = Field(examples=["no-introduction"])
    explanation: str | None = None


class VersionOut(BaseModel):
    """Which namemem answers."""

    name: str
    version: str
    python: str


class ReadyOut(BaseModel):
    """Whether everything works; `reasons` says what does not."""

    ready: bool
    engines: dict[str, str]
    notes: list[str]
    reasons: list[str]


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
        404: "No such person, name, introduction or clip in this space",
        409: "It exists already, or the same request is in flight",
        412: "Somebody was faster: read again and repeat",
        413: "Too long or too large",
        415: "Not readable as audio",
        422: "A value that can be mended; `detail` says how",
        428: "If-Match is missing",
        503: "Busy, or an engine or the database is not there; see Retry-After",
    }.items()
}


def problems(*codes: int) -> dict[int | str, dict[str, Any]]:
    """The documented problems of a route; 401, 422 and 503 may happen anywhere."""
    return {code: PROBLEMS[code] for code in sorted({*codes, 401, 422, 503})}
