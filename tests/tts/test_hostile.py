"""Names and texts that would break out of their markup: every target keeps them harmless.

For each target there is a reader that undoes its markup as the vendor documents it; what is read
back is the text that was meant, with the name in its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namemem.phones import parse_ipa
from namemem.tts import get_target, target_names
from namemem.tts.sentences import Literal, Placeholder, SpokenName, render_sentence
from namemem.tts.target import clean

SIOBHAN = parse_ipa("ʃɪˈvɔːn")
NAME = "■"
HOSTILE = [
    '"/><break time="10s"/>', "]]", "[[h@l'oU]]", "](/x/) [a](/b/)", "a\\b\\\\", "{AA1} {{x}}",
    "]]><!--", "&amp;&#0;", "👩‍🚀", "\u202eنبيل", "a\x00b\x01\x1b\ufffe\ud800c", "a\nb\tc\r\u2028d",
    "<<x|y>>", "\\toi=orth\\", "\\prn=x \\", '") (system "rm")', "\\{\"word\"\\}", "<750>",
    "[laughs]", "e\u0301\u0323", "ſ ﬁ Ⅷ", "'s", "$(x)`y`", "%s%n", "</speak>", "{person:1}",
]  # fmt: skip


def xml(markup: str) -> str:
    root = ElementTree.fromstring(markup)  # our own output
    tags = {e.tag.rpartition("}")[2] for e in root.iter()}
    assert tags <= {"speak", "voice", "phoneme", "maryxml", "p", "t", "sapi", "pron"}, tags
    for element in root.iter():
        if element.get("ph") or element.get("sym"):
            element.text = NAME
    return "".join(root.itertext())


def pattern(regex: str, forbidden: str) -> Callable[[str], str]:
    """Our own markup is what `regex` finds; nothing of `forbidden` is left outside it."""

    def read(markup: str) -> str:
        text = re.sub(regex, NAME, markup)
        assert not re.search(forbidden, text), text
        return text

    return read


def rime(markup: str) -> str:
    body = json.loads(markup)
    for entry in body["customLexicon"]:
        assert set(entry) == {"spelling", "pronunciation"}
    return pattern(re.escape(body["customLexicon"][0]["spelling"]), r"[{}<>]")(body["text"])


def flite(markup: str) -> str:
    inner = markup.removeprefix("<speak>").removesuffix("</speak>")
    return pattern(r'<phoneme ph="[a-z0-9 ]+">[^<>]*</phoneme>', r"[<>]")(inner)


def festival(markup: str) -> str:
    entry, _, say = markup.partition("\n")
    found = re.fullmatch(r'\(lex\.add\.entry \'\("([a-z]+)" nnp \([a-z0-9() ]+\)\)\)', entry)
    assert found, entry
    spoken = re.fullmatch(r'\(SayText "([^"\\]*)"\)', say)
    assert spoken, say
    return spoken[1].replace(found[1], NAME)


READERS: dict[str, Callable[[str], str]] = {
    "ssml": xml, "azure": xml, "polly": xml, "google": xml, "apple": xml, "marytts": xml,
    "sapi": xml,
    "elevenlabs": pattern(r'<phoneme alphabet="cmu-arpabet" ph="[A-Z0-9 ]+">[^<>]*</phoneme>',
                          r"[<>\[\]]"),
    "cartesia": pattern(r"<<[^<>\s]+>>", r"[<>]"),
    "rime": rime,
    "deepgram": pattern(r'\\\{"word": "(?:[^"\\]|\\.)*", "pronounce": "[^"{}]+"\\\}', r"[{}]"),
    "espeak": pattern(r" ?\[\[SI'vO:n\]\]", r"[\[\]]"),
    "piper": pattern(r"\[\[ʃɪvˈɔːn\]\]", r"[\[\]]"),
    "arpabet": pattern(r"\{SH IH0 V AO1 N\}", r"[{}]"),
    "flite": flite,
    "festival": festival,
    "kokoro": pattern(r"\[[^\[\]]*\]\(/ʃɪvˈɔn/\)", r"[\[\]]"),
    "nao": pattern(r"\\toi=lhp\\SI'vOn\\toi=orth\\", r"\\"),
    "acapela": pattern(r"\\prn=S I v O1 n \\", r"\\"),
    "respelling": pattern("shi-VAWN", "\x00"),
}  # fmt: skip
# What stands in a text for characters that a target's own syntax would act on.
LOOKALIKES = str.maketrans('[]{}‹›\\"&', "()()<>/'+")


def plain(text: str) -> str:
    text = text.translate(LOOKALIKES).replace(" and ", "+")
    text = text.replace("<", "(").replace(">", ")")  # flite has no entities
    return "".join(text.split())


def test_every_target_has_a_reader() -> None:
    assert set(READERS) == set(target_names())


def say(name: str, hostile: str, spelling: str) -> tuple[str, str]:
    target = get_target(name)
    parts = [Literal(f"Hi {hostile} "), Placeholder("person", "1", 0), Literal(f" and {hostile}")]
    names = {("person", "1"): SpokenName(spelling, SIOBHAN)}
    sentence = render_sentence(target, parts, names)
    return READERS[name](sentence.markup), sentence.text


@pytest.mark.parametrize("name", target_names())
@pytest.mark.parametrize("hostile", HOSTILE)
def test_text_stays_what_it_was(name: str, hostile: str) -> None:
    spoken, text = say(name, hostile, "Siobhan")
    cleaned = clean(hostile)
    assert text == f"Hi {cleaned} Siobhan and {cleaned}"
    assert plain(spoken) == plain(f"Hi {cleaned} {NAME} and {cleaned}")


@pytest.mark.parametrize("name", target_names())
@pytest.mark.parametrize("hostile", HOSTILE)
def test_names_stay_inside_their_markup(name: str, hostile: str) -> None:
    spoken, text = say(name, "x", hostile)
    assert text == f"Hi x {clean(hostile).strip() or SIOBHAN.ipa} and x"
    assert plain(spoken) in (
        plain(f"Hi x {NAME} and x"),
        plain("Hi x " + NAME * len(hostile.split()) + " and x"),
    )


@pytest.mark.parametrize("name", target_names())
@pytest.mark.parametrize("hostile", ["\\", "[", "{", "<", "&", "\\{", "[[", "(", '"', "\x00\\"])
def test_text_right_beside_a_name_joins_no_markup(name: str, hostile: str) -> None:
    """A backslash before Deepgram's own `\\{` would have escaped it."""
    target = get_target(name)
    parts = [Literal(f"Hi {hostile}"), Placeholder("person", "1", 0), Literal(f"{hostile} you")]
    names = {("person", "1"): SpokenName("Siobhan", SIOBHAN)}
    markup = render_sentence(target, parts, names).markup
    cleaned = clean(hostile)
    assert plain(READERS[name](markup)) == plain(f"Hi {cleaned}{NAME}{cleaned} you")
    if name == "deepgram":
        assert "\\\\" not in markup


@pytest.mark.parametrize("name", target_names())
@given(text=st.text(max_size=30))
def test_any_text(name: str, text: str) -> None:
    say(name, text, text)
