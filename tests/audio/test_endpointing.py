"""Utterances in a stream, with a detector that takes loud samples for speech."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namemem.audio import SAMPLE_RATE, decode
from namemem.audio.endpointing import (
    Endpointer,
    Endpoints,
    Silence,
    SpeechEnded,
    SpeechStarted,
)
from namemem.audio.streaming import PcmStream
from namemem.audio.voice_activity import FRAME, FRAME_SECONDS, SileroModel

RULES = Endpoints(marks=(0.16, 0.32, 0.8), longest=5.0)


class Loud:
    """Speech is what is loud: the mean magnitude is the probability."""

    def probabilities(self, samples):
        return np.abs(samples).reshape(-1, FRAME).mean(axis=1).astype(np.float32)


def sound(*parts):
    """Seconds of silence (even places) and of speech (odd ones), in whole frames."""
    made = [
        np.full(round(seconds / FRAME_SECONDS) * FRAME, 0.9 * (place % 2), np.float32)
        for place, seconds in enumerate(parts)
    ]
    return np.concatenate(made)


def endpointer(**changes):
    return Endpointer(Loud(), replace(RULES, **changes))


def test_an_utterance_between_silences():
    events = endpointer().push(sound(1.0, 0.8, 2.0))
    assert [type(e) for e in events] == [SpeechStarted, Silence, Silence, SpeechEnded]
    started, _, _, ended = events
    assert started.at == pytest.approx(1.0, abs=0.02)
    assert ended.why == "silence"
    assert ended.end == pytest.approx(1.8, abs=0.03)
    # From half a second before the speech to the end of the silence that ended it.
    assert ended.start == pytest.approx(0.5, abs=0.03)
    assert ended.sound.seconds == pytest.approx(0.5 + 0.8 + 0.8, abs=0.06)


def test_a_pause_is_told_and_so_is_its_end():
    events = endpointer().push(sound(0.5, 0.5, 0.4, 0.5, 1.0))
    kinds = [type(e).__name__ for e in events]
    assert kinds == [
        "SpeechStarted", "Silence", "Silence", "SpeechResumed", "Silence", "Silence", "SpeechEnded",
    ]  # fmt: skip
    assert [e.mark for e in events if isinstance(e, Silence)] == [0, 1, 0, 1]
    assert events[-1].sound.seconds == pytest.approx(0.5 + 0.5 + 0.4 + 0.5 + 0.8, abs=0.06)


def test_a_knock_is_no_utterance():
    assert endpointer().push(sound(0.5, 0.064, 1.0, 0.064, 1.0)) == []


def test_two_utterances_do_not_share_sound():
    samples = sound(0.5, 0.5, 1.5, 0.5, 1.5)
    first, second = (e for e in endpointer().push(samples) if isinstance(e, SpeechEnded))
    assert second.start >= first.start + first.sound.seconds - 0.5
    assert float(np.abs(second.sound.samples[: FRAME * 10]).max()) == 0.0


def test_an_endless_utterance_is_given_up_and_the_next_one_is_found():
    finder = endpointer()
    events = finder.push(sound(0.5, 12.0, 1.0))
    over = [e for e in events if isinstance(e, SpeechEnded)]
    assert [(e.why, e.sound.seconds) for e in over] == [("limit", 0.0)]
    assert not finder.speaking
    again = [e for e in finder.push(sound(0.5, 1.0, 1.0)) if isinstance(e, SpeechEnded)]
    assert [e.why for e in again] == ["silence"]


def test_memory_is_bounded_whatever_comes():
    finder = endpointer()
    finder.push(sound(0.0, 60.0))
    held = sum(frame.nbytes for frame in (finder._kept or [])) + sum(
        frame.nbytes for frame in finder._before
    )
    assert held <= (RULES.longest + RULES.before) * SAMPLE_RATE * 4


def test_the_caller_ends_it():
    finder = endpointer()
    finder.push(sound(0.5, 0.5))
    ended = finder.end()
    assert ended is not None
    assert (ended.why, finder.speaking) == ("told", False)
    assert finder.end() is None


def test_speech_too_short_to_be_told_counts_when_the_caller_ends_it():
    finder = endpointer()
    assert finder.push(sound(0.3, 0.064)) == []
    ended = finder.end()
    assert ended is not None
    assert ended.sound.seconds == pytest.approx(0.364, abs=0.04)


def test_settling_early_keeps_what_comes_next():
    finder = endpointer()
    finder.push(sound(0.5, 0.5, 0.4))
    assert finder.settle() is not None
    assert finder.settle() is None
    events = finder.push(sound(0.0, 0.5, 1.0))
    assert [type(e) for e in events] == [SpeechStarted, Silence, Silence, SpeechEnded]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 4000), min_size=1, max_size=60))
def test_pieces_of_any_size_give_the_same_utterances(sizes):
    samples = sound(0.4, 0.5, 0.3, 0.4, 1.2)
    whole = endpointer().push(samples)
    finder, events, first = endpointer(), [], 0
    for size in sizes:
        events += finder.push(samples[first : first + size])
        first += size
    events += finder.push(samples[first:])
    assert [type(e) for e in events] == [type(e) for e in whole]
    assert events[-1].start == whole[-1].start
    assert np.array_equal(events[-1].sound.samples, whole[-1].sound.samples)


# --- the model that ships -----------------------------------------------------------------------


def test_the_model_tells_speech_from_noise(say_name):
    model = SileroModel()
    speech = say_name[: say_name.size - say_name.size % FRAME]
    noise = np.random.default_rng(1).normal(0, 0.05, speech.size).astype(np.float32)
    assert float(model.stream().probabilities(speech).max()) > 0.9
    assert float(model.stream().probabilities(np.clip(noise, -1, 1)).max()) < 0.4


def test_frames_one_by_one_give_what_they_give_together(say_name):
    model = SileroModel()
    speech = say_name[: 60 * FRAME]
    together = model.stream().probabilities(speech)
    stream = model.stream()
    one_by_one = [stream.probabilities(f)[0] for f in speech.reshape(-1, FRAME)]
    assert np.allclose(together, one_by_one, atol=1e-5)
    with pytest.raises(ValueError, match="whole number of frames"):
        stream.probabilities(speech[:100])


def test_an_introduction_is_found_whole(say_name):
    quiet = np.random.default_rng(2).normal(0, 3e-4, SAMPLE_RATE).astype(np.float32)
    finder = Endpointer(SileroModel().stream())
    events = finder.push(np.concatenate((quiet, say_name, quiet)))
    ended = [e for e in events if isinstance(e, SpeechEnded)]
    assert len(ended) == 1
    loud = np.flatnonzero(np.abs(say_name) > 0.02) / SAMPLE_RATE + 1.0
    assert ended[0].start < float(loud[0])
    assert ended[0].start + ended[0].sound.seconds > float(loud[-1])
    assert ended[0].end == pytest.approx(float(loud[-1]), abs=0.25)


@pytest.fixture(scope="module")
def say_name():
    """An introduction by the preview voice, shape (n,), 16 kHz."""
    from plugins.speech import introduction

    return decode(introduction("ʃɪˈvɔːn")).samples


# --- PCM ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_pcm_of_any_rate_in_pieces_of_any_size(rate):
    time = np.arange(rate) / rate
    wave = 0.5 * np.sin(2 * np.pi * 440 * time)
    data = np.round(wave * 32767).astype("<i2").tobytes()
    stream = PcmStream(rate)
    steps = [1, 3, 640, 641, 1, 5000]
    parts, first = [], 0
    while first < len(data):
        step = steps[len(parts) % len(steps)]
        parts.append(stream.push(data[first : first + step]))
        first += step
    samples = np.concatenate([*parts, stream.flush()])
    assert samples.dtype == np.float32
    assert samples.size == pytest.approx(SAMPLE_RATE, abs=40)
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(samples.size) / SAMPLE_RATE)
    assert float(np.abs(samples - expected)[400:-400].max()) < 0.02


@pytest.mark.parametrize("rate", [0, -1, 7_999, 96_001])
def test_rates_that_are_none(rate):
    with pytest.raises(ValueError, match="Hz"):
        PcmStream(rate)


def test_half_a_sample_waits_for_its_other_half():
    stream = PcmStream()
    assert stream.push(b"\x00").size == 0
    assert stream.push(b"\x40\x01").tolist() == [0.5]
    assert stream.push(b"\x00").tolist() == pytest.approx([1 / 32768])
    stream.push(b"\x07")
    stream.flush()
    assert stream.push(b"\x00\x40").tolist() == [0.5]
