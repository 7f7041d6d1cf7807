"""`respelling`: for every system that takes nothing but text (OpenAI, XTTS, chat)."""

from __future__ import annotations

from dataclasses import replace

from namemem.phones import Pronunciation
from namemem.phones.conversion import Conversion
from namemem.phones.respelling import to_respelling
from namemem.tts.target import Rendering, Target, clean
from namemem.tts.voices import AnyVoice


class Respelling(Target):
    """The name is replaced by its respelling."""

    name = "respelling"
    title = "Respelling (works everywhere)"
    alphabets = ("respelling",)
    syntax = "…"
    limits = (
        "For English text and voices: other languages read other sounds into the letters.",
        "The coarsest form: /ʌ/ and /ə/ are both `uh`; length and secondary stress are left out.",
        "Some systems spell out capitals: lower the case where they do.",
    )
    source = "https://en.wikipedia.org/wiki/Pronunciation_respelling_for_English"

    def phones(self, pronunciation: Pronunciation, voice: AnyVoice = None) -> Conversion:
        """Such as `shi-VAWN`."""
        return to_respelling(pronunciation)

    def markup(self, text: str, pronunciation: Pronunciation, phones: str, voice: AnyVoice) -> str:
        """The respelling itself."""
        return phones

    def escape(self, text: str) -> str:
        """Plain text, without control characters."""
        return clean(text)

    def render_possessive(
        self, text: str, pronunciation: Pronunciation, suffix: str, voice: AnyVoice = None
    ) -> Rendering:
        """`shi-VAWN's`: the ending stays as it is written."""
        plain = self.render_name(text, pronunciation, voice)
        return replace(plain, text=clean(text + suffix).strip(), markup=plain.markup + suffix)
