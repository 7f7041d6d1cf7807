"""What is called exact is so, and `spoken` is what the symbols say: cases that were once wrong."""

from __future__ import annotations

import pytest

from namemem.phones import convert, parse_ipa, segments
from namemem.phones.espeak import espeak_voices
from namemem.phones.notations import notations
from namemem.phones.respelling import READERS
from namemem.tts import get_target


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
