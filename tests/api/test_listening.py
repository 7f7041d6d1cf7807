"""What goes on over one listening connection, without a socket, an ear or a clock."""

from __future__ import annotations

import asyncio
import json

import numpy as np
import pytest

from namemem.api import listening
from namemem.api.listening import ClientGone, Conversation
from namemem.api.schemas.listening import ListenIn
from namemem.audio import SAMPLE_RATE, Waveform
from namemem.audio.endpointing import Endpointer, Endpoints
from namemem.audio.voice_activity import FRAME
from namemem.errors import EngineBusy, InvalidRequest, NoNameHeard
from namemem.people import NameKind, SpellingSource
from namemem.testing import fake_hearing
from namemem.workers import Heard

SILENCE, SPEECH = 0.0, 0.9


class Loud:
    """Speech is what is loud."""

    def probabilities(self, samples):
        return np.abs(samples).reshape(-1, FRAME).mean(axis=1).astype(np.float32)


class Ear:
    """Hears what it is told to, when it is told to; remembers what it was asked."""

    def __init__(self):
        self.asked = []  # (seconds, wishes, utterance)
        self.stored = 0
        self.answers = []  # an error, a hearing, or None for the usual one; in order
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, wav, wishes, settled, utterance):
        self.asked.append(((len(wav) - 44) / 2 / SAMPLE_RATE, wishes, utterance))
        answer = self.answers.pop(0) if self.answers else None
        await self.gate.wait()
        await asyncio.sleep(0)
        if isinstance(answer, Exception):
            raise answer
        await settled(Heard(answer or fake_hearing(), NameKind.GIVEN))
        self.stored += 1
        return {"id": str(self.stored)}


class Room:
    """A conversation with everything around it."""

    def __init__(self, **wishes):
        self.ear = Ear()
        self.said = []
        self.now = 0.0
        endpoints = Endpoints(marks=(0.16, 0.32, 0.8), longest=4.0)
        self.conversation = Conversation(
            Endpointer(Loud(), endpoints), self.ear, self.send, ListenIn(**wishes), lambda: self.now
        )

    async def send(self, message):
        json.dumps(message, allow_nan=False)
        self.said.append(message)

    async def hear(self, *parts, step=0.032):
        """Seconds of silence (even places) and speech (odd ones), in real time."""
        for place, seconds in enumerate(parts):
            level = (SILENCE, SPEECH)[place % 2]
            for _ in range(round(seconds / step)):
                self.now += step
                wave = Waveform(np.full(round(step * SAMPLE_RATE), level, np.float32))
                await self.conversation.audio(wave.pcm16)
                await self.rest()

    async def rest(self):
        for _ in range(6):
            await asyncio.sleep(0)

    @property
    def kinds(self):
        return [m["type"] for m in self.said]

    def errors(self):
        return [m["problem"]["type"].split(":")[-1] for m in self.said if m["type"] == "error"]


def play(scene, **wishes):
    """Runs a scene in a room and gives the room."""

    async def run():
        room = Room(**wishes)
        await scene(room)
        await room.rest()
        return room

    return asyncio.run(run())


def test_a_name_is_answered_in_a_short_silence():
    async def scene(room):
        await room.hear(0.5, 0.8, 0.25)
        assert room.kinds == ["speech_started", "partial"]
        assert room.ear.stored == 0
        await room.hear(0.1)
        assert room.kinds == ["speech_started", "partial", "introduction"]
        await room.hear(1.0)

    room = play(scene, target="azure")
    assert room.kinds == ["speech_started", "partial", "introduction"]
    assert room.said[0]["at"] == pytest.approx(0.5, abs=0.04)
    assert room.said[1]["name"] == {"spelling": "Siobhan", "ipa": "ʃɪˈvɔːn", "confidence": 0.9}
    assert room.said[2]["id"] == "1"
    assert room.said[2]["utterance"]["end"] == pytest.approx(1.3, abs=0.04)
    assert [(w.target, u) for _, w, u in room.ear.asked] == [("azure", 1)]


def test_what_was_heard_before_speech_went_on_is_thrown_away():
    async def scene(room):
        await room.hear(0.5, 0.6, 0.2, 0.6, 1.2)

    room = play(scene)
    assert room.kinds == ["speech_started", "partial", "partial", "introduction"]
    assert room.ear.stored == 1
    lengths = [seconds for seconds, _, _ in room.ear.asked]
    assert len(lengths) == 2
    assert lengths[1] > lengths[0] + 0.7
    assert {number for _, _, number in room.ear.asked} == {1}


def test_a_slow_hearing_is_thrown_away_as_well():
    async def scene(room):
        room.ear.gate.clear()
        await room.hear(0.5, 0.6, 0.3, 0.6)
        room.ear.gate.set()
        await room.hear(1.2)

    room = play(scene)
    assert room.kinds.count("introduction") == 1
    assert room.ear.stored == 1


def test_no_name_is_an_error_only_when_the_utterance_is_over():
    async def scene(room):
        room.ear.answers = [NoNameHeard("Nobody gives a name.", transcript="my name is")]
        await room.hear(0.5, 0.6, 0.5)
        assert room.kinds == ["speech_started"]
        await room.hear(0.0, 0.5, 1.2)  # "… Siobhan"
        room.ear.answers = [NoNameHeard("Nobody gives a name.", transcript="nice weather")]
        await room.hear(0.0, 0.6, 1.2)

    room = play(scene)
    assert room.kinds == ["speech_started", "partial", "introduction", "speech_started", "error"]
    assert room.errors() == ["no-name-heard"]
    assert room.said[-1]["problem"]["transcript"] == "nice weather"
    assert room.said[-1]["utterance"]["end"] > room.said[-2]["at"]


@pytest.mark.parametrize(
    "hearing",
    [
        fake_hearing(spelling_source=SpellingSource.SPELLED_ALOUD),
        fake_hearing(confidence=0.2),
    ],
    ids=["spelled aloud", "unsure"],
)
def test_letters_and_doubtful_names_wait_for_the_whole_silence(hearing):
    async def scene(room):
        room.ear.answers = [hearing]
        await room.hear(0.5, 0.6, 0.6)
        assert room.kinds == ["speech_started", "partial"]
        await room.hear(0.4)

    assert play(scene).kinds == ["speech_started", "partial", "introduction"]


def test_a_full_queue_is_tried_again_and_then_told():
    async def scene(room):
        room.ear.answers = [EngineBusy("Full.", retry_after=7)]
        await room.hear(0.5, 0.6, 1.0)
        assert room.kinds == ["speech_started", "introduction"]
        room.ear.answers = [EngineBusy("Full.", retry_after=7), EngineBusy("Full.", retry_after=7)]
        await room.hear(0.0, 0.6, 1.0)
        await room.hear(0.0, 0.6, 1.0)  # and it listens on

    room = play(scene)
    assert room.errors() == ["busy"]
    refused = next(m for m in room.said if m["type"] == "error")
    assert refused["problem"]["retry_after"] == 7
    assert room.kinds[-1] == "introduction"


def test_a_bug_is_an_error_without_its_text(caplog):
    async def scene(room):
        room.ear.answers = [ZeroDivisionError("secret")]
        await room.hear(0.5, 0.6, 1.0)
        await room.hear(0.0, 0.6, 1.0)

    room = play(scene)
    assert room.errors() == ["internal"]
    assert "secret" not in json.dumps(room.said)
    assert room.kinds[-1] == "introduction"
    assert "Unexpected error while listening" in caplog.text


def test_end_ends_the_utterance_at_once():
    async def scene(room):
        await room.hear(0.2, 0.6)
        await room.conversation.text('{"type": "end"}')

    room = play(scene)
    assert room.kinds == ["speech_started", "introduction"]


def test_end_after_the_answer_says_nothing_more_and_end_without_speech_says_so():
    async def scene(room):
        await room.hear(0.2, 0.6, 0.5)
        await room.conversation.text('{"type": "end"}')
        assert room.kinds[-1] == "introduction"
        await room.hear(1.0)
        await room.conversation.text('{"type": "end"}')

    room = play(scene)
    assert room.kinds == ["speech_started", "partial", "introduction", "error"]
    assert room.errors() == ["no-speech"]


def test_audio_that_stops_coming_ends_the_utterance():
    async def scene(room):
        await room.hear(0.2, 0.6)
        assert room.conversation.speaking
        await room.conversation.stalled()

    assert play(scene).kinds == ["speech_started", "introduction"]


def test_too_long_an_utterance():
    async def scene(room):
        await room.hear(0.2, 6.0, 1.0)
        await room.hear(0.0, 0.6, 1.0)

    room = play(scene)
    assert room.errors() == ["audio-too-long"]
    assert room.kinds[-1] == "introduction"
    assert all(seconds <= 4.0 for seconds, _, _ in room.ear.asked)


def test_a_third_utterance_at_once_is_refused():
    async def scene(room):
        room.ear.gate.clear()
        for _ in range(3):
            await room.hear(0.2, 0.5, 1.0)
        assert room.errors() == ["busy"]
        room.ear.gate.set()
        await room.hear(0.2)
        await room.hear(0.2, 0.5, 1.0)

    room = play(scene)
    assert room.kinds.count("introduction") == 3
    assert len(room.ear.asked) == 3


def test_a_client_who_has_gone_leaves_nothing_behind():
    async def scene(room):
        room.ear.gate.clear()
        await room.hear(0.2, 0.6, 1.0)
        closing = asyncio.create_task(room.conversation.close())
        await room.rest()
        room.ear.gate.set()
        await closing
        assert not room.conversation.busy

    room = play(scene)
    assert room.kinds == ["speech_started"]
    assert room.ear.stored == 0


def test_a_client_who_has_gone_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(listening, "_GRACE", 0.02)

    async def scene(room):
        room.ear.gate.clear()
        await room.hear(0.2, 0.6, 1.0)
        await room.conversation.close()
        assert not room.conversation.busy

    assert play(scene).ear.stored == 0


def test_a_client_who_does_not_read():
    async def scene(room):
        async def nobody(message):
            raise ClientGone

        await room.hear(0.2, 0.6)
        room.conversation._send = nobody
        await room.hear(1.0)
        assert room.conversation.gone
        assert not room.conversation.busy

    assert play(scene).kinds == ["speech_started"]


@pytest.mark.parametrize(
    "text",
    [
        "", "hello", "[]", "null", "1", '{"kind": "end"}', '{"type": "stop"}', '{"type": null}',
        "[" * 10_000, '{"type": "end", "x": "' + "y" * 30_000 + '"}',
        '{"type": "start", "sample_rate": 1}', '{"type": "start", "sample_rate": "many"}',
        '{"type": "start", "spelling": 7}', '{"type": "start", "name": "x"}',
        '{"type": "start", "language": "not a language"}', '{"type": "start", "kind": "pet"}',
        '{"type": "start", "spelling": "' + "a" * 201 + '"}',
    ],
)  # fmt: skip
def test_text_that_is_not_understood(text):
    async def scene(room):
        await room.conversation.text(text)
        await room.hear(0.2, 0.6, 1.0)

    room = play(scene)
    assert room.errors() == ["invalid-request"]
    assert len(room.said[0]["problem"]["detail"]) > 10
    assert room.conversation.nonsense == 1
    assert room.kinds[-1] == "introduction"


def test_start_changes_what_is_known():
    async def scene(room):
        await room.conversation.text(
            '{"type": "start", "spelling": "Siobhan", "asked": true, "kind": "nickname"}'
        )
        await room.hear(0.2, 0.6, 1.0)
        await room.conversation.text('{"type": "start", "spelling": null, "asked": false}')
        await room.hear(0.2, 0.6, 1.0)

    room = play(scene, target="azure")
    (_, first, one), (_, second, two) = room.ear.asked
    assert (first.spelling, first.asked, first.kind, first.target) == (
        "Siobhan", True, NameKind.NICKNAME, "azure",
    )  # fmt: skip
    assert (second.spelling, second.asked, second.target) == (None, False, "azure")
    assert (one, two) == (1, 2)


def test_another_sample_rate_begins_anew():
    async def scene(room):
        await room.hear(0.2, 0.5)
        await room.conversation.text('{"type": "start", "sample_rate": 8000}')
        assert not room.conversation.speaking
        pcm = Waveform(np.full(4000, SPEECH, np.float32)).pcm16
        await room.conversation.audio(pcm)
        await room.conversation.audio(b"\0\0" * 8000)

    room = play(scene)
    assert room.kinds.count("introduction") == 1


@pytest.mark.parametrize("size", [1, 3, 777, 1_000_000])
def test_frames_of_any_size(size):
    async def scene(room):
        parts = ((SILENCE, 0.5), (SPEECH, 0.6), (SILENCE, 1.0))
        data = b"".join(
            Waveform(np.full(round(s * SAMPLE_RATE), level, np.float32)).pcm16 for level, s in parts
        )
        for first in range(0, len(data), size):
            await room.conversation.audio(data[first : first + size])

    assert play(scene).kinds.count("introduction") == 1


def test_a_flood_is_slowed_down(monkeypatch):
    waits = []

    async def no_sleep(seconds, _sleep=asyncio.sleep):
        waits.append(seconds)
        await _sleep(0)

    monkeypatch.setattr(listening.asyncio, "sleep", no_sleep)

    async def scene(room):
        await room.conversation.audio(b"\0\0" * SAMPLE_RATE * int(listening.BURST))
        assert max(waits) <= 0.01
        await room.conversation.audio(b"\0\0" * SAMPLE_RATE * 8)

    play(scene)
    assert max(waits) == pytest.approx(8.0 / listening.FASTER, abs=0.2)


def test_the_query_is_checked_like_the_messages():
    wishes = ListenIn().changed({"sample_rate": "48000", "asked": "true", "spelling": ""})
    assert (wishes.sample_rate, wishes.asked, wishes.spelling) == (48_000, True, None)
    with pytest.raises(InvalidRequest, match="sample_rate"):
        ListenIn().changed({"sample_rate": "fast"})
