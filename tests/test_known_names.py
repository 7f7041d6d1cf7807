"""What a person's other names say of a new one."""

from __future__ import annotations

import math

import pytest
from plugins.voices import SCORING, ToldG2p, ToldListening, ToldRecognizer

from namemem.evidence import Gatherer
from namemem.g2p import Candidate, Candidates
from namemem.known_names import KnownName, leaning, with_words_said_before
from namemem.phone_recognition import Context, Span
from namemem.phones import parse_ipa, phonetic_distance


@pytest.fixture(scope="module")
def g2p() -> Candidates:
    return Candidates()


def leaning_of(g2p, *names: KnownName) -> dict[str, float]:
    return dict(leaning(names, g2p.candidates))


def test_a_name_said_as_only_polish_reads_it_speaks_for_polish(g2p):
    factors = leaning_of(g2p, KnownName("Wiśniewski", "vʲiɕ.ˈɲɛf.skʲi"))
    assert factors["pl"] == max(factors.values()) > 5
    assert factors["en-us"] < 1


def test_a_name_said_the_english_way_speaks_for_english(g2p):
    factors = leaning_of(g2p, KnownName("Thompson", "ˈtɑmp.sən"))
    assert factors["en-us"] > 1 > factors["it"]


def test_a_language_that_was_told_needs_no_reading(g2p):
    factors = leaning_of(g2p, KnownName("Schmidt", "ˈbɒb", "de-DE"))
    assert factors["de"] == max(factors.values()) > 5


@pytest.mark.parametrize(
    "name",
    [
        KnownName("Schmidt", "ˈkæ.tə.pɪlt"),  # no rule gives that
        KnownName("🙂", "ˈa"),
        KnownName("Anna", "not IPA!"),
        KnownName("Anna", "ˈa.na", "zz-nonsense"),
    ],
)
def test_what_no_rule_explains_tells_nothing(g2p, name):
    assert leaning_of(g2p, name) == {}


def test_the_leaning_changes_the_order_of_readings(g2p):
    plain = g2p.candidates("Ewa")
    leans = leaning([KnownName("Wiśniewski", "vʲiɕ.ˈɲɛf.skʲi")], g2p.candidates)
    leant = g2p.candidates("Ewa", None, leans)
    polish = parse_ipa("ˈɛ.va").segmental

    def prior(candidates):
        return next(c.log_prior for c in candidates if c.pronunciation.segmental == polish)

    assert prior(leant) > prior(plain) + 0.7
    assert math.isclose(sum(math.exp(c.log_prior) for c in leant), 1.0, abs_tol=1e-6)


READINGS = [
    Candidate(parse_ipa("ˈæn.dɹi.ə ˈɹɔ.si"), ("g2p:en-us",), -0.2),
    Candidate(parse_ipa("anˈdrɛ.a ˈros.si"), ("g2p:it",), -2.0),
]


def test_a_word_said_before_is_said_so_again():
    said = with_words_said_before(
        "Andrea Rossi", READINGS, [KnownName("andrea", "anˈdreɪ.ə", agreed=True)]
    )
    assert said[0].pronunciation.ipa == parse_ipa("anˈdreɪ.ə ˈɹɔ.si").ipa
    assert said[0].sources == ("known",)
    others = {c.pronunciation.ipa: c.log_prior for c in said if "known" not in c.sources}
    assert others[READINGS[0].pronunciation.ipa] < READINGS[0].log_prior - 2


def test_a_reading_that_was_there_keeps_its_sources():
    single = [Candidate(parse_ipa("anˈdrɛ.a"), ("g2p:it",), -3.0)]
    full = KnownName("Andrea Rossi", "anˈdrɛ.a ˈros.si")
    said = with_words_said_before("Andrea", single, [full])
    assert [c.sources for c in said] == [("g2p:it", "known")]
    assert said[0].log_prior == -3.0, "nothing is likelier than what was the best"


def test_only_heard_the_same_name_is_no_prior():
    """A second introduction is there to mend the first."""
    heard = KnownName("Andrea Rossi", "ˈba.ba ˈbu.bu")
    assert with_words_said_before("Andrea Rossi", READINGS, [heard]) == READINGS


def test_words_that_cannot_be_told_apart_are_left_alone():
    one = KnownName("Andrea Rossi", "anˈdrɛ.a.ros.si")  # one word for two
    assert with_words_said_before("Andrea", READINGS[:1], [one]) == READINGS[:1]


def near(ipa: str, sharp: float = 20.0):
    said = parse_ipa(ipa)
    return lambda p, context: -sharp * phonetic_distance(p, said)


def test_the_choice_follows_what_was_said_before():
    gatherer = Gatherer(ToldG2p(**{"ˈana": 0.5, "ˈanə": 0.3}), ToldRecognizer(SCORING))

    def best(*known: KnownName) -> str:
        found = gatherer.gather(
            ToldListening(near("ˈanə", 2.0)),
            Span(0.0, 1.0),
            Context(),
            spelling="Anna",
            known=known,
        )
        ranked = max(found, key=lambda e: e.log_likelihood + e.candidate.log_prior)
        return ranked.candidate.pronunciation.ipa

    assert best() == "ˈana"
    assert best(KnownName("Anna Byrne", "ˈanə ˈbɜɹn", agreed=True)) == "ˈanə"
