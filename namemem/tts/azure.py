"""`azure`: Microsoft Azure AI Speech.

Sources: https://learn.microsoft.com/azure/ai-services/speech-service/speech-synthesis-markup-pronunciation
and …/speech-ssml-phonetic-sets for the phones of each locale.
"""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from namemem.tts.ssml import InventoryTarget
from namemem.tts.target import clean

DEFAULT_VOICE = "en-US-AvaMultilingualNeural"
"""Azure demands a voice in the text; this is the one its documentation uses."""


class Azure(InventoryTarget):
    """Syllables are all dotted: only then does `ˈ` stress the syllable after it."""

    name = "azure"
    title = "Azure AI Speech"
    alphabets = ("ipa", "x-sampa")
    syntax = '<phoneme alphabet="ipa" ph="….ˈ…">…</phoneme>'
    limits = (
        "A phone that the locale lacks makes Azure refuse the whole text (HTTP 400), so everything "
        "is kept to the locale's own phones; en-US is known here.",
        "Vowel length and tone are not written for en-US.",
        "A voice must be named in the text: `wrap` names a default one.",
    )
    source = (
        "https://learn.microsoft.com/azure/ai-services/speech-service/"
        "speech-synthesis-markup-pronunciation"
    )
    dotted = True

    def wrap(self, markup: str, voice: str | None = None) -> str:
        """`<speak>` with version, namespace and language, and the `<voice>` that Azure demands."""
        name = quoteattr(clean(voice or DEFAULT_VOICE))
        return (
            '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" '
            f'xml:lang="{self.locale(voice)}"><voice name={name}>{markup}</voice></speak>'
        )
