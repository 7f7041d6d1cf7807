"""How people really say it: hesitations, asides, pairs, denials; and what only sounds like it."""

from __future__ import annotations

import pytest

from namemem.name_spotting import spot
from namemem.name_spotting.lines import Line, fluent
from namemem.name_spotting.patterns import LANGUAGES, STRONG, phrase_book
from namemem.name_spotting.units import units


def names(text, language, *, asked=False):
    return [(n.text, n.of) for n in spot(text, language, asked=asked).names]


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("en", "I'm, uh, Malachy.", "Malachy"),
        ("en", "my name is uh vivek", "vivek"),
        ("de", "Mein Name ist, äh, Torben.", "Torben"),
        ("fr", "je m'appelle euh kévin", "kévin"),
        ("ja", "名前はえっと翔太です。", "翔太"),
        ("ko", "제 이름은 음 지우예요.", "지우"),
        ("zh", "嗯，我叫，嗯，赵敏。", "赵敏"),
    ],
)
def test_hesitations_stand_anywhere(language, text, name):
    assert names(text, language) == [(name, "speaker")]


def test_a_hesitation_does_not_join_two_sentences():
    line = fluent(Line(units("Hi. Um, Ana is here, uh, too."), True), phrase_book("en").hesitations)
    assert [(u.text, u.breaks) for u in line.units] == [
        ("Hi", False), ("Ana", True), ("is", False), ("here", False), ("too", False),
    ]  # fmt: skip


def test_a_name_that_sounds_like_one_stays():
    line = Line(units("Hi, I'm Em."), True)
    assert fluent(line, {("em",)}).units == line.units
    only = Line(units("um"), False)
    assert fluent(only, {("um",)}).units == only.units


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I'm actually Zelda.", ["Zelda"]),
        ("Everyone around here just calls me Nobby.", ["Nobby"]),
        ("I'm, you know, Zelda.", ["Zelda"]),
        ("I'm actually, Zelda, quite tired.", []),
    ],
)
def test_asides(text, found):
    assert [n.text for n in spot(text, "en").names] == found


@pytest.mark.parametrize(
    ("language", "text", "own", "other"),
    [
        ("en", "We are Hansel and Gretel.", "Hansel", "Gretel"),
        ("de", "Wir sind Hilde und Günther.", "Hilde", "Günther"),
        ("pt", "Nós somos o Zeca e a Mila.", "Zeca", "Mila"),
        ("tr", "Biz Ali ve Veli.", "Ali", "Veli"),
        ("en", "I'm Ivor and she's Olwen.", "Ivor", "Olwen"),
        ("en", "This is Fiona and I'm Grant.", "Grant", "Fiona"),
    ],
)
def test_two_in_one_breath(language, text, own, other):
    assert names(text, language) == [(own, "speaker"), (other, "other")]


@pytest.mark.parametrize(
    "text", ["We're French and German.", "We are closed and locked.", "She's Olwen.", "He's tall."]
)
def test_company_is_needed(text):
    assert names(text, "en") == []


def test_a_comma_speaks_to_somebody():
    assert names("Nice to meet you, Alexa.", "en") == []
    assert names("Nice to meet you. Ottoline.", "en") == [("Ottoline", "speaker")]


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("en", "Sorry, no, Hanneke, not Hannah.", "Hanneke"),
        ("tr", "Benim adım Can değil, Cem.", "Cem"),
        ("ja", "いいえ、渡辺ではなく渡部です。", "渡部"),
        ("en", "You keep calling me Jenny but it's Ginny.", "Ginny"),
        ("ar", "لا، اسمي رامي وليس سامي.", "رامي"),
    ],
)
def test_what_is_denied(language, text, name):
    assert names(text, language) == [(name, "speaker")]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "i'm knackered"), ("en", "I'm Nigerian."), ("en", "My name is Irish."),
        ("en", "My name is already taken."), ("en", "This is Oxford Street."),
        ("en", "This is Terminal Two."), ("en", "Let me introduce the topic."),
        ("de", "Das ist Mozart."), ("de", "ich bin bäcker"), ("fr", "je suis vannée"),
        ("fr", "Je suis le frère de Luc."), ("es", "soy peluquera"), ("it", "sono calabrese"),
        ("pt", "sou pedreiro"), ("nl", "ik ben linkshandig"), ("pl", "jestem kucharką"),
        ("pl", "Jestem Wrocławianką."), ("pl", "To Marek dzwonił."), ("sv", "jag är snickare"),
        ("tr", "Ben Fenerbahçeliyim."), ("ja", "月曜じゃなくて火曜です。"), ("ar", "أنا حلاق."),
        ("ko", "저는 목수입니다."), ("zh", "我的名字在名单上。"),
    ],
)  # fmt: skip
def test_no_name(language, text):
    assert names(text, language) == []


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("fr", "je suis josé", "josé"),
        ("it", "sono beatrice", "beatrice"),
        ("pt", "sou a inês", "inês"),
        ("de", "ich bin ludwig", "ludwig"),
        ("ko", "저는 예진이에요.", "예진"),
        ("nl", "Met Van Dijk.", "Van Dijk"),
        ("fr", "je suis gaëlle la voisine du dessus", "gaëlle"),
    ],
)
def test_names_that_end_or_begin_like_words(language, text, name):
    assert names(text, language) == [(name, "speaker")]


def test_small_words_are_no_letters():
    found = spot("Eu sou a Bia e ele é o meu irmão Léo.", "pt").names
    assert [(n.text, n.of) for n in found] == [("Bia", "speaker"), ("Léo", "other")]
    spelled = spot("Me llamo Begoña, be e ge o eñe a.", "es").own
    assert (spelled.text, spelled.spelling_source) == ("Begoña", "spelled_aloud")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_says_yes_and_no(language):
    """Accents fold: a wrong name's phrase ("me llamó") may look like "me llamo"."""
    book = phrase_book(language)
    stack = [book.before]
    while stack:
        node = stack.pop()
        stack += node.children.values()
        wrong = {p.after for p in node.phrases if p.of == "wrong"}
        own = {p.after for p in node.phrases if p.of == "speaker" and p.strength == STRONG}
        assert not wrong & own
