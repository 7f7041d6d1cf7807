"""Distances to many pronunciations at once are those of one by one."""

from __future__ import annotations

import pytest

from namemem.errors import InvalidPronunciation
from namemem.phones import parse_ipa, phonetic_distance
from namemem.phones.nearest import Sounds, read_quickly
from namemem.store.documents import pronunciation_to_text

NAMES = ("ʃɪˈvɔːn", "ˈsaɪ.əʊbæn", "ˈæn.dɹi.ə", "t͡ʃiˈaɹə", "xoaˈkin", "ˈædə ˈlʌvleɪs", "ŋwɛn˧˥", "m̩")


def test_as_one_by_one():
    said = [parse_ipa(name) for name in NAMES]
    texts = [pronunciation_to_text(one) for one in said]
    assert [read_quickly(text) for text in texts] == said
    for wanted in said:
        found = Sounds(texts).distances(wanted)
        expected = [phonetic_distance(wanted, other) for other in said]
        assert found == pytest.approx(expected, abs=1e-6)


def test_what_cannot_be_read_is_far():
    found = Sounds(["Ω", "ˈæ.nə", ""]).distances(parse_ipa("ˈænə"))
    assert found.tolist() == [1.0, 0.0, 1.0]
    assert Sounds(["Ω"]).distances(parse_ipa("ˈænə")).tolist() == [1.0]
    assert len(Sounds([]).distances(parse_ipa("ˈænə"))) == 0
    with pytest.raises(InvalidPronunciation):
        read_quickly("ʃɪ.ˈvQːn")
