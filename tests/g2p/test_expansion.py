"""Candidates beyond one language's rules: recombinations and edits."""

from __future__ import annotations

import math

import pytest

from namemem.g2p import Candidate
from namemem.g2p.expansion import edits, recombine
from namemem.phones import Stress, parse_ipa


def candidate(ipa: str, share: float, source: str = "g2p:x") -> Candidate:
    return Candidate(parse_ipa(ipa), (source,), math.log(share))


def texts(candidates) -> list[str]:
    return [c.pronunciation.ipa for c in candidates]


def test_half_one_language_and_half_another():
    found = recombine([candidate("ˈændɹiə", 0.6), candidate("ɑnˈdɹeɪə", 0.4)])
    sounds = {c.pronunciation.segmental for c in found}
    assert parse_ipa("ɑndɹiə").segmental in sounds
    assert parse_ipa("ændɹeɪə").segmental in sounds
    assert all(c.sources == ("recombined",) for c in found)


def test_readings_themselves_are_not_repeated():
    given = [candidate("ˈændɹiə", 0.6), candidate("ɑnˈdɹeɪə", 0.4), candidate("ˈandrea", 0.2)]
    found = recombine(given)
    sounds = [c.pronunciation.segmental for c in found]
    assert len(sounds) == len(set(sounds))
    assert not set(sounds) & {c.pronunciation.segmental for c in given}


def test_what_more_languages_say_is_likelier():
    given = [candidate("ˈana", 0.5), candidate("ˈanə", 0.3), candidate("ˈɛnə", 0.2)]
    found = recombine(given)
    assert texts(found)[0] == "ˈɛna"
    priors = [c.log_prior for c in found]
    assert priors == sorted(priors, reverse=True)
    assert all(p <= 0 for p in priors)
    assert len(recombine(given, limit=1)) == 1


def test_nothing_to_recombine():
    assert recombine([]) == []
    assert recombine([candidate("ˈana", 1.0)]) == []
    assert recombine([candidate("ˈana ˈlu", 0.5), candidate("ˈana ˈlu", 0.5)]) == []


def test_readings_of_different_length():
    found = recombine([candidate("ʃɪˈvɔːn", 0.5), candidate("ˈsaɪ.əʊbæn", 0.5)])
    assert found
    for c in found:
        assert c.pronunciation.phones
        assert sum(s.stress is Stress.PRIMARY for s in c.pronunciation.syllables) <= 1


def test_edits_change_one_place():
    found = edits(candidate("ˈana", 1.0), penalty=4.0)
    sounds = {"".join(c.pronunciation.segmental) for c in found}
    assert {"ɛna", "ana"} & sounds == {"ɛna"}
    assert "aɲa" in sounds  # a near consonant
    assert "aʃa" not in sounds  # a far one
    assert "na" in sounds  # one gone
    assert {"hana", "anja", "anan"} <= sounds  # one more
    assert len(sounds) == len(found)
    assert all(c.sources == ("ear",) for c in found)
    assert all(c.log_prior < 0 for c in found)


def test_far_edits_cost_more():
    found = {
        "".join(c.pronunciation.segmental): c.log_prior for c in edits(candidate("ˈana", 1), 4)
    }
    assert found["ɑna"] > found["ina"]
    dear = {"".join(c.pronunciation.segmental): c.log_prior for c in edits(candidate("ˈana", 1), 8)}
    assert dear["ɑna"] == pytest.approx(2 * found["ɑna"])


def test_edits_keep_the_stress_and_the_other_words():
    for c in edits(candidate("ˈana luˈis", 1.0), 4.0):
        assert len(c.pronunciation.words) == 2
        assert any(s.stress is Stress.PRIMARY for s in c.pronunciation.words[0])
        assert any(s.stress is Stress.PRIMARY for s in c.pronunciation.words[1])
        assert parse_ipa(c.pronunciation.ipa).segmental == c.pronunciation.segmental


def test_a_name_never_loses_its_last_vowel():
    for c in edits(candidate("ˈbo", 1.0), 4.0):
        assert any(p.is_syllabic for p in c.pronunciation.phones)


@pytest.mark.parametrize(("syllables", "expanded"), [(30, True), (31, False)])
def test_what_is_longer_than_any_name_is_not_expanded(syllables, expanded):
    """200 phones took a worker a quarter of a minute, for a spelling that is nobody's name."""
    readings = [Candidate(parse_ipa("ˈ" + s * syllables), ("g2p",), -1.0) for s in ("na", "ne")]
    assert bool(edits(readings[0], 1.0)) is expanded
    assert bool(recombine(readings, 5)) is expanded
