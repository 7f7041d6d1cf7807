"""`kokoro`: Kokoro-82M through misaki, a markdown link with the phonemes between slashes.

Source: https://github.com/hexgrad/misaki (README, EN_PHONES.md; LINK_REGEX in misaki/en.py).
"""

from __future__ import annotations

from typing import Literal

from namemem.errors import UnknownVoice
from namemem.phones import Pronunciation
from namemem.phones.conversion import Conversion
from namemem.phones.kokoro import to_kokoro
from namemem.tts.endings import stress_single_syllables
from namemem.tts.target import Target, clean
from namemem.tts.voices import AnyVoice, Voice, locale_of

_BRACKETS = str.maketrans("[]", "()")


class Kokoro(Target):
    """American symbols by default and for voices `a…`, British ones for voices `b…`."""

    name = "kokoro"
    title = "Kokoro (misaki)"
    alphabets = ("kokoro",)
    syntax = "[…](/…/)"
    limits = (
        "English voices only (af_, am_, bf_, bm_): misaki reads the link form in English alone.",
        "A symbol outside its vocabulary is dropped in silence; nothing here writes one.",
        "Square brackets in the text become round ones: misaki has no escape for them.",
        "Tone is not written; length only for British voices.",
    )
    source = "https://github.com/hexgrad/misaki"

    def phones(self, pronunciation: Pronunciation, voice: AnyVoice = None) -> Conversion:
        """Symbols of the voice's accent, such as `ʃɪvˈɔn`."""
        return to_kokoro(stress_single_syllables(pronunciation), _accent(voice))

    def markup(self, text: str, pronunciation: Pronunciation, phones: str, voice: AnyVoice) -> str:
        """A markdown link."""
        return f"[{self.escape(text)}](/{phones}/)"

    def escape(self, text: str) -> str:
        """Text in which no link can begin."""
        return clean(text).translate(_BRACKETS)


def _accent(voice: AnyVoice) -> Literal["us", "gb"]:
    chosen = Voice.of(voice)
    name = (chosen.name or "").lower()
    locale = locale_of("kokoro", chosen)
    if locale == "en-GB" or name[:1] == "b":
        return "gb"
    if locale in ("en-US", "en") or (locale is None and name[:1] in ("", "a")):
        return "us"
    raise UnknownVoice(
        f"Kokoro takes phonemes in text only for English voices (af_, am_, bf_, bm_), not for "
        f"{str(chosen)[:60]!r}.",
        voice=str(chosen)[:60],
        known=["af_", "am_", "bf_", "bm_"],
    )
