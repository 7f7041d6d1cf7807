"""LiveKit Agents: the voice gets each name as it is said, the transcript keeps plain text.

Usage: pip install 'namemem[livekit]'; python api_examples/names_in_livekit.py

In an agent, the transform goes into the session:
    AgentSession(tts=..., tts_text_transforms=["filter_markdown", text_transform(names)])
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator

from livekit.agents import Agent, AgentSession, tts
from livekit.agents.voice import io

from namemem.client import AsyncClient
from namemem.integrations import FreshNames, NamesInText
from namemem.integrations.livekit import text_transform


class Printer(tts.TTS):
    """Prints what a voice would be asked to say."""

    def __init__(self) -> None:
        capabilities = tts.TTSCapabilities(streaming=False)
        super().__init__(capabilities=capabilities, sample_rate=16000, num_channels=1)

    def synthesize(self, text, *, conn_options=None):
        print("voice:", text)
        return Silence(tts=self, input_text=text, conn_options=conn_options)


class Silence(tts.ChunkedStream):
    async def _run(self, output_emitter) -> None:
        output_emitter.initialize(
            request_id="1", sample_rate=16000, num_channels=1, mime_type="audio/pcm"
        )
        output_emitter.push(bytes(3200))
        output_emitter.flush()


class Nowhere(io.AudioOutput):
    """Plays nothing, at once; in a room, LiveKit has its own."""

    def __init__(self) -> None:
        super().__init__(label="nowhere", capabilities=io.AudioOutputCapabilities(pause=False))

    async def capture_frame(self, frame) -> None:
        await super().capture_frame(frame)

    def flush(self) -> None:
        super().flush()
        self.on_playback_started(created_at=time.time())
        self.on_playback_finished(playback_position=0.1, interrupted=False)

    def clear_buffer(self) -> None: ...


async def answer() -> AsyncIterator[str]:
    """A language model's tokens: the name comes in two."""
    for token in ("Good morning", ", Sio", "bhan! Is this", " Siobhan's", " tea?"):
        yield token


async def main() -> None:
    guest = f"livekit-{time.time_ns()}"
    url = os.environ.get("BASE_URL", "http://127.0.0.1:8000")
    async with AsyncClient(url) as client:
        await client.add_person(
            {"external_id": guest, "names": [{"spelling": "Siobhan", "ipa": "ʃɪˈvɔːn"}]}
        )
        names = NamesInText("elevenlabs", model="eleven_flash_v2")
        await FreshNames(names, client, people=[guest]).refresh()
        session = AgentSession(tts=Printer(), tts_text_transforms=[text_transform(names)])
        session.output.audio = Nowhere()
        await session.start(Agent(instructions="Be kind."))
        await session.say(answer()).wait_for_playout()
        for item in session.history.items:
            if item.type == "message":
                print("transcript:", item.text_content)
        await session.aclose()


asyncio.run(main())
