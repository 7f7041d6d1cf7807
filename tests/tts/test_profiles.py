"""Voice, model and locale choose the phones; what cannot be verified says so."""

from __future__ import annotations

import unicodedata
from importlib import resources

import pytest

from namemem.errors import UnknownVoice
from namemem.phones import parse_ipa, segments
from namemem.phones.inventory import load_inventory
from namemem.tts import get_target, target_names
from namemem.tts.sentences import SpokenName, parse_template, render_sentence
from namemem.tts.voices import Voice, known_models, locales

SIOBHAN = parse_ipa("ʃɪˈvɔːn")
WANTED = {"en-US", "en-GB", "de-DE", "fr-FR", "es-ES", "es-MX", "it-IT", "pt-BR"}
INVENTORIES = sorted(
    f.name
    for f in resources.files("namemem.tts").joinpath("inventories").iterdir()
    if "codepoints" not in f.name
)


@pytest.mark.parametrize("target", ["azure", "polly", "google"])
def test_locales(target: str) -> None:
    assert set(locales(target)) >= WANTED
    assert locales(target)[0] == "en-US"


@pytest.mark.parametrize("file", INVENTORIES)
def test_every_inventory_names_its_source_and_says_everything(file: str) -> None:
    inventory = load_inventory("namemem.tts", f"inventories/{file}")
    source, verified = inventory.about["source"], inventory.about.get("verified", "yes")
    own = source == "namemem's own choice"
    assert own or source.startswith(("https://", "http://", "(PhoneSet.description nil)"))
    assert not own or verified == "no"
    assert inventory.about["language"].split("-")[0] == inventory.language
    for key in inventory.entries:
        parse_ipa(key)
    for segment in segments.known_segments():
        written = inventory.write(parse_ipa(segment), fit=True)
        symbols = [s for word in written.words for syllable in word for s in syllable.symbols]
        assert symbols, segment
        assert written.spoken


@pytest.mark.parametrize(
    ("target", "locale"), [(t, one) for t in ("azure", "polly", "google") for one in locales(t)]
)
def test_phones_are_those_of_the_locale(target: str, locale: str) -> None:
    inventory = load_inventory("namemem.tts", f"inventories/{target}.{locale}.tsv")
    letters = {c for e in inventory.entries.values() for s in e.symbols for c in s} | set("ˈˌ.ː")
    for ipa in ("ʃɪˈvɔːn", "xoˈse", "ŋwiən˧˥", "ˈjʏʁɡn̩", "ǁɔˈlaːni", "ʒɑ̃", "nʲiəvˠ", "ˈstiːv"):
        rendering = get_target(target).render_name("X", parse_ipa(ipa), Voice(locale=locale))
        assert set(unicodedata.normalize("NFD", rendering.phones)) <= letters
        assert rendering.locale == locale
        assert rendering.phones


@pytest.mark.parametrize(
    ("target", "voice", "phones"),
    [
        ("azure", "de-DE-KatjaNeural", "ʃɪ.ˈvɔn"),
        ("azure", "es-ES-ElviraNeural", "tʃi.ˈbon"),
        ("azure", "fr-FR-DeniseNeural", "ʃi.ˈvɔn"),
        ("azure", Voice(locale="en_gb"), "ʃɪ.ˈvɔːn"),
        ("polly", "Vicki", "ʃɪˈvɔn"),
        ("polly", "lucia", "t͡ʃiˈbon"),
        ("polly", "Joanna", "ʃɪˈvɔn"),
        ("polly", "Lotte", "ʃɪˈvɔn"),
        ("polly", "Ewa", "ʂiˈvɔn"),
        ("polly", "Tatyana", "ʂiˈvon"),
        ("polly", "Chantal", "ʃiˈvɔn"),
        ("google", "de-DE-Wavenet-A", "ʃɪˈvɔn"),
        ("deepgram", "aura-2-celeste-es", "tʃiˈbon"),
        ("rime", Voice(model="mistv2"), "S0Iv1an"),
        ("rime", Voice(locale="fr-FR"), "S i . v O n"),
    ],
)
def test_the_voice_chooses(target: str, voice: str | Voice, phones: str) -> None:
    assert get_target(target).render_name("Siobhan", SIOBHAN, voice).phones == phones


@pytest.mark.parametrize(
    ("target", "voice"),
    [
        ("elevenlabs", Voice(model="eleven_multilingual_v2")),
        ("elevenlabs", Voice(model="eleven_v3")),
        ("polly", Voice("Ruth", model="generative")),
        ("google", Voice("en-US-Chirp3-HD-Charon")),
        ("rime", Voice(model="arcana")),
        ("rime", Voice(model="mistv3")),
        ("deepgram", Voice(model="aura-asteria-en")),
    ],
)
def test_a_model_without_phonemes_gets_a_respelling_and_says_so(target: str, voice: Voice) -> None:
    one = get_target(target).render_name("Siobhan", SIOBHAN, voice)
    assert (one.alphabet, one.markup) == ("respelling", "shi-VAWN")
    assert one.notes[0].endswith("The name is respelled instead.")
    names = {("person", "1"): SpokenName("Siobhan", SIOBHAN)}
    parts = parse_template("Hi {person:1}!")
    sentence = render_sentence(get_target(target), parts, names, voice)
    assert "shi-VAWN" in sentence.markup
    assert "<phoneme" not in sentence.markup
    assert sentence.text == "Hi Siobhan!"


def test_a_locale_without_a_table_borrows_its_kin_and_says_so() -> None:
    one = get_target("azure").render_name("Siobhan", SIOBHAN, "en-AU-NatashaNeural")
    assert one.locale == "en-AU"
    assert one.phones == "ʃɪ.ˈvɔːn"
    assert one.notes == ("unverified: the phones of en-GB are used for en-AU.",)
    with pytest.raises(UnknownVoice, match="respelling"):
        get_target("azure").render_name("Siobhan", SIOBHAN, "ja-JP-NanamiNeural")


def test_unverified_is_said() -> None:
    for name in target_names():
        described = get_target(name).describe()
        assert isinstance(described["unverified"], list)
        assert described["models"] == known_models(name)
    for name in ("nao", "acapela", "marytts", "sapi", "apple", "rime"):
        assert get_target(name).describe()["unverified"]
    assert "The phones of pt-BR." in get_target("google").describe()["unverified"]  # type: ignore[operator]
    assert get_target("polly").describe()["unverified"] == []


def test_sapi_inside_azure() -> None:
    azure = get_target("azure:sapi")
    assert azure.render_name("Siobhan", SIOBHAN).phones == "sh ih - v ao 1 n"
    with pytest.raises(UnknownVoice):
        azure.render_name("Siobhan", SIOBHAN, "de-DE-KatjaNeural")


def test_azure_names_a_voice_that_has_the_phones() -> None:
    wrapped = get_target("azure").wrap("x", Voice(locale="fr-CA"))
    assert 'xml:lang="fr-FR"><voice name="fr-FR-DeniseNeural">' in wrapped
    named = get_target("azure").wrap("x", Voice("fr-CA-SylvieNeural"))
    assert 'xml:lang="fr-CA"><voice name="fr-CA-SylvieNeural">' in named


def test_a_respelled_possessive_tells_as_much_as_the_name() -> None:
    target = get_target("respelling")
    plain = target.render_name("Xolani", parse_ipa("ǁɔˈlaːni"))
    ending = target.render_possessive("Xolani", parse_ipa("ǁɔˈlaːni"), "'s")
    assert (ending.grade, ending.spoken, ending.notes) == (plain.grade, plain.spoken, plain.notes)
    assert ending.grade != "exact"
    assert ending.markup == plain.markup + "'s"


@pytest.mark.parametrize(("glide", "plain"), [("ˈxu̯an", "ˈxwan"), ("ˈpi̯eʁ", "ˈpjeʁ")])
@pytest.mark.parametrize("name", ["azure", "elevenlabs", "respelling", "kokoro"])
def test_a_glide_is_no_vowel(name: str, glide: str, plain: str) -> None:
    target = get_target(name)
    assert target.phones(parse_ipa(glide)).value == target.phones(parse_ipa(plain)).value
