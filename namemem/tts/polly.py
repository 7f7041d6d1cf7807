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
        "Full support on standard, neural and long-form voices; generative voices take the phoneme "
        "tag only in part: use target `respelling` there.",
        "A voice is not part of the text: it is a parameter of the request. A voice's name "
        "(Joanna) is taken to be en-US; name a locale (en-US) to be sure.",
        "Vowel length and tone are not written for en-US.",
    )
    source = "https://docs.aws.amazon.com/polly/latest/dg/phoneme-tag.html"
