"""The one table of notations: a row a unit, a column a notation; each cell says what it means."""

from __future__ import annotations

import unicodedata
from collections import Counter

import pytest

from namemem.phones import parse_ipa, segments
from namemem.phones.adapting import read_rows
from namemem.phones.espeak import espeak_voices, from_espeak, to_espeak
from namemem.phones.notation_table import column, notation_inventory, readings, variants
from namemem.phones.respelling import READERS, from_respelling, to_respelling

HEADER, *ROWS = read_rows("namemem.phones", "notations.tsv")
SOURCES = {row[0]: row[1:] for row in read_rows("namemem.phones", "notation_columns.tsv")[1:]}
COLUMNS = HEADER[1:]


def test_a_row_a_unit() -> None:
    assert [unit for unit, times in Counter(row[0] for row in ROWS).items() if times > 1] == []
    assert {len(row) for row in ROWS} == {len(HEADER)}
    assert set(segments.known_segments()) <= {row[0] for row in ROWS}
    empty = [row[0] for row in ROWS if not any(row[1:])]
    assert empty == []


def test_every_column_says_where_it_comes_from() -> None:
    assert list(SOURCES) == COLUMNS
    assert all(len(source) > 40 for _, _, source in SOURCES.values())
    assert set(variants("espeak")) == set(espeak_voices())
    assert set(variants("respelling")) == set(READERS)
    with pytest.raises(KeyError):
        column("branner")
    with pytest.raises(KeyError):
        notation_inventory("espeak:xx")


@pytest.mark.parametrize("name", COLUMNS)
def test_a_symbol_reads_back_as_one_row(name: str) -> None:
    """Two rows with the same symbols: one is what they say, the others are marked as such."""
    own = Counter("".join(cell.symbols) for cell in column(name).values() if cell.reads_back)
    assert {symbols: times for symbols, times in own.items() if times > 1} == {}
    for ipa, cell in column(name).items():
        symbols = "".join(cell.symbols)
        if cell.exact and not cell.reads_back:
            # Respellings have a reader of their own, and j and aɪ are both `y` there.
            assert symbols in own, (ipa, symbols)
        if cell.reads_back:
            assert readings(name)[symbols] == ipa
        if not cell.exact and cell.symbols and not name.startswith("respelling"):
            assert symbols in own or all(s in own for s in cell.symbols), (ipa, symbols)


def test_nothing_stands_in_is_a_cell_of_its_own() -> None:
    nothing = {ipa for ipa, cell in column("arpabet").items() if cell.writes and not cell.symbols}
    assert nothing == {"ʔ", "ʕ"}
    assert not any(column("arpabet")[ipa].exact for ipa in nothing)
    only_read = column("espeak")
    assert not any(cell.writes for cell in only_read.values())
    assert {"O2", "VR", "aI@"} <= set(readings("espeak"))


def test_what_the_head_of_the_table_explains() -> None:
    schwa, eye, happy = column("arpabet")["ə"], column("arpabet")["œy"], column("kokoro:gb")["i"]
    assert (schwa.symbols, schwa.exact, schwa.reads_back, schwa.also) == (
        ("AH",),
        True,
        False,
        ("AX",),
    )
    assert (eye.symbols, eye.exact) == (("AY",), False)
    assert (happy.symbols, happy.unstressed) == (("i", "ː"), ("i",))


@pytest.mark.parametrize("voice", espeak_voices())
def test_every_mnemonic_of_a_voice_is_read(voice: str) -> None:
    for ipa, cell in column(f"espeak:{voice}").items():
        if not cell.reads_back:
            continue
        vowel = parse_ipa(ipa).phones[0].is_syllabic
        text = "".join(cell.symbols) if vowel else "".join(cell.symbols) + "a"
        read = unicodedata.normalize("NFD", from_espeak(text, voice).ipa)
        assert read.replace("̍", "̩").startswith(ipa.replace("̍", "̩")), (ipa, text, read)


@pytest.mark.parametrize("voice", espeak_voices())
def test_there_and_back_on_a_voices_alphabet(voice: str) -> None:
    """Mnemonic → IPA → mnemonic is the identity; `|` only keeps two mnemonics apart."""
    two_syllables = {"ɪə", "ʊə", "ɛə"}  # British diphthongs that IPA texts mean as two vowels
    for ipa, cell in column(f"espeak:{voice}").items():
        if not cell.reads_back or ipa in two_syllables:
            continue
        after = "t" if parse_ipa(ipa).phones[0].is_syllabic else "E"
        text = "'" + "".join(cell.symbols) + after
        again = to_espeak(from_espeak(text, voice), voice)
        assert again.value.replace("|", "") == text
        assert again.exact


@pytest.mark.parametrize("reader", READERS)
def test_a_readers_respelling_reads_back(reader: str) -> None:
    for ipa, cell in column(f"respelling:{reader}").items():
        if not cell.exact or ipa == "o":  # TOHN is oʊ to readers of English: TOAN
            continue
        vowel = parse_ipa(ipa).phones[0].is_syllabic
        written = to_respelling(parse_ipa(f"ˈt{ipa}t" if vowel else f"ˈ{ipa}a"), reader)
        assert to_respelling(from_respelling(written.value, reader), reader).value == written.value
