"""The letter model: what a spelling says of its sounds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from namemem.letters import LetterModel, encode
from namemem.phones import from_arpabet, parse_ipa, to_arpabet


@pytest.fixture(scope="module")
def letters():
    return LetterModel()


@pytest.mark.parametrize(
    ("spelling", "likely", "unlikely"),
    [
        ("Charlotte", "ˈʃɑɹlət", "ˈkæɹlət"),
        ("Michael", "ˈmaɪkəl", "ˈmaɪtʃəl"),
        ("George", "ˈdʒɔɹdʒ", "ˈɡɔɹɡ"),
        ("Catherine", "ˈkæθɹɪn", "ˈsæθɹɪn"),
        ("Giovanni", "dʒoˈvanni", "ɡaɪˈvæni"),
    ],
)
def test_it_prefers_what_people_say(letters, spelling, likely, unlikely):
    said = letters.log_probs(spelling, [parse_ipa(likely), parse_ipa(unlikely)])
    assert said.shape == (2,)
    assert said[0] > said[1] + 1.0
    assert (said <= 0).all()


def test_its_own_readings_are_words(letters):
    found = letters.readings("Brandon", 10)
    assert 1 < len(found) <= 10
    spoken = [to_arpabet(p, stress=False).value for p in found]
    assert "B R AE N D AH N" in spoken
    assert len(set(spoken)) == len(spoken)
    assert all(p.primary is not None for p in found)


def test_readings_by_other_rules(letters):
    found = letters.readings("Giovanni", 0, 12)
    assert 1 < len(found) <= 12
    assert any("ʒo" in p.ipa for p in found)
    assert all(p.primary is not None for p in found)
    assert found == letters.readings("Giovanni", 5, 12)[5:]


def test_probabilities_do_not_add_up_to_more_than_one(letters):
    found = letters.readings("Anna", 30)
    assert np.exp(letters.log_probs("Anna", found)).sum() <= 1.0 + 1e-6


def test_accents_and_case_are_read(letters):
    assert encode("JOSÉ") == encode("josé") == encode("jose\u0301")
    assert encode("O’Brien") == encode("O'Brien")


@pytest.mark.parametrize("spelling", ["", "Иван", "山田", "😀", "a" * 200, "12"])
def test_what_it_cannot_read_is_left_alone(letters, spelling):
    assert letters.readings(spelling, 5) == []
    assert math.isnan(letters.log_probs(spelling, [from_arpabet("AH1")])[0])


def test_no_reading_no_answer(letters):
    assert letters.log_probs("Anna", []).shape == (0,)
