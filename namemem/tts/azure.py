"""`azure`: Microsoft Azure AI Speech.

Sources: https://learn.microsoft.com/azure/ai-services/speech-service/speech-synthesis-markup-pronunciation
and …/speech-ssml-phonetic-sets for the phones of each locale.
"""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from namemem.errors import UnknownVoice
from namemem.phones import Pronunciation
from namemem.phones.conversion import Conversion
from namemem.tts.sapi import sapi_phones
from namemem.tts.ssml import InventoryTarget
from namemem.tts.target import clean
from namemem.tts.voices import AnyVoice, Voice

# Azure demands a voice in the text; these are the ones its documentation uses.
DEFAULT_VOICES = {
    "en-US": "en-US-AvaMultilingualNeural", "en-GB": "en-GB-SoniaNeural",
    "de-DE": "de-DE-KatjaNeural", "fr-FR": "fr-FR-DeniseNeural", "es-ES": "es-ES-ElviraNeural",
    "es-MX": "es-MX-DaliaNeural", "it-IT": "it-IT-ElsaNeural", "pt-BR": "pt-BR-FranciscaNeural",
}  # fmt: skip


class Azure(InventoryTarget):
    """Syllables are all dotted: only then does `ˈ` stress the syllable after it."""

    name = "azure"
    title = "Azure AI Speech"
    alphabets = ("ipa", "x-sampa", "sapi")
    syntax = '<phoneme alphabet="ipa" ph="….ˈ…">…</phoneme>'
    limits = (
        "A phone that the locale lacks makes Azure refuse the whole text (HTTP 400), so everything "
        "is kept to the locale's own phones.",
        "Tone is not written, and vowel length only where the locale's table has it.",
        "A voice must be named in the text: `wrap` names a default one.",
        "The sapi alphabet is written for en-US alone.",
    )
    source = (
        "https://learn.microsoft.com/azure/ai-services/speech-service/"
        "speech-synthesis-markup-pronunciation"
    )
    unverified = ("That a voice says a phone well which only foreign words of its table show.",)
    dotted = True

    def phones(self, pronunciation: Pronunciation, voice: AnyVoice = None) -> Conversion:
        """IPA or X-SAMPA with every syllable dotted; SAPI phones for `azure:sapi`."""
        if self.alphabet != "sapi":
            return super().phones(pronunciation, voice)
        if self.locale(voice) != "en-US":
            raise UnknownVoice(
                "Azure's sapi alphabet is written for en-US here; use target `azure`.",
                voice=str(Voice.of(voice))[:100],
                known=["en-US"],
            )
        return sapi_phones(pronunciation)

    def wrap(self, markup: str, voice: AnyVoice = None) -> str:
        """`<speak>` with version, namespace and language, and the `<voice>` that Azure demands."""
        chosen = Voice.of(voice)
        locale = self.locale(chosen)
        if not chosen.name:  # a default voice is one of the locale whose phones are written
            locale = self.inventory(chosen).name.rpartition(".")[2]
        by_default = DEFAULT_VOICES.get(locale, DEFAULT_VOICES["en-US"])
        name = quoteattr(clean(chosen.name or by_default))
        return (
            '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" '
            f'xml:lang="{locale}"><voice name={name}>{markup}</voice></speak>'
        )
