"""A proxy before a Wyoming TTS (Home Assistant): it puts the names in, and passes all else on.

    pip install 'namemem[wyoming]'
    python -m namemem.integrations.wyoming --uri tcp://0.0.0.0:10210 \
        --upstream tcp://127.0.0.1:10200 --server http://127.0.0.1:8000 --target piper

In Home Assistant, add the Wyoming integration with the proxy's address in place of the voice's.
Texts come whole (`synthesize`) or in pieces (`synthesize-chunk`); both are read. A request that is
SSML already is left alone. For a target that needs a document of its own (`ssml`, `azure`), the
proxy tells that it takes no pieces, and sends SSML.
Read with wyoming 1.10.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from namemem.client import AsyncClient
from namemem.errors import EngineUnavailable
from namemem.integrations.fetching import FreshNames
from namemem.integrations.names import NamesInText, NameStream
from namemem.tts.ssml import XmlTarget

if TYPE_CHECKING:
    from wyoming.event import Event
    from wyoming.server import AsyncServer

_log = logging.getLogger(__name__)

Fresh = Callable[[], Awaitable[NamesInText]]
"""Gives the names as they are now; asked once an utterance."""


def frames_documents(names: NamesInText) -> bool:
    """Whether a text for this target is a document (`<speak>`), which cannot come in pieces."""
    return isinstance(names.target, XmlTarget) and names.document("a") != names.insert("a")


class Rewriting:
    """One connection's events on their way to the voice, and the voice's on their way back."""

    def __init__(self, fresh: Fresh) -> None:
        self._fresh = fresh
        self._stream: NameStream | None = None

    async def to_voice(self, event: Event) -> list[Event]:
        """What is sent to the voice in place of an event."""
        from wyoming.event import Event as Made

        data = dict(event.data)
        if event.type == "synthesize" and data.get("text_format", "text") == "text":
            names = await self._fresh()
            if frames_documents(names):
                data |= {"text": names.document(data["text"]), "text_format": "ssml"}
            else:
                data["text"] = names.insert(data["text"])
        elif event.type == "synthesize-start":
            names = await self._fresh()
            plain = data.get("text_format", "text") == "text"
            self._stream = names.stream() if plain and not frames_documents(names) else None
        elif event.type == "synthesize-chunk" and self._stream is not None:
            ready = self._stream.feed(data["text"])
            return [Made(event.type, data | {"text": ready})] if ready else []
        elif event.type == "synthesize-stop" and self._stream is not None:
            rest, self._stream = self._stream.flush(), None
            last = [Made("synthesize-chunk", {"text": rest})] if rest else []
            return [*last, event]
        return [Made(event.type, data, event.payload)]

    async def to_caller(self, event: Event) -> Event:
        """What is told to the caller in place of an event of the voice."""
        if event.type == "info" and frames_documents(await self._fresh()):
            for program in event.data.get("tts", []):
                program["supports_synthesize_streaming"] = False
        return event


async def start_proxy(uri: str, upstream: str, fresh: Fresh) -> AsyncServer:
    """Serves on `uri` (`tcp://…` or `unix://…`) before the voice at `upstream`, until stopped.

    Raises:
        EngineUnavailable: the package wyoming is not installed.
        ValueError: an address that Wyoming does not know.
        OSError: the address is taken.
    """
    try:
        from wyoming.client import AsyncClient as Voice
        from wyoming.event import Event as Received
        from wyoming.server import AsyncEventHandler
        from wyoming.server import AsyncServer as Server
    except ImportError as error:
        raise EngineUnavailable(
            "The proxy needs wyoming: pip install 'namemem[wyoming]'."
        ) from error

    class Handler(AsyncEventHandler):
        """One caller, with a connection to the voice of its own."""

        def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            super().__init__(reader, writer)
            self.rewriting = Rewriting(fresh)
            self.voice: Voice | None = None
            self.back: asyncio.Task[None] | None = None

        async def handle_event(self, event: Received) -> bool:
            if self.voice is None:
                self.voice = Voice.from_uri(upstream, connect_timeout=10.0)
                try:
                    await self.voice.connect()
                except (OSError, TimeoutError) as error:
                    self.voice = None
                    _log.warning("The voice at %s does not answer: %s.", upstream, error)
                    problem = {
                        "text": "The voice behind the proxy does not answer.",
                        "code": "voice",
                    }
                    await self.write_event(Received("error", problem))
                    return False
                self.back = asyncio.create_task(self._pass_back(self.voice))
            for made in await self.rewriting.to_voice(event):
                await self.voice.write_event(made)
            return True

        async def _pass_back(self, voice: Voice) -> None:
            try:
                while (event := await voice.read_event()) is not None:
                    await self.write_event(await self.rewriting.to_caller(event))
            except OSError:
                pass
            finally:
                self.writer.close()  # the voice has gone; so does its caller

        async def disconnect(self) -> None:
            if self.back is not None:
                self.back.cancel()
            if self.voice is not None:
                try:
                    await self.voice.disconnect()
                except OSError:
                    _log.debug("The voice had closed the connection already.")

    server = Server.from_uri(uri)
    await server.start(Handler)
    return server


async def _serve(asked: argparse.Namespace) -> None:
    names = NamesInText(asked.target, voice=asked.voice, locale=asked.locale)
    async with AsyncClient(asked.server, os.environ.get("NAMEMEM_API_KEY")) as client:
        kept = FreshNames(names, client, every=asked.every)
        server = await start_proxy(asked.uri, asked.upstream, kept.refresh)
        print(f"Names go into the text for {asked.upstream}; listening on {asked.uri}.", flush=True)
        try:
            await asyncio.Event().wait()
        finally:
            await server.stop()


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line; a key for the server comes from NAMEMEM_API_KEY."""
    parser = argparse.ArgumentParser(
        prog="python -m namemem.integrations.wyoming", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--uri", default="tcp://127.0.0.1:10210", help="where to listen")
    parser.add_argument("--upstream", default="tcp://127.0.0.1:10200", help="the voice")
    parser.add_argument("--server", default="http://127.0.0.1:8000", help="namemem")
    parser.add_argument("--target", default="piper", help="what the voice accepts")
    parser.add_argument("--voice", help="the voice's name, where the form depends on it")
    parser.add_argument("--locale", help="the voice's locale")
    parser.add_argument(
        "--every", type=float, default=30.0, help="seconds between looks at namemem"
    )
    try:
        asyncio.run(_serve(parser.parse_args(arguments)))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
