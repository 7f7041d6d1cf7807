"""`deepgram`: Deepgram's Aura-2, IPA in a small JSON object inside the text.

Source: https://developers.deepgram.com/docs/tts-voice-controls.
"""

from __future__ import annotations

import json

from namemem.phones import Pronunciation
from namemem.phones.conversion import Conversion
from namemem.tts.located import LocatedTarget
from namemem.tts.spelling import IPA_MARKS, words
from namemem.tts.target import clean, words_with_text
from namemem.tts.voices import AnyVoice

_TEXT = str.maketrans("{}\\", "()/")


class Deepgram(LocatedTarget):
    r"""`\{"word": …, "pronounce": …\}`, one for each word."""

    name = "deepgram"
    title = "Deepgram Aura-2"
    alphabets = ("ipa",)
    syntax = r'\{"word": "…", "pronounce": "…"\}'
    limits = (
        "Aura-2 in English and Spanish; Aura 1 takes no pronunciations, and the name is respelled.",
        "Tone is not written. Braces in the text become parentheses, backslashes slashes.",
    )
    source = "https://developers.deepgram.com/docs/tts-voice-controls"
    unverified = ("What Aura does with a phone it does not know.",)

    def phones(self, pronunciation: Pronunciation, voice: AnyVoice = None) -> Conversion:
        """IPA, stress marks before the syllable; words apart by spaces."""
        written = self.inventory(voice).write(pronunciation, fit=True)
        text = " ".join(words(written, IPA_MARKS, joint=""))
        return Conversion(text, written.substitutions, written.spoken)

    def markup(self, text: str, pronunciation: Pronunciation, phones: str, voice: AnyVoice) -> str:
        """An object for each word where spelling and phones agree in number."""
        pieces = []
        for word, ph in words_with_text(text, phones.split(" "), ""):
            fields = {"word": self.escape(word), "pronounce": ph}
            pieces.append("\\" + json.dumps(fields, ensure_ascii=False)[:-1] + "\\}")
        return " ".join(pieces)

    def escape(self, text: str) -> str:
        """Text without braces, and without the backslash that makes markup of one."""
        return clean(text).translate(_TEXT)
