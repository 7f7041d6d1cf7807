"""What somebody agreed to: who said so, when, and for what.

    {"by": "the person", "at": "2026-05-04T10:15:00+02:00", "for": ["pronunciation", "audio"]}

The purposes are the caller's own words, except `audio`, which allows a recording to be kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from namemem.errors import InvalidRequest
from namemem.people import tidy_spelling

AUDIO = "audio"
"""The purpose under which a recording may be kept."""
LONGEST_BY = 200
MOST_PURPOSES = 20
EXAMPLE = (
    '{"by": "the person", "at": "2026-05-04T10:15:00+02:00", "for": ["pronunciation", "audio"]}'
)
_PURPOSE = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_SKEW = timedelta(minutes=5)  # how far a caller's clock may be ahead of ours
_LONGEST_TEXT = 10_000


@dataclass(frozen=True, slots=True)
class Consent:
    """One agreement.

    Attributes:
        by: who agreed, in the caller's words, such as `the person` or `a parent`.
        at: when; aware, UTC.
        purposes: for what; lower-case words, each once.
    """

    by: str
    at: datetime
    purposes: tuple[str, ...]

    @property
    def for_audio(self) -> bool:
        """Whether a recording may be kept."""
        return AUDIO in self.purposes

    def as_dict(self) -> dict[str, Any]:
        """As a caller writes it."""
        return {"by": self.by, "at": self.at.isoformat(), "for": list(self.purposes)}


@dataclass(frozen=True, slots=True)
class RecordedConsent:
    """An agreement as it is kept.

    Attributes:
        id: ours.
        person_id: whose.
        introduction_id: the recording that it came with; None where it came with none.
        consent: what was agreed.
        recorded_at: when the service was told; aware, UTC.
        withdrawn_at: when it was withdrawn; None while it holds.
    """

    id: str
    person_id: str
    introduction_id: str | None
    consent: Consent
    recorded_at: datetime
    withdrawn_at: datetime | None = None


def read_consent(text: str | None) -> Consent | None:
    """Reads the form field `consent`; None where it is missing or empty.

    Raises:
        InvalidRequest: no such JSON; the message says what is wrong, `details` the `field`.
    """
    if text is None or not text.strip():
        return None
    if len(text) > _LONGEST_TEXT:
        raise _invalid(f"consent has {len(text)} characters; at most {_LONGEST_TEXT} are read.")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        # The parser's own message is left out: it is no help, and may quote the text.
        raise _invalid("consent is not JSON.") from error
    return consent_from(data)


def consent_from(data: object, now: datetime | None = None) -> Consent:
    """Checks a parsed consent.

    Args:
        data: a mapping with `by`, `at` and `for`, and nothing else.
        now: the present time, aware; the clock's when not given.

    Raises:
        InvalidRequest: what is missing or wrong, and how it is written.
    """
    if not isinstance(data, Mapping):
        raise _invalid("consent is no JSON object.")
    unknown = [key for key in data if key not in ("by", "at", "for")]
    missing = [key for key in ("by", "at", "for") if key not in data]
    if missing:
        raise _invalid(f"consent lacks {', '.join(missing)}.")
    if unknown:
        raise _invalid(f"consent has {len(unknown)} more field(s) than by, at and for.")
    return Consent(
        _by(data["by"]), _at(data["at"], now or datetime.now(UTC)), _purposes(data["for"])
    )


def _by(value: object) -> str:
    tidy = tidy_spelling(value, "consent.by") if isinstance(value, str) else ""
    if not tidy or len(tidy) > LONGEST_BY:
        raise _invalid(f"consent.by says who agreed, in 1 to {LONGEST_BY} characters.")
    return tidy


def _at(value: object, now: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is None or moment.tzinfo is None:
            raise ValueError("no time zone")
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _invalid(
            "consent.at is a time in ISO 8601 with its zone, such as 2026-05-04T10:15:00+02:00."
        ) from error
    if moment > now + _SKEW:
        raise _invalid("consent.at lies in the future. Send the time at which it was given.")
    return moment


def _purposes(value: object) -> tuple[str, ...]:
    if (
        not isinstance(value, list)
        or not 1 <= len(value) <= MOST_PURPOSES
        or not all(isinstance(one, str) and _PURPOSE.fullmatch(one) for one in value)
    ):
        raise _invalid(
            f"consent.for is a list of 1 to {MOST_PURPOSES} purposes, each a word of lower-case "
            "letters, digits, - and _, at most 40 characters."
        )
    return tuple(dict.fromkeys(value))


def _invalid(what: str) -> InvalidRequest:
    return InvalidRequest(f"{what} Write {EXAMPLE}.", field="consent")
