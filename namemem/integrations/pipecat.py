"""A text transform for Pipecat: the voice says names rightly, the context keeps plain text.

    from namemem.integrations.pipecat import names_for, text_transform

    tts = CartesiaTTSService(...)
    names = names_for(tts, {"Siobhan": "ʃɪˈvɔːn"})
    tts.add_text_transformer(text_transform(names))   # last: nothing may rewrite its markup
    names.learn("Nguyễn", "ŋwiən˧˥")                   # any time later

Use it with sentence aggregation (Pipecat's default): of single tokens a name may be cut in two.
Read with pipecat-ai 1.14: `TTSService._transform_text`, `text_transforms`. The services of Azure,
Google and Polly escape their text after all transforms, so that no markup passes; they get a
respelling.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from namemem.integrations.names import NamesInText

TextTransform = Callable[[str, str], Awaitable[str]]
"""Pipecat's `TextTransform`: (text, text type) → text."""

TARGETS: Mapping[str, str] = {
    "CartesiaTTSService": "cartesia",
    "CartesiaHttpTTSService": "cartesia",
    "DeepgramTTSService": "deepgram",
    "DeepgramHttpTTSService": "deepgram",
    "ElevenLabsTTSService": "elevenlabs",
    "ElevenLabsHttpTTSService": "elevenlabs",
    "PiperTTSService": "piper",
}
"""Services that pass markup on, by the name of their class; all others get `respelling`."""


def target_of(service: object) -> str:
    """The target for a TTS service of Pipecat: its own, or `respelling`."""
    for kind in type(service).__mro__:
        if kind.__name__ in TARGETS:
            return TARGETS[kind.__name__]
    return "respelling"


def names_for(
    service: object,
    names: Mapping[str, str] | None = None,
    *,
    voice: str | None = None,
    model: str | None = None,
    locale: str | None = None,
) -> NamesInText:
    """`NamesInText` for a TTS service of Pipecat; `voice`, `model`, `locale` as in its settings.

    Raises:
        UnknownVoice: nothing is known of the voice's phones.
        InvalidPronunciation: an IPA that is none.
    """
    return NamesInText(target_of(service), names=names, voice=voice, model=model, locale=locale)


def text_transform(names: NamesInText) -> TextTransform:
    """For `text_transforms=[("*", …)]` or `add_text_transformer`."""

    async def transform(text: str, text_type: str) -> str:
        return names.insert(text)

    return transform
