"""Sentences: several names, names inside names, a sentence at a time."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namemem.phones import parse_ipa
from namemem.tts import get_target
from namemem.tts.sentences import (
    APOSTROPHES,
    Literal,
    Placeholder,
    SpokenName,
    find_names,
    parse_template,
    render_line,
    render_sentence,
    split_sentences,
)
from namemem.tts.voices import Voice

NAMES = {
    ("person", "1"): SpokenName("Ann", parse_ipa("ˈæn")),
    ("person", "2"): SpokenName("Mary Ann", parse_ipa("ˈmɛɹi ˈæn")),
    ("external", "s"): SpokenName("Siobhan", parse_ipa("ʃɪˈvɔːn")),
}


def texts(sentences: list[list[Literal | Placeholder]]) -> list[str]:
    return [
        "".join(p.text if isinstance(p, Literal) else f"<{p.id}{p.suffix}>" for p in sentence)
        for sentence in sentences
    ]


@pytest.mark.parametrize(
    ("template", "sentences"),
    [
        ("Hi {person:1}. Bye!", ["Hi <1>. ", "Bye!"]),
        ("{person:1}", ["<1>"]),
        ("{person:1}! {person:2}?", ["<1>! ", "<2>?"]),
        ("Dr. {person:1} and J. {person:2} came. Yes.", ["Dr. <1> and J. <2> came. ", "Yes."]),
        ('"Hello {person:1}!" she said. Oh…  no', ['"Hello <1>!" ', "she said. ", "Oh…  ", "no"]),
        ("3.14 is {person:1}'s number.", ["3.14 is <1's> number."]),
        ("你好。{person:1}再见！", ["你好。", "<1>再见！"]),
        ("one\ntwo {person:1}", ["one\n", "two <1>"]),
        ("", []),
    ],
)  # fmt: skip
def test_split(template: str, sentences: list[str]) -> None:
    assert texts(split_sentences(parse_template(template))) == sentences


@given(st.text(max_size=60))
def test_splitting_loses_nothing(text: str) -> None:
    parts = [Literal(text), Placeholder("person", "1", 0), Literal(text)] if text else []
    joined = "".join(texts(split_sentences(parts)))
    assert joined == (f"{text}<1>{text}" if text else "")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Mary Ann met Ann, not Annabel or Joann.", "<2> met <1>, not Annabel or Joann."),
        ("Siobhan's dog and Ann’s", "<s's> dog and <1’s>"),
        ("Ann", "<1>"),
        ("Ann-Marie", "<1>-Marie"),
        ("ann ANN", "ann ANN"),
        ("{person:1} is Ann", "<1> is <1>"),
        ("(Siobhan)", "(<s>)"),
    ],
)
def test_names_in_plain_text(text: str, found: str) -> None:
    spelled = {key: name.text for key, name in NAMES.items()}
    assert texts([find_names(parse_template(text), spelled)]) == [found]


def test_no_names_no_change() -> None:
    parts = parse_template("Hello there")
    assert find_names(parts, {}) == parts
    assert find_names(parts, {("person", "1"): "  "}) == parts


def test_sentence_by_sentence_is_the_whole() -> None:
    parts = parse_template("{person:1} knows {external:s}'s cat. {person:2}!")
    target = get_target("kokoro")
    whole = render_sentence(target, parts, NAMES)
    pieces = [render_sentence(target, p, NAMES) for p in split_sentences(parts)]
    assert "".join(p.text for p in pieces) == whole.text == "Ann knows Siobhan's cat. Mary Ann!"
    assert "".join(p.markup for p in pieces) == whole.markup
    assert [len(p.names) for p in pieces] == [2, 1]


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("José", unicodedata.normalize("NFD", "Hi José!"), "Hi <1>!"),
        (unicodedata.normalize("NFD", "José"), "Hi José's dog", "Hi <1's> dog"),
        ("Jose", unicodedata.normalize("NFD", "José!"), unicodedata.normalize("NFD", "José!")),
        ("Ann", "Ann\u0325 Ann", "Ann\u0325 <1>"),
        ("王伟", "请王伟来", "请<1>来"),
        ("さくら", "さくらさん", "<1>さん"),
        ("สมชาย", "คุณสมชายครับ", "คุณ<1>ครับ"),
        ("Ann", "请Ann来", "请Ann来"),
    ],
)  # fmt: skip
def test_names_in_other_scripts(name: str, text: str, found: str) -> None:
    assert texts([find_names(parse_template(text), {("person", "1"): name})]) == [found]


def test_rime_keeps_two_people_of_one_spelling_apart() -> None:
    names = {
        ("person", "a"): SpokenName("Andrea", parse_ipa("ˈændɹiə")),
        ("person", "b"): SpokenName("Andrea", parse_ipa("ɑnˈdɹeɪə")),
    }
    parts = parse_template("{person:a}, {person:b} and {person:a}; {person:b}'s.")
    made = render_sentence(get_target("rime"), parts, names)
    body = json.loads(made.markup)
    assert body["text"].startswith("Andrea, ahn-DRAY-uh and Andrea; Andrea's")
    assert [e["spelling"] for e in body["customLexicon"]] == ["Andrea", "Andrea's"]
    assert "differently" in made.names[1].notes[0]
    assert made.names[0].notes == made.names[2].notes


def test_rime_answers_in_one_form() -> None:
    parts = parse_template("Hello.")
    coda = render_sentence(get_target("rime"), parts, {}, Voice(model="coda"))
    assert json.loads(coda.markup) == {"text": "Hello.", "customLexicon": []}
    for model in ("mistv2", "mistv3", "arcana"):
        assert render_sentence(get_target("rime"), parts, {}, Voice(model=model)).markup == "Hello."


def markup_of(target: str, template: str) -> str:
    names = {
        ("person", "1"): SpokenName("Siobhan", parse_ipa("ʃɪˈvɔːn")),
        ("person", "2"): SpokenName("José", parse_ipa("xoˈse")),
    }
    return render_sentence(get_target(target), parse_template(template), names).markup


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{person:1}{person:2}", "shi-VAWN kho-SEH"),
        ("Mc{person:1}ly", "Mc shi-VAWN ly"),
        ("2{person:1}3", "2 shi-VAWN 3"),
        ("({person:1})-{person:2}.", "(shi-VAWN)-kho-SEH."),
        ("{person:1}'s{person:1}’s", "shi-VAWN's shi-VAWN’s"),
    ],
)
def test_a_name_that_is_a_word_stays_one(template: str, said: str) -> None:
    """Letters right beside it made another word of a respelling, and hid names from lexicons."""
    assert markup_of("respelling", template) == said


@pytest.mark.parametrize("template", ["{person:1}ly", "{person:1}{person:2}", "x{person:1}3"])
def test_lexicons_find_their_words(template: str) -> None:
    text = json.loads(markup_of("rime", template))["text"]
    assert "Siobhan" in text.split()
    program = markup_of("festival", template)
    key = program.split('"')[1]
    assert key in program.rpartition('(SayText "')[2].removesuffix('")').split()


def test_a_name_in_a_line_is_kept_apart_too() -> None:
    target = get_target("respelling")
    name = target.render_name("Siobhan", parse_ipa("ʃɪˈvɔːn"))
    assert render_line(target, "Hi{name}you", name) == "Hi shi-VAWN you"
    assert render_line(target, "Hi {name}!", name) == "Hi shi-VAWN!"


@pytest.mark.parametrize("mark", APOSTROPHES)
def test_whatever_apostrophe_is_typed_the_possessive_is_said(mark: str) -> None:
    for end in ("s", "S"):
        made = markup_of("cartesia", f"{{person:1}}{mark}{end} cat")
        assert made == "<<ʃ|ɪ|ˈ|v|ɔ|n|z>> cat"
        assert markup_of("cartesia", f"{{person:1}}{mark}{end}o").startswith("<<ʃ|ɪ|ˈ|v|ɔ|n>>")
        parts = find_names([Literal(f"Siobhan{mark}{end} cat")], {("person", "1"): "Siobhan"})
        assert isinstance(parts[0], Placeholder)
        assert parts[0].suffix == mark + end
