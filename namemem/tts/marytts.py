"""`marytts`: MaryTTS, SAMPA-like allophones in MaryXML.

Source: https://github.com/marytts/marytts (marytts-lang-en, allophones.en_US.xml; MaryXML's `t`).
"""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from namemem.phones import Pronunciation
from namemem.phones.conversion import Conversion
from namemem.phones.model import Stress
from namemem.tts.located import LocatedTarget
from namemem.tts.spelling import words
from namemem.tts.target import clean, words_with_text
from namemem.tts.voices import AnyVoice

_MARKS = {Stress.NONE: "", Stress.PRIMARY: "'", Stress.SECONDARY: ","}


class MaryTts(LocatedTarget):
    """A `<t ph="…">` for each word."""

    name = "marytts"
    title = "MaryTTS"
    alphabets = ("sampa",)
    syntax = '<t ph="… - \' …">…</t>'
    limits = (
        "en_US voices; the text is MaryXML (input type RAWMARYXML).",
        "Length and tone are not written.",
    )
    source = "https://github.com/marytts/marytts"
    unverified = ("Never run here; the spaces around ' and - are those of Mary's own output.",)

    def phones(self, pronunciation: Pronunciation, voice: AnyVoice = None) -> Conversion:
        """Such as `S I - ' v O n`; words joined by ` - ` where a tag holds several."""
        written = self.inventory(voice).write(pronunciation, fit=True)
        text = " | ".join(words(written, _MARKS, boundary="-"))
        return Conversion(text, written.substitutions, written.spoken)

    def markup(self, text: str, pronunciation: Pronunciation, phones: str, voice: AnyVoice) -> str:
        """A tag for each word where spelling and phones agree in number."""
        return " ".join(
            f"<t ph={quoteattr(ph)}>{escape(word)}</t>"
            for word, ph in words_with_text(text, phones.split(" | "), " - ")
        )

    def escape(self, text: str) -> str:
        """XML character data."""
        return escape(clean(text))

    def wrap(self, markup: str, voice: AnyVoice = None) -> str:
        """`<maryxml>` around it."""
        return (
            '<maryxml version="0.5" xmlns="http://mary.dfki.de/2002/MaryXML" '
            f'xml:lang="en-US"><p>{markup}</p></maryxml>'
        )
