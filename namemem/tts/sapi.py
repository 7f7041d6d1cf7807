"""`sapi`: Microsoft's Speech API 5, `<pron sym="…">`.

Source: https://learn.microsoft.com/en-us/previous-versions/windows/desktop/ee431828(v=vs.85)
(American English Phoneme Representation).
"""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from namemem.phones import Pronunciation
from namemem.phones.conversion import Conversion
from namemem.phones.inventory import load_inventory
from namemem.phones.model import Stress
from namemem.tts.endings import stress_single_syllables
from namemem.tts.located import LocatedTarget
from namemem.tts.spelling import words
from namemem.tts.target import Rendering, clean
from namemem.tts.voices import AnyVoice

_DIGITS = {Stress.NONE: "", Stress.PRIMARY: "1", Stress.SECONDARY: "2"}


def sapi_phones(pronunciation: Pronunciation) -> Conversion:
    """SAPI's symbols: `sh ih - v ao 1 n`, the digit after the vowel, words joined by ` & `."""
    inventory = load_inventory("namemem.tts", "inventories/sapi.en-US.tsv")
    written = inventory.write(stress_single_syllables(pronunciation), fit=True)
    text = " & ".join(words(written, _DIGITS, place="after", boundary="-"))
    return Conversion(text, written.substitutions, written.spoken)


class Sapi(LocatedTarget):
    """SAPI XML around the spelling."""

    name = "sapi"
    title = "Microsoft SAPI 5"
    alphabets = ("sapi",)
    syntax = '<pron sym="…">…</pron>'
    limits = (
        "American English phonemes; an unknown one makes SAPI refuse the text.",
        "Send the text as SAPI XML (SPF_IS_XML). Length and tone are not written.",
    )
    source = "https://learn.microsoft.com/en-us/previous-versions/windows/desktop/ee431828(v=vs.85)"
    unverified = (
        "Never run: SAPI needs Windows.",
        "That `&` between words is heard as a boundary.",
    )

    def phones(self, pronunciation: Pronunciation, voice: AnyVoice = None) -> Conversion:
        """Symbols apart by spaces, `-` between syllables."""
        return sapi_phones(pronunciation)

    def markup(self, text: str, pronunciation: Pronunciation, phones: str, voice: AnyVoice) -> str:
        """An empty `<pron>`: what stands inside would be spoken as well."""
        return f"<pron sym={quoteattr(phones)}/>"

    def inline(self, rendering: Rendering, before: str = "") -> str:
        """`<pron>` around the spelling, which it replaces."""
        return f"<pron sym={quoteattr(rendering.phones)}>{escape(rendering.text)}</pron>"

    def escape(self, text: str) -> str:
        """XML character data."""
        return escape(clean(text))

    def wrap(self, markup: str, voice: AnyVoice = None) -> str:
        """`<sapi>` around it, so that it is XML."""
        return f"<sapi>{markup}</sapi>"
