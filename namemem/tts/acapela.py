r"""`acapela`: Acapela, phones in a `\prn=… \` tag.

Source: https://www.acapela-group.com (the tag as robot makers document it; the language manuals
with the phones come with the product).
"""

from __future__ import annotations

from namemem.phones import Pronunciation
from namemem.phones.conversion import Conversion
from namemem.phones.model import Stress
from namemem.tts.endings import stress_single_syllables
from namemem.tts.located import LocatedTarget
from namemem.tts.spelling import tokens
from namemem.tts.target import clean
from namemem.tts.voices import AnyVoice

_DIGITS = {Stress.NONE: "", Stress.PRIMARY: "1", Stress.SECONDARY: "2"}


class Acapela(LocatedTarget):
    """The phones replace the spelling; backslashes in the text become slashes."""

    name = "acapela"
    title = "Acapela"
    alphabets = ("acapela",)
    syntax = r"\prn=… \ "
    limits = (
        "American English phones, the digit of stress on the vowel; others are ignored.",
        "Length and tone are not written. Backslashes in the text become slashes.",
    )
    source = "https://www.acapela-group.com"
    unverified = ("Everything: no manual and no voice was at hand.",)

    def phones(self, pronunciation: Pronunciation, voice: AnyVoice = None) -> Conversion:
        """Such as `S I v O1 n`."""
        written = self.inventory(voice).write(stress_single_syllables(pronunciation), fit=True)
        text = " ".join(
            " ".join(tokens(s, _DIGITS, "after")) for word in written.words for s in word
        )
        for digit in "12":  # the digit belongs to the vowel before it
            text = text.replace(f" {digit}", digit)
        return Conversion(" ".join(text.split()), written.substitutions, written.spoken)

    def markup(self, text: str, pronunciation: Pronunciation, phones: str, voice: AnyVoice) -> str:
        """The tag."""
        return f"\\prn={phones} \\"

    def escape(self, text: str) -> str:
        """Text in which no tag can begin."""
        return clean(text).replace("\\", "/")
