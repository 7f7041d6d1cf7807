from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plugins.examples import make_hearing

from namemem.errors import InvalidPronunciation, StoreUnavailable
from namemem.people import Engines, HeardPhone, Hearing, Reading, SpellingSource
from namemem.phones import Phone, Pronunciation, Stress, Syllable, parse_ipa
from namemem.store.documents import (
    hearing_from_document,
    hearing_to_document,
    pronunciation_from_text,
    pronunciation_to_text,
)

SYMBOLS = [*"ptkbdɡmnszʃʒθðlɹrjwhŋçqʔɓǃaeiouɪʊəɛɔɑæyøœɚ", "t͡ʃ", "d͡ʒ", "ã", "ə̯"]
MARKS = ["ː", "ˑ", "ʰ", "ʲ", "̃", "̩", "̥", ".", "ˈ", "ˌ", " ", "˥", "˧˥", "\u200b", "ⁿ"]


@st.composite
def parsed(draw: st.DrawFn) -> Pronunciation:
    text = "".join(draw(st.lists(st.sampled_from(SYMBOLS * 2 + MARKS), min_size=1, max_size=40)))
    try:
        return parse_ipa(text)
    except InvalidPronunciation:
        return parse_ipa("a")


# Structures that no parser needs to have made.
phones = st.builds(
    Phone,
    st.sampled_from(SYMBOLS),
    st.sampled_from(["", "ʰ", "̥", "ᵐ", "̥ʰ"]),
    st.sampled_from(["", "ː", "ˑ"]),
)
some_phones = st.lists(phones, max_size=3).map(tuple)
syllables = st.builds(
    Syllable, some_phones, some_phones, some_phones, st.sampled_from(Stress), st.just("")
)
built = st.builds(
    Pronunciation,
    st.lists(st.lists(syllables, max_size=4).map(tuple), max_size=3).map(tuple),
)
pronunciations = st.one_of(parsed(), built)
numbers = st.floats(allow_nan=False)
words = st.text(max_size=20)

hearings = st.builds(
    Hearing,
    transcript=words,
    spelling=words,
    spelling_source=st.sampled_from(SpellingSource),
    language=st.none() | words,
    readings=st.lists(
        st.builds(Reading, pronunciations, words, numbers, numbers, numbers), max_size=3
    ).map(tuple),
    phones=st.lists(st.builds(HeardPhone, words, numbers, numbers, numbers), max_size=3).map(tuple),
    start=numbers,
    end=numbers,
    predicted=st.none() | pronunciations,
    heard_freely=words,
    engines=st.builds(Engines, words, words, words),
    timings_ms=st.dictionaries(words, numbers, max_size=3),
    takes=st.integers(1, 9),
    rejected=st.lists(words, max_size=3).map(tuple),
    quality=st.lists(words, max_size=3).map(tuple),
)


@settings(max_examples=400, deadline=None)
@given(pronunciations)
def test_a_pronunciation_comes_back_as_it_was(pronunciation: Pronunciation) -> None:
    assert pronunciation_from_text(pronunciation_to_text(pronunciation)) == pronunciation


@settings(max_examples=200, deadline=None)
@given(hearings)
def test_a_hearing_comes_back_as_it_was(hearing: Hearing) -> None:
    through_json = json.loads(json.dumps(hearing_to_document(hearing), allow_nan=False))
    assert hearing_from_document(through_json) == hearing


def test_the_text_is_ipa_that_people_can_read() -> None:
    assert pronunciation_to_text(parse_ipa("ʃɪˈvɔːn")) == "ʃɪ.ˈvɔːn"
    assert pronunciation_to_text(parse_ipa("ana liˈsa")) == "a.na li.ˈsa"


def test_a_stop_and_a_fricative_stay_two_phones() -> None:
    two = parse_ipa("at\u200bʃ")
    assert len(two.phones) == 3
    assert pronunciation_from_text(pronunciation_to_text(two)) == two


def test_a_text_over_the_limit_of_the_parser_is_kept() -> None:
    long = parse_ipa("t͡ʃa" * 125)
    assert pronunciation_from_text(pronunciation_to_text(long)) == long


def test_not_a_number_is_kept() -> None:
    hearing = make_hearing()
    odd = replace(hearing.readings[0], log_likelihood=math.nan, log_prior=-math.inf)
    document = hearing_to_document(replace(hearing, readings=(odd,)))
    restored = hearing_from_document(json.loads(json.dumps(document, allow_nan=False)))
    assert math.isnan(restored.chosen.log_likelihood)
    assert restored.chosen.log_prior == -math.inf


def test_a_document_of_a_newer_namemem_is_refused() -> None:
    document = {**hearing_to_document(make_hearing()), "schema": 99}
    with pytest.raises(StoreUnavailable, match="schema 99"):
        hearing_from_document(document)


@pytest.mark.parametrize("missing", ["readings", "engines", "timings_ms"])
def test_a_damaged_document_says_so(missing: str) -> None:
    document = hearing_to_document(make_hearing())
    del document[missing]
    with pytest.raises(StoreUnavailable, match="damaged"):
        hearing_from_document(document)


@pytest.mark.parametrize("text", ["", "{", "{}", '{"words":[[1]]}', "♞"])
def test_a_damaged_pronunciation_says_so(text: str) -> None:
    with pytest.raises(StoreUnavailable):
        pronunciation_from_text(text)


def test_a_document_without_other_names_is_read() -> None:
    document = hearing_to_document(make_hearing())
    assert [m["spelling"] for m in document.pop("others")] == ["Luis"]
    assert hearing_from_document(document).others == ()
