"""`cartesia`: Cartesia's Sonic, IPA tokens between `<<` and `>>`.

Source: https://docs.cartesia.ai/build-with-cartesia/capability-guides/phonemes.
"""

from __future__ import annotations

from namemem.phones import Pronunciation
from namemem.phones.conversion import Conversion
from namemem.tts.located import LocatedTarget
from namemem.tts.spelling import IPA_MARKS, words
from namemem.tts.target import clean
from namemem.tts.voices import AnyVoice

_TEXT = str.maketrans({"<": "‹", ">": "›"})


class Cartesia(LocatedTarget):
    """One token a phone, stress a token of its own; the spelling is not part of the markup."""

    name = "cartesia"
    title = "Cartesia Sonic"
    alphabets = ("ipa",)
    syntax = "<<…|ˈ|…>>"
    limits = (
        "One word a pair of brackets; the English phones of Sonic 3 and 3.5.",
        "Length and tone are not written.",
        "Angle brackets in the text become ‹ and ›, since Sonic reads tags.",
    )
    source = "https://docs.cartesia.ai/build-with-cartesia/capability-guides/phonemes"
    unverified = ("What Sonic does with a phone it does not know.",)

    def phones(self, pronunciation: Pronunciation, voice: AnyVoice = None) -> Conversion:
        """Tokens joined by bars, such as `ʃ|ɪ|ˈ|v|ɔ|n`; words apart by spaces."""
        written = self.inventory(voice).write(pronunciation, fit=True)
        text = " ".join(words(written, IPA_MARKS, joint="|"))
        return Conversion(text, written.substitutions, written.spoken)

    def markup(self, text: str, pronunciation: Pronunciation, phones: str, voice: AnyVoice) -> str:
        """A pair of brackets for each word."""
        return " ".join(f"<<{word}>>" for word in phones.split(" "))

    def escape(self, text: str) -> str:
        """Text in which no bracket and no tag can begin."""
        return clean(text).translate(_TEXT)
