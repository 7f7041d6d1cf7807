"""Introductions in every language, and what sounds like one."""

from __future__ import annotations

from importlib import resources

import pytest

from namemem.name_spotting import LANGUAGES, Reason, spot, spot_words
from namemem.name_spotting.patterns import phrase_book
from namemem.people import NameKind, SpellingSource

SAID = [
    ("en", "Alright mate, Gaz here.", "Gaz"),
    ("de", "Guten Tag, mein Name ist Ursula von der Leyen.", "Ursula von der Leyen"),
    ("fr", "Bonjour, je m'appelle Anne-Sophie.", "Anne-Sophie"),
    ("es", "me llamo ximena", "ximena"),
    ("it", "Sono l'avvocato Rossi.", "Rossi"),
    ("pt", "Sou o João.", "João"),
    ("nl", "Met Marieke.", "Marieke"),
    ("pl", "Mam na imię Łukasz.", "Łukasz"),
    ("sv", "jag heter åsa", "åsa"),
    ("tr", "Benim adım Şule.", "Şule"),
    ("ga", "Máire Ní Dhónaill is ainm dom.", "Máire Ní Dhónaill"),
    ("hi", "मेरा नाम प्रिया है।", "प्रिया"),
    ("hi", "mera naam sunita sharma hai", "sunita sharma"),
    ("zh", "大家好，我叫李明。", "李明"),
    ("ja", "はじめまして、田中太郎と申します。", "田中太郎"),
    ("ko", "제 이름은 이민호입니다.", "이민호"),
    ("ar", "أنا الدكتور خالد.", "خالد"),
]


@pytest.mark.parametrize(("language", "text", "name"), SAID)
@pytest.mark.parametrize("known", [True, False])
def test_introductions(language, text, name, known):
    found = spot(text, language if known else None).names
    assert [n.text for n in found] == [name]
    assert found[0].language == language
    assert text[found[0].start : found[0].end] == name


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I'm cold."),
        ("en", "call me later"),
        ("en", "My sister thinks I'm mad."),
        ("en", "This is ridiculous."),
        ("en", "my name is hard to pronounce"),
        ("de", "Ich bin Studentin."),
        ("fr", "Appelle-moi un taxi."),
        ("es", "soy el encargado"),
        ("it", "Mi chiami domani."),
        ("pt", "Meu nome está na lista."),
        ("nl", "Mijn naam staat op de lijst."),
        ("pl", "To mój dom."),
        ("sv", "Det är kallt här."),
        ("tr", "Beni sonra ara."),
        ("ga", "tá tart orm"),
        ("hi", "main doctor hoon"),
        ("zh", "我是来开会的。"),
        ("ja", "質問ですが、いいですか。"),
        ("ko", "저는 스무 살이에요."),
        ("ar", "اسمي صعب النطق."),
    ],
)
def test_nobody_gives_a_name(language, text):
    for known in (language, None):
        spotted = spot(text, known)
        assert spotted.names == ()
        assert spotted.explanation


def test_the_reason():
    reasons = {
        "": Reason.NOTHING_SAID,
        "Thanks for watching!": Reason.INVENTED,
        "Sottotitoli creati dalla comunità Amara.org": Reason.INVENTED,
        "you you you you you": Reason.REPEATED,
        "Nice weather.": Reason.NO_INTRODUCTION,
    }
    for text, reason in reasons.items():
        assert spot(text).reason is reason
    assert spot("I don't know.", "en", asked=True).reason is Reason.NOT_AN_ANSWER
    cold = spot("I'm cold.", "en")
    assert cold.reason is Reason.NOT_A_NAME
    assert cold.explanation == "What follows “I'm” is not a name."


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("en", "no, not Tom, Priya", "Priya"),
        ("en", "It's Andréa, with the stress on the second.", "Andréa"),
        ("en", "Ana with one n", "Ana"),
        ("es", "No, no Tom, Tomás.", "Tomás"),
        ("ja", "私はリサじゃなくて、リナです。", "リナ"),
        ("ko", "아니요, 톰이 아니라 토미예요.", "토미"),
        ("tr", "Hayır, Tom değil, Tolga.", "Tolga"),
    ],
)
def test_corrections(language, text, name):
    assert [n.text for n in spot(text, language).names] == [name]


def test_with_one_n_mends_the_spelling():
    (name,) = spot("I'm Anna with one n.", "en").names
    assert (name.text, name.spelling_source) == ("Ana", SpellingSource.SPELLED_ALOUD)


def test_several_people():
    ana, luis = spot("I'm Ana and this is my brother Luis").names
    assert (ana.text, ana.of, luis.text, luis.of) == ("Ana", "speaker", "Luis", "other")
    daughter = spot("This is my daughter Imogen.")
    assert daughter.own is None
    assert [n.of for n in daughter.names] == ["other"]


def test_the_nickname_is_the_one_to_use():
    sasha, alexander = spot("Alexander, but please call me Sasha").names
    assert (sasha.kind, sasha.preferred) == (NameKind.NICKNAME, True)
    assert (alexander.text, alexander.kind, alexander.preferred) == (
        "Alexander",
        NameKind.GIVEN,
        False,
    )


def test_the_whole_name_after_the_family_name():
    whole, family = spot("the name's Bond, James Bond").names
    assert (whole.text, whole.kind) == ("James Bond", NameKind.FULL)
    assert (family.text, family.kind, family.preferred) == ("Bond", NameKind.FAMILY, False)


def test_words_one_by_one():
    spotted, places = spot_words(["my", "name", "is", "Anna", "Schmidt."])
    assert [n.text for n in spotted.names] == ["Anna Schmidt"]
    assert places == ((3, 5),)


def test_every_language_has_its_book():
    files = resources.files("namemem.name_spotting").joinpath("data").iterdir()
    stems = {f.name.removesuffix(".toml") for f in files if f.name.endswith(".toml")}
    assert stems == {*LANGUAGES, "shared"}
    for language in LANGUAGES:
        book = phrase_book(language)
        assert book.language == language
        assert book.before.children
        assert book.answers
