"""Who of many known people says their name: the arithmetic. See tests/server for the ear."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import pytest
from plugins.examples import make_hearing
from plugins.voices import SCORING, ToldListening

from namemem.g2p import Candidate
from namemem.identifying import SHORTLIST, Signs, Verdicts, by_distance, by_ear, familiarity
from namemem.people import NameKind
from namemem.phone_recognition import Context, Span
from namemem.phones import parse_ipa, phonetic_distance
from namemem.reconcile import Evidence
from namemem.service.working import heard_document, heard_of
from namemem.workers import Heard

SPAN, CONTEXT = Span(0.0, 1.0), Context(before=parse_ipa("maɪ neɪm ɪz"))
READINGS = make_hearing("Siobhan", "ʃɪˈvɔːn", "ʃəˈvɑn").readings


def heard_as(ipa: str, sharp: float = 200.0):
    """An ear to which everything fits the worse, the less it sounds like that."""
    said = parse_ipa(ipa)
    return ToldListening(lambda p, _: -sharp * phonetic_distance(p, said))


def judge(listening, texts, readings=READINGS) -> Verdicts:
    thought_of = [r.pronunciation for r in readings]
    scores = listening.score(thought_of, SPAN, CONTEXT)
    evidence = [
        Evidence(Candidate(p, ("ear",), -2.0), score)
        for p, score in zip(thought_of, scores, strict=True)
    ]
    return by_ear(listening, SPAN, CONTEXT, evidence, readings, texts, SCORING)


def whole(verdicts: Verdicts) -> float:
    return sum(v.probability for v in verdicts.known) + verdicts.stranger


def test_the_ear_decides_and_not_what_was_heard_freely():
    known = ("ʃɪ.ˈvɔːn", "ɪ.ˈvɒn", "ˈæ.nə")
    found = judge(heard_as("ɪˈvɒn"), known)
    assert found.known[0].index == 1
    assert found.known[0].probability > 0.8
    assert whole(found) == pytest.approx(1.0, abs=0.001)
    by_words = by_distance(READINGS, known)
    assert by_words.known[0].index == 0
    assert whole(by_words) == pytest.approx(1.0, abs=0.001)


def test_a_stranger_is_one():
    strange = judge(heard_as("ʃɪˈvɔːn"), ("ˈæ.nə", "ˈhæ.nə"))
    assert strange.stranger > 0.9
    assert judge(heard_as("ʃɪˈvɔːn"), ("ʃɪ.ˈvɔːn", "ˈhæ.nə")).stranger < 0.2


def test_names_that_sound_nearly_alike_share_it():
    found = judge(heard_as("ˈhænə"), ("ˈæ.nə", "ˈhæ.nə", "ˈhæ.nə", "ʃɪ.ˈvɔːn"))
    assert {v.index for v in found.known[:2]} == {1, 2}
    assert found.known[0].probability == found.known[1].probability <= 0.5
    assert found.known[2].index == 0


def test_what_fits_better_longer_and_among_fewer_is_more_familiar():
    base = Signs(margin=-3.0, phones=4, known=50)
    assert familiarity(replace(base, margin=0.0)) > familiarity(base)
    assert familiarity(replace(base, phones=7)) > familiarity(base)
    assert familiarity(replace(base, known=5)) > familiarity(base)
    assert familiarity(replace(base, margin=5.0)) > familiarity(
        replace(base, margin=5.0, placed=False)
    )
    assert 0.0 < familiarity(Signs(-math.inf, 1, 10**6)) < 1e-5
    assert 1 - 1e-5 < familiarity(Signs(math.inf, 8, 1)) < 1.0


def test_a_large_space_is_shortlisted_by_what_was_heard():
    letters = ("kgptbd", "aeiou", "mnɹwlj", "zsxhpkfbd")
    far = ["{}{}.{}ʊ{}".format(*chosen) for chosen in product(*letters)][: SHORTLIST + 50]
    assert len(far) == SHORTLIST + 50
    listening = heard_as("ʃɪˈvɔːn")
    found = judge(listening, [*far, "ʃɪ.ˈvɔːn"])
    assert found.known[0].index == len(far)
    assert len(listening.asked) == SHORTLIST + len(READINGS)


def test_what_cannot_be_read_or_does_not_fit_is_left_out():
    assert [v.index for v in judge(heard_as("ˈænə"), ("Ω", "ˈæ.nə")).known] == [1]
    deaf = ToldListening(lambda p, _: -math.inf)
    assert judge(deaf, ("ʃɪ.ˈvɔːn",)) == by_distance(READINGS, ("ʃɪ.ˈvɔːn",))
    assert by_distance(READINGS, ()) == by_distance((), ("ˈæ.nə",)) == Verdicts()


def test_verdicts_go_through_the_queue():
    hearing = make_hearing("Siobhan")
    verdicts = by_distance(READINGS, ("ʃɪ.ˈvɔːn",))
    for each in (verdicts, None):
        heard = Heard(hearing, NameKind.GIVEN, None, each)
        assert heard_of(heard_document(heard), None) == heard
