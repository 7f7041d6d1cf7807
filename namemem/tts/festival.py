"""`festival`: Festival, a Scheme program that adds the name to the lexicon and speaks.

Source: Festival 2.5 itself, and http://www.festvox.org/docs/manual-2.4.0/festival_13.html
(Lexicons: `lex.add.entry`).
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Sequence

from namemem.phones import Pronunciation
from namemem.phones.conversion import Conversion
from namemem.phones.written import Written
from namemem.tts.endings import stress_single_syllables
from namemem.tts.located import LocatedTarget
from namemem.tts.target import Rendering, clean
from namemem.tts.voices import AnyVoice


class Festival(LocatedTarget):
    """The name in the text is a word of our own, which only the new lexicon entry explains."""

    name = "festival"
    title = "Festival"
    alphabets = ("radio",)
    syntax = '(lex.add.entry \'("…" nnp (((…) 0) ((…) 1)))) (SayText "…")'
    limits = (
        "American voices (kal_diphone, cmu_us_…); 39 phones: length and tone are not written.",
        "In the text stands a key made of the name's letters and its phones, so that two Andreas "
        "in one sentence stay two.",
        "Quotes and backslashes in the text become apostrophes and slashes.",
    )
    source = "http://www.festvox.org/docs/manual-2.4.0/festival_13.html"
    verified = True

    def phones(self, pronunciation: Pronunciation, voice: AnyVoice = None) -> Conversion:
        """Syllables of phones with their stress: `((sh ih) 0) ((v ao n) 1)`."""
        written = self.inventory(voice).write(stress_single_syllables(pronunciation), fit=True)
        return Conversion(_scheme(written), written.substitutions, written.spoken)

    def markup(self, text: str, pronunciation: Pronunciation, phones: str, voice: AnyVoice) -> str:
        """A program that says the name alone."""
        key = _key(text, phones)
        return f'{_entry(key, phones)}\n(SayText "{key}")'

    def inline(self, rendering: Rendering, before: str = "") -> str:
        """The word that the lexicon explains."""
        return _key(rendering.text, rendering.phones)

    def is_word(self, rendering: Rendering) -> bool:
        """The key is one."""
        return True

    def assemble(self, markup: str, names: Sequence[Rendering], voice: AnyVoice = None) -> str:
        """The program: an entry for each name, then the sentence."""
        entries = dict.fromkeys(_entry(_key(n.text, n.phones), n.phones) for n in names)
        return "\n".join([*entries, f'(SayText "{markup}")'])

    def escape(self, text: str) -> str:
        """Text that ends no Scheme string."""
        return clean(text).replace("\\", "/").replace('"', "'")


def _scheme(written: Written) -> str:
    syllables = [s for word in written.words for s in word if s.symbols]
    return " ".join(f"(({' '.join(s.symbols)}) {1 if s.stress else 0})" for s in syllables)


def _key(text: str, phones: str) -> str:
    """Letters only, as Festival's tokeniser leaves them, and unlike any word."""
    letters = re.sub("[^a-z]", "", unicodedata.normalize("NFKD", text).lower())[:20]
    number = zlib.crc32(phones.encode())
    return letters + "q" + "".join(chr(97 + (number >> shift) % 26) for shift in (0, 6, 12, 18, 24))


def _entry(key: str, phones: str) -> str:
    return f'(lex.add.entry \'("{key}" nnp ({phones})))'
