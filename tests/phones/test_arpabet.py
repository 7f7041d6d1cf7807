from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namemem.errors import EmptyPronunciation, InvalidPronunciation, UnknownPhone
from namemem.phones import Phone, Pronunciation, from_arpabet, parse_ipa, to_arpabet
from namemem.phones.arpabet import VOWELS, arpabet_of_unit

PHONES = (
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW "
    "V W Y Z ZH"
).split()


@pytest.mark.parametrize(
    ("ipa", "arpabet"),
    [
        ("ʃɪˈvɔːn", "SH IH0 V AO1 N"),
        ("əˈθiːnə", "AH0 TH IY1 N AH0"),
        ("ˈændɹiə", "AE1 N D R IY0 AH0"),
        ("ˈbɜːɹt", "B ER1 T"),
        ("ˈhɛðɚ", "HH EH1 DH ER0"),
        ("ˌmæɹiˈænə", "M AE2 R IY0 AE1 N AH0"),
    ],
)
def test_english_is_exact(ipa: str, arpabet: str) -> None:
    conversion = to_arpabet(parse_ipa(ipa))
    assert conversion.value == arpabet
    assert conversion.exact
    assert from_arpabet(arpabet).segmental == parse_ipa(ipa.replace("ɜːɹ", "ɝ")).segmental


def test_foreign_sounds_are_reported() -> None:
    jose = to_arpabet(parse_ipa("xoˈse"))
    assert jose.value == "HH OW0 S EY1"
    assert [(s.source, s.target, s.position) for s in jose.substitutions] == [
        ("x", "HH", 0),
        ("o", "OW", 1),
        ("e", "EY", 3),
    ]
    assert to_arpabet(parse_ipa("ʔaˈli")).unsupported == ("ʔ",)
    assert to_arpabet(parse_ipa("ŋwiən˧˥")).unsupported == ("˧˥",)
    assert to_arpabet(parse_ipa("ʒɑ̃")).value == "ZH AA0 N"


@pytest.mark.parametrize(
    ("text", "position"), [("SH IH0 QQ", 7), ("sh ih3", 3), ("B1 AA1", 0), ("K\tAA12", 2)]
)
def test_unknown_tokens_have_a_place(text: str, position: int) -> None:
    with pytest.raises(UnknownPhone) as caught:
        from_arpabet(text)
    assert caught.value.position == position


def test_reading() -> None:
    assert from_arpabet("sh ih0 v ao1 n").ipa == "ʃɪˈvɔn"
    assert from_arpabet("B AA B").ipa == "ˈbɑb"
    assert from_arpabet("Z OW1 IY0").ipa == "ˈzoʊi"
    with pytest.raises(EmptyPronunciation):
        from_arpabet(" ")
    with pytest.raises(InvalidPronunciation):
        from_arpabet("AA1 " * 500)


@given(
    st.lists(
        st.sampled_from([p for p in PHONES if p not in VOWELS])
        | st.sampled_from([f"{v}{d}" for v in VOWELS for d in "012"]),
        min_size=1,
        max_size=10,
    )
)
def test_arpabet_reads_back(tokens: list[str]) -> None:
    text = " ".join(tokens)
    again = to_arpabet(from_arpabet(text))
    # ER before R is one sound
    if not any(a.startswith("ER") and b == "R" for a, b in itertools.pairwise(tokens)):
        assert again.value == text
    assert again.exact


@given(st.data())
def test_nothing_is_lost(
    pronunciations: st.SearchStrategy[Pronunciation], data: st.DataObject
) -> None:
    pronunciation = data.draw(pronunciations)
    conversion = to_arpabet(pronunciation)
    positions = {s.position for s in conversion.substitutions}
    units = [unit for s in pronunciation.syllables for unit, _ in s.units()]
    bases = [unit[0].base for unit in units]
    for position, unit in enumerate(units):
        symbols, exact = arpabet_of_unit(unit)
        # ɜ and ɹ are one sound, ER
        joined = bases[position] == "ɹ" or bases[position : position + 2] == ["ɜ", "ɹ"]
        assert (exact and symbols) or position in positions or joined


def test_a_vowel_and_its_r_are_one_sound() -> None:
    conversion = to_arpabet(parse_ipa("ɜɹ"))
    assert conversion.exact
    assert conversion.value.split()[0].startswith("ER")


def test_every_segment_has_an_answer(single_phones: list[Phone]) -> None:
    for phone in single_phones:
        symbols, exact = arpabet_of_unit((phone,))
        assert set(symbols) <= set(PHONES)
        assert symbols or not exact
