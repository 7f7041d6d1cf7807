"""`elevenlabs`: ElevenLabs, phoneme tags in CMU ARPABET (or IPA).

Sources: https://elevenlabs.io/docs/eleven-api/guides/how-to/text-to-speech/pronunciation-dictionaries
and …/eleven-agents/customization/voice/pronunciation-dictionary.
"""

from __future__ import annotations

from namemem.phones import Pronunciation, to_arpabet
from namemem.phones.conversion import Conversion
from namemem.phones.inventory import load_inventory
from namemem.tts.endings import stress_single_syllables
from namemem.tts.spelling import IPA_MARKS, words
from namemem.tts.target import Target, clean, words_with_text
from namemem.tts.voices import AnyVoice

# The text is no XML: entities would be read out. Look-alikes of brackets are silent and harmless.
_TEXT = str.maketrans({"<": "‹", ">": "›", "[": "(", "]": ")"})


class ElevenLabs(Target):
    """Tags for the English models that obey them; a respelling for every other model."""

    name = "elevenlabs"
    title = "ElevenLabs"
    alphabets = ("cmu-arpabet", "ipa")
    syntax = '<phoneme alphabet="cmu-arpabet" ph="…">…</phoneme>'
    limits = (
        "Only eleven_flash_v2, eleven_turbo_v2 and eleven_monolingual_v1 obey phoneme tags; other "
        "models skip them in silence. Name the model: the name is respelled for those.",
        "English only; one word a tag. Length and tone are not written.",
        "Angle and square brackets in the text become ‹ › and ( ).",
    )
    source = (
        "https://elevenlabs.io/docs/eleven-api/guides/how-to/text-to-speech/"
        "pronunciation-dictionaries"
    )
    unverified = ("Whether entities such as &lt; are decoded: none are written.",)

    def phones(self, pronunciation: Pronunciation, voice: AnyVoice = None) -> Conversion:
        """CMU phones with digits, or American IPA; words apart by spaces or slashes."""
        stressed = stress_single_syllables(pronunciation)
        if self.alphabet == "cmu-arpabet":
            return to_arpabet(stressed, fit=True)
        inventory = load_inventory("namemem.tts", "inventories/azure.en-US.tsv")
        written = inventory.write(stressed, fit=True)
        text = " ".join(words(written, IPA_MARKS, joint=""))
        return Conversion(text, written.substitutions, written.spoken)

    def markup(self, text: str, pronunciation: Pronunciation, phones: str, voice: AnyVoice) -> str:
        """`<phoneme>` around the text, word by word where spelling and phones agree in number."""
        separate = [self.phones(pronunciation.with_words([w])).value for w in pronunciation.words]
        joint = " " if self.alphabet == "cmu-arpabet" else ""
        return " ".join(
            f'<phoneme alphabet="{self.alphabet}" ph="{ph}">{self.escape(word)}</phoneme>'
            for word, ph in words_with_text(text, separate, joint)
        )

    def escape(self, text: str) -> str:
        """Text in which no tag can begin."""
        return clean(text).translate(_TEXT)
