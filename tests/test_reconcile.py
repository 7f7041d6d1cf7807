"""The choice: evidence and prior become probabilities; refusals and takes change them."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from namemem.g2p import Candidate
from namemem.phone_recognition import Calibration, Scoring
from namemem.phones import parse_ipa
from namemem.reconcile import Evidence, Surroundings, choose, distinct, fuse, rank, reject

SCORING = Scoring(evidence=0.1, prior=1.0, temperature=1.0, confidence_cap=0.9, free_confidence=0.5)


def evidence(ipa: str, likelihood: float, prior: float = -1.0, source: str = "g2p:x") -> Evidence:
    return Evidence(Candidate(parse_ipa(ipa), (source,), prior), likelihood)


def ranked(*items: Evidence, hears_ipa: bool = False, spelling_known: bool = True):
    return rank(items, SCORING, hears_ipa=hears_ipa, spelling_known=spelling_known)


def test_the_ear_decides():
    best, other = ranked(evidence("ˈændɹiə", -100), evidence("ɑnˈdɹeɪə", -50))
    assert best.pronunciation.ipa == "ɑnˈdɹeɪə"
    assert best.confidence > other.confidence
    assert best.log_likelihood == -50


def test_the_prior_breaks_ties():
    best, _ = ranked(evidence("ˈændɹiə", -50, -0.1), evidence("ɑnˈdɹeɪə", -50, -3.0))
    assert best.pronunciation.ipa == "ˈændɹiə"


def test_confidences_are_probabilities_under_the_cap():
    for readings in (
        ranked(evidence("ˈænə", -10)),
        ranked(*(evidence(i, -10) for i in ("ˈænə", "ˈɑːnə", "ˈeɪnə"))),
    ):
        assert all(0 <= r.confidence <= SCORING.confidence_cap for r in readings)
        total = sum(r.confidence for r in readings)
        assert total == pytest.approx(SCORING.confidence_cap, abs=1e-3)


def test_without_a_spelling_nothing_is_sure():
    (known,) = ranked(evidence("ˈænə", -10))
    (unknown,) = ranked(evidence("ˈænə", -10), spelling_known=False)
    assert unknown.confidence == pytest.approx(known.confidence * SCORING.free_confidence)


def test_a_word_that_the_sound_agrees_with_is_as_good_as_a_spelling():
    scoring = replace(SCORING, word_confidence=1.0)

    def confidence(source: str, known: bool) -> float:
        item = evidence("ˈænə", -10)
        item = replace(item, candidate=replace(item.candidate, sources=(source,)))
        return rank([item], scoring, hears_ipa=True, spelling_known=known)[0].confidence

    assert confidence("g2p:en-us", False) == confidence("g2p:en-us", True)
    for source in ("ear", "lexicon"):
        expected = confidence(source, True) * SCORING.free_confidence
        assert confidence(source, False) == pytest.approx(expected)


def test_calibration_looks_at_where_the_answer_comes_from():
    fitted = replace(SCORING, calibration=Calibration(0.0, 0.5, 1.0, 1.0, -3.0, 0.1))
    items = (evidence("ˈænə", -10), evidence("ˈeɪnə", -40))

    def sure(around: Surroundings | None, *of: Evidence) -> float:
        found = rank(of or items, fitted, hears_ipa=True, spelling_known=True, surroundings=around)
        assert found[0].pronunciation.ipa == "ˈænə"
        return found[0].confidence

    clear, murky = Surroundings(0.1, 0.5), Surroundings(0.9, 0.5)
    assert sure(clear) > sure(murky)
    assert sure(Surroundings(0.1, 0.5, phones=6)) > sure(clear) > sure(Surroundings(0.1, 2.0))
    lacking = {parse_ipa("ˈænə").segmental: 6.0}
    unexplained = Surroundings(0.1, 0.5, lacking=lacking)
    assert unexplained.fit(parse_ipa("ˈænə")) == -2.0
    fitted = replace(fitted, calibration=replace(fitted.calibration, fit=0.5))
    assert sure(unexplained) < sure(clear)
    listed = evidence("ˈænə", -10, source="cmudict")
    edited = evidence("ˈænə", -10, source="edit")
    assert sure(clear, listed) > sure(clear, items[0]) > sure(clear, edited)


def test_an_accent_speaks_for_the_dictionary():
    entry = evidence("ˈd͡ʒɑɹvəs", -12, source="cmudict")
    british, another = evidence("ˈd͡ʒɑːvɪs", -10), evidence("ˈd͡ʒeɪvɪs", -11)
    literal = ranked(entry, british, another, hears_ipa=True)
    assert literal[0].pronunciation.ipa == "ˈd͡ʒɑːvɪs"
    found = rank(
        (entry, british, another), replace(SCORING, accent=1.0),
        hears_ipa=True, spelling_known=True,
    )  # fmt: skip
    assert found[0].pronunciation.ipa == "ˈd͡ʒɑɹvəs"
    assert [r.pronunciation.ipa for r in found[1:]] == ["ˈd͡ʒɑːvɪs", "ˈd͡ʒeɪvɪs"]
    assert all(0 < r.confidence < found[0].confidence for r in found[1:])
    assert sum(r.confidence for r in found) <= SCORING.confidence_cap + 1e-6
    # What is another name by more than its accent wins as it did.
    louder = evidence("ˈd͡ʒeɪvɪs", -2)
    assert rank(
        (entry, british, louder), replace(SCORING, accent=1.0),
        hears_ipa=True, spelling_known=True,
    )[0].pronunciation.ipa == "ˈd͡ʒeɪvɪs"  # fmt: skip


def test_what_the_engine_cannot_tell_apart_shares_one_probability():
    same = (evidence("ˈandrea", -50, -0.5), evidence("ˈɑndrea", -50, -2.0))
    first, second = ranked(*same)
    assert first.pronunciation.ipa == "ˈandrea"
    assert first.confidence == pytest.approx(0.9)
    assert second.confidence == 0.0
    apart = ranked(*same, hears_ipa=True)
    assert all(r.confidence > 0 for r in apart)


def test_what_cannot_fit_is_left_out():
    assert ranked(evidence("ˈænə", -math.inf)) == ()
    assert ranked() == ()
    (only,) = ranked(evidence("ˈænə", -math.inf), evidence("ˈɑːnə", -5000))
    assert only.pronunciation.ipa == "ˈɑːnə"


def test_huge_differences_do_not_overflow():
    best, worst = ranked(evidence("ˈænə", -1e6), evidence("bɒb", 0.0))
    assert (best.pronunciation.ipa, worst.confidence) == ("bɒb", 0.0)


def test_two_takes_are_better_than_one():
    first = ranked(evidence("ˈænə", -50), evidence("ˈɑːnə", -52))
    second = [evidence("ˈænə", -70), evidence("ˈɑːnə", -40)]
    both = rank(fuse(first, second), SCORING, hears_ipa=False, spelling_known=True)
    assert both[0].pronunciation.ipa == "ˈɑːnə"
    assert both[0].log_likelihood == pytest.approx(0.6 * -92)


def test_what_one_take_did_not_know_cannot_win_by_that():
    first = ranked(evidence("ˈænə", -50), evidence("ˈɑːnə", -60))
    second = [evidence("ˈænə", -50), evidence("bɒb", -55)]
    fused = {e.candidate.pronunciation.ipa: e.log_likelihood for e in fuse(first, second)}
    assert fused == pytest.approx({"ˈænə": -60, "bɒb": -69, "ˈɑːnə": -69})


def test_reject_takes_it_out():
    readings = ranked(evidence("ˈændɹiə", -50), evidence("ɑnˈdɹeɪə", -60), evidence("bɒb", -70))
    left = reject(readings, readings[0].pronunciation)
    assert [r.pronunciation.ipa for r in left] == ["ɑnˈdɹeɪə", "bɒb"]
    assert left[0].confidence > readings[1].confidence
    assert sum(r.confidence for r in left) <= 0.81


def test_reject_also_doubts_what_sounds_nearly_the_same():
    near, far = evidence("ˈɛnə", -10), evidence("bɒb", -10)
    readings = ranked(evidence("ˈænə", -5), near, far)
    left = {r.pronunciation.ipa: r.confidence for r in reject(readings, parse_ipa("ˈænə"))}
    assert left["ˈɛnə"] == pytest.approx(left["bɒb"] / 2, abs=1e-3)


def test_what_sounds_the_same_is_not_offered_again():
    readings = ranked(
        evidence("ʃəˈvən", -5), evidence("ʃəˈvʌn", -6), evidence("ʃɪˈvɔn", -7), evidence("bɒb", -9)
    )
    left = [r.pronunciation.ipa for r in reject(readings, parse_ipa("ʃəˈvən"))]
    assert sorted(left) == ["bɒb", "ʃɪˈvɔn"]
    spanish = ranked(evidence("hoʊˈseɪ", -5), evidence("xoˈse", -6))
    assert [r.pronunciation.ipa for r in reject(spanish, parse_ipa("hoʊˈseɪ"))] == ["xoˈse"]


def test_refusing_makes_nothing_surer_than_what_was_refused():
    readings = ranked(*(evidence(ipa, -5) for ipa in ("ˈænə", "bɒb", "tɒm", "kʌm", "fiːd")))
    left = reject(readings, readings[0].pronunciation)
    assert max(r.confidence for r in left) <= readings[0].confidence
    likely = ranked(evidence("ˈænə", -9), evidence("bɒb", -5))
    assert reject(likely, parse_ipa("ˈænə"))[0].confidence >= likely[0].confidence


def test_reject_until_nothing_is_left():
    readings = ranked(evidence("ˈænə", -5), evidence("bɒb", -6))
    while readings:
        readings = reject(readings, readings[0].pronunciation)
    assert readings == ()
    hopeless = ranked(evidence("ˈænə", 0), evidence("bɒb", -1e6))
    assert [r.confidence for r in reject(hopeless, hopeless[0].pronunciation)] == [0.0]


def test_choose_puts_it_first():
    readings = ranked(evidence("ˈænə", -5), evidence("bɒb", -6), evidence("tɒm", -7))
    chosen = choose(readings, 2)
    assert [r.pronunciation.ipa for r in chosen] == ["tɒm", "ˈænə", "bɒb"]
    assert chosen[0].confidence >= 0.9


def test_distinct_offers_what_sounds_different():
    same = [evidence(i, -50, -n) for n, i in enumerate(("ˈandrea", "ˈɑndrea", "ˈændɹiə"), 1)]
    offered = distinct(ranked(*same), 5)
    assert [r.pronunciation.ipa for r in offered] == ["ˈændɹiə"]
    many = ranked(*(evidence(f"{c}ɒb", -9) for c in "ptkbdɡmnfvsz"))
    assert len(distinct(many, 5)) == 5
    assert many[0] not in distinct(many, 5)
    assert distinct((), 5) == ()
