"""Pronunciations as structure: phones in syllables in words, independent of any notation.

    >>> from namemem.phones import parse_ipa
    >>> siobhan = parse_ipa("ʃɪˈvɔːn")
    >>> [str(s) for s in siobhan.syllables]
    ['ʃɪ', 'ˈvɔːn']
    >>> siobhan.ipa
    'ʃɪˈvɔːn'

Inside, strings are NFD (a nasal vowel is its letter and U+0303); `Pronunciation.ipa` is NFC.
"""

from namemem.phones.accents import accent_key
from namemem.phones.arpabet import from_arpabet, to_arpabet
from namemem.phones.conversion import Conversion, Substitution
from namemem.phones.distance import feature_distance, phone_edits, phonetic_distance
from namemem.phones.espeak import from_espeak, to_espeak
from namemem.phones.kirshenbaum import from_kirshenbaum, to_kirshenbaum
from namemem.phones.kokoro import to_kokoro
from namemem.phones.model import Phone, Pronunciation, Stress, Syllable
from namemem.phones.notations import convert, notations
from namemem.phones.parsing import parse_ipa
from namemem.phones.respelling import from_respelling, to_respelling
from namemem.phones.x_sampa import from_x_sampa, to_x_sampa

__all__ = [
    "Conversion",
    "Phone",
    "Pronunciation",
    "Stress",
    "Substitution",
    "Syllable",
    "accent_key",
    "convert",
    "feature_distance",
    "from_arpabet",
    "from_espeak",
    "from_kirshenbaum",
    "from_respelling",
    "from_x_sampa",
    "notations",
    "parse_ipa",
    "phone_edits",
    "phonetic_distance",
    "to_arpabet",
    "to_espeak",
    "to_kirshenbaum",
    "to_kokoro",
    "to_respelling",
    "to_x_sampa",
]
