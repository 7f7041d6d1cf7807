"""Pronunciations for property tests."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st

from namemem.phones import Phone, Pronunciation, parse_ipa, segments

CONSONANTS = [s for s in segments.known_segments() if not segments.is_vowel_letter(s)]
VOWELS = [s for s in segments.known_segments() if segments.is_vowel_letter(s)]


@st.composite
def ipa_texts(draw: st.DrawFn) -> str:
    """IPA of one to three words: any segments, some marks, stress and tone."""
    words = []
    for _ in range(draw(st.integers(1, 3))):
        word = ""
        for _ in range(draw(st.integers(1, 4))):
            word += draw(st.sampled_from(["", "ˈ", "ˌ", "."])) if word else ""
            for _ in range(draw(st.integers(0, 2))):
                word += draw(st.sampled_from(CONSONANTS)) + draw(
                    st.sampled_from(["", "", "", "ʲ", "ʰ", "ʷ", "ː"])
                )
            word += draw(st.sampled_from(VOWELS)) + draw(
                st.sampled_from(["", "", "", "ː", "\u0303", "˧˥"])
            )
            word += draw(st.sampled_from(["", "", *CONSONANTS]))
        words.append(word)
    return " ".join(words)


@pytest.fixture(scope="session")
def pronunciations() -> st.SearchStrategy[Pronunciation]:
    return ipa_texts().map(parse_ipa)


@pytest.fixture(scope="session")
def single_phones() -> list[Phone]:
    return [Phone(s) for s in segments.known_segments()]
