"""`polly`: Amazon Polly.

Sources: https://docs.aws.amazon.com/polly/latest/dg/phoneme-tag.html, …/supportedtags.html.
"""

from __future__ import annotations

from namemem.tts.ssml import InventoryTarget


class Polly(InventoryTarget):
    """Stress marks before the syllable; the phones of the voice's locale only."""

    name = "polly"
    title = "Amazon Polly"
    alphabets = ("ipa", "x-sampa")
    syntax = '<phoneme alphabet="ipa" ph="…">…</phoneme>'
    limits = (
        "Full support on standard, neural and long-form voices; generative ones take no phoneme "
        "tag: with model `generative` the name is respelled.",
        "A voice is not part of the text: it is a parameter of the request. Its name (Joanna) or "
        "the locale chooses the phones.",
        "Tone is not written, and vowel length only where the locale's table has it.",
    )
    source = "https://docs.aws.amazon.com/polly/latest/dg/phoneme-tag.html"
