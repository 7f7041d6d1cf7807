from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namemem.phones import (
    Phone,
    Pronunciation,
    feature_distance,
    parse_ipa,
    phone_edits,
    phonetic_distance,
)
from namemem.phones.segments import feature_names


def test_edits() -> None:
    assert phone_edits("kitten", "sitting") == 3
    assert phone_edits("", "abc") == 3
    assert phone_edits("abc", "") == 3
    assert phone_edits("ab", "ac", lambda a, b: 0.0 if a == b else 0.25) == 0.25


def test_near_sounds_are_near() -> None:
    b, p, a = Phone("b"), Phone("p"), Phone("a")
    assert feature_distance(b, p) < 0.1 < feature_distance(b, a)
    siobhan = parse_ipa("ʃɪˈvɔːn")
    assert phonetic_distance(siobhan, parse_ipa("ʃɪvɔn")) == 0
    near = phonetic_distance(siobhan, parse_ipa("ʃəˈvɔːn"))
    assert 0 < near < 0.1 < phonetic_distance(siobhan, parse_ipa("ˈmaɪkəl"))


def test_features() -> None:
    vector = Phone("ɑ", "̃").features
    assert vector.shape == (len(feature_names()),) == (25,)
    assert vector.dtype == np.float32
    assert vector[feature_names().index("nas")] == 1
    assert Phone("ɚ").features[feature_names().index("rhotic")] == 1
    with pytest.raises(ValueError, match="read-only"):
        vector[0] = 0


@given(st.data())
def test_a_distance(pronunciations: st.SearchStrategy[Pronunciation], data: st.DataObject) -> None:
    a, b = data.draw(pronunciations), data.draw(pronunciations)
    assert phonetic_distance(a, a) == 0
    assert phonetic_distance(a, b) == pytest.approx(phonetic_distance(b, a))
    assert 0 <= phonetic_distance(a, b) <= 1
