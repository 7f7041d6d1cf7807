"""Causes of mistakes on utterances that were written before anybody looked at the patterns."""

from __future__ import annotations

import pytest

from namemem.name_spotting import spot


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("私は田中です", "ja", "田中"),
        ("저는 제이라고 합니다", "ko", "제이"),
        ("it's Dale not Gail", "en", "Dale"),
        ("That's not my name. It's Priya.", "en", "Priya"),
        ("my name is Graeme, G R A E M E", "en", "Graeme"),
    ],
)
def test_the_name(text: str, language: str, name: str) -> None:
    found = spot(text, language, asked=False)
    assert [n.text for n in found.names if n.of == "speaker"] == [name]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I'm Brian's wife", "en"),
        ("Untertitel im Auftrag des ZDF", "de"),
        ("O Marcelo não veio", "pt"),
        ("제 가방이에요", "ko"),
    ],
)
def test_no_name_of_the_speaker(text: str, language: str) -> None:
    found = spot(text, language, asked=False)
    assert not [n for n in found.names if n.of == "speaker"]
    assert found.reason or found.names
