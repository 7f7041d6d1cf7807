"""Home Assistant: a Wyoming voice behind the proxy that puts the names in.

Usage: pip install 'namemem[wyoming]'; python api_examples/names_for_home_assistant.py

Before a real voice (wyoming-piper on port 10200), the proxy is one command:
    python -m namemem.integrations.wyoming --uri tcp://0.0.0.0:10210 \
        --upstream tcp://127.0.0.1:10200 --server http://127.0.0.1:8000 --target piper
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
import warnings

warnings.filterwarnings("ignore", category=DeprecationWarning)  # wyoming imports audioop

from wyoming.client import AsyncClient as Caller  # noqa: E402
from wyoming.event import Event  # noqa: E402
from wyoming.server import AsyncEventHandler, AsyncServer  # noqa: E402
from wyoming.tts import Synthesize  # noqa: E402

from namemem.client import AsyncClient  # noqa: E402
from namemem.integrations import FreshNames, NamesInText  # noqa: E402
from namemem.integrations.wyoming import start_proxy  # noqa: E402


class Printer(AsyncEventHandler):
    """Prints what a voice would be asked to say."""

    async def handle_event(self, event: Event) -> bool:
        if Synthesize.is_type(event.type):
            print("voice:", Synthesize.from_event(event).text)
            await self.write_event(Event("audio-stop"))
        return True


def address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{probe.getsockname()[1]}"


async def main() -> None:
    guest = f"home-{time.time_ns()}"
    url = os.environ.get("BASE_URL", "http://127.0.0.1:8000")
    async with AsyncClient(url) as client:
        await client.add_person(
            {"external_id": guest, "names": [{"spelling": "Siobhan", "ipa": "ʃɪˈvɔːn"}]}
        )
        voice_at, proxy_at = address(), address()
        voice = AsyncServer.from_uri(voice_at)
        await voice.start(Printer)
        names = FreshNames(NamesInText("piper", locale="en-US"), client, people=[guest])
        proxy = await start_proxy(proxy_at, voice_at, names.refresh)
        async with Caller.from_uri(proxy_at) as home_assistant:
            await home_assistant.write_event(Synthesize("Siobhan's tea is ready.").event())
            await home_assistant.read_event()
        await proxy.stop()
        await voice.stop()


asyncio.run(main())
