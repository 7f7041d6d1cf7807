"""The proxy between a real Wyoming client and a real Wyoming server."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys

import pytest

from namemem.errors import EngineUnavailable
from namemem.integrations import NamesInText
from namemem.integrations import wyoming as proxy

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # wyoming imports audioop
KNOWN = {"Siobhan": "ʃɪˈvɔːn", "Mary Ann": "ˌmɛɹiˈæn"}
PIPER = "[[ʃɪvˈɔːn]]"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def converse(target: str, events: list, wanted: int, voice_runs: bool = True):
    """Sends events through the proxy; (what the voice got, what came back)."""
    pytest.importorskip("wyoming")
    from wyoming.audio import AudioChunk
    from wyoming.client import AsyncClient
    from wyoming.info import Attribution, Describe, Info, TtsProgram
    from wyoming.server import AsyncEventHandler, AsyncServer

    got: list = []

    class Voice(AsyncEventHandler):
        async def handle_event(self, event) -> bool:
            got.append(event)
            if Describe.is_type(event.type):
                program = TtsProgram(
                    name="v", description=None, version=None, installed=True, voices=[],
                    attribution=Attribution("a", "u"), supports_synthesize_streaming=True,
                )  # fmt: skip
                await self.write_event(Info(tts=[program]).event())
            elif event.type in ("synthesize", "synthesize-stop"):
                chunk = AudioChunk(rate=16000, width=2, channels=1, audio=b"\1\2" * 8)
                await self.write_event(chunk.event())
            return True

    async def go() -> list:
        names = NamesInText(target, names=KNOWN)

        async def fresh() -> NamesInText:
            return names

        ports = free_port(), free_port()
        uris = [f"tcp://127.0.0.1:{port}" for port in ports]
        voice = AsyncServer.from_uri(uris[0])
        if voice_runs:
            await voice.start(Voice)
        served = await proxy.start_proxy(uris[1], uris[0], fresh)
        back = []
        async with AsyncClient.from_uri(uris[1], read_timeout=10) as client:
            for event in events:
                await client.write_event(event.event())
            back = [await client.read_event() for _ in range(wanted)]
        await served.stop()
        await voice.stop()
        await asyncio.sleep(0.05)
        return back

    back = asyncio.run(go())
    return got, back


def test_a_whole_text():
    pytest.importorskip("wyoming")
    from wyoming.tts import Synthesize, SynthesizeVoice

    voice = SynthesizeVoice(name="en_US-amy")
    got, back = converse("piper", [Synthesize("Hi Siobhan!", voice)], 1)
    assert [e.data["text"] for e in got] == [f"Hi {PIPER}!"]
    assert got[0].data["voice"] == {"name": "en_US-amy"}
    assert back[0].type == "audio-chunk"
    assert back[0].payload == b"\1\2" * 8


def test_pieces():
    pytest.importorskip("wyoming")
    from wyoming.tts import SynthesizeChunk, SynthesizeStart, SynthesizeStop

    pieces = [SynthesizeChunk(p) for p in ("Hi Mary", " An", "n and Sio", "bhan")]
    got, _ = converse("piper", [SynthesizeStart(), *pieces, SynthesizeStop()], 1)
    assert [e.type for e in got][:1] + [e.type for e in got][-1:] == [
        "synthesize-start", "synthesize-stop",
    ]  # fmt: skip
    said = "".join(e.data["text"] for e in got if e.type == "synthesize-chunk")
    assert said == NamesInText("piper", names=KNOWN).insert("Hi Mary Ann and Siobhan")
    assert PIPER in said


def test_ssml():
    pytest.importorskip("wyoming")
    from wyoming.info import Describe
    from wyoming.tts import Synthesize, SynthesizeTextFormat

    own = Synthesize("<speak>Siobhan</speak>", text_format=SynthesizeTextFormat.SSML)
    got, back = converse("ssml", [Describe(), Synthesize("Siobhan"), own], 3)
    assert got[1].data["text_format"] == "ssml"
    assert got[1].data["text"].startswith("<speak")
    assert "<phoneme" in got[1].data["text"]
    assert got[2].data["text"] == "<speak>Siobhan</speak>"
    assert back[0].data["tts"][0]["supports_synthesize_streaming"] is False
    _, back = converse("piper", [Describe()], 1)
    assert back[0].data["tts"][0]["supports_synthesize_streaming"] is True


def test_no_voice():
    pytest.importorskip("wyoming")
    from wyoming.tts import Synthesize

    _, back = converse("piper", [Synthesize("Hi")], 1, voice_runs=False)
    assert back[0].type == "error"


def test_no_package(monkeypatch):
    for name in ("wyoming", "wyoming.client", "wyoming.event", "wyoming.server"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(EngineUnavailable, match=r"namemem\[wyoming\]"):
        asyncio.run(proxy.start_proxy("tcp://127.0.0.1:1", "tcp://127.0.0.1:2", lambda: None))


def test_help():
    command = [sys.executable, "-m", "namemem.integrations.wyoming", "--help"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0
    assert "--upstream" in ended.stdout
