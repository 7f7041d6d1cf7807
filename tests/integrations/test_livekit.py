"""The text transform in a real LiveKit Agents session, with a voice that notes its text."""

from __future__ import annotations

import asyncio

import pytest

from namemem.integrations import NamesInText
from namemem.integrations.livekit import text_transform

pytestmark = pytest.mark.filterwarnings("ignore")  # of LiveKit's own dependencies
KNOWN = {"Siobhan": "ʃɪˈvɔːn"}


def test_a_stream_of_tokens():
    async def tokens():
        for piece in ("Good ", "mor", "ning, Sio", "bhan", "'s", " tea"):
            yield piece

    async def go() -> list[str]:
        names = NamesInText("respelling", names=KNOWN)
        return [piece async for piece in text_transform(names)(tokens())]

    assert asyncio.run(go()) == ["Good ", "morning, ", "shi-VAWN's ", "tea"]


def test_a_session_speaks_the_name_and_keeps_the_text():
    pytest.importorskip("livekit.agents")
    from livekit.agents import Agent, AgentSession, tts
    from livekit.agents.voice import io

    asked: list[str] = []

    class Voice(tts.TTS):
        """Stands in for a voice that takes whole texts."""

        def __init__(self) -> None:
            capabilities = tts.TTSCapabilities(streaming=False)
            super().__init__(capabilities=capabilities, sample_rate=16000, num_channels=1)

        def synthesize(self, text, *, conn_options=None):
            asked.append(text)
            return Spoken(tts=self, input_text=text, conn_options=conn_options)

    class Spoken(tts.ChunkedStream):
        async def _run(self, output_emitter) -> None:
            output_emitter.initialize(
                request_id="r", sample_rate=16000, num_channels=1, mime_type="audio/pcm"
            )
            output_emitter.push(b"\0\0" * 1600)
            output_emitter.flush()

    class Ears(io.AudioOutput):
        """Plays at once what it gets."""

        def __init__(self) -> None:
            super().__init__(label="ears", capabilities=io.AudioOutputCapabilities(pause=False))
            self.seconds = 0.0

        async def capture_frame(self, frame) -> None:
            await super().capture_frame(frame)
            self.seconds += frame.duration

        def flush(self) -> None:
            super().flush()
            self.on_playback_started(created_at=0.0)
            self.on_playback_finished(playback_position=self.seconds, interrupted=False)

        def clear_buffer(self) -> None: ...

    async def go() -> str:
        names = NamesInText("respelling", names=KNOWN)
        session = AgentSession(
            tts=Voice(), tts_text_transforms=["filter_markdown", text_transform(names)]
        )
        session.output.audio = Ears()
        await session.start(Agent(instructions="Be kind."))

        async def tokens():
            for piece in ("Good **morning**, Sio", "bhan!"):
                yield piece

        handle = session.say(tokens())
        await asyncio.wait_for(handle.wait_for_playout(), 20)
        kept = "".join(i.text_content or "" for i in session.history.items if i.type == "message")
        await session.aclose()
        return kept

    kept = asyncio.run(go())
    assert "".join(asked) == "Good morning, shi-VAWN!"
    assert "Siobhan" in kept
    assert "VAWN" not in kept
