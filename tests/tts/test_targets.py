"""Every target of the registry, whatever it is: golden file, escaping, nothing lost in silence."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namemem.errors import InvalidRequest, UnknownTarget, UnknownVoice
from namemem.phones import parse_ipa
from namemem.tts import get_target, target_names
from namemem.tts.registry import TARGETS
from namemem.tts.sentences import Placeholder, SpokenName, parse_template, render_sentence
from namemem.tts.ssml import XmlTarget
from namemem.tts.target import clean

GOLDEN = Path(__file__).parent / "golden"
SIOBHAN = parse_ipa("ʃɪˈvɔːn")
HOSTILE = [
    '"/><break time="10s"/>',
    "]]",
    "[[h@l'oU]]",
    "](/x/) [a](/b/)",
    "a\\b\\\\",
    "{AA1} {{x}}",
    "]]><!--",
    "&amp;&#0;",
    "👩‍🚀",
    "\u202eنبيل",
    "a\x00b\x01\x1b\ufffe\ud800c",
    "a\nb\tc\r\u2028d",
]


def read(markup: str) -> ElementTree.Element:
    return ElementTree.fromstring(markup)  # our own output


def phonemes(markup: str) -> list[ElementTree.Element]:
    return [e for e in read(markup).iter() if e.tag.rpartition("}")[2] == "phoneme"]


@pytest.mark.parametrize("name", target_names())
def test_golden(name: str) -> None:
    rows = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    assert len(rows) >= 15
    for row in rows:
        asked = row["given"]
        target = get_target(f"{name}:{asked['alphabet']}" if "alphabet" in asked else name)
        rendering = target.render_name(asked["text"], parse_ipa(asked["ipa"]), asked["voice"])
        assert rendering.as_dict() == row["rendering"], asked


@pytest.mark.parametrize("name", target_names())
def test_describes_itself(name: str) -> None:
    described = get_target(name).describe()
    json.dumps(described)
    assert described["name"] == name
    for field in ("title", "alphabet", "syntax", "limits", "example", "source"):
        assert described[field], field
    assert str(described["source"]).startswith("http")
    assert isinstance(described["verified"], bool)


@pytest.mark.parametrize("name", target_names())
@pytest.mark.parametrize("ipa", ["ǃo", "ʔa", "ʢa", "ma˥˩", "ʘeʘ", "b̪͡v̪a".replace("̪", "")])
def test_reports_what_it_cannot_say(name: str, ipa: str) -> None:
    """A phone is in the phones, or it is reported: plain SSML has all of them."""
    pronunciation = parse_ipa(ipa)
    rendering = get_target(name).render_name("X", pronunciation)
    assert rendering.ipa == pronunciation.ipa
    if name == "ssml":
        assert rendering.exact
        assert rendering.phones == pronunciation.ipa
        return
    if name == "piper" and "˥" not in ipa:  # has a code point for every segment
        assert rendering.exact
        return
    has_glottal_stop = name in ("espeak", "kokoro") and ipa == "ʔa"
    reported = {s.source for s in rendering.substitutions}
    odd = {"ǃo": "ǃ", "ʔa": "ʔ", "ʢa": "ʢ", "ma˥˩": "˥˩", "ʘeʘ": "ʘ"}.get(ipa, "b͡v")
    assert (odd in reported) != has_glottal_stop
    for substitution in rendering.substitutions:
        assert substitution.target or substitution.source in rendering.unsupported
    assert not rendering.exact


@pytest.mark.parametrize(("ipa", "phones"), [("ˈbɝt", "bˈɚt"), ("ˈɝni", "ˈɚni"), ("ˈbɝ̯a", "bɚ̯ˈa")])
def test_piper_keeps_a_vowel_whose_letter_it_lacks(ipa: str, phones: str) -> None:
    said = get_target("piper").render_name("Bert", parse_ipa(ipa))
    assert said.phones == phones
    assert said.grade == "close"
    assert not said.unsupported


@pytest.mark.parametrize("ipa", ["ˈʝo", "ˈʑana", "ˈd͡ʒo"])
def test_a_vendors_own_ties_in_x_sampa(ipa: str) -> None:
    said = get_target("azure:x-sampa").render_name("Yo", parse_ipa(ipa), "es-MX")
    assert said.phones.isascii()
    assert said.phones.startswith('"')


@pytest.mark.parametrize("name", target_names())
@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_and_text(name: str, hostile: str) -> None:
    target = get_target(name)
    parts = parse_template("Hi {person:1}! ")
    parts.append(type(parts[0])(hostile))  # type: ignore[call-arg]
    parts.append(Placeholder("person", "1", 0))
    sentence = render_sentence(target, parts, {("person", "1"): SpokenName(hostile, SIOBHAN)})
    assert "\x00" not in sentence.markup
    assert sentence.text == f"Hi {clean(hostile).strip() or 'ʃɪˈvɔːn'}! {clean(hostile)}" + (
        clean(hostile).strip() or "ʃɪˈvɔːn"
    )
    if isinstance(target, XmlTarget):
        spoken = "".join(read(sentence.markup).itertext())
        assert " ".join(spoken.split()) == " ".join(sentence.text.split())
        assert all(e.get("ph") for e in phonemes(sentence.markup))
        assert len(phonemes(sentence.markup)) == 2
        tags = {e.tag.rpartition("}")[2] for e in read(sentence.markup).iter()}
        assert tags <= {"speak", "voice", "phoneme"}
    elif name == "espeak":
        assert sentence.markup.count("[") == sentence.markup.count("]") == 4
    elif name == "kokoro":
        assert sentence.markup.count("[") == sentence.markup.count("]") == 2
        assert sentence.markup.count("](/ʃɪvˈɔn/)") == 2
    elif name == "flite":
        assert sentence.markup.count("<") == sentence.markup.count(">") == 2 * 2 + 2
    elif name == "arpabet":
        assert sentence.markup.count("{SH IH0 V AO1 N}") == 2
        assert sentence.markup.count("{") == sentence.markup.count("}") == 2


@pytest.mark.parametrize("name", [n for n in target_names() if n in ("ssml", "azure", "google")])
@given(text=st.text(max_size=60))
def test_any_text_is_well_formed(name: str, text: str) -> None:
    target = get_target(name)
    markup = target.wrap(target.escape(text) + target.render_name(text, SIOBHAN).markup)
    spoken = "".join(read(markup).itertext())
    assert spoken.startswith(clean(text))


def test_sentence_with_possessive_and_words() -> None:
    parts = parse_template("Meet {person:1}'s friend {external: alice }’s dog, {person:2}, {{ok}}")
    names = {
        ("person", "1"): SpokenName("Siobhan", SIOBHAN),
        ("external", "alice"): SpokenName("Alice", parse_ipa("ˈælɪs")),
        ("person", "2"): SpokenName("A & B", None),
    }
    sentence = render_sentence(get_target("polly"), parts, names)
    assert sentence.text == "Meet Siobhan's friend Alice’s dog, A & B, {ok}"
    assert 'ph="ʃɪˈvɔnz">Siobhan\'s<' in sentence.markup
    assert 'ph="ˈælɪsɪz">Alice’s<' in sentence.markup
    assert "A &amp; B, {ok}" in sentence.markup
    assert len(sentence.names) == 2
    plain = render_sentence(get_target("respelling"), parts, names)
    assert plain.markup == "Meet shi-VAWN's friend AL-iss’s dog, A & B, {ok}"
    with pytest.raises(KeyError):
        render_sentence(get_target("polly"), parts, {})


@pytest.mark.parametrize(
    ("template", "position"),
    [
        ("a { b", 2),
        ("a } b", 2),
        ("{person}", 0),
        ("x {name:1}", 2),
        ("{person:}", 0),
        ("{person:{external:1}}", 0),
        ("{}", 0),
        ("ok {person:1} {", 14),
    ],
)
def test_malformed_templates(template: str, position: int) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_template(template)
    assert caught.value.details["position"] == position
    assert str(position) in caught.value.message


@given(st.text(max_size=80))
def test_template_literals_survive(text: str) -> None:
    doubled = text.replace("{", "{{").replace("}", "}}")
    parts = parse_template(doubled)
    assert "".join(p.text for p in parts if not isinstance(p, Placeholder)) == text


def test_a_word_that_goes_on_is_no_possessive() -> None:
    (placeholder, literal) = parse_template("{person:1}'sup")
    assert isinstance(placeholder, Placeholder)
    assert not placeholder.suffix
    assert literal == type(literal)("'sup")  # type: ignore[call-arg]


def test_registry_errors() -> None:
    assert set(TARGETS) == set(target_names())
    with pytest.raises(UnknownTarget, match="polly") as caught:
        get_target("poly")
    assert "polly" in caught.value.details["known"]  # type: ignore[operator]
    with pytest.raises(UnknownTarget, match="x-sampa"):
        get_target("polly:sapi")
    assert get_target("polly:x-sampa").alphabet == "x-sampa"
    assert get_target("polly") is get_target("polly")


def test_voices() -> None:
    assert "ʃɪvˈɔːn" in get_target("kokoro").render_name("S", SIOBHAN, "bf_emma").markup
    for target, voice in (
        ("kokoro", "jf_alpha"),
        ("espeak", "xx"),
        ("azure", "ja-JP-NanamiNeural"),
        ("polly", "Mizuki"),
        ("deepgram", "de-DE"),
    ):
        with pytest.raises(UnknownVoice):
            get_target(target).render_name("S", SIOBHAN, voice)
    azure = get_target("azure")
    assert '<voice name="en-US-GuyNeural">' in azure.wrap("x", "en-US-GuyNeural")
    assert 'name="a&quot;' in azure.wrap("x", 'a"/><x/>') or "name='a\"" in azure.wrap(
        "x", 'a"/><x/>'
    )
