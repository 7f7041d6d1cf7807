"""`apple`: AVSpeechSynthesizer, IPA in an attribute of the string, or SSML in a sentence.

Source: https://developer.apple.com/documentation/avfaudio/avspeechsynthesisipanotationattribute,
and …/avspeechutterance/init(ssmlrepresentation:).
"""

from __future__ import annotations

import unicodedata
from xml.sax.saxutils import escape, quoteattr

from namemem.phones import Pronunciation
from namemem.phones.conversion import Conversion
from namemem.tts.located import LocatedTarget
from namemem.tts.spelling import IPA_MARKS, words
from namemem.tts.target import Rendering, clean
from namemem.tts.voices import AnyVoice


class Apple(LocatedTarget):
    """A name alone is the value of the attribute; a sentence is SSML."""

    name = "apple"
    title = "Apple AVSpeechSynthesizer"
    alphabets = ("ipa",)
    syntax = "… (for AVSpeechSynthesisIPANotationAttribute), <phoneme> in a sentence"
    limits = (
        "Not every voice obeys it. Syllables are dotted, affricates have tie bars.",
        "A sentence is SSML for AVSpeechUtterance(ssmlRepresentation:), iOS 16 and later.",
        "Length and tone are not written.",
    )
    source = (
        "https://developer.apple.com/documentation/avfaudio/avspeechsynthesisipanotationattribute"
    )
    unverified = ("Never run: it needs a device. That its SSML obeys <phoneme>.",)

    def phones(self, pronunciation: Pronunciation, voice: AnyVoice = None) -> Conversion:
        """IPA with every syllable dotted, such as `ʃɪ.ˈvɔn`."""
        written = self.inventory(voice).write(pronunciation, fit=True)
        text = " ".join(words(written, IPA_MARKS, joint="", boundary="."))
        text = unicodedata.normalize("NFC", text)
        return Conversion(text, written.substitutions, written.spoken)

    def markup(self, text: str, pronunciation: Pronunciation, phones: str, voice: AnyVoice) -> str:
        """The value of the attribute."""
        return phones

    def inline(self, rendering: Rendering, before: str = "") -> str:
        """`<phoneme>` around the spelling."""
        ph = quoteattr(rendering.phones)
        return f'<phoneme alphabet="ipa" ph={ph}>{escape(rendering.text)}</phoneme>'

    def escape(self, text: str) -> str:
        """XML character data."""
        return escape(clean(text))

    def wrap(self, markup: str, voice: AnyVoice = None) -> str:
        """`<speak>` around it."""
        return f"<speak>{markup}</speak>"
