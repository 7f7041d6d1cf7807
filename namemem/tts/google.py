"""`google`: Google Cloud Text-to-Speech.

Sources: https://docs.cloud.google.com/text-to-speech/docs/ssml#phoneme and …/docs/phonemes.
"""

from __future__ import annotations

from namemem.tts.ssml import InventoryTarget


class Google(InventoryTarget):
    """One word a tag; stress marks at the start of the syllable; length marks on vowels."""

    name = "google"
    title = "Google Cloud Text-to-Speech"
    alphabets = ("ipa", "x-sampa")
    syntax = '<phoneme alphabet="ipa" ph="…">…</phoneme>'
    limits = (
        "One word a tag: a name of several words gets a tag for each where its spelling has as "
        "many, and is said as one word otherwise.",
        "Not on voices without SSML (Chirp, Journey, Gemini): the name is respelled for those.",
        "Tone is not written.",
    )
    source = "https://docs.cloud.google.com/text-to-speech/docs/phonemes"
    word_joint = ""
