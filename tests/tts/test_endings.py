from __future__ import annotations

import pytest

from namemem.phones import parse_ipa
from namemem.tts import get_target
from namemem.tts.endings import possessive, stress_single_syllables


@pytest.mark.parametrize(
    ("ipa", "with_s"),
    [
        ("ʃɪˈvɔːn", "ʃɪˈvɔːnz"),
        ("ˈmɑɹk", "ˈmɑɹks"),
        ("tʃɑɹlz", "ˈt͡ʃɑɹlzɪz"),
        ("ˈɹoʊ bɛs", "ˈɹoʊ ˈbɛsɪz"),
        ("ˈmɪtʃ", "ˈmɪt͡ʃɪz"),
        ("ˈænə ˈliː", "ˈænə ˈliːz"),
        ("pst", "psts"),
    ],
)
def test_possessive(ipa: str, with_s: str) -> None:
    said = possessive(parse_ipa(ipa))
    assert said.ipa.replace(".", "") == with_s.replace(".", "")


def test_a_possessive_of_one_syllable_keeps_its_vowel_full() -> None:
    said = get_target("elevenlabs").render_possessive("Charles", parse_ipa("tʃɑɹlz"), "'s")
    assert said.phones == "CH AA1 R L Z IH0 Z"


def test_single_syllables_are_stressed() -> None:
    assert stress_single_syllables(parse_ipa("wɪn ŋwiən")).ipa == "ˈwɪn ŋwiən"
