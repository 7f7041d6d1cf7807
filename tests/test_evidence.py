"""Gathering candidates: readings, recombinations, edits, earlier takes and the ear's guesses."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from plugins.examples import make_hearing
from plugins.voices import SCORING, ToldG2p, ToldListening, ToldRecognizer

from namemem.evidence import Gatherer
from namemem.phone_recognition import Context, Span
from namemem.phones import parse_ipa, phonetic_distance
from namemem.reconcile import fuse, rank, reject

SPAN, CONTEXT = Span(0.0, 1.0), Context()
NAMES = {"ˈana": 0.5, "ˈanə": 0.3, "ˈɛnə": 0.2}


def near(ipa: str, sharp: float = 100.0):
    """A score that falls with the distance from what was said."""
    said = parse_ipa(ipa)
    return lambda p, context: -sharp * phonetic_distance(p, said)


def gather(listening, scoring=SCORING, readings=NAMES, spelling="Anna", **how):
    gatherer = Gatherer(ToldG2p(**readings), ToldRecognizer(scoring))
    return gatherer.gather(listening, SPAN, CONTEXT, spelling=spelling, **how)


def by_source(evidence) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for e in evidence:
        found.setdefault(e.candidate.sources[0], set()).add(e.candidate.pronunciation.ipa)
    return found


def test_readings_recombinations_and_edits():
    found = by_source(gather(ToldListening(near("ˈana"))))
    assert found["g2p:xx"] == set(NAMES)
    assert "ˈɛna" in found["recombined"]
    assert "ˈɑna" in found["ear"], "an edit of the best"


def test_each_sound_is_weighed_once():
    listening = ToldListening(near("ˈana"))
    evidence = gather(listening)
    sounds = [e.candidate.pronunciation.segmental for e in evidence]
    assert len(sounds) == len(set(sounds)) == len(listening.asked)
    for e in evidence:
        assert e.log_likelihood == near("ˈana")(e.candidate.pronunciation, CONTEXT)


def test_engines_may_leave_both_out():
    plain = replace(SCORING, recombined=0, edit_penalty=math.inf)
    assert set(by_source(gather(ToldListening(near("ˈana")), plain))) == {"g2p:xx"}


def test_only_the_best_are_edited():
    found = by_source(gather(ToldListening(near("ˈɛnə"))))
    assert "ˈɛnɪ" in found["ear"]
    assert "ˈanɪ" not in found["ear"]


def test_a_recombination_can_win():
    evidence = gather(ToldListening(near("ˈɛna", 1000.0)))
    best = rank(evidence, SCORING, hears_ipa=True, spelling_known=True)[0]
    assert best.pronunciation.ipa == "ˈɛna"
    assert best.source == "recombined"


def test_an_unknown_spelling_is_what_the_ear_guesses():
    listening = ToldListening(near("ˈbɒb"), guesses=("bɒb", "bɒp"))
    evidence = gather(listening, spelling="")
    best = rank(evidence, SCORING, hears_ipa=True, spelling_known=False)[0]
    assert best.pronunciation.segmental == parse_ipa("bɒb").segmental
    assert "g2p:xx" not in by_source(evidence)
    assert not gather(ToldListening(near("ˈbɒb")), spelling="")


def test_guesses_join_only_a_spelling_that_was_guessed():
    def heard(trusted):
        listening = ToldListening(near("ˈbɒb"), guesses=("bɒb",))
        return {e.candidate.pronunciation.ipa: e for e in gather(listening, trusted=trusted)}

    known, guessed = heard(True), heard(False)
    assert "bɒb" not in known
    assert "bɒb" in guessed
    doubt = known["ˈana"].candidate.log_prior - guessed["ˈana"].candidate.log_prior
    assert doubt == pytest.approx(SCORING.guess_penalty)


def test_what_is_heard_costs_more_beside_a_transcribers_word_only():
    careful = replace(SCORING, word_trust=5.0)

    def prior(scoring, **how):
        evidence = gather(ToldListening(near("ˈbɒb"), guesses=("bɒb",)), scoring, **how)
        found = {e.candidate.pronunciation.ipa: e.candidate.log_prior for e in evidence}
        return found["bɒb"]

    for how, more in (({"trusted": False}, 5.0), ({"spelling": ""}, 0.0),
                      ({"trusted": False, "readings": {}}, 0.0)):  # fmt: skip
        assert prior(SCORING, **how) - prior(careful, **how) == more


def test_refused_readings_are_left_out():
    before = make_hearing("Anna", "ˈɛnə", "ˈanə", rejected=("ˈana",))
    found = gather(ToldListening(near("ˈana")), before=before)
    assert all(e.candidate.pronunciation.segmental != ("a", "n", "a") for e in found)


def test_readings_of_an_earlier_take_are_weighed_too():
    before = make_hearing("Anna", "ˈxana")
    found = {e.candidate.pronunciation.ipa: e for e in gather(ToldListening(near("ˈana")),
                                                              before=before)}  # fmt: skip
    assert found["ˈxana"].candidate.log_prior == before.readings[0].log_prior


def test_a_spelling_is_read_once():
    g2p = ToldG2p(**NAMES)
    gatherer = Gatherer(g2p, ToldRecognizer())
    for _ in range(3):
        gatherer.gather(ToldListening(near("ˈana")), SPAN, CONTEXT, spelling="Anna")
        assert len(gatherer.readings("Anna", None)) == 3
    assert g2p.calls == 1
    assert gatherer.readings("", None) == ()


def test_two_unsure_takes_make_a_sure_one():
    def hear(before=None, sharp=80.0):
        evidence = gather(ToldListening(near("ˈanə", sharp)), before=before)
        if before is not None:
            evidence = fuse(before.readings, evidence)
        return rank(evidence, SCORING, hears_ipa=True, spelling_known=True)

    first = hear()
    second = hear(make_hearing("Anna", readings=first))
    assert first[0].pronunciation.ipa == second[0].pronunciation.ipa == "ˈanə"
    assert second[0].confidence > first[0].confidence


def test_a_rejected_answer_and_its_neighbours_step_back():
    plain = replace(SCORING, recombined=0, edit_penalty=math.inf)
    readings = {**NAMES, "ˈbɒb": 0.3}
    evidence = gather(ToldListening(near("ˈana", 5.0)), plain, readings)
    first = rank(evidence, SCORING, hears_ipa=True, spelling_known=True)
    left = reject(first, first[0].pronunciation)
    before = make_hearing("Anna", readings=left, rejected=(first[0].pronunciation.ipa,))
    again = fuse(left, gather(ToldListening(near("ˈana", 5.0)), plain, readings, before=before))
    best = rank(again, SCORING, hears_ipa=True, spelling_known=True)[0]
    assert best.pronunciation.ipa not in before.rejected
    share = {r.pronunciation.ipa: r.confidence for r in left}
    changed = {
        near: share[r.pronunciation.ipa] / r.confidence
        for r in first[1:]
        if r.confidence > 0.01
        for near in [phonetic_distance(r.pronunciation, first[0].pronunciation) < 0.06]
    }
    assert changed[True] < changed[False]


def test_a_retake_that_is_another_name_wins_against_the_first():
    """The second take says plainly something else: evidence adds up, and the new name can lead."""
    names = {"ˈana": 0.5, "ˈbɒb": 0.5}

    def hear(said, before=None):
        listening = ToldListening(near(said, 60.0 if before else 20.0))
        evidence = gather(listening, readings=names, before=before)
        if before is not None:
            evidence = fuse(before.readings, evidence)
        return rank(evidence, SCORING, hears_ipa=True, spelling_known=True)

    first = hear("ˈana")
    second = hear("ˈbɒb", make_hearing("Anna", readings=first))
    assert first[0].pronunciation.ipa == "ˈana"
    assert phonetic_distance(second[0].pronunciation, parse_ipa("ˈbɒb")) < 0.1


class Listing(ToldG2p):
    """A G2P whose readings come from a dictionary, in its order."""

    def candidates(self, spelling, language=None, leaning=()):
        names = ("cmudict", "cmudict:2")
        return [
            replace(c, sources=(names[i],) if i < 2 else c.sources)
            for i, c in enumerate(super().candidates(spelling, language))
        ]


def priors(scoring, readings, said):
    gatherer = Gatherer(Listing(**readings), ToldRecognizer(scoring))
    found = gatherer.gather(ToldListening(near(said)), SPAN, CONTEXT, spelling="Jarvis")
    return {e.candidate.pronunciation.ipa: e.candidate.log_prior for e in found}


def test_a_dictionary_stands_for_every_accent():
    readings = {"ˈd͡ʒɑɹvəs": 0.4, "ˈd͡ʒɑɹvɪs": 0.3, "ˈd͡ʒɑvɪs": 0.2, "ˈd͡ʒeɪvɪs": 0.1}
    plain = replace(SCORING, recombined=0, listed=0.0, accent=0.0)
    before = priors(plain, readings, "ˈd͡ʒɑvɪs")
    after = priors(replace(plain, accent=5.0), readings, "ˈd͡ʒɑvɪs")
    changed = {ipa: round(before[ipa] - after[ipa], 6) for ipa in readings}
    assert changed == {"ˈd͡ʒɑɹvəs": 0, "ˈd͡ʒɑɹvɪs": 5.0, "ˈd͡ʒɑvɪs": 5.0, "ˈd͡ʒeɪvɪs": 0}


def test_an_edit_is_no_way_around_it():
    readings = {"ˈd͡ʒɑɹvəs": 0.9, "ˈʃiːnə": 0.1}
    plain = replace(SCORING, recombined=0, edited=1, listed=0.0, accent=0.0)
    before = priors(plain, readings, "ˈd͡ʒɑɹvəs")
    after = priors(replace(plain, accent=5.0), readings, "ˈd͡ʒɑɹvəs")
    assert before["ˈd͡ʒɑɹvɪs"] - after["ˈd͡ʒɑɹvɪs"] == pytest.approx(5.0)
    assert before["ˈd͡ʒɑɹməs"] == pytest.approx(after["ˈd͡ʒɑɹməs"])
