"""Which of several spellings the sound fits."""

from __future__ import annotations

import math

import pytest

from namemem.asr import TimedWord, Transcript
from namemem.name_spotting import spot
from namemem.phone_recognition import Context, Span
from namemem.spelling_choice import as_written, best_spelling, is_unsure, other_spellings


class Scores:
    """Scores a reading, here the spelling itself, by a table."""

    def __init__(self, **scores):
        self.scores = scores

    def score(self, readings, span, context):
        return [self.scores.get(r, -math.inf) for r in readings]


def choose(first, others, **scores):
    place = (Span(0.0, 1.0), Context())
    return best_spelling(
        first, others, Scores(**scores), place, lambda spelling, language: [spelling], "en"
    )


def test_the_sound_decides():
    assert choose("Shavon", ["Siobhan"], Shavon=-30.0, Siobhan=-20.0) == "Siobhan"
    assert choose("Shavon", ["Siobhan"], Shavon=-20.0, Siobhan=-30.0) == "Shavon"


def test_of_two_that_sound_alike_the_more_frequent_is_taken():
    assert choose("Jon", ["John", "John"], Jon=-20.0, John=-20.0) == "John"
    assert choose("Jon", ["John"], Jon=-20.0, John=-20.0) == "Jon"


def test_what_nobody_can_read_is_not_chosen():
    assert choose("Jon", ["Jxqz"] * 9, Jon=-99.0) == "Jon"
    assert choose("Jon", []) == "Jon"


def test_names_in_hypotheses():
    heard = ["My name is Siobhan.", "My name is cold.", "my name is shavon", "Shivon."]
    assert other_spellings(heard, "en") == ["Siobhan", "shavon", "Shivon"]
    assert other_spellings(["It is S-I-O-B-H-A-N."], "en") == []


@pytest.mark.parametrize(("confidence", "unsure"), [(0.4, True), (0.99, False), (None, False)])
def test_doubt(confidence, unsure):
    words = tuple(
        TimedWord(w, float(i), i + 1.0, c)
        for i, (w, c) in enumerate([("i'm", 0.1), ("siobhan", confidence)])
    )
    name = spot("i'm siobhan").own
    assert is_unsure(name, Transcript("i'm siobhan", words, "engine")) is unsure


def test_letters_are_never_doubted():
    words = (TimedWord("s-i-o-b-h-a-n", 0.0, 1.0, 0.2),)
    name = spot("S-I-O-B-H-A-N", asked=True).own
    assert not is_unsure(name, Transcript("s-i-o-b-h-a-n", words, "engine"))


def test_capitals_where_the_words_are_the_same():
    assert as_written(Transcript("i'm ana", (), "e", written="I'm Ana!")) == "I'm Ana!"
    assert as_written(Transcript("i'm ana", (), "e", written="I'm Ana Lu!")) == "i'm ana"
    assert as_written(Transcript("i'm ana", (), "e")) == "i'm ana"
