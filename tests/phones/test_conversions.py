"""All notations by one table: there and back, nothing disappears, errors have a place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namemem.errors import InvalidPronunciation, InvalidRequest, UnknownVoice
from namemem.phones import Phone, Pronunciation, parse_ipa, segments
from namemem.phones.arpabet import VOWELS, from_arpabet, to_arpabet
from namemem.phones.ascii_table import AsciiTable
from namemem.phones.kirshenbaum import KIRSHENBAUM, from_kirshenbaum, to_kirshenbaum
from namemem.phones.notation_table import readings
from namemem.phones.notations import convert, converted, notations, read_notation
from namemem.phones.respelling import READERS, from_respelling, to_respelling
from namemem.phones.x_sampa import X_SAMPA

TABLES = [X_SAMPA, KIRSHENBAUM]
ALL = [*notations(), *(f"respelling:{reader}" for reader in READERS)]


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.title)
def test_there_and_back_on_the_alphabet(table: AsciiTable) -> None:
    """Symbol → IPA → symbol is the identity, for each letter and each mark."""
    assert len(table.segments) >= 103
    for symbol in table.segments.values():
        assert table.write(table.read(symbol)).value == symbol
    for ipa, symbol in table.marks.items():
        if ipa in "ˈˌ":
            assert table.write(table.read(symbol + "ta")).value == symbol + "ta"
        elif ipa != ".":
            assert table.write(table.read("ta" + symbol)).value == "ta" + symbol


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.title)
def test_symbols_are_ascii_and_tell_everything_apart(table: AsciiTable) -> None:
    symbols = [*table.segments.values(), *table.marks.values()]
    assert len(symbols) == len(set(symbols))
    assert all(symbol.isascii() and symbol.isprintable() for symbol in symbols)
    assert set(segments.known_segments()) - set(table.segments) <= {"ⱱ"}


@given(st.data())
@settings(max_examples=300)
def test_kirshenbaum_reads_back(
    pronunciations: st.SearchStrategy[Pronunciation], data: st.DataObject
) -> None:
    pronunciation = data.draw(pronunciations)
    conversion = to_kirshenbaum(pronunciation)
    assert conversion.exact
    assert conversion.value.isascii()
    assert from_kirshenbaum(conversion.value) == pronunciation


@pytest.mark.parametrize(
    ("ipa", "ascii_ipa"),
    [
        ("ʃɪˈvɔːn", "SI'vO:n"),
        ("ŋwiən˧˥", "Nwi@n<3><5>"),
        ("ʒɑ̃", "ZA~"),
        ("t͡ʃɑɹlz", "tSArlz"),
        ("ˈʁɑ̃.ɲø", "'g\"A~n^Y"),
        ("ǁɔˈlani", "l!O'lani"),
        ("ipˈǀǀi", "ip't!t!i"),
        ("ˈbʌtn̩", "'bVtn<syl>"),
    ],
)
def test_kirshenbaum(ipa: str, ascii_ipa: str) -> None:
    assert to_kirshenbaum(parse_ipa(ipa)).value == ascii_ipa
    assert from_kirshenbaum(ascii_ipa) == parse_ipa(ipa)


def test_kirshenbaum_reads_the_older_marks() -> None:
    assert from_kirshenbaum("'bVtn-").ipa == "ˈbʌtn̩"
    assert from_kirshenbaum("t`a").ipa == "tʼa"


def test_arpabet_there_and_back_on_the_alphabet() -> None:
    table = [row for row in readings("arpabet") if row not in ("AX", "AXR", "DX", "IX")]
    assert len(table) == 39
    for symbol in table:
        for digit in ("0", "1", "2") if symbol in VOWELS else ("",):
            text = f"B {symbol}{digit}" if symbol in VOWELS else f"{symbol} AA1"
            assert to_arpabet(from_arpabet(text)).value == text


@pytest.mark.parametrize("notation", ALL)
@given(data=st.data())
@settings(max_examples=100)
def test_nothing_disappears(
    notation: str, pronunciations: st.SearchStrategy[Pronunciation], data: st.DataObject
) -> None:
    """Whatever a notation cannot write as it is, it reports; and its value is never empty."""
    pronunciation = data.draw(pronunciations)
    done = converted(pronunciation.ipa, "ipa", notation)
    assert done.conversion.value.strip()
    assert done.conversion.exact == (done.grade == "exact")
    positions = [s.position for s in done.conversion.substitutions]
    assert all(0 <= p < len(pronunciation.units) for p in positions)
    if notation in ("ipa", "kirshenbaum"):
        assert done.conversion.exact
        assert read_notation(done.conversion.value, notation) == pronunciation


@pytest.mark.parametrize("notation", ALL)
@given(
    text=st.text(max_size=25)
    | st.text(alphabet="aAbdeEghiImnorRsStuUz'\"~^;:.-<>?!@&0", max_size=12)
)
@settings(max_examples=200)
def test_any_text_is_read_or_refused_with_a_place(notation: str, text: str) -> None:
    try:
        pronunciation = read_notation(text, notation)
    except InvalidPronunciation as error:
        position = error.details["position"]
        assert isinstance(position, int)
        assert 0 <= position <= len(text)
    else:
        assert pronunciation.phones
        assert parse_ipa(pronunciation.ipa) == pronunciation or pronunciation.ipa


@pytest.mark.parametrize("source", notations())
@pytest.mark.parametrize("target", notations())
def test_from_each_to_each(source: str, target: str) -> None:
    written = convert("ʃɪˈvɔːn", "ipa", source).value
    there = convert(written, source, target).value
    back = convert(there, target, "ipa").value
    assert back.replace("ː", "") == "ʃɪˈvɔn"


@pytest.mark.parametrize(
    ("reader", "ipa", "respelled"),
    [
        ("en", "ʃɪˈvɔːn", "shi-VAWN"),
        ("de", "ʃɪˈvɔːn", "schi-WONN"),
        ("fr", "ʃɪˈvɔːn", "chi-VONN"),
        ("es", "ʃɪˈvɔːn", "shi-VON"),
        ("de", "ˈjʏʁɡən", "JÜR-gen"),
        ("fr", "ʁəˈne", "re-NÉ"),
        ("fr", "ʒɑ̃", "JAN"),
        ("es", "xoˈse", "jo-SE"),
        ("es", "ˈɡeɾa", "GUE-ra"),
        ("de", "ˈmaɪkəl", "MEI-kel"),
    ],
)
def test_respelling_for_readers(reader: str, ipa: str, respelled: str) -> None:
    assert to_respelling(parse_ipa(ipa), reader).value == respelled
    assert to_respelling(from_respelling(respelled, reader), reader).value == respelled


@pytest.mark.parametrize("reader", ["de", "fr", "es"])
@given(data=st.data())
@settings(max_examples=200)
def test_a_respelling_reads_back_as_the_same_sounds(reader: str, data: st.DataObject) -> None:
    onset = st.sampled_from([*"pbtdkɡfszmnlj", "ʃ", "t͡ʃ", "x"])
    vowel = st.sampled_from([*"aeiou", "ə", "ɛ", "ɔ"])
    coda = st.sampled_from(["", "", "n", "s", "l", "k", "m"])
    syllable = st.tuples(st.sampled_from(["", "ˈ"]), onset, vowel, coda).map("".join)
    ipa = "".join(data.draw(st.lists(syllable, min_size=1, max_size=4)))
    first = to_respelling(parse_ipa(ipa), reader)
    again = to_respelling(from_respelling(first.value, reader), reader)
    assert again.value == first.value


def test_what_there_is_not() -> None:
    with pytest.raises(InvalidRequest, match="kirshenbaum"):
        convert("a", "sampa", "ipa")
    with pytest.raises(InvalidRequest, match="kirshenbaum"):
        convert("a", "ipa", "branner")
    with pytest.raises(InvalidRequest, match="respelled for readers"):
        convert("a", "ipa", "respelling:jp")
    with pytest.raises(UnknownVoice):
        convert("a", "ipa", "espeak:xx")
    assert convert("a", "IPA", "X_SAMPA").value == "a"


def test_reported_with_a_cost_and_a_grade() -> None:
    done = converted("xoˈse", "ipa", "arpabet")
    assert [s.source for s in done.conversion.substitutions] == ["x", "o", "e"]
    assert all(0 < s.cost < 1 for s in done.conversion.substitutions)
    assert done.conversion.spoken == "hoʊ.ˈseɪ"
    assert done.grade == "close"
    assert Phone("x") in done.pronunciation.phones


@pytest.mark.parametrize("hyphen", ["\u2010", "\u2011", "\u2012", "\u2013"])
@pytest.mark.parametrize("reader", READERS)
def test_respelling_takes_every_hyphen(reader: str, hyphen: str) -> None:
    read = from_respelling("shi-BON".replace("-", hyphen), reader)
    assert read == from_respelling("shi-BON", reader)
