"""X-SAMPA, espeak-ng mnemonics, Kokoro's symbols and respelling."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namemem.errors import EmptyPronunciation, InvalidPronunciation, UnknownPhone, UnknownVoice
from namemem.phones import Phone, Pronunciation, parse_ipa, segments
from namemem.phones.conversion import Conversion
from namemem.phones.espeak import espeak_voices, from_espeak, to_espeak
from namemem.phones.inventory import Inventory, load_inventory
from namemem.phones.kokoro import to_kokoro
from namemem.phones.notation_table import notation_inventory
from namemem.phones.respelling import READERS, from_respelling, to_respelling
from namemem.phones.writing import merged_r
from namemem.phones.x_sampa import from_x_sampa, to_x_sampa

INVENTORIES = [
    *(notation_inventory(f"espeak:{voice}") for voice in espeak_voices()),
    *(notation_inventory(f"respelling:{reader}") for reader in READERS),
    *(notation_inventory(name) for name in ("arpabet", "kokoro:us", "kokoro:gb")),
    *(
        load_inventory("namemem.tts", f"inventories/{name}.en-US.tsv")
        for name in ("azure", "polly", "google")
    ),
]


@pytest.mark.parametrize(
    ("ipa", "x_sampa"),
    [
        ("ʃɪˈvɔːn", 'SI"vO:n'),
        ("ŋwiən˧˥", "Nwi@n_M_T"),
        ("ʒɑ̃", "ZA~"),
        ("t͡ʃɑɹlz", "tSAr\\lz"),
        ("ˈhæt.ʃɛp", '"h{t.SEp'),
        ("t͡suː", "t_su:"),
        ("ˈdʲiəɾˠmˠədʲ", "\"d'i@4_Gm_G@d'"),
        ("ǁɔˈlani", '|\\|\\O"lani'),
        ("ˈænə ˈliː", '"{n@ "li:'),
    ],
)
def test_x_sampa(ipa: str, x_sampa: str) -> None:
    conversion = to_x_sampa(parse_ipa(ipa))
    assert conversion == Conversion(x_sampa)
    assert from_x_sampa(x_sampa) == parse_ipa(ipa)


@given(st.data())
@settings(max_examples=300)
def test_x_sampa_reads_back(
    pronunciations: st.SearchStrategy[Pronunciation], data: st.DataObject
) -> None:
    pronunciation = data.draw(pronunciations)
    conversion = to_x_sampa(pronunciation)
    assert conversion.value.isascii()
    if "ⱱ" in pronunciation.ipa:
        assert "ⱱ" in [s.source[0] for s in conversion.substitutions]
    else:
        assert conversion.exact
        assert from_x_sampa(conversion.value) == pronunciation


@pytest.mark.parametrize(
    ("text", "position"), [('SI"vO:#', 6), ("ʃ", 0), ("a_Z", 1), ("a$", 1), ("_~a", 0)]
)
def test_x_sampa_says_where(text: str, position: int) -> None:
    with pytest.raises(InvalidPronunciation) as caught:
        from_x_sampa(text)
    assert caught.value.details["position"] == position


@pytest.mark.parametrize("reader", [from_x_sampa, from_espeak, from_respelling])
def test_nothing_to_say(reader: object) -> None:
    for text in ("", "  "):
        with pytest.raises(EmptyPronunciation):
            reader(text)  # type: ignore[operator]


@pytest.mark.parametrize("reader", [from_x_sampa, from_espeak, from_respelling])
@given(
    text=st.text(max_size=30) | st.text(alphabet="aAiIeEoO@3:'\",.-_rRtSdZng ~[]|\\", max_size=15)
)
@settings(max_examples=400)
def test_any_text_is_read_or_refused(reader: object, text: str) -> None:
    position = 0
    try:
        pronunciation = reader(text)  # type: ignore[operator]
    except InvalidPronunciation as error:
        position = error.details["position"]  # type: ignore[assignment]
    else:
        assert parse_ipa(pronunciation.ipa) == pronunciation
    assert 0 <= position <= len(text)


@pytest.mark.parametrize(
    ("ipa", "mnemonics"),
    [
        ("ʃɪˈvɔːn", "SI'vO:n"),
        ("əˈθiːnə", "@'Ti:n@"),
        ("xoˈse", "xo'se"),
        ("tʃɑɹlz", "tSA@lz"),
        ("ˈhæt.ʃɛp", "'hat|SEp"),
        ("ˈændɹiə", "'andri|@"),
        ("ˈænə ˈliː", "'an@||'li:"),
    ],
)
def test_espeak(ipa: str, mnemonics: str) -> None:
    conversion = to_espeak(parse_ipa(ipa))
    assert conversion == Conversion(mnemonics)
    plain = parse_ipa(ipa.replace("ː", "")).segmental
    assert from_espeak(mnemonics).segmental == plain
    assert from_espeak(f"[[{mnemonics}]]") == from_espeak(mnemonics)


def test_espeak_reads_its_own_output() -> None:
    assert from_espeak("SI2v'O:n").ipa == "ʃɪˈvɔn"
    assert from_espeak("g'Ud m'O@nIN").ipa == "ˈɡʊd ˈmɔɹnɪŋ"
    with pytest.raises(UnknownPhone) as caught:
        from_espeak("[[h@l&]]")
    assert caught.value.position == 5
    with pytest.raises(UnknownVoice, match="en-us"):
        to_espeak(parse_ipa("a"), "sv")
    assert "en-us" in espeak_voices()


def test_kokoro() -> None:
    assert to_kokoro(parse_ipa("ʃɪˈvɔːn")) == Conversion("ʃɪvˈɔn")
    assert to_kokoro(parse_ipa("ʃɪˈvɔːn"), "gb") == Conversion("ʃɪvˈɔːn")
    assert to_kokoro(parse_ipa("ˈdʒoʊi ˈtʃaɪ")).value == "ʤˈOi ʧˈI"
    assert to_kokoro(parse_ipa("ˈdʒoʊi"), "gb").value == "ʤˈQi"


US = set("AIOWYbdfhijklmnpstuvwzæðŋɑɔəɛɜɡɪɹɾʃʊʌʒʤʧˈˌθᵊᵻʔ ")
GB = set("AIQWYabdfhijklmnpstuvwzðŋɑɒɔəɛɜɡɪɹʃʊʌʒʤʧˈˌːθᵊ ")


@given(st.data())
def test_kokoro_never_leaves_its_vocabulary(
    pronunciations: st.SearchStrategy[Pronunciation], data: st.DataObject
) -> None:
    pronunciation = data.draw(pronunciations)
    assert set(to_kokoro(pronunciation).value) <= US
    assert set(to_kokoro(pronunciation, "gb").value) <= GB


@pytest.mark.parametrize(
    ("ipa", "respelled"),
    [
        ("ʃɪˈvɔːn", "shi-VAWN"),
        ("əˈθiːnə", "uh-THEE-nuh"),
        ("ˈændɹiə", "AN-dree-uh"),
        ("ɑnˈdɹeɪə", "ahn-DRAY-uh"),
        ("hoʊˈseɪ", "hoh-SAY"),
        ("xoˈse", "kho-SEH"),
        ("wɪn", "WIN"),
        ("tʃɑɹlz", "CHAHRLZ"),
        ("ˈzoʊi", "ZOH-ee"),
        ("niːv", "NEEV"),
        ("ˈsɛɹə", "SAIR-uh"),
        ("ˈpæɹɪs", "PAR-iss"),
        ("dʒoʊn", "JOAN"),
        ("ˈmaɪkəl", "MY-kuhl"),
        ("ˈaɪvən", "EYE-vuhn"),
        ("ˈkaɾlos", "KAHR-lohss"),
        ("dʒɔɹdʒ", "JORJ"),
        ("ɡɪlz", "GHILZ"),
        ("ˌmæɹiˈænə", "mar-ee-AN-uh"),
        ("ˈæŋɡələ", "ANG-guh-luh"),
        ("ˈbɜːɹt ˈhɛðɚ", "BURT HETH-er"),
        ("ˈmɑshə", "MAHSS-huh"),
    ],
)
def test_respelling(ipa: str, respelled: str) -> None:
    assert to_respelling(parse_ipa(ipa)).value == respelled


@pytest.mark.parametrize(
    ("typed", "ipa"),
    [
        ("shi-VAWN", "ʃɪˈvɔn"),
        ("SHIV-awn", "ˈʃɪvɔn"),
        ("uh-THEE-nuh", "əˈθinə"),
        ("AN-dree-uh", "ˈændɹiə"),
        ("ahn-DRAY-uh", "ɑnˈdɹeɪə"),
        ("kho-SEH", "xoˈsɛ"),
        ("win", "ˈwɪn"),
        ("Neev", "ˈniv"),
        ("ZOH-ee", "ˈzoʊi"),
        ("yoo-LEE-uh", "juˈliə"),
        ("HEDH-er", "ˈhɛðɚ"),
        ("BRY-uhn MAIR-ee", "ˈbɹaɪən ˈmɛɹi"),
    ],
)
def test_reading_a_respelling(typed: str, ipa: str) -> None:
    assert from_respelling(typed).ipa == ipa


@pytest.mark.parametrize(
    ("typed", "position"),
    [("shi-V!WN", 5), ("sh-VAWN", 0), ("shi-VAWN2", 8), ("é", 0), ("İ", 0), ("ta-İx", 3)],
)
def test_a_respelling_says_where(typed: str, position: int) -> None:
    with pytest.raises(InvalidPronunciation) as caught:
        from_respelling(typed)
    assert caught.value.details["position"] == position


@given(st.data())
def test_a_respelling_always_reads_back(data: st.DataObject) -> None:
    """English names: the same respelling again, whatever was lost on the first way."""
    onset = st.sampled_from([*"pbtdkɡfvszhmnlɹwj", "t͡ʃ", "d͡ʒ", "θ", "ʃ", "ʒ"])
    vowel = st.sampled_from(["i", "ɪ", "ɛ", "æ", "ɑ", "ɔ", "ʊ", "u", "ə", "ɚ", *
                             ("eɪ", "aɪ", "aʊ", "ɔɪ", "oʊ")])  # fmt: skip
    coda = st.sampled_from(["", "", "", "n", "s", "ɹ", "k", "ŋ", "z"])
    syllable = st.tuples(st.sampled_from(["", "ˈ"]), onset, vowel, coda).map("".join)
    ipa = "".join(data.draw(st.lists(syllable, min_size=2, max_size=4)))
    pronunciation = parse_ipa(ipa)
    first = to_respelling(pronunciation).value
    read = from_respelling(first)
    assert to_respelling(read).value == first
    assert _same_to_english(read) == _same_to_english(pronunciation)


def _same_to_english(pronunciation: Pronunciation) -> str:
    """Segments, without the contrasts that respelling gives up before /ɹ/ and without stress."""
    text = "".join(pronunciation.segmental)
    for a, b in (("ʌ", "ə"), ("iɹ", "ɪɹ"), ("uɹ", "ʊɹ"), ("eɪɹ", "ɛɹ"), ("oʊɹ", "ɔɹ")):
        text = text.replace(a, b)
    return text.replace("ɚɹ", "ɚ").replace("əɹ", "ɚ").replace("ɚɹ", "ɚ")


@pytest.mark.parametrize("inventory", INVENTORIES, ids=lambda i: i.name)
def test_inventories_answer_for_every_segment(
    inventory: Inventory, single_phones: list[Phone]
) -> None:
    known = {s for e in inventory.entries.values() for s in (*e.symbols, *e.unstressed)}
    for phone in single_phones:
        symbols, exact = inventory.symbols_for((phone,))
        assert set(symbols) <= known
        if not symbols:
            assert phone.base in ("ʔ", "ʕ", "ʡ", "ʢ")
            assert not exact


@pytest.mark.parametrize("inventory", INVENTORIES, ids=lambda i: i.name)
@given(data=st.data())
@settings(max_examples=100)
def test_inventories_report_every_change(
    inventory: Inventory,
    pronunciations: st.SearchStrategy[Pronunciation],
    data: st.DataObject,
) -> None:
    pronunciation = data.draw(pronunciations)
    written = inventory.write(pronunciation)
    reported = {s.position for s in written.substitutions}
    position = 0
    for syllable in pronunciation.syllables:
        merged = merged_r(inventory, syllable)  # /ɔɹ/ may be one vowel, exact as it is
        vowel = len(syllable.onset)
        for index, (unit, _) in enumerate(syllable.units()):
            symbols, exact = inventory.symbols_for(unit)
            in_one = merged is not None and index in (vowel, vowel + 1)
            assert position in reported or in_one or (exact and symbols)
            position += 1
    tones = [s.tone for s in pronunciation.syllables if s.tone]
    assert [
        s.source for s in written.substitutions if s.source[0] in segments.TONE_LETTERS
    ] == tones


@pytest.mark.parametrize("typed", ["i-i-eu", "teu-pa", "EU-sej"])
def test_a_spanish_diphthong_stays_one_syllable(typed: str) -> None:
    said = from_respelling(typed, "es")
    assert len(said.syllables) == typed.count("-") + 1
    assert parse_ipa(said.ipa) == said
    assert to_respelling(said, "es").value == typed
