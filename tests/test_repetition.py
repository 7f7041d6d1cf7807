"""A name that is said twice is one name."""

from __future__ import annotations

import pytest

from namemem.asr import Capabilities, Transcriber, Transcript, transcript_from_caller
from namemem.audio import Waveform, decode, speech_span
from namemem.g2p import Candidates
from namemem.introductions import Ear, Hints
from namemem.phone_recognition import Span, create
from namemem.phones import parse_ipa
from namemem.placing import behind_carrier
from namemem.repetition import said_again, said_once
from namemem.tts.preview import EspeakPreview

pytestmark = pytest.mark.engines


class Mishears(Transcriber):
    """Writes other words for a name that it does not know."""

    name, version = "mishears", "1"
    capabilities = Capabilities(languages=None, prompt=False)
    modules = ()

    def _load(self) -> None:
        """Nothing to load."""

    def _transcribe(self, waveform: Waveform, *, language=None, prompt=None) -> Transcript:
        return Transcript("we're all that for all that", (), "mishears", timed=False)


@pytest.fixture(scope="module")
def ear() -> Ear:
    ear = Ear(Mishears(), create("compact"), Candidates())
    ear.load()
    return ear


@pytest.mark.parametrize("voice", ["en-us", "en-gb+m3"])
@pytest.mark.parametrize(
    ("said", "twice"),
    [
        ("Robert. Robert.", True),
        ("Robert, Robert.", True),
        ("I'm Siobhan. Siobhan.", True),
        ("Kim. Kim.", True),
        ("Mimi.", False),
        ("Robert.", False),
        ("Robert. Smith.", False),
        ("Savannah. Peter.", False),
        ("Anna. Maria.", False),
        ("Hannah. Robert. Hannah.", False),
        ("Robert. Robert. Robert.", True),
        ("Robert. Thank you. Thank you.", False),
        ("Savannah. Anna.", False),
    ],
)
def test_where_a_name_begins_again(ear: Ear, said: str, twice: bool, voice: str) -> None:
    waveform = decode(EspeakPreview().speak(said, voice))
    speech = Span(*speech_span(waveform))
    again = said_again(ear.recognizer.listen(waveform), speech)
    assert (again is not None) == twice
    if again is not None:
        assert speech.start + 0.3 * speech.seconds < again < speech.end - 0.2 * speech.seconds


@pytest.mark.parametrize(
    ("said", "twice"),
    [
        ("My name is Robert. Robert.", True),
        ("My name is Robert.", False),
        ("My name is Robert. Thank you. Thank you.", False),
        ("My name is Robert. Hello! Hello!", False),
        ("My name is Kim. Thank you. Thank you.", False),
        ("My name is Kim. Kim. Kim.", True),
    ],
)
def test_what_is_said_again_has_to_be_the_name(ear: Ear, said: str, twice: bool) -> None:
    waveform = decode(EspeakPreview().speak(said, "en-us"))
    place = behind_carrier(ear.recognizer.listen(waveform), Span(*speech_span(waveform)), None)
    assert place is not None
    once = said_once(ear.recognizer.listen(waveform), place)
    assert (once != place) == twice


@pytest.mark.parametrize("said", ["My name is Robert. Robert.", "Robert. Robert."])
def test_a_callers_words_say_it_themselves(ear: Ear, said: str) -> None:
    waveform = decode(EspeakPreview().speak(said, "en-us"))
    words = transcript_from_caller({"text": said})
    hearing, _ = ear.hear(waveform, Hints(asked=True, transcript=words))
    assert hearing.spelling == "Robert"
    assert hearing.chosen.pronunciation.segmental == parse_ipa("ˈɹɑbɚt").segmental


@pytest.mark.parametrize(
    ("said", "asked", "consonants"),
    [
        ("Robert. Robert.", True, "ɹbt"),
        ("My name is Robert. Robert.", False, "ɹbt"),
        ("I'm Siobhan. Siobhan.", True, "vn"),
    ],
)
def test_said_twice_and_heard_once(ear: Ear, said: str, asked: bool, consonants: str) -> None:
    waveform = decode(EspeakPreview().speak(said, "en-us"))
    hearing, _ = ear.hear(waveform, Hints(asked=asked))
    phones = hearing.chosen.pronunciation.phones
    assert "".join(p.base for p in phones if p.base in "ɹbtnvm") == consonants
    assert hearing.start > 0.4 * waveform.seconds
