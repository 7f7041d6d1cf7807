"""Pipecat: the voice gets each name as it is said, the conversation keeps plain text.

Usage: pip install 'namemem[pipecat]'; python api_examples/names_in_pipecat.py

Your own service goes in the place of `Printer`: `names_for` knows which markup it passes on.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncGenerator

from loguru import logger
from pipecat.frames.frames import Frame, TTSAudioRawFrame, TTSSpeakFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.services.tts_service import TTSService
from pipecat.workers.runner import WorkerRunner

from namemem.client import AsyncClient
from namemem.integrations import FreshNames
from namemem.integrations.pipecat import names_for, text_transform


class Printer(TTSService):
    """Prints what a voice would be asked to say."""

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        print("voice:", text)
        yield TTSAudioRawFrame(bytes(320), 16000, 1, context_id=context_id)


async def main() -> None:
    logger.remove()
    guest = f"pipecat-{time.time_ns()}"
    url = os.environ.get("BASE_URL", "http://127.0.0.1:8000")
    async with AsyncClient(url) as client:
        await client.add_person(
            {"external_id": guest, "names": [{"spelling": "Siobhan", "ipa": "ʃɪˈvɔːn"}]}
        )
        voice = Printer(sample_rate=16000)
        names = names_for(voice)  # of its class; a Cartesia or ElevenLabs service gets phones
        voice.add_text_transformer(text_transform(names))
        fresh = FreshNames(names, client, people=[guest])
        await fresh.refresh()  # once a turn: it asks the server every half a minute
        worker = PipelineWorker(Pipeline([voice]))
        await worker.queue_frame(TTSSpeakFrame("Good morning, Siobhan! Is this Siobhan's tea?"))
        await worker.stop_when_done()
        runner = WorkerRunner(handle_sigint=False)
        await runner.add_workers(worker)
        await runner.run()


asyncio.run(main())
