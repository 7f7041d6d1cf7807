"""CMUdict by spelling and by sound."""

from __future__ import annotations

import pytest

from namemem.g2p.cmu import CmuDict
from namemem.phones import to_arpabet


@pytest.fixture(scope="module")
def dictionary():
    return CmuDict()


def arpabet(found):
    return [to_arpabet(p, stress=False).value for p in found]


@pytest.mark.parametrize(
    ("heard", "word"),
    [
        ("AH TH IY N AH", "AH TH IY N AH"),
        ("AH T IY N AH", "AH TH IY N AH"),  # one phone misheard
        ("JH AA V AH S", "JH AA R V AH S"),  # one not heard
    ],
)
def test_words_that_sound_alike_are_found(dictionary, heard, word):
    found = arpabet(dictionary.sounding_like(heard.split(), 40))
    assert word in found
    assert len(found) == len(set(found)) == 40


def test_the_same_sound_comes_first(dictionary):
    assert arpabet(dictionary.sounding_like("AH L EH K S AH".split(), 5))[0] == "AH L EH K S AH"


def test_stress_is_the_dictionarys(dictionary):
    (first,) = dictionary.sounding_like("AH L EH K S AH".split(), 1)
    assert first.primary == 1


@pytest.mark.parametrize("heard", [[], ["?"], ["<blank>"]])
def test_nothing_heard_nothing_found(dictionary, heard):
    assert dictionary.sounding_like(heard, 5) == []


def test_any_length_is_compared(dictionary):
    assert len(dictionary.sounding_like(["S", "T"] * 30, 3)) == 3
