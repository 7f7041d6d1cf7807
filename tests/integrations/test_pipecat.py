"""The text transform in a real Pipecat TTS service, in a real pipeline."""

from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path

import pytest

from namemem.integrations.pipecat import TARGETS, names_for, target_of, text_transform

pytestmark = pytest.mark.filterwarnings("ignore")  # of Pipecat's own dependencies
KNOWN = {"Siobhan": "ʃɪˈvɔːn"}


def test_services_by_name():
    class CartesiaTTSService: ...

    class Mine(CartesiaTTSService): ...

    class AzureTTSService: ...

    assert target_of(Mine()) == "cartesia"
    assert target_of(AzureTTSService()) == "respelling"
    assert names_for(Mine(), KNOWN).insert("Siobhan") == "<<ʃ|ɪ|ˈ|v|ɔ|n>>"
    assert names_for(AzureTTSService(), KNOWN).insert("Siobhan") == "shi-VAWN"
    flash = names_for(type("ElevenLabsTTSService", (), {})(), KNOWN, model="eleven_flash_v2")
    assert flash.insert("Siobhan").startswith("<phoneme ")


def test_the_services_are_pipecats():
    pytest.importorskip("pipecat")
    found = importlib.util.find_spec("pipecat.services")
    assert found is not None
    assert found.submodule_search_locations is not None
    folder = Path(found.submodule_search_locations[0])
    source = "\n".join(p.read_text(encoding="utf-8") for p in folder.glob("*/tts.py"))
    for name in TARGETS:
        assert f"class {name}(" in source
    for name in ("azure", "google", "aws"):  # why these get a respelling
        text = (folder / name / "tts.py").read_text(encoding="utf-8")
        assert "escape(text)" in text or "_escape_text(text)" in text


def test_a_pipeline_speaks_the_name_and_keeps_the_text():
    pytest.importorskip("pipecat")
    from pipecat.frames.frames import (
        LLMFullResponseEndFrame,
        LLMFullResponseStartFrame,
        LLMTextFrame,
        TTSAudioRawFrame,
        TTSSpeakFrame,
        TTSTextFrame,
    )
    from pipecat.services.tts_service import TTSService
    from pipecat.tests.utils import run_test

    asked: list[str] = []

    class CartesiaTTSService(TTSService):
        """Stands in for a voice: notes what it is asked to say."""

        async def run_tts(self, text: str, context_id: str):
            asked.append(text)
            yield TTSAudioRawFrame(b"\0\0" * 160, 16000, 1, context_id=context_id)

    async def go() -> str:
        service = CartesiaTTSService(sample_rate=16000, push_start_frame=True)
        names = names_for(service, KNOWN)
        service.add_text_transformer(text_transform(names))
        frames = [
            LLMFullResponseStartFrame(),
            *(LLMTextFrame(piece) for piece in ("Good morning, Sio", "bhan! How", " are you?")),
            LLMFullResponseEndFrame(),
            TTSSpeakFrame("Bye Siobhan."),
        ]
        down, _ = await run_test(service, frames_to_send=frames)
        return " ".join(f.text for f in down if isinstance(f, TTSTextFrame))

    kept = asyncio.run(go())
    said = "<<ʃ|ɪ|ˈ|v|ɔ|n>>"
    assert "".join(asked).replace(" ", "") == f"Goodmorning,{said}!Howareyou?Bye{said}."
    assert kept.count("Siobhan") == 2
    assert "<<" not in kept
