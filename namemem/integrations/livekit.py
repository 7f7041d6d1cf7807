"""A text transform for LiveKit Agents: the voice says names rightly, the transcript stays plain.

    from namemem.integrations import NamesInText
    from namemem.integrations.livekit import text_transform

    names = NamesInText("elevenlabs", names={"Siobhan": "ʃɪˈvɔːn"}, model="eleven_flash_v2")
    session = AgentSession(
        tts=..., tts_text_transforms=["filter_markdown", "filter_emoji", text_transform(names)]
    )
    names.learn("Nguyễn", "ŋwiən˧˥")   # any time later

Put it last: nothing may rewrite its markup. Text comes in tokens; a name that is cut in two is put
together again. Read with livekit-agents 1.8: `voice/transcription/text_transforms.py`. A TTS whose
plugin escapes its text gets the target `respelling`.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable

from namemem.integrations.names import NamesInText

TextTransform = Callable[[AsyncIterable[str]], AsyncIterable[str]]
"""LiveKit's transform: a stream of text to a stream of text."""


def text_transform(names: NamesInText) -> TextTransform:
    """For `AgentSession(tts_text_transforms=[…])`, after LiveKit's own filters."""

    async def transform(text: AsyncIterable[str]) -> AsyncIterator[str]:
        stream = names.stream()
        async for piece in text:
            if ready := stream.feed(piece):
                yield ready
        if rest := stream.flush():
            yield rest

    return transform
