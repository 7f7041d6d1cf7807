"""Names that are spelled aloud."""

from __future__ import annotations

import pytest

from namemem.name_spotting import spot
from namemem.people import SpellingSource


@pytest.mark.parametrize(
    ("language", "text", "spelling"),
    [
        ("en", "My name is Shivon, that's S-I-O-B-H-A-N.", "Siobhan"),
        ("en", "it's spelled s i o b h a n", "Siobhan"),
        ("en", "my name is phillip p h i double l i p", "Phillip"),
        ("en", "That's N for November, I for India, A for Alpha.", "Nia"),
        ("en", "I'm Zoë, Z-O-E with an umlaut", "Zoë"),
        ("de", "Ich heiße Yannick, Ypsilon A doppel N I C K.", "Yannick"),
        ("de", "mein name ist schäfer es ce ha ä ef e er", "Schäfer"),
        ("fr", "Je m'appelle Zoé, Z O E accent aigu.", "Zoé"),
        ("fr", "je m'appelle philippe p h i l i deux p e", "Philippe"),
        ("es", "me llamo iñaki i eñe a ka i", "Iñaki"),
        ("es", "Me llamo Ximena, equis i eme e ene a.", "Ximena"),
        ("it", "Mi chiamo Chiara, ci acca i a erre a.", "Chiara"),
    ],
)
def test_letters(language, text, spelling):
    (name,) = spot(text, language).names
    assert (name.text, name.spelling_source) == (spelling, SpellingSource.SPELLED_ALOUD)


@pytest.mark.parametrize("text", ["S-I-O-B-H-A-N", "S.I.O.B.H.A.N.", "s i o b h a n"])
def test_letters_alone_are_an_answer(text):
    assert spot(text).names == ()
    (name,) = spot(text, asked=True).names
    assert (name.text, name.said) == ("Siobhan", False)
    assert text[name.start : name.end].startswith(text[0])


@pytest.mark.parametrize(
    "text", ["I work for the BBC.", "I got an A in maths.", "A.J. is my name."]
)
def test_other_letters_are_no_spelling(text):
    assert all(n.spelling_source is SpellingSource.TRANSCRIPT for n in spot(text, "en").names)
