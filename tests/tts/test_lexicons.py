"""Lexicons: valid against their formats, split at the vendors' limits, nothing lost in silence."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namemem.errors import UnknownTarget, UnknownVoice
from namemem.phones import parse_ipa
from namemem.tts.lexicon_formats import AZURE_BYTES, POLLY_CHARACTERS, RIME_ENTRIES
from namemem.tts.lexicons import FORMATS, Entry, lexicon, lexicon_formats
from namemem.tts.voices import Voice

NAMES = [
    Entry("Siobhan", parse_ipa("ʃɪˈvɔːn")),
    Entry("María José", parse_ipa("maˈɾia xoˈse")),
    Entry("Andrea", parse_ipa("ˈændɹiə")),
    Entry("Łukasz", parse_ipa("ˈwukaʂ")),
    Entry('"/><break time="10s"/>', parse_ipa("bɒb")),
]
PLS = [name for name in lexicon_formats() if FORMATS[name].media_type == "application/pls+xml"]
NS = "{http://www.w3.org/2005/01/pronunciation-lexicon}"


def check_pls(text: str) -> list[tuple[str, str]]:
    """(grapheme, phoneme or alias) of a document, of the form that is written here.

    The form of PLS 1.0 itself: test_schemas.py.
    """
    root = ElementTree.fromstring(text.encode())
    assert root.tag == f"{NS}lexicon"
    assert root.get("version") == "1.0"
    assert root.get("alphabet")
    assert re.fullmatch(
        r"[a-z]{2,3}(-[A-Z]{2})?", root.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    )
    assert set(root.attrib) <= {
        "version", "alphabet", "{http://www.w3.org/XML/1998/namespace}lang",
    }  # fmt: skip
    found = []
    for lexeme in root:
        assert lexeme.tag == f"{NS}lexeme"
        grapheme, said = list(lexeme)
        assert grapheme.tag == f"{NS}grapheme"
        assert said.tag in (f"{NS}phoneme", f"{NS}alias")
        assert not list(grapheme)
        assert not list(said)
        assert (grapheme.text or "").strip()
        assert (said.text or "").strip()
        found.append((grapheme.text or "", said.text or ""))
    return found


@pytest.mark.parametrize("name", lexicon_formats())
def test_every_format(name: str) -> None:
    made = lexicon(name, NAMES)
    assert made.format == name
    assert len(made.parts) == 1
    part = made.parts[0]
    assert part.media_type == FORMATS[name].media_type
    assert part.entries
    assert FORMATS[name].source.startswith("http")
    text = part.content
    assert "iobhan" in text or "IOBHAN" in text
    empty = lexicon(name, [])
    assert len(empty.parts) == 1
    assert empty.parts[0].entries == 0


@pytest.mark.parametrize("name", PLS)
def test_pls_is_valid_and_hostile_names_stay_text(name: str) -> None:
    made = lexicon(name, NAMES)
    found = dict(check_pls(made.parts[0].content))
    assert '"/><break time="10s"/>' in found
    assert "Siobhan's" in found
    assert "Siobhan’s" in found
    assert len(found) == made.parts[0].entries == 3 * len(NAMES)


@pytest.mark.parametrize("name", PLS)
@given(text=st.text(max_size=40))
def test_any_spelling_is_valid(name: str, text: str) -> None:
    made = lexicon(name, [Entry(text, parse_ipa("ˈmoʊ"))])
    for part in made.parts:
        check_pls(part.content)
    assert made.left_out or made.parts[0].entries == 3 or text.endswith(("'s", "’s"))


def many(count: int) -> list[Entry]:
    return [Entry(f"Siobhan{i}", parse_ipa("ʃɪˈvɔːn")) for i in range(count)]


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("azure", lambda part: len(part.content.encode()) <= AZURE_BYTES),
        ("polly", lambda part: len(part.content) <= POLLY_CHARACTERS),
        ("rime", lambda part: part.entries <= RIME_ENTRIES),
    ],
)
def test_split_at_the_limit(name: str, fits: object) -> None:
    entries = many(700)
    made = lexicon(name, entries)
    assert len(made.parts) > 1
    assert all(fits(part) for part in made.parts)  # type: ignore[operator]
    assert sum(part.entries for part in made.parts) == 3 * len(entries)
    assert len({part.name for part in made.parts}) == len(made.parts)
    # As few parts as the limit allows: no two neighbours fit into one.
    whole = made.parts[0].entries + made.parts[1].entries
    assert whole > made.parts[0].entries
    if name == "polly":
        assert all(re.fullmatch(r"[0-9A-Za-z]{1,20}\.pls", part.name) for part in made.parts)


def test_polly_refuses_what_is_too_long_for_it() -> None:
    made = lexicon("polly", [Entry("Long", parse_ipa("ma" * 120))])
    assert made.left_out[0][0] == "Long"
    assert made.parts[0].entries == 0


def test_two_people_with_one_spelling() -> None:
    made = lexicon("pls", [NAMES[2], Entry("Andrea", parse_ipa("ɑnˈdɹeɪə")), NAMES[2]])
    assert dict(check_pls(made.parts[0].content))["Andrea"] == "ˈændɹiə"
    assert [text for text, _ in made.left_out] == ["Andrea"]


def test_locales_and_models() -> None:
    made = lexicon("azure", NAMES[:1], "es-ES-ElviraNeural")
    assert 'xml:lang="es-ES"' in made.parts[0].content
    assert check_pls(made.parts[0].content) == [("Siobhan", "tʃi.ˈbon")]  # no 's in Spanish
    alias = lexicon("elevenlabs", NAMES[:1], Voice(model="eleven_multilingual_v2"))
    assert "<alias>shi-VAWN</alias>" in alias.parts[0].content
    assert 'alphabet="cmu-arpabet"' in lexicon("elevenlabs", NAMES[:1]).parts[0].content
    with pytest.raises(UnknownVoice):
        lexicon("azure", NAMES, "ja-JP")
    with pytest.raises(UnknownTarget, match="cartesia"):
        lexicon("cartesa", NAMES)


def test_json_formats() -> None:
    rime = json.loads(lexicon("rime", NAMES).parts[0].content)
    assert rime["customLexicon"][0] == {"spelling": "Siobhan", "pronunciation": 'S I . " v O n'}
    cartesia = json.loads(lexicon("cartesia", NAMES).parts[0].content)
    assert cartesia[0] == {"text": "Siobhan", "pronunciation": "<<ʃ|ɪ|ˈ|v|ɔ|n>>"}
    google = json.loads(lexicon("google", NAMES).parts[0].content)
    assert google["customPronunciations"]["pronunciations"][0]["pronunciation"] == "ʃɪˈvɔːn"


def test_dictionaries() -> None:
    cmu = lexicon("cmu", [*NAMES, Entry("Andrea B", parse_ipa("ɑnˈdɹeɪə ˈbiː"))]).parts[0].content
    assert "SIOBHAN  SH IH0 V AO1 N\n" in cmu
    assert "SIOBHAN'S  SH IH0 V AO1 N Z\n" in cmu
    assert "ANDREA  AE1 N D R IY0 AH0\nANDREA(1)  AA0 N D R EY1 AH0\n" in cmu
    assert "JOSÉ  HH OW0 S EY1\n" in cmu
    mfa = lexicon("mfa", NAMES).parts[0].content
    assert "siobhan\tSH IH0 V AO1 N\n" in mfa
    assert all(re.fullmatch(r"[^\s]+\t[A-Z0-9 ]+", line) for line in mfa.splitlines())
    made = lexicon("espeak", NAMES)
    assert "siobhan  SI'vO:n\n" in made.parts[0].content
    assert "(maría josé)  " in made.parts[0].content
    assert any(text.startswith('"/>') for text, _ in made.left_out)


def test_what_was_substituted_is_in_the_renderings() -> None:
    made = lexicon("azure", NAMES)
    inexact = {r.text for r in made.renderings if not r.exact}
    assert "María José" in inexact
    assert "Siobhan" not in inexact


def test_google_voices_without_ssml() -> None:
    chirp = lexicon("google", NAMES[:1], Voice("en-US-Chirp3-HD-Charon"), possessives=False)
    items = json.loads(chirp.parts[0].content)["customPronunciations"]["pronunciations"]
    assert [item["pronunciation"] for item in items] == ["ʃɪˈvɔːn"]
    assert chirp.left_out == ()
    journey = lexicon("google", NAMES[:1], Voice("en-US-Journey-D"), possessives=False)
    assert journey.parts[0].entries == 0
    assert [text for text, _ in journey.left_out] == ["Siobhan"]


def test_words_that_are_one_in_capitals() -> None:
    entries = [
        Entry("Weiß", parse_ipa("ˈvaɪs")),
        Entry("Weiss", parse_ipa("ˈwaɪs")),
        Entry("WEISS", parse_ipa("ˈvaɪs")),
        Entry("Groß", parse_ipa("ˈɡɹoʊs")),
    ]
    cmu = lexicon("cmu", entries, possessives=False).parts[0]
    assert cmu.content == "GROSS  G R OW1 S\nWEISS  V AY1 S\nWEISS(1)  W AY1 S\n"
    assert cmu.entries == 3
    mfa = lexicon("mfa", entries, possessives=False).parts[0]
    assert "weiß\tV AY1 S\n" in mfa.content
    assert "weiss\tW AY1 S\n" in mfa.content


@pytest.mark.parametrize("model", ["mistv2", "mistv3", "arcana"])
def test_rime_models_without_a_lexicon(model: str) -> None:
    made = lexicon("rime", NAMES, Voice(model=model), possessives=False)
    assert made.parts[0].entries == 0
    assert [text for text, _ in made.left_out] == [entry.spelling for entry in NAMES]


def test_words_that_differ_in_case_alone() -> None:
    entries = [NAMES[2], Entry("ANDREA", parse_ipa("ɑnˈdɹeɪə"))]
    same = Entry("andrea", NAMES[2].pronunciation)
    cmu = lexicon("cmu", [*entries, same], possessives=False).parts[0]
    assert cmu.content == "ANDREA  AE1 N D R IY0 AH0\nANDREA(1)  AA0 N D R EY1 AH0\n"
    mfa = lexicon("mfa", [*entries, same], possessives=False).parts[0]
    assert mfa.content == "andrea\tAE1 N D R IY0 AH0\nandrea\tAA0 N D R EY1 AH0\n"
    assert mfa.entries == 2
    espeak = lexicon("espeak", [*entries, same], possessives=False)
    assert espeak.parts[0].entries == 1
    assert [text for text, _ in espeak.left_out] == ["ANDREA"]


def test_azures_phonemes_hold_no_space() -> None:
    """Its page on custom lexicons: a phoneme in IPA cannot contain white space."""
    made = lexicon("azure", [Entry("José María", parse_ipa("xoˈse maˈɾi.a"))])
    phones = re.findall("<phoneme>(.*?)</phoneme>", made.parts[0].content)
    assert phones[0] == "hoʊ.ˈseɪ.mɑ.ˈɹi.ɑ"
    assert not any(" " in one for one in phones)


def test_espeaks_dictionary_holds_no_pronunciation_that_would_end_it() -> None:
    long, short = Entry("Pa", parse_ipa("pa" * 120)), Entry("Ma", parse_ipa("ma" * 30))
    made = lexicon("espeak", [long, short], possessives=False)
    assert [spelling for spelling, _ in made.left_out] == ["Pa"]
    assert made.parts[0].entries == 1
