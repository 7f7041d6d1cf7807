"""SSML and PLS against schemas of the specifications (`schemas/`), hostile names included."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from namemem.phones import parse_ipa
from namemem.tts import get_target
from namemem.tts.lexicons import FORMATS, Entry, lexicon, lexicon_formats
from namemem.tts.sentences import SpokenName, parse_template, render_sentence
from namemem.tts.voices import AnyVoice, Voice

SCHEMAS = Path(__file__).parent / "schemas"
SSML_NS = "http://www.w3.org/2001/10/synthesis"
SIOBHAN = parse_ipa("ʃɪˈvɔːn")
HOSTILE = [
    '"/><break time="10s"/>', "]]", "a\\b\\\\", "]]><!--", "&amp;&#0;", "👩‍🚀", "\u202eنبيل",
    "a\x00b\x01\x1b\ufffe\ud800c", "a\nb\tc\r\u2028d", "e\u0301\u0323", "<speak>", "</lexicon>",
]  # fmt: skip
SSML = [
    "ssml",
    "ssml:x-sampa",
    "azure",
    "azure:x-sampa",
    "polly",
    "polly:x-sampa",
    "google",
    "apple",
]
VOICES: list[AnyVoice] = [None, Voice(locale="en-GB"), "en-US-AvaMultilingualNeural"]
PLS = [name for name in lexicon_formats() if FORMATS[name].media_type == "application/pls+xml"]
# ElevenLabs wants an alphabet that is neither registered nor of the form x-….
OTHER_ALPHABETS = {"elevenlabs": "cmu-arpabet"}


@cache
def schema(name: str) -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(SCHEMAS / f"{name}.rng"))


def errors(name: str, root: etree._Element) -> list[str]:
    """What is wrong with a document; it is parsed anew, as a receiver would."""
    checked = schema(name)
    checked.validate(etree.fromstring(etree.tostring(root)))
    return [str(entry) for entry in checked.error_log]


def ssml_errors(markup: str) -> list[str]:
    """SSML 1.1, 2.2.1: a fragment conforms where it does with namespace, version and language."""
    root = etree.fromstring(markup)
    if not root.tag.startswith("{"):
        markup = markup.replace(
            "<speak>", f'<speak version="1.1" xmlns="{SSML_NS}" xml:lang="en-US">', 1
        )
        root = etree.fromstring(markup)
    return errors("ssml-1.1", root)


def pls_errors(name: str, text: str) -> list[str]:
    root = etree.fromstring(text.encode())
    if name in OTHER_ALPHABETS:
        assert root.get("alphabet") == OTHER_ALPHABETS[name]
        root.set("alphabet", "x-" + OTHER_ALPHABETS[name])
    return errors("pls-1.0", root)


@pytest.mark.parametrize("name", SSML)
@pytest.mark.parametrize("voice", VOICES, ids=str)
@pytest.mark.parametrize("hostile", ["Siobhan", *HOSTILE])
def test_a_sentence_is_ssml(name: str, voice: AnyVoice, hostile: str) -> None:
    parts = parse_template("Hi {person:1}, this is {person:1}'s <b>cat</b> & {external:2}!")
    names = {
        ("person", "1"): SpokenName(hostile, SIOBHAN),
        ("external", "2"): SpokenName(hostile, parse_ipa("maˈɾi.a xoˈse")),
    }
    if name == "apple" and isinstance(voice, Voice):
        voice = None  # American phones alone
    assert ssml_errors(render_sentence(get_target(name), parts, names, voice).markup) == []


@pytest.mark.parametrize("name", ["ssml", "azure", "polly"])
@given(text=st.text(max_size=40))
@settings(max_examples=30)
def test_any_text_is_ssml(name: str, text: str) -> None:
    target = get_target(name)
    inner = target.escape(text) + target.render_name(text, SIOBHAN).markup
    assert ssml_errors(target.wrap(inner)) == []


@pytest.mark.parametrize("name", PLS)
def test_a_lexicon_is_pls(name: str) -> None:
    entries = [Entry(text, SIOBHAN) for text in ("Siobhan", *HOSTILE)]
    entries += [Entry(f"Siobhan{i}", parse_ipa("maˈɾi.a xoˈse")) for i in range(60)]
    for part in lexicon(name, entries).parts:
        assert pls_errors(name, part.content) == []
    assert pls_errors(name, lexicon(name, []).parts[0].content) == []


@pytest.mark.parametrize(
    ("name", "voice"),
    [("azure", "es-ES-ElviraNeural"), ("polly", "Ewa"), ("polly", "Camila"), ("pls", None),
     ("elevenlabs", Voice(model="eleven_v3"))],
)  # fmt: skip
def test_a_lexicon_of_another_voice_is_pls(name: str, voice: AnyVoice) -> None:
    for ipa in ("ǁɔˈlaːni", "ŋwiən˧˥", "ʔ", "ˈnʲiəvˠ"):
        made = lexicon(name, [Entry("X", parse_ipa(ipa))], voice)
        assert pls_errors(name, made.parts[0].content) == []


@given(text=st.text(max_size=40))
@settings(max_examples=25)
def test_any_spelling_is_pls(text: str) -> None:
    made = lexicon("pls", [Entry(text, SIOBHAN)])
    assert pls_errors("pls", made.parts[0].content) == []


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("</lexeme>", "<break/></lexeme>"),
        ('version="1.0"', ""),
        (' xml:lang="en-US"', ""),
        ('alphabet="ipa"', 'alphabet="sampa"'),
        ("<grapheme>Siobhan</grapheme>", ""),
        ("<grapheme>Siobhan</grapheme>", "<grapheme/>"),
        ("<phoneme>ʃɪˈvɔːn</phoneme>", ""),
        ("<phoneme>", '<phoneme prefer="maybe">'),
        ("</lexicon>", "<grapheme>x</grapheme></lexicon>"),
    ],
)
def test_a_wrong_lexicon_is_noticed(good: str, bad: str) -> None:
    text = lexicon("pls", [Entry("Siobhan", SIOBHAN)], possessives=False).parts[0].content
    assert pls_errors("pls", text) == []
    assert good in text
    head, _, rest = text.partition("?>")
    assert pls_errors("pls", head + "?>" + rest.replace(good, bad, 1))


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (' ph="ʃɪˈvɔːn"', ""),
        ('alphabet="ipa"', 'alphabet="sampa"'),
        ("Siobhan</phoneme>", "<break/></phoneme>"),
        (' version="1.1"', ""),
        ("</speak>", '<break time="soon"/></speak>'),
        ("</speak>", "<b>x</b></speak>"),
        ("</speak>", "<lang>x</lang></speak>"),
        ("</speak>", "<token><s>x</s></token></speak>"),
        ("</speak>", "<s><p>x</p></s></speak>"),
        ("</speak>", '<voice gender="other">x</voice></speak>'),
        ("</speak>", '<voice onvoicefailure="ignoretext">x</voice></speak>'),
        ("</speak>", '<lang xml:lang="de" onlangfailure="keepexisting">x</lang></speak>'),
        ("</speak>", "<lookup>x</lookup></speak>"),
        ("</speak>", "<sub>x</sub></speak>"),
        ("</speak>", "<say-as>x</say-as></speak>"),
        ("</speak>", '<break strength="loud"/></speak>'),
        ("</speak>", '<lexicon uri="x" xml:id="a"/></speak>'),
        ("</speak>", '<x:y xmlns:x="urn:x"/></speak>'),
        (' xml:lang="en-US"', ""),
    ],
)
def test_wrong_ssml_is_noticed(good: str, bad: str) -> None:
    target = get_target("ssml")
    text = target.wrap(target.render_name("Siobhan", SIOBHAN).markup)
    assert ssml_errors(text) == []
    assert good in text
    assert ssml_errors(text.replace(good, bad, 1))


EVERYTHING = """<speak version="1.1" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="en"
 xml:base="http://example.com/" startmark="a" endmark="b" onlangfailure="processorchoice"
 xml:id="x">
<lexicon uri="names.pls" xml:id="names" type="application/pls+xml" fetchtimeout="3s" maxage="5"/>
<meta name="seeAlso" content="x"/><meta http-equiv="Cache-Control" content="no-cache"/>
<metadata><rdf xmlns="urn:x">y</rdf></metadata>
<p>Hi <s xml:lang="de" onlangfailure="ignorelang">du, <token role="x">Sei<emphasis>te</emphasis>
<phoneme ph="a" type="ruby">a</phoneme></token> <w>b<break/></w></s></p>
<lookup ref="names">Siobhan</lookup> <lang xml:lang="fr" onlangfailure="changevoice">oui</lang>
<voice name="a b" gender="female" age="3" variant="2" languages="en:us" required="name"
 onvoicefailure="keepexisting"><s>x</s></voice>
<audio src="x.wav" fetchhint="safe"><desc xml:lang="en">bang</desc>x</audio><mark name="here"/>
<prosody rate="slow" pitch="+2st" duration="1.5s"><break time="250ms" strength="x-weak"/>z</prosody>
<say-as interpret-as="date" format="mdy">x</say-as><sub alias="World Wide Web">WWW</sub>
</speak>"""


def test_all_of_ssml_is_let_through() -> None:
    """The schema refuses nothing that the specification's text allows in the core profile."""
    assert errors("ssml-1.1", etree.fromstring(EVERYTHING)) == []


def test_all_of_pls_is_let_through() -> None:
    text = """<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon"
 alphabet="x-sampa" xml:lang="en" xml:base="http://example.com/"
 xmlns:claws="http://www.example.com/claws7tags">
<meta name="author" content="x"/><meta http-equiv="Expires" content="0"/>
<metadata><rdf xmlns="urn:x"/></metadata>
<lexeme xml:id="a" role="claws:VVI claws:VV0"><grapheme>read</grapheme><grapheme>reed</grapheme>
<phoneme prefer="true" alphabet="ipa">riːd</phoneme><phoneme>ri:d</phoneme><alias>reed</alias>
<example>I read.</example></lexeme></lexicon>"""
    assert errors("pls-1.0", etree.fromstring(text)) == []
