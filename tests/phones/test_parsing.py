from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from namemem.errors import EmptyPronunciation, InvalidPronunciation, UnknownPhone
from namemem.phones import Phone, Pronunciation, Stress, parse_ipa, segments
from namemem.phones.parsing import MAX_LENGTH


@pytest.mark.parametrize(
    ("typed", "ipa"),
    [
        ("ʃɪˈvɔːn", "ʃɪˈvɔːn"),
        ("/ʃɪˈvɔ:n/", "ʃɪˈvɔːn"),
        ("[ʃɪ'vɔ:n]", "ʃɪˈvɔːn"),
        ("gɹeg", "ɡɹeɡ"),
        ("tʃɑɹlz", "t͡ʃɑɹlz"),
        ("ʧɑɹlz", "t͡ʃɑɹlz"),
        ("t͡ʂɛ.d͡ʐɛ", "ʈ͡ʂɛɖ͡ʐɛ"),
        ("t͜ʃɑɹlz", "t͡ʃɑɹlz"),
        ("ˈdʒɔɹdʒ", "ˈd͡ʒɔɹd͡ʒ"),
        ("ʒɑ̃", "ʒɑ̃"),
        ("\u00e7", "\u00e7"),
        ("c\u0327", "\u00e7"),
        ("ŋwiən˧˥", "ŋwiən˧˥"),
        ("ˈænə|ˈliː", "ˈænə ˈliː"),
        ("\ufeffˈmoʊ\u200b", "ˈmoʊ"),
    ],
)
def test_reads_what_people_write(typed: str, ipa: str) -> None:
    assert parse_ipa(typed).ipa == ipa


@pytest.mark.parametrize(
    ("text", "symbol", "position"),
    [("ʃɪˈvɔQn", "Q", 5), ("ab1", "1", 2), ("д", "д", 0), ("a😀", "😀", 1), ("mɑ%", "%", 2)],
)
def test_unknown_symbols_have_a_place(text: str, symbol: str, position: int) -> None:
    with pytest.raises(UnknownPhone) as caught:
        parse_ipa(text)
    assert (caught.value.symbol, caught.value.position) == (symbol, position)
    assert caught.value.details["symbol"] == symbol


@pytest.mark.parametrize("text", ["", "  ", "/ /", ".", "-."])
def test_nothing_to_say(text: str) -> None:
    with pytest.raises(EmptyPronunciation):
        parse_ipa(text)


@pytest.mark.parametrize("text", ["ˈ", "aˈ", "ːa", "˧a", "\u0303a", "a ˈ"])
def test_marks_need_a_phone(text: str) -> None:
    with pytest.raises(InvalidPronunciation):
        parse_ipa(text)


def test_too_long() -> None:
    with pytest.raises(InvalidPronunciation, match=str(MAX_LENGTH)):
        parse_ipa("a" * (MAX_LENGTH + 1))
    assert len(parse_ipa("a" * MAX_LENGTH).phones) == MAX_LENGTH


def test_stress_before_the_vowel() -> None:
    spoken = parse_ipa("ʃɪvˈɔːn", stress_mark="vowel")
    assert spoken == parse_ipa("ʃɪˈvɔːn")


@given(st.data())
@settings(max_examples=300)
def test_ipa_reads_back(
    pronunciations: st.SearchStrategy[Pronunciation], data: st.DataObject
) -> None:
    pronunciation = data.draw(pronunciations)
    text = pronunciation.ipa
    assert unicodedata.is_normalized("NFC", text)
    assert parse_ipa(text) == pronunciation
    assert parse_ipa(unicodedata.normalize("NFD", text)) == pronunciation


@given(st.text(max_size=40))
@settings(max_examples=500)
def test_any_text_is_read_or_refused(text: str) -> None:
    check(text)


@given(st.text(alphabet="aiəʃtn͡ˈˌː.̯̃ʲ˧˥ ᵐg'ç̧", max_size=12))
@settings(max_examples=500)
@example("at˥ʃ.a")  # a dot keeps two letters apart, the next one begins a syllable
def test_marks_in_any_order(text: str) -> None:
    check(text)


def check(text: str) -> None:
    """It is read, and reads back; or the error has a place in the text."""
    position: object = 0
    try:
        pronunciation = parse_ipa(text)
    except InvalidPronunciation as error:
        position = error.details["position"]
    else:
        assert pronunciation.phones
        assert parse_ipa(pronunciation.ipa) == pronunciation
    assert isinstance(position, int)
    assert 0 <= position <= len(text)


def test_every_segment_is_read() -> None:
    for segment in segments.known_segments():
        assert parse_ipa(segment).phones == (Phone(segment),)


def test_stress_is_arpabets_digit() -> None:
    assert [int(s.stress) for s in parse_ipa("ˌmæ.ɹiˈæ.nə").syllables] == [2, 0, 1, 0]
    assert Stress.PRIMARY == 1


def test_glides_before_a_vowel() -> None:
    assert parse_ipa("ˈxu̯an").ipa == "ˈxwan"
    assert parse_ipa("ˈpi̯eʁ").ipa == "ˈpjeʁ"
    assert parse_ipa("ˈny̯i").ipa == "ˈnɥi"
    assert parse_ipa("ˈmai̯").phones[-1].ipa == "i̯"


@pytest.mark.parametrize("text", ["ˀa", "aˈˀ"])
def test_what_was_typed_is_reported(text: str) -> None:
    with pytest.raises(InvalidPronunciation) as caught:
        parse_ipa(text)
    assert caught.value.details["symbol"] == "ˀ"
