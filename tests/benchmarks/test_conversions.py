"""The report on conversions: what it says of us is so, and other libraries are really asked."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from benchmarks.conversions import Way, count, language_phones, libraries, ours, report

PAGE = Path(__file__).parents[2] / "docs" / "conversions.md"


@pytest.fixture(autouse=True)
def _quiet():
    for package in ("epitran", "panphon", "gruut_ipa", "phonecodes"):
        pytest.importorskip(package)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def test_every_phone_of_the_languages_is_kept():
    languages = language_phones()
    phones = set().union(*languages.values())
    assert len(languages) > 100
    assert {"ɓ", "ŋ", "y"} <= phones
    for notation in ("ipa", "x-sampa", "kirshenbaum"):
        assert count(ours(notation), phones) == (len(phones), 0, [])


def test_counting():
    def there_and_back(phone: str) -> str | None:
        if phone == "x":
            raise ValueError
        return {"a": "a", "b": "", "c": None}[phone]

    assert count(Way("w", "n", there_and_back), "abcx") == (1, 1, ["b"])
    assert {way.notation for way in libraries()} == {"x-sampa", "espeak", "arpabet"}


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == report()
