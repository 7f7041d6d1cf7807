r"""`nao`: the robots NAO and Pepper (Nuance), L&H+ between `\toi=lhp\` and `\toi=orth\`.

Source: http://doc.aldebaran.com/2-5/naoqi/audio/altexttospeech-tuto.html (tags of Nuance's engine).
"""

from __future__ import annotations

from namemem.phones import Pronunciation
from namemem.phones.conversion import Conversion
from namemem.phones.model import Stress
from namemem.tts.located import LocatedTarget
from namemem.tts.spelling import words
from namemem.tts.target import clean
from namemem.tts.voices import AnyVoice

_MARKS = {Stress.NONE: "", Stress.PRIMARY: "'", Stress.SECONDARY: "'2"}


class Nao(LocatedTarget):
    """The phones replace the spelling; backslashes in the text become slashes."""

    name = "nao"
    title = "NAO and Pepper (Nuance)"
    alphabets = ("lhp",)
    syntax = r"\toi=lhp\…\toi=orth\ "
    limits = (
        "American English phones; Nuance ignores what it does not know.",
        "Length and tone are not written. Backslashes in the text become slashes.",
    )
    source = "http://doc.aldebaran.com/2-5/naoqi/audio/altexttospeech-tuto.html"
    unverified = (r"Everything: neither a robot nor Nuance's manual was at hand.",)

    def phones(self, pronunciation: Pronunciation, voice: AnyVoice = None) -> Conversion:
        """Such as `SI'vOn`; words joined by `_`."""
        written = self.inventory(voice).write(pronunciation, fit=True)
        text = "_".join(words(written, _MARKS, joint=""))
        return Conversion(text, written.substitutions, written.spoken)

    def markup(self, text: str, pronunciation: Pronunciation, phones: str, voice: AnyVoice) -> str:
        """The phones between the tags."""
        return f"\\toi=lhp\\{phones}\\toi=orth\\"

    def escape(self, text: str) -> str:
        """Text in which no tag can begin."""
        return clean(text).replace("\\", "/")
