"""Carrier phrases as phones."""

from __future__ import annotations

import pytest

from namemem.name_spotting import spot
from namemem.name_spotting.carriers import carriers


def phrases(language: str | None) -> set[str]:
    return {c.phrase for c in carriers(language)}


def test_english_is_always_looked_for():
    for language in (None, "en", "en-IE", "de", "ja-JP", "xx"):
        assert {"my name is", "i'm", "this is"} <= phrases(language)


def test_the_language_brings_its_short_phrases():
    assert "soy" in phrases("es-MX")
    assert "soy" not in phrases("en")
    assert "ich bin" in phrases("de")
    assert "ich bin" not in phrases(None)


def test_long_certain_phrases_of_all_languages():
    assert {"je m'appelle", "me llamo", "ich heiße"} <= phrases(None)
    for carrier in carriers("zz"):
        assert carrier.language == "en" or carrier.certain


def test_every_phrase_has_phones_once():
    for language in ("de", "es", "fr", "it", "nl", "pl", "pt", "sv"):
        found = carriers(language)
        assert all(len(c.pronunciation.phones) >= 3 for c in found)
        assert len({(c.language, c.phrase) for c in found}) == len(found)


@pytest.mark.parametrize(
    "phrase", [c.phrase for c in carriers("en") if c.certain and c.language == "en"]
)
def test_words_and_sound_agree_on_what_introduces_a_name(phrase):
    assert [n.text for n in spot(f"{phrase} Siobhan", "en").names] == ["Siobhan"]
