"""What counts as a consent, and what is said when it is none."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from namemem.consent import Consent, consent_from, read_consent
from namemem.errors import InvalidRequest

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
GIVEN = {"by": "the person", "at": "2026-05-04T10:15:00+02:00", "for": ["pronunciation", "audio"]}


def test_read_as_it_is_written() -> None:
    consent = consent_from(GIVEN, NOW)
    assert consent == Consent(
        "the person", datetime(2026, 5, 4, 8, 15, tzinfo=UTC), ("pronunciation", "audio")
    )
    assert consent.for_audio
    assert consent_from(consent.as_dict(), NOW) == consent
    assert read_consent(json.dumps(GIVEN)) == consent
    assert read_consent(None) is None
    assert read_consent("  ") is None


def test_a_purpose_counts_once_and_audio_is_not_taken_for_granted() -> None:
    consent = consent_from({**GIVEN, "for": ["pronunciation", "pronunciation"]}, NOW)
    assert consent.purposes == ("pronunciation",)
    assert not consent.for_audio


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ([], "no JSON object"),
        ("yes", "no JSON object"),
        ({}, "lacks by, at, for"),
        ({"by": "she", "for": ["audio"]}, "lacks at"),
        ({**GIVEN, "version": 3}, "1 more field"),
        ({**GIVEN, "by": ""}, "consent.by"),
        ({**GIVEN, "by": " \u202e "}, "consent.by"),
        ({**GIVEN, "by": 7}, "consent.by"),
        ({**GIVEN, "by": "x" * 201}, "consent.by"),
        ({**GIVEN, "by": "a\0b"}, "consent.by"),
        ({**GIVEN, "by": "a\ud800b"}, "consent.by"),
        ({**GIVEN, "at": "yesterday"}, "consent.at"),
        ({**GIVEN, "at": "2026-05-04T10:15:00"}, "with its zone"),
        ({**GIVEN, "at": 1714812345}, "consent.at"),
        ({**GIVEN, "at": "0001-01-01T00:00:00+14:00"}, "consent.at"),
        ({**GIVEN, "at": "2026-06-01T12:06:00+00:00"}, "in the future"),
        ({**GIVEN, "for": []}, "consent.for"),
        ({**GIVEN, "for": "audio"}, "consent.for"),
        ({**GIVEN, "for": ["Audio"]}, "consent.for"),
        ({**GIVEN, "for": ["audio", 1]}, "consent.for"),
        ({**GIVEN, "for": ["a" * 41]}, "consent.for"),
        ({**GIVEN, "for": [f"p{i}" for i in range(21)]}, "consent.for"),
    ],
)
def test_what_is_wrong_is_said(wrong: object, says: str) -> None:
    with pytest.raises(InvalidRequest, match=says) as caught:
        consent_from(wrong, NOW)
    assert str(caught.value.details["field"]).startswith("consent")


@pytest.mark.parametrize("text", ["{", "nonsense", "[" * 100_000, "[" * 9000, "{} {}", "NaN,"])
def test_no_json(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"not JSON|at most") as caught:
        read_consent(text)
    assert caught.value.details["field"] == "consent"
    assert len(caught.value.message) < 300


def test_a_clock_that_is_a_little_ahead_is_forgiven() -> None:
    assert consent_from({**GIVEN, "at": "2026-06-01T12:04:00Z"}, NOW).at > NOW
