from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namemem.phones import Pronunciation, Stress, parse_ipa


@pytest.mark.parametrize(
    ("ipa", "syllables"),
    [
        ("ʃɪˈvɔːn", "ʃɪ ˈvɔːn"),
        ("əθinə", "ə θi nə"),
        ("ændɹiə", "æn dɹi ə"),
        ("ɑnˈdɹeɪə", "ɑn ˈdɹeɪ ə"),
        ("kɹɪstɪn", "kɹɪ stɪn"),
        ("ætləs", "æt ləs"),
        ("æɡnəs", "æɡ nəs"),
        ("æʃli", "æʃ li"),
        ("sɪŋə", "sɪŋ ə"),
        ("hæt.ʃɛp", "hæt ʃɛp"),
        ("liə", "li ə"),
        ("maɪkəl", "maɪ kəl"),
        ("tɛmpɫtən", "tɛmpɫ tən"),
        ("bʌtn̩", "bʌ tn̩"),
        ("pst", "pst"),
        ("juhɑni", "ju hɑ ni"),
    ],
)
def test_where_names_divide(ipa: str, syllables: str) -> None:
    assert [str(s) for s in parse_ipa(ipa).syllables] == syllables.split()


def test_units_count_a_diphthong_once() -> None:
    assert parse_ipa("ˈmaɪkəl").units == ("m", "aɪ", "k", "ə", "l")
    assert len(parse_ipa("ˈmaɪkəl").phones) == 6


@given(st.data())
def test_syllables_keep_every_phone(
    pronunciations: st.SearchStrategy[Pronunciation], data: st.DataObject
) -> None:
    pronunciation = data.draw(pronunciations)
    for syllable in pronunciation.syllables:
        assert syllable.phones == syllable.onset + syllable.nucleus + syllable.coda
        assert syllable.phones
    units = "".join(pronunciation.units)
    assert units == "".join(p.ipa for p in pronunciation.phones)


def test_of_several_breaks_between_two_vowels_the_stressed_one_counts() -> None:
    """Dots keep two clicks apart; once the order of a set decided which of them was taken."""
    for text in ("ip.ˈǀ.ǀipp.pip.ˈi", "ip.ˈǀ.ǀi", "i.pˈǀ.ǀi", "ip.ǀˈǀi"):
        syllables = parse_ipa(text).syllables
        marked = [s for s in syllables if s.stress is Stress.PRIMARY]
        before = text.index("ˈ")
        assert str(marked[0]).replace(".", "").startswith(text[before : before + 2])
