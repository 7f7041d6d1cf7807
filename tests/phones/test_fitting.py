"""Foreign names and voices: the nearest sound in its place, its cost, and how fair the whole is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namemem.phones import Phone, Pronunciation, parse_ipa
from namemem.phones.adapting import read_rows
from namemem.phones.conversion import Substitution
from namemem.phones.fitting import Grade, cost, grade, weighted_distance
from namemem.phones.inventory import Inventory, load_inventory
from namemem.tts.voices import locales


def azure(locale: str) -> Inventory:
    return load_inventory("namemem.tts", f"inventories/azure.{locale}.tsv")


@pytest.mark.parametrize(
    ("locale", "ipa", "spoken"),
    [
        # /x/: h where English begins with it, k where it cannot end with it; Spanish has it.
        ("en-US", "xoˈse", "hoʊ.ˈseɪ"),
        ("en-US", "bax", "bɑk"),
        ("fr-FR", "xoˈse", "ʁo.ˈse"),
        ("it-IT", "xoˈse", "ko.ˈse"),
        ("es-ES", "xoˈse", "xo.ˈse"),
        ("de-DE", "ˈbax", "ˈbax"),
        # initial /ŋ/
        ("en-US", "ŋwiən", "nwi.ən"),
        ("de-DE", "ŋo", "ŋo"),
        ("es-MX", "ŋan", "nan"),
        ("en-US", "siŋ", "siŋ"),
        # nasal vowels
        ("en-US", "ʒɑ̃", "ʒɑn"),
        ("de-DE", "ʒɑ̃", "ʒan"),
        ("fr-FR", "ʒɑ̃", "ʒɑ̃"),
        ("pt-BR", "ʒuˈɐ̃w̃", "ʒu.ˈɐ̃w̃"),
        # clicks
        ("en-US", "ǁɔˈlani", "klɔ.ˈlɑ.ni"),
        ("it-IT", "ǃini", "ki.ni"),
        # geminates: Italian keeps them
        ("it-IT", "dʒoˈvanːi", "d͡ʒo.ˈva.nːi"),
        ("es-ES", "dʒoˈvanːi", "ʝo.ˈba.ni"),
        # Irish slender and broad, Russian palatals: a /j/ before a back vowel only
        ("en-US", "ˈnʲiəvˠ", "ˈni.əv"),
        ("en-US", "ˈlʲosʲə", "ˈljoʊ.ʃə"),
        ("de-DE", "ˈkˠiːvʲə", "ˈkiː.və"),
        # glides that English says as the end of a diphthong
        ("en-US", "ħuˈsajn", "hu.ˈsaɪn"),
        ("en-US", "mawˈɡɔ", "maʊ.ˈɡɔ"),
        # no h at the end
        ("en-US", "ʃaːh", "ʃɑ"),
        # prothesis
        ("es-ES", "ˈstiːv", "es.ˈtib"),
        ("pt-BR", "ˈstiːv", "is.ˈtiv"),
        ("fr-FR", "ˈstiːv", "ˈstiv"),
        # final devoicing of German
        ("de-DE", "ˈdeɪvɪd", "ˈde.vɪt"),
        # English dentals elsewhere
        ("de-DE", "ˈhɛðɚ", "ˈhɛ.zɐ"),
        ("fr-FR", "ˈhɛðɚ", "ˈɛ.zœʁ"),
        ("it-IT", "ˈɑɹθɚ", "ˈar.teɾ"),
    ],
)
def test_known_adaptations(locale: str, ipa: str, spoken: str) -> None:
    written = azure(locale).write(parse_ipa(ipa), fit=True)
    assert written.spoken.replace("ɾ", "r") == spoken.replace("ɾ", "r")


@pytest.mark.parametrize(
    ("ipa", "verdict"),
    [
        ("ʃɪˈvɔːn", Grade.EXACT),
        ("xoˈse", Grade.CLOSE),
        ("ŋwiən˧˥", Grade.CLOSE),
        ("ˈnʲiəvˠ", Grade.CLOSE),
        ("dʒoˈvanːi", Grade.CLOSE),
        ("ǁɔˈlaːni", Grade.APPROXIMATE),
        ("ʘeʘ", Grade.APPROXIMATE),
    ],
)
def test_grades(ipa: str, verdict: Grade) -> None:
    pronunciation = parse_ipa(ipa)
    written = azure("en-US").write(pronunciation, fit=True)
    assert grade(written.substitutions, len(pronunciation.units)) is verdict


def test_costs_are_of_the_features() -> None:
    assert weighted_distance(Phone("p"), Phone("b")) < weighted_distance(Phone("p"), Phone("m"))
    assert weighted_distance(Phone("p"), Phone("m")) < weighted_distance(Phone("p"), Phone("a"))
    assert cost((Phone("p"),), (Phone("p"),)) == 0
    assert cost((Phone("ɲ"),), parse_ipa("nj").phones) < cost((Phone("ɲ"),), ())
    assert cost((Phone("ʔ"),), ()) < cost((Phone("t"),), ())
    assert grade([], 3) is Grade.EXACT
    assert grade([Substitution("t", "d", 0, 0.2)], 9) is Grade.CLOSE
    assert grade([Substitution("t", "d", 0, 0.2)], 2) is Grade.APPROXIMATE
    assert grade([Substitution("t", "", 0, 0.3)], 9) is Grade.APPROXIMATE


@pytest.mark.parametrize("locale", locales("azure"))
@pytest.mark.parametrize("ipa", ["ʔ", "h", "ʔa", "ʕʔ", "ǃ", "m̩", "pst", "ʔ˥", "hʔh"])
def test_never_empty(locale: str, ipa: str) -> None:
    written = azure(locale).write(parse_ipa(ipa), fit=True)
    assert written.spoken
    assert any(s.symbols for word in written.words for s in word)


@pytest.mark.parametrize("locale", locales("azure"))
@given(data=st.data())
@settings(max_examples=100)
def test_every_change_has_a_place_and_a_cost(
    locale: str, pronunciations: st.SearchStrategy[Pronunciation], data: st.DataObject
) -> None:
    pronunciation = data.draw(pronunciations)
    inventory = azure(locale)
    written = inventory.write(pronunciation, fit=True)
    symbols = {s for e in inventory.entries.values() for s in (*e.symbols, *e.unstressed)}
    for word in written.words:
        for syllable in word:
            assert set(syllable.symbols) <= symbols
    for change in written.substitutions:
        assert 0 <= change.position < len(pronunciation.units)
        assert change.cost >= 0
        assert change.source
    again = inventory.write(parse_ipa(written.spoken), fit=True)
    assert written.spoken
    assert again.spoken


def test_data_is_whole() -> None:
    """Every row parses, names a language of an inventory, and does not step onto itself."""
    languages = {"any", "en", "de", "fr", "es", "it", "pt", "nl", "pl", "tr", "sv", "ru"}
    seen = set()
    for language, ipa, place, into, exact in read_rows("namemem.phones", "adaptations.tsv")[1:]:
        assert language in languages
        assert place in ("", "onset", "coda")
        assert exact in ("0", "1")
        assert (language, ipa, place) not in seen, (language, ipa, place)
        seen.add((language, ipa, place))
        parse_ipa(ipa)
        for unit in into.split():
            assert parse_ipa(unit).phones
            assert unit != ipa
    for language, place, sounds, into in read_rows("namemem.phones", "phonotactics.tsv")[1:]:
        assert language in languages
        assert place in ("onset", "coda", "initial", "final")
        assert sounds != into
