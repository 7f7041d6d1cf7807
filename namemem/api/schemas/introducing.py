"""Introductions: what was heard, and names found in text."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from namemem.api.schemas.basics import Language
from namemem.api.schemas.consenting import ConsentOut
from namemem.api.schemas.saying import RenderingOut, SayOut
from namemem.people import NameKind, Status


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
    quality: list[str] = Field(
        description="Findings: `clipped`, `quiet`, `noisy` recording; `spelling_unlikely` "
        "(what was said does not fit the spelling), `transcript_unlikely` (nor the word that was "
        "written down), `only_spelled` (letters, never said as a name), `another_name` (another "
        "name than was heard before; one that was agreed on stays until this is confirmed), "
        "`two_names` (the speaker gives two; `others` has the one that was not taken), "
        "`unlike_speech` (no voice is in it, or nobody speaks so slowly)."
    )
    audio_kept: bool
    consent: ConsentOut | None = None
    engines: EnginesOut
    timings_ms: dict[str, float]


class RejectIn(BaseModel):
    """The person said no. `choose` takes that alternative (counted from 0)."""

    model_config = ConfigDict(extra="forbid")
    heard_wrong: StrictBool = True
    choose: int | None = Field(default=None, ge=0, le=100, strict=True)


class SpotIn(BaseModel):
    """A text in which somebody may give a name."""

    model_config = ConfigDict(extra="forbid")
    text: Annotated[str, StringConstraints(max_length=5000)]
    language: Language | None = None
    asked: StrictBool = False


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
