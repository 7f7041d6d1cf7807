"""What espeak-ng itself says it speaks, against what it was asked to speak."""

from __future__ import annotations

import io
import threading
import unicodedata
import wave

import pytest

from namemem.errors import InvalidRequest, UnknownVoice
from namemem.phones import parse_ipa
from namemem.phones.espeak import from_espeak, to_espeak
from namemem.phones.notation_table import column
from namemem.tts.preview import MAX_TEXT, EspeakPreview

pytestmark = pytest.mark.engines
ROWS = [ipa for ipa, cell in column("espeak:en-us").items() if cell.exact]
VOWELS = "iɪeɛæɐɑɒɔoʊuʌəɚɝɜa"
NAMES = """ʃɪˈvɔːn əˈθiːnə ˈændɹiə ɑnˈdɹeɪə xoˈse hoʊˈseɪ wɪn tʃɑɹlz ˈzoʊi ʒɑ̃ ˈsɛɹə ˈmaɪkəl ˈniːv
ˈʃɔːn ˈiːfə ˈkɹɪstəfɚ ˈdʒɔɹdʒ ˌmæɹiˈænə ˈkɪmbəɹli ˈmɑɹk ˈθiːə ˈhɛðɚ ˈɪŋɡɹɪd ˈvɪlhɛlm ˈbjɜːɹn ˈjɛns
xɛˈsuːs ˈwoʊlfɡæŋ ˈʁɔlf ˈzyːnə ɲoˈɛ ˈʎuːk ˈçɪn ˈɬɛwɛlɪn ˈʂʌn ˈt͡ɕan ˈd͡ʑin ˈʔali ˈdɔɪl ˈhaʊɚd
bɒb ˈtʰɔm ˈɾiːn ˈraul ˈɛvɹɪt ˈhæt.ʃɛp ˈmuːɹ""".split()


@pytest.fixture(scope="module")
def preview() -> EspeakPreview:
    return EspeakPreview()


def heard(preview: EspeakPreview, ipa: str) -> tuple[str, str]:
    """(IPA without stress and length that the mnemonics promise, the same that is spoken)."""
    pronunciation = parse_ipa(ipa)
    promised = from_espeak(to_espeak(pronunciation).value)
    _, spoken = preview.phonemes([pronunciation])
    return _plain(promised.ipa), _plain(parse_ipa(spoken, stress_mark="vowel").ipa)


def _plain(ipa: str) -> str:
    ipa = unicodedata.normalize("NFC", ipa)
    for mark in "ˈˌː.͡":
        ipa = ipa.replace(mark, "")
    # espeak-ng's names for its own phonemes: LOT is ɑː, NURSE ɜː, a flap is a quick /t/ or /d/.
    for theirs, ours in (
        ("ɒ", "ɑ"),
        ("ɝ", "ɜ"),
        ("əɹ", "ɚ"),
        ("ɾ", "t"),
        ("ŋ̍", "ŋ̩"),
        ("iɹ", "ɪɹ"),
        ("uɹ", "ʊɹ"),
    ):
        ipa = ipa.replace(theirs, ours)
    return ipa


@pytest.mark.parametrize("ipa", ROWS)
def test_every_row_of_the_table(preview: EspeakPreview, ipa: str) -> None:
    if ipa[0] in VOWELS or "̩" in ipa or "̍" in ipa:
        promised, spoken = heard(preview, f"ˈ{ipa}")
        assert _plain(ipa) == promised
    else:
        promised, spoken = heard(preview, f"ˈ{ipa}iː")
        assert _plain(ipa) + "i" == promised
    assert spoken == promised


@pytest.mark.parametrize("ipa", NAMES)
def test_names_are_spoken_as_asked(preview: EspeakPreview, ipa: str) -> None:
    promised, spoken = heard(preview, ipa)
    assert spoken == promised


@pytest.mark.parametrize("ipa", [n for n in NAMES if "ˈ" in n])
def test_stress_is_where_it_was_asked(preview: EspeakPreview, ipa: str) -> None:
    pronunciation = parse_ipa(ipa)
    _, spoken = preview.phonemes([pronunciation])
    again = parse_ipa(spoken, stress_mark="vowel")
    assert [s.stress for s in again.syllables if s.stress == 1] == [1]
    before = sum(len(s.nucleus) for s in pronunciation.syllables) and [
        s.stress == 1 for s in pronunciation.syllables
    ].index(True)
    assert [s.stress == 1 for s in again.syllables].index(True) == before


def test_text_around_names_cannot_speak_phonemes(preview: EspeakPreview) -> None:
    mnemonics, _ = preview.phonemes("say [[h@l'oU]] now")
    assert "h@l'oU" not in mnemonics


@pytest.mark.parametrize(
    "before", ["[", "(", '"', "“", "—", "$", "x", "1", "<", "{", "[[", "¿", ","]
)
@pytest.mark.parametrize("after", ["]", ")", '"', "!", "]]", "s", "—"])
def test_a_name_is_spoken_whatever_stands_around_it(
    preview: EspeakPreview, before: str, after: str
) -> None:
    mnemonics, _ = preview.phonemes([before, parse_ipa("ʃɪˈvɔːn"), after])
    assert "SIv'O:n" in mnemonics


def test_wav(preview: EspeakPreview) -> None:
    with wave.open(io.BytesIO(preview.speak(["Good morning ", parse_ipa("ʃɪˈvɔːn"), "!"]))) as wav:
        assert (wav.getnchannels(), wav.getsampwidth(), wav.getframerate()) == (1, 2, 22050)
        seconds = wav.getnframes() / wav.getframerate()
        frames = wav.readframes(wav.getnframes())
    assert 0.8 < seconds < 3
    assert max(memoryview(frames).cast("h")) > 3000


def test_two_andreas_do_not_sound_alike(preview: EspeakPreview) -> None:
    first = preview.phonemes([parse_ipa("ˈændɹiə")])
    assert first != preview.phonemes([parse_ipa("ɑnˈdɹeɪə")])


def test_voices(preview: EspeakPreview) -> None:
    assert {"en-us", "en-gb", "fr", "de", "vi"} <= set(preview.voices())
    assert preview.version.startswith("1.")
    assert len(preview.speak("Bonjour", voice="FR")) > 10_000
    assert preview.speak([parse_ipa("ˈmoʊ")], voice="en_US+f3")
    with pytest.raises(UnknownVoice, match="en-us"):
        preview.speak("hello", voice="en-uss")
    with pytest.raises(UnknownVoice, match="f3"):
        preview.speak("hello", voice="en-us+f33")
    with pytest.raises(UnknownVoice, match="phoneme table"):
        preview.speak([parse_ipa("ˈmoʊ")], voice="sv")


def test_every_listed_voice_loads(preview: EspeakPreview) -> None:
    """Also languages that are not the first of their voice, such as en-gb."""
    for voice in ("en-gb", "fr-fr", "es-mx", "no", "en-gb+f3", "cmn", "sw"):
        assert preview.speak("a", voice=voice)


def test_limits(preview: EspeakPreview) -> None:
    for empty in ("", " \n", [], "\x00"):
        with pytest.raises(InvalidRequest):
            preview.speak(empty)
    with pytest.raises(InvalidRequest, match=str(MAX_TEXT)):
        preview.speak("a" * (MAX_TEXT + 1))


@pytest.mark.parametrize(
    "text", ["<speak>x</speak>", "\ud800 a", "𝕏" * 400, "%s%n" * 100, "ﷺ" * 300]
)
def test_odd_text_is_survived(preview: EspeakPreview, text: str) -> None:
    assert preview.speak(text)[:4] == b"RIFF"


def test_threads(preview: EspeakPreview) -> None:
    expected = preview.phonemes([parse_ipa("ʃɪˈvɔːn")])
    seen: list[tuple[str, str]] = []

    def work() -> None:
        for _ in range(5):
            preview.speak("hello there", voice="fr")
            seen.append(preview.phonemes([parse_ipa("ʃɪˈvɔːn")]))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [expected] * 20


def test_phonemizer_keeps_its_own_library(preview: EspeakPreview) -> None:
    """Both use espeak-ng in one process; neither changes the other's voice."""
    phonemizer_backend = pytest.importorskip("phonemizer.backend")
    import espeakng_loader
    from phonemizer.backend.espeak.wrapper import EspeakWrapper

    EspeakWrapper.set_library(espeakng_loader.get_library_path())
    EspeakWrapper.set_data_path(espeakng_loader.get_data_path())
    backend = phonemizer_backend.EspeakBackend("de")
    before = backend.phonemize(["Jürgen"])
    preview.speak("hello", voice="fr")
    assert backend.phonemize(["Jürgen"]) == before
    assert preview.phonemes([parse_ipa("ʃɪˈvɔːn")])[1] == "ʃɪvˈɔːn"


@pytest.mark.parametrize(
    ("voice", "ipa", "wanted"),
    [
        ("en-gb", "ɹafəˈɛlə", "ɹafəˈɛlə"),
        ("en-gb", "ˈɹuːθ", "ɹˈuːθ"),
        ("en-gb", "ˈfaɪɹ", "fˈaɪɹ"),
        ("en-us", "ɝˈɪn", "ɜːˈɪn"),
        ("fr", "maˈʁi.a", "maʁˈia"),
    ],
)
def test_the_voice_adds_and_changes_nothing(
    preview: EspeakPreview, voice: str, ipa: str, wanted: str
) -> None:
    _, spoken = preview.phonemes([parse_ipa(ipa)], voice)
    assert spoken == wanted
