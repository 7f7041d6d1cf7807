"""Pronunciations as structure: phones in syllables in words, independent of any notation.

    >>> from namemem.phones import parse_ipa
    >>> siobhan = parse_ipa("ʃɪˈvɔːn")
    >>> [str(s) for s in siobhan.syllables]
    ['ʃɪ', 'ˈvɔːn']
    >>> siobhan.ipa
    'ʃɪˈvɔːn'

Inside, strings are NFD (a nasal vowel is its letter and U+0303); `Pronunciation.ipa` is NFC.
"""

from namemem.phones.arpabet import from_arpabet, to_arpabet
from namemem.phones.distance import feature_distance, phone_edits, phonetic_distance
from namemem.phones.model import Phone, Pronunciation, Stress, Syllable
from namemem.phones.parsing import parse_ipa

__all__ = [
    "Phone",
    "Pronunciation",
    "Stress",
    "Syllable",
    "feature_distance",
    "from_arpabet",
    "parse_ipa",
    "phone_edits",
    "phonetic_distance",
    "to_arpabet",
]
