"""`flite`: CMU Flite, phones for `flite -p`, and `<phoneme ph="…">` for `flite -ssml`.

Source: flite 2.2 itself (`flite -p "sh ih0 v ao1 n"`), http://cmuflite.org.
"""

from __future__ import annotations

from dataclasses import replace
from xml.sax.saxutils import quoteattr

from namemem.phones import Pronunciation, to_arpabet
from namemem.phones.conversion import Conversion
from namemem.tts.endings import stress_single_syllables
from namemem.tts.target import Rendering, Target, clean
from namemem.tts.voices import AnyVoice

_TEXT = str.maketrans({"<": "(", ">": ")", "&": " and "})


class Flite(Target):
    """A name alone is a `-p` argument; a sentence is SSML for `flite -ssml -f FILE`."""

    name = "flite"
    title = "CMU Flite"
    alphabets = ("cmu-flite",)
    syntax = '… (for `flite -p`), <phoneme ph="…">…</phoneme> in a sentence (for `flite -ssml`)'
    limits = (
        "39 American phones in lower case: foreign sounds are adapted, length and tone are not "
        "written.",
        "An unknown phone is a warning on stderr with exit code 0; nothing here writes one.",
        'flite reads no XML entities: in a sentence `&` becomes "and", `<` and `>` parentheses.',
    )
    source = "http://cmuflite.org"
    verified = True

    def phones(self, pronunciation: Pronunciation, voice: AnyVoice = None) -> Conversion:
        """Phones separated by spaces, such as `sh ih0 v ao1 n`."""
        conversion = to_arpabet(stress_single_syllables(pronunciation), fit=True)
        return Conversion(
            _flite(conversion.value),
            tuple(replace(s, target=_flite(s.target)) for s in conversion.substitutions),
            conversion.spoken,
        )

    def markup(self, text: str, pronunciation: Pronunciation, phones: str, voice: AnyVoice) -> str:
        """The argument of `flite -p`."""
        return phones

    def inline(self, rendering: Rendering, before: str = "") -> str:
        """`<phoneme>` as flite's own SSML reader takes it."""
        return f"<phoneme ph={quoteattr(rendering.phones)}>{self.escape(rendering.text)}</phoneme>"

    def escape(self, text: str) -> str:
        """Text without the characters that flite's SSML reader acts on."""
        return clean(text).translate(_TEXT)

    def wrap(self, markup: str, voice: AnyVoice = None) -> str:
        """`<speak>` around it, for `flite -ssml`."""
        return f"<speak>{markup}</speak>"


def _flite(arpabet: str) -> str:
    """Flite's cmu_us phone set has `ax` for the unstressed AH of CMUdict."""
    return " ".join("ax0" if p == "AH0" else p.lower() for p in arpabet.split())
