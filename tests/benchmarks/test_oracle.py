"""Is the right reading among the candidates?"""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks import oracle, report
from benchmarks.clips import Clip
from namemem.phone_recognition import create
from namemem.phones import parse_ipa, to_arpabet

SILENCE = np.zeros(16000, np.float32)


def clip(key: str, spelling: str, ipa: str) -> Clip:
    said = parse_ipa(ipa)
    tokens = tuple(to_arpabet(said, stress=False).value.split())
    return Clip(key, "synth", SILENCE, spelling, said, tokens)


@pytest.fixture(scope="module")
def found() -> oracle.Oracle:
    clips = [
        clip("a", "Anna", "ˈænə"),
        clip("b", "Anna", "ˈænə"),  # another voice: the same name and reading
        clip("c", "Anna", "ˈænɑʃ"),  # nobody's rules
        clip("d", "Anna", "zɡɹˈʌmp"),
        Clip("e", "no_name", SILENCE, "Anna"),
    ]
    return oracle.measure(clips, create("compact"))


@pytest.mark.engines
def test_each_name_and_reading_counts_once(found):
    (ranks,) = found.ranks
    assert ranks.group == "synth"
    assert len(ranks.places) == 3
    assert len(found.milliseconds) == len(found.sizes) == 1
    assert found.milliseconds[0] > 0


@pytest.mark.engines
def test_where_the_reading_is(found):
    (ranks,) = found.ranks
    assert 1 <= ranks.places[0] <= 20
    assert math.isinf(ranks.places[2])
    assert ranks.reached[0]
    assert not ranks.reached[2]
    few, many = ranks.among(1), ranks.among(300)
    assert few is not None
    assert many is not None
    assert few.value <= many.value < 1.0


@pytest.mark.engines
def test_the_report_shows_it(found):
    about = {
        "split": "dev", "kind": "A test.", "command": "pytest", "date": "today", "clips": 4,
        "recognizer": "compact", "transcriber": "sphinx", "resamples": 1000,
    }  # fmt: skip
    text = report.markdown([], about, listed=found)
    assert "among the candidates" in text
    assert "| synth |" in text
    assert f"{found.sizes[0]} candidates" in text
