"""What is called exact is so, and `spoken` is what the symbols say: cases that were once wrong."""

from __future__ import annotations

import pytest

from namemem.phones import convert, parse_ipa, segments
from namemem.phones.espeak import espeak_voices
from namemem.phones.notations import notations
from namemem.phones.respelling import READERS
from namemem.tts import Voice, get_target


@pytest.mark.parametrize("notation", ["arpabet", "respelling"])
def test_another_accents_nurse_is_reported(notation: str) -> None:
    rhotic = convert("bɜːɹt", "ipa", notation)
    assert (rhotic.exact, rhotic.spoken) == (True, "bɝt")
    plain = convert("bɜːt", "ipa", notation)
    assert [(s.source, s.position) for s in plain.substitutions] == [("ɜː", 1)]
    assert plain.spoken == "bɝt"
    assert 0 < plain.substitutions[0].cost < 0.2


@pytest.mark.parametrize("name", ["arpabet", "azure", "elevenlabs", "flite", "cartesia", "sapi"])
def test_another_accents_lot_is_reported(name: str) -> None:
    rendering = get_target(name).render_name("Bob", parse_ipa("bɒb"))
    assert [s.source for s in rendering.substitutions] == ["ɒ"]
    assert rendering.spoken.strip("ˈ") == "bɑb"
    assert rendering.grade == "close"


@pytest.mark.parametrize(("ipa", "spoken"), [("ɬa", "hlɑ"), ("ˈɬɛwɛlɪn", "ˈhlɛ.wɛ.lɪn")])
def test_a_symbol_made_of_two_says_both(ipa: str, spoken: str) -> None:
    said = convert(ipa, "ipa", "respelling")
    assert said.spoken == spoken
    assert not said.exact


@pytest.mark.parametrize(
    ("ipa", "arpabet", "spoken"),
    [
        ("ˈᵐbɑ", "M B AA1", "ˈmbɑ"),
        ("ⁿdɑˈⁿdɑ", "N D AA0 N D AA1", "ndɑ.ˈndɑ"),
        ("ɑⁿdɑ", "AA0 N D AA0", "ɑ.ndɑ"),
        ("ˈᵑɡu", "NG G UW1", "ˈŋɡu"),
    ],
)
def test_prenasalised_consonants_keep_their_nasal(ipa: str, arpabet: str, spoken: str) -> None:
    pronunciation = parse_ipa(ipa)
    assert pronunciation.ipa == ipa
    said = convert(ipa, "ipa", "arpabet")
    assert (said.value, said.spoken) == (arpabet, spoken)
    assert all(0 < s.cost < 0.1 for s in said.substitutions)
    for notation in ("x-sampa", "kirshenbaum"):
        ascii_ = convert(ipa, "ipa", notation)
        assert all(s.cost > 0 for s in ascii_.substitutions)
        assert len(ascii_.substitutions) == len(said.substitutions)


def test_a_nasal_release_stays_one() -> None:
    assert parse_ipa("dⁿa").phones[0].diacritics == "ⁿ"
    assert parse_ipa("aⁿ").ipa == "aⁿ"
    assert convert("dⁿa", "ipa", "x-sampa").exact
    assert parse_ipa(parse_ipa("dⁿa").ipa) == parse_ipa("dⁿa")


@pytest.mark.parametrize(
    ("ipa", "arpabet", "respelled"),
    [("ˈbe̯ɑtə", "B Y AA1 T AH0", "BYAH-tuh"), ("ˈko̯ɑnə", "K W AA1 N AH0", "KWAH-nuh")],
)
def test_mid_glides_before_a_vowel_are_glides(ipa: str, arpabet: str, respelled: str) -> None:
    said = convert(ipa, "ipa", "arpabet")
    assert said.value == arpabet
    assert 0 < said.substitutions[0].cost < 0.1
    assert convert(ipa, "ipa", "respelling").value == respelled
    assert convert(ipa, "ipa", "x-sampa").exact


def test_a_mid_glide_after_a_vowel_ends_a_diphthong() -> None:
    assert convert("ˈmae̯kəl", "ipa", "arpabet").value == "M AY1 K AH0 L"
    assert convert("ˈhao̯", "ipa", "arpabet").value == "HH AW1"


ALL = [
    *(n for n in notations() if n not in ("espeak", "respelling")),
    *(f"espeak:{voice}" for voice in espeak_voices()),
    *(f"respelling:{reader}" for reader in READERS),
]


@pytest.mark.parametrize("notation", ALL)
def test_every_substitution_says_something_and_costs(notation: str) -> None:
    """Each segment alone, and with marks: inexact means a cost, and `spoken` is never missing."""
    for segment in segments.known_segments():
        beside = "" if segments.is_vowel_letter(segment) else "a"
        for text in (segment + beside, f"a{segment}{beside}", f"ta{segment}"):
            said = convert(text, "ipa", notation)
            assert said.value.strip()
            assert said.spoken, (text, said)
            parse_ipa(said.spoken)
            for change in said.substitutions:
                assert change.cost > 0, (text, change)


@pytest.mark.parametrize("voice", ["en-us", "en-gb"])
def test_espeaks_english_r_is_english(voice: str) -> None:
    """The British voice once said Ruth with a French /ʁ/, and `r` alone ended no syllable."""
    for ipa in ("ˈɹuθ", "ɛnˈdɹeɪə", "ˈfaɪɹ", "ˈbʌɹt"):
        said = convert(ipa, "ipa", f"espeak:{voice}")
        assert said.exact, (ipa, said)
        assert "Q" not in said.value
        assert convert(said.value, f"espeak:{voice}", "ipa").value == ipa


@pytest.mark.parametrize(
    ("language", "value", "spoken"),
    [
        ("en-gb", "'bO:", "ˈbɔː"),
        ("en-gb", "'tSA:lz", "ˈt͡ʃɑːlz"),
        ("en-us", "'bO@", "ˈbɔɹ"),
    ],
)
def test_an_r_that_the_accent_drops_is_reported(language: str, value: str, spoken: str) -> None:
    ipa = {"b": "ˈbɔɹ", "t": "ˈt͡ʃɑɹlz"}[value[1]]
    said = convert(ipa, "ipa", f"espeak:{language}")
    assert (said.value, said.spoken) == (value, spoken)
    if language == "en-us":
        assert said.exact
        return
    (change,) = said.substitutions
    assert (change.source, change.position) == ({"b": "ɔɹ", "t": "ɑɹ"}[value[1].lower()], 1)
    assert 0.05 < change.cost < 0.1


@pytest.mark.parametrize("name", ["azure", "polly", "google"])
@pytest.mark.parametrize(
    ("ipa", "sources", "spoken"),
    [
        ("ˈt͡ʃɑɹlz", ["ɑɹ"], "ˈt͡ʃɑːlz"),
        ("ˈbɝt", ["ɝ"], "ˈbɜːt"),
        ("ˈd͡ʒoʊ", ["oʊ"], "ˈd͡ʒəʊ"),
        ("ˈpitɚ", ["ɚ"], "ˈpiː.tə"),
        ("ˈpitəɹ", ["əɹ"], "ˈpiː.tə"),
    ],
)
def test_a_british_voice_says_what_it_makes_of_american_sounds(
    name: str, ipa: str, sources: list[str], spoken: str
) -> None:
    made = get_target(name).render_name("X", parse_ipa(ipa), Voice(locale="en-GB"))
    assert [s.source for s in made.substitutions] == sources
    assert made.grade in ("close", "approximate")
    assert made.spoken.replace("iː", "i") == spoken.replace("iː", "i")


def test_another_languages_vowel_or_sibilant_is_reported() -> None:
    for locale, ipa, changed in (
        ("pl-PL", "ˈe", ["e"]),
        ("pl-PL", "ˈo", ["o"]),
        ("ru-RU", "ˈʃa", ["ʃ"]),
        ("ru-RU", "ˈt͡ʃa", ["t͡ʃ"]),
        ("sv-SE", "ˈœ", []),  # Polly's own way to write the vowel of föll: ø
    ):
        made = get_target("polly").render_name("X", parse_ipa(ipa), Voice(locale=locale))
        assert [s.source for s in made.substitutions] == changed, locale


@pytest.mark.parametrize(
    ("ipa", "exact"),
    [
        ("ˈtʰa", ["en-us", "en-gb", "de"]),
        ("ˈt̪a", ["en-us", "en-gb", "de", "es", "it", "fr", "pl"]),
        ("ˈsʰa", []),
        ("ˈdʰa", []),
    ],
)
def test_aspiration_is_kept_only_where_it_is_said(ipa: str, exact: list[str]) -> None:
    """It was called kept in every language, and with every consonant."""
    for voice in ("en-us", "en-gb", "de", "es", "it", "fr", "pl"):
        said = convert(ipa, "ipa", f"espeak:{voice}")
        changed = [s.source for s in said.substitutions if s.source != "a"]
        assert (not changed) == (voice in exact), voice


def test_two_sounds_in_a_row_are_not_spoken_as_one() -> None:
    said = convert("ˈnɛd.ʒə", "ipa", "arpabet")
    assert said.value == "N EH1 D ZH AH0"
    assert parse_ipa(said.spoken).phones == parse_ipa("ˈnɛd.ʒə").phones
    within = convert("nɛˈd.ʒi", "ipa", "arpabet")
    assert parse_ipa(within.spoken).phones == parse_ipa("nɛˈd.ʒi").phones


def test_lot_in_an_american_espeak_voice_is_reported() -> None:
    said = convert("bɒb", "ipa", "espeak")
    assert [(s.source, s.target) for s in said.substitutions] == [("ɒ", "A:")]
    assert said.spoken == "bɑb"
    nurse = convert("bɜːt", "ipa", "espeak")
    assert [s.source for s in nurse.substitutions] == ["ɜː"]


@pytest.mark.parametrize(
    ("voice", "ipa", "value"),
    [
        ("en-gb", "əˈɑ", "@_|'A:"),
        ("en-gb", "ɑˈɑ", "A:_|'A:"),
        ("fr", "maˈʁi.a", "ma'ri_|a"),
        ("de", "əˈa", "@'a"),
    ],
)
def test_two_vowels_are_not_linked(voice: str, ipa: str, value: str) -> None:
    """British voices put an /ɹ/ between two vowels (əɹa), French ones make a /j/ of the first."""
    assert convert(ipa, "ipa", f"espeak:{voice}").value == value


def test_a_symbol_of_two_parts_is_what_is_spoken() -> None:
    made = get_target("kokoro").render_name("Bert", parse_ipa("ˈbɝt"), "bf_emma")
    assert made.phones == "bˈɜːt"
    assert made.spoken == "ˈbɜːt"
    assert [s.source for s in made.substitutions] == ["ɝ"]


@pytest.mark.parametrize("model", ["mistv2", "mist"])
def test_mist_has_one_vowel_for_two(model: str) -> None:
    made = get_target("rime").render_name("Dawn", parse_ipa("ˈdɔn"), Voice(model=model))
    assert [(s.source, s.target) for s in made.substitutions] == [("ɔ", "a")]
    assert (made.spoken, made.grade) == ("ˈdɑn", "close")
