"""Where in the words the name is: introductions in many languages, as pure functions on text.

    >>> from namemem.name_spotting import spot
    >>> [name.text for name in spot("Hello, my name is Siobhan.").names]
    ['Siobhan']

The phrases are data, one TOML file a language, in `data/`.
"""

from namemem.name_spotting.model import Reason, Spotted, SpottedName
from namemem.name_spotting.patterns import LANGUAGES, no_answers
from namemem.name_spotting.spotting import spot, spot_words
from namemem.name_spotting.tokens import Token, tokenize
from namemem.name_spotting.units import fold

__all__ = [
    "LANGUAGES",
    "Reason",
    "Spotted",
    "SpottedName",
    "Token",
    "fold",
    "no_answers",
    "spot",
    "spot_words",
    "tokenize",
]
