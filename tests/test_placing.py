"""Where the name is: from the words and their times, or from the sound alone."""

from __future__ import annotations

import math

import pytest
from plugins.voices import ToldG2p, ToldListening

from namemem.asr import TimedWord, Transcript
from namemem.audio import decode, speech_span
from namemem.g2p import Candidate
from namemem.name_spotting import spot
from namemem.phone_recognition import Span, create
from namemem.phones import parse_ipa
from namemem.placing import bare, behind_carrier, from_sound, from_words
from namemem.tts.preview import EspeakPreview

SPEECH = Span(0.2, 2.4)
READINGS = [Candidate(parse_ipa("ˈana"), ("g2p:xx",), math.log(1.0))]


def words(text: str, *, timed: bool = True, step: float = 0.4) -> Transcript:
    said = tuple(
        TimedWord(w, 0.2 + i * step, 0.2 + (i + 1) * step) if timed else TimedWord(w, None, None)
        for i, w in enumerate(text.split())
    )
    return Transcript(text, said, "test", timed=timed)


def place(text: str, **how):
    transcript = words(text, **how)
    return from_words(spot(text).names[0], transcript, SPEECH, ToldG2p())


def test_the_carrier_stands_before_the_name():
    found = place("my name is Siobhan")
    assert found.name.text == "Siobhan"
    assert found.context.before == parse_ipa("maɪ neɪm ɪz")
    assert not found.context.open_start
    assert not found.context.open_end
    assert found.span.start == pytest.approx(0.05)
    assert found.span.end >= SPEECH.end


def test_speech_around_it_leaves_it_open():
    found = place("well hello my name is Siobhan nice")
    assert found.context.open_start
    assert found.context.open_end == (found.name.last_word < 6)
    assert found.span.start == pytest.approx(0.2 + 2 * 0.4 - 0.15)


def test_words_without_times_give_the_whole_utterance():
    found = place("my name is Siobhan", timed=False)
    assert found.span == SPEECH
    assert found.context.before == parse_ipa("maɪ neɪm ɪz")
    assert found.context.open_start
    assert not found.context.open_end


@pytest.mark.parametrize("said", ["my name is", "me llamo", "ich heiße"])
def test_a_phrase_is_found_in_the_sound(said):
    def likes(pronunciation, context):
        if context.before is None:
            return -20.0
        spoken = {"my name is": "maɪ neɪm ɪz", "me llamo": "me ʝamo", "ich heiße": "ɪç haɪsə"}
        return -20.0 if context.before == parse_ipa(spoken[said]) else -60.0

    found = from_sound(ToldListening(likes), READINGS, SPEECH, None)
    assert found is not None
    assert found.phrase == said
    assert found.context.open_start
    assert found.context.open_end


def test_the_longest_of_the_phrases_that_fit():
    found = from_sound(ToldListening(lambda p, c: -20.0), READINGS, SPEECH, None)
    assert found is not None
    lengths = [len(c.before.phones) for c in [found.context]]
    assert lengths[0] >= 8


def test_no_phrase_no_place():
    worse = ToldListening(lambda p, c: -20.0 if c.before is None else -200.0)
    assert from_sound(worse, READINGS, SPEECH, "en") is None
    assert from_sound(ToldListening(lambda p, c: 0.0), [], SPEECH, "en") is None


def test_a_bare_name_fills_a_short_utterance():
    assert not bare(Span(0.0, 0.8), "Siobhan").context.open_start
    long = bare(Span(0.0, 6.0), "Siobhan")
    assert long.context.open_start
    assert long.context.open_end
    assert long.unproven


@pytest.mark.engines
@pytest.mark.parametrize(
    ("said", "follows"),
    [
        ("Hi, my name is Anna, nice to meet you.", "naɪs tə mit ju"),
        ("Hello, my name is Lucas, pleased to meet you.", "plizd tə mit ju"),
        ("Hi, my name is Anna.", None),
        ("My name is Benedict.", None),
    ],
)
def test_what_is_said_behind_a_name_is_no_part_of_it(said: str, follows: str | None) -> None:
    waveform = decode(EspeakPreview().speak(said))
    ear = create("compact")
    ear.load()
    found = behind_carrier(ear.listen(waveform), Span(*speech_span(waveform)), None)
    assert found is not None
    assert found.context.before == parse_ipa("maɪ neɪm ɪz")
    assert found.context.after == (parse_ipa(follows) if follows else None)
