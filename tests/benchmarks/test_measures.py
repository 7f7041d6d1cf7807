"""The arithmetic of the benchmark."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.measures import (
    calibration,
    confusions,
    ece,
    ece_by_chance,
    ece_figure,
    feature_edits,
    paired_drop,
    ratio,
    token_edits,
)
from namemem.phones import parse_ipa


def test_phone_errors():
    assert token_edits("S IH V AO N".split(), "S IH V AO N".split()) == 0
    assert token_edits("SH IH V AO N".split(), "S IH V AA N D".split()) == 3
    assert token_edits("SH IH".split(), []) == 2


def test_near_phones_cost_less():
    near = feature_edits(parse_ipa("ˈana"), parse_ipa("ˈanə"))
    far = feature_edits(parse_ipa("ˈana"), parse_ipa("ˈant͡ʃ"))
    assert 0 < near < far < 1.0
    assert feature_edits(parse_ipa("ˈana"), None) == 3


def test_a_ratio_with_its_interval():
    figure = ratio([1, 0, 0, 1], [4, 4, 4, 4])
    assert figure.value == pytest.approx(0.125)
    assert 0.0 <= figure.low <= figure.value <= figure.high <= 0.25
    assert figure.clips == 4
    assert ratio([]) is None
    assert set(figure.as_json()) == {"value", "low", "high", "clips"}


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(60):
        figure = ratio((rng.random(80) < 0.3).astype(float).tolist())
        covered += figure.low <= 0.3 <= figure.high
    assert covered >= 51


def test_fewer_errors():
    figure = paired_drop([2, 2, 0, 4], [1, 1, 0, 2])
    assert figure.value == pytest.approx(0.5)
    assert paired_drop([0, 0], [0, 0]) is None


def test_calibration_error():
    assert ece([0.95] * 20, [True] * 19 + [False]) == pytest.approx(0.0)
    assert ece([0.95] * 10, [False] * 10) == pytest.approx(0.95)
    assert ece([], []) == 0.0
    mixed = [0.25] * 4 + [1.0] * 4
    right = [True] + [False] * 3 + [True] * 4
    assert ece(mixed, right) == pytest.approx(0.0)
    assert ece_figure(mixed, right).value == pytest.approx(0.0)
    assert calibration(mixed, right) == [(0.25, 0.25, 4), (1.0, 1.0, 4)]


def test_confusions_are_counted_along_the_alignment():
    counts = confusions([(("A", "B"), ("A", "C")), (("A",), ("A", "B")), (("B",), ())])
    assert counts["A", "A"] == 2
    assert counts["B", "C"] == 1
    assert counts["", "B"] == 1
    assert counts["B", ""] == 1


def test_what_a_perfect_confidence_shows():
    few, many = ece_by_chance([0.5] * 10), ece_by_chance([0.5] * 1000)
    assert 0.08 < few < 0.18
    assert many < 0.02
    assert ece_by_chance([1.0] * 5) == 0.0
    assert ece_by_chance([]) == 0.0
