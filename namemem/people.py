"""Whom the character knows, what they are called, and the evidence for how that is said.

Plain immutable values: nothing here knows about SQL, HTTP or audio.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from namemem.errors import InvalidRequest
from namemem.phones import Pronunciation


class NameKind(StrEnum):
    """Which of a person's names it is."""

    FULL = "full"
    GIVEN = "given"
    FAMILY = "family"
    NICKNAME = "nickname"


class Status(StrEnum):
    """How far a pronunciation has been agreed on.

    `heard` (from audio, nobody agreed yet) → `confirmed` (the person said yes) or `corrected`
    (someone changed it) → `approved` (a designer signed it off).
    """

    HEARD = "heard"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    APPROVED = "approved"


class SpellingSource(StrEnum):
    """Where the spelling of a name came from."""

    CALLER = "caller"
    TRANSCRIPT = "transcript"
    SPELLED_ALOUD = "spelled_aloud"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class HeardPhone:
    """One phone where it was heard: IPA (NFC), seconds from the start of the audio, [0, 1]."""

    ipa: str
    start: float
    end: float
    confidence: float


HEARD_FREELY = ("ear", "lexicon")
"""Sources of readings that no spelling predicts: heard phones, and words that sound like them."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One possible pronunciation of a heard name.

    Attributes:
        pronunciation: how it would be said.
        source: where it came from: `g2p:en-us` (espeak-ng's rules for that language),
            `cmudict`, `ear` (heard, no spelling predicted it), `person` (typed or chosen),
            `known` (the same word in another name of the person).
        log_likelihood: natural log of how likely the audio is under it, up to a constant that
            all readings of one recording share; summed over takes when there are several.
        log_prior: natural log of how likely it was before anybody listened.
        confidence: calibrated probability in [0, 1] that it is the right one.
    """

    pronunciation: Pronunciation
    source: str
    log_likelihood: float
    log_prior: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Engines:
    """Name and version of what made a hearing."""

    transcriber: str
    phone_recognizer: str
    g2p: str


@dataclass(frozen=True, slots=True)
class Mention:
    """Another name that somebody gave in the same breath; `of` is `speaker` or `other`."""

    spelling: str
    kind: NameKind
    of: str


@dataclass(frozen=True, slots=True)
class Hearing:
    """The evidence of one recording (or of several takes of one introduction).

    What was heard, what the spelling predicted and what was chosen stay apart, with scores.

    Attributes:
        transcript: the words heard, lower case, as the transcriber gave them.
        spelling: the name's spelling, empty when none is known.
        spelling_source: where that came from.
        language: BCP 47 of the name, when known.
        readings: best first; the first one is the answer. Never empty.
        phones: the answer aligned with the audio.
        start, end: where the name is, seconds from the start of the audio.
        predicted: what the spelling alone would have predicted (None without a spelling).
        heard_freely: what a free phone search heard, IPA; empty when none was run.
        engines: what made this hearing.
        timings_ms: milliseconds by stage.
        takes: how many recordings it rests on.
        rejected: IPA of the readings that the person has refused.
        quality: findings about the recording, such as `clipped` or `quiet`.
        others: the other names that were given, of the speaker and of others.
    """

    transcript: str
    spelling: str
    spelling_source: SpellingSource
    language: str | None
    readings: tuple[Reading, ...]
    phones: tuple[HeardPhone, ...]
    start: float
    end: float
    predicted: Pronunciation | None
    heard_freely: str
    engines: Engines
    timings_ms: dict[str, float] = field(default_factory=dict)
    takes: int = 1
    rejected: tuple[str, ...] = ()
    quality: tuple[str, ...] = ()
    others: tuple[Mention, ...] = ()

    @property
    def chosen(self) -> Reading:
        """The answer."""
        return self.readings[0]

    @property
    def agrees(self) -> bool | None:
        """Whether the answer is what the spelling predicted, stress and length aside."""
        if self.predicted is None:
            return None
        return self.predicted.segmental == self.chosen.pronunciation.segmental


@dataclass(frozen=True, slots=True)
class Name:
    """One name of a person. `version` counts every change, from 1."""

    id: str
    person_id: str
    kind: NameKind
    spelling: str
    language: str | None
    pronunciation: Pronunciation | None
    status: Status
    version: int
    confidence: float | None = None
    introduction_id: str | None = None
    suggestion: Pronunciation | None = None
    """What was heard later, after `approved`: offered, never taken by itself."""


@dataclass(frozen=True, slots=True)
class NameVersion:
    """One entry of a name's history: the name as it was, and who made it so."""

    version: int
    kind: NameKind
    spelling: str
    language: str | None
    pronunciation: Pronunciation | None
    status: Status
    confidence: float | None
    who: str
    when: datetime
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Person:
    """Someone the character knows, with their names (oldest first)."""

    id: str
    space: str
    external_id: str | None
    display_name: str
    names: tuple[Name, ...]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Introduction:
    """One recording in which a person gave a name, and what was heard in it."""

    id: str
    space: str
    person_id: str
    name_id: str
    hearing: Hearing
    created_at: datetime
    state: str = "open"
    """`open`, `confirmed`, or `exhausted` (every plausible reading was refused)."""
    target: str | None = None
    voice: str | None = None
    has_clip: bool = False


# Embeddings, overrides and isolates turn the text after them around; marks such as U+200F do not.
LANGUAGE_TAG = r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*$"
LANGUAGE_LENGTH = 35
NO_LANGUAGE = "A language is a BCP 47 tag such as ga, en-US or zh-Hant, not a language's name."
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def checked_language(tag: str | None, field: str = "language") -> str | None:
    """A BCP 47 tag as it was given; None for an empty one.

    Only its form is checked; the first part of all registered languages has two or three letters.

    Raises:
        InvalidRequest: it is none, such as "german"; `details` has the `field`.
    """
    if not (tag or "").strip():
        return None
    said = (tag or "").strip()
    if len(said) > LANGUAGE_LENGTH or not re.fullmatch(LANGUAGE_TAG, said):
        raise InvalidRequest(NO_LANGUAGE, field=field)
    return said


def given_spelling(text: str | None, field: str = "spelling") -> str | None:
    """A spelling that a caller gives with a recording, tidied; None for an empty one.

    Raises:
        InvalidRequest: as of `tidy_spelling`, or nothing in it can be read.
    """
    spelling = tidy_spelling(text or "", field)
    if spelling and all(unicodedata.category(c)[0] in "PZC" for c in spelling):
        raise InvalidRequest(
            "The spelling is nothing but punctuation. Send the name as it is written, or leave it "
            "out where nobody knows that.",
            field=field,
        )
    return spelling or None


def tidy_spelling(spelling: str, field: str = "spelling") -> str:
    """A spelling as it is kept: single blanks, no direction overrides.

    Raises:
        InvalidRequest: a NUL, another control character or half a surrogate pair; `details` has
            the `field` and the `position`.
    """
    for position, char in enumerate(spelling):
        if unicodedata.category(char) in ("Cc", "Cs") and not char.isspace():
            raise InvalidRequest(
                f"The character U+{ord(char):04X} at position {position} of {field} cannot be "
                "part of a name. Leave it out.",
                field=field,
                position=position,
            )
    return " ".join("".join(c for c in spelling if c not in _TURNING).split())
