"""`arpabet`: CMU phones with stress digits, between braces inside a text.

Source: http://www.speech.cs.cmu.edu/cgi-bin/cmudict; the braces are those of Tacotron, FastPitch
and their kin (https://github.com/keithito/tacotron/blob/master/text/__init__.py).
"""

from __future__ import annotations

from namemem.phones import Pronunciation, to_arpabet
from namemem.phones.conversion import Conversion
from namemem.tts.endings import stress_single_syllables
from namemem.tts.target import Target, clean
from namemem.tts.voices import AnyVoice

_BRACES = str.maketrans("{}", "()")


class Arpabet(Target):
    """CMUdict's 39 phones; the spelling is not part of the markup."""

    name = "arpabet"
    title = "ARPABET (CMUdict phones)"
    alphabets = ("cmu-arpabet",)
    syntax = "{…}"
    limits = (
        "39 American phones: foreign sounds are adapted, length and tone are not written.",
        "Braces in the text around become parentheses.",
    )
    source = "https://github.com/keithito/tacotron/blob/master/text/__init__.py"

    def phones(self, pronunciation: Pronunciation, voice: AnyVoice = None) -> Conversion:
        """Phones separated by spaces, such as `SH IH0 V AO1 N`."""
        return to_arpabet(stress_single_syllables(pronunciation), fit=True)

    def markup(self, text: str, pronunciation: Pronunciation, phones: str, voice: AnyVoice) -> str:
        """The phones between braces."""
        return "{" + phones + "}"

    def escape(self, text: str) -> str:
        """Text without braces."""
        return clean(text).translate(_BRACES)
