from __future__ import annotations

import pytest

from namemem.phones import parse_ipa
from namemem.tts.endings import possessive, stress_single_syllables


@pytest.mark.parametrize(
    ("ipa", "with_s"),
    [
        ("ʃɪˈvɔːn", "ʃɪˈvɔːnz"),
        ("ˈmɑɹk", "ˈmɑɹks"),
        ("tʃɑɹlz", "t͡ʃɑɹl.zɪz"),
        ("ˈmɪtʃ", "ˈmɪt͡ʃɪz"),
        ("ˈænə ˈliː", "ˈænə ˈliːz"),
        ("pst", "psts"),
    ],
)
def test_possessive(ipa: str, with_s: str) -> None:
    said = possessive(parse_ipa(ipa))
    assert said.ipa.replace(".", "") == with_s.replace(".", "")


def test_single_syllables_are_stressed() -> None:
    assert stress_single_syllables(parse_ipa("wɪn ŋwiən")).ipa == "ˈwɪn ŋwiən"
