"""`piper`: Piper, espeak-ng's IPA between `[[` and `]]`, code point by code point.

Sources: https://github.com/OHF-Voice/piper1-gpl (README, "Raw phonemes") and
https://github.com/rhasspy/piper-phonemize/blob/master/src/phoneme_ids.hpp.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from functools import cache

from namemem.phones import Phone, Pronunciation, segments
from namemem.phones.conversion import Conversion, Substitution
from namemem.phones.fitting import TONE, cost, weighted_distance
from namemem.phones.inventory import read_tsv
from namemem.phones.model import Syllable
from namemem.tts.spelling import IPA_MARKS
from namemem.tts.target import Rendering, Target, clean
from namemem.tts.voices import AnyVoice

_BRACKETS = str.maketrans("[]", "()")


@cache
def _known() -> frozenset[str]:
    rows = read_tsv("namemem.tts", "inventories/piper.codepoints.tsv")
    return frozenset(chr(int(code, 16)) for (code,) in rows)


class Piper(Target):
    """IPA in NFD, stress before the vowel; the spelling is not part of the markup."""

    name = "piper"
    title = "Piper"
    alphabets = ("ipa",)
    syntax = "[[…]]"
    limits = (
        "A code point without an id in the voice is skipped with a warning; none is written here "
        "that Piper's own table lacks. A phone that the voice never heard comes out somehow.",
        "No tie bars: t͡s is t and s. Tone is not written.",
        "Square brackets in the text become round ones.",
    )
    source = "https://github.com/rhasspy/piper-phonemize/blob/master/src/phoneme_ids.hpp"
    unverified = ("Which phones a single voice was trained on.",)

    def phones(self, pronunciation: Pronunciation, voice: AnyVoice = None) -> Conversion:
        """IPA (NFD) of the code points that Piper knows, such as `ʃɪvˈɔːn`."""
        changes: list[Substitution] = []
        position = 0
        words = []
        for word in pronunciation.words:
            text = ""
            for syllable in word:
                piece, position = _syllable(syllable, position, changes)
                text += piece
            words.append(text)
        return Conversion(" ".join(words), tuple(changes), _spoken(pronunciation))

    def markup(self, text: str, pronunciation: Pronunciation, phones: str, voice: AnyVoice) -> str:
        """The phonemes between brackets."""
        return f"[[{phones}]]"

    def inline(self, rendering: Rendering, before: str = "") -> str:
        """The markup."""
        return rendering.markup

    def escape(self, text: str) -> str:
        """Text without square brackets."""
        return clean(text).translate(_BRACKETS)


def _plain(phone: Phone) -> Phone:
    """The nearest phone that Piper has code points for: other marks dropped, another letter."""
    known = _known()
    marks = "".join(d for d in phone.diacritics if d in known)
    return Phone(_letter(phone.base), marks, phone.length if phone.length in known else "")


@cache
def _letter(base: str) -> str:
    """A segment (NFD) whose letters Piper has: this one, or the nearest by its features."""
    known = _known() | {segments.TIE_BAR}
    if all(c in known for c in base):
        return base
    others = (Phone(s) for s in segments.known_segments() if all(c in known for c in s))
    return min(others, key=lambda other: weighted_distance(Phone(base), other)).base


def _spoken(pronunciation: Pronunciation) -> str:
    """IPA of what the code points say: the same without unknown marks and tones."""

    def plain(phones: tuple[Phone, ...]) -> tuple[Phone, ...]:
        return tuple(map(_plain, phones))

    words = [
        [
            replace(s, onset=plain(s.onset), nucleus=plain(s.nucleus), coda=plain(s.coda), tone="")
            for s in word
        ]
        for word in pronunciation.words
    ]
    return pronunciation.with_words(words).ipa


def _syllable(syllable: Syllable, position: int, changes: list[Substitution]) -> tuple[str, int]:
    text = ""
    mark = IPA_MARKS[syllable.stress]
    if not syllable.nucleus:
        text, mark = mark, ""
    for unit, is_nucleus in syllable.units():
        plain = [_plain(p) for p in unit]
        said = "".join(p.ipa for p in plain).replace(segments.TIE_BAR, "")
        wanted = "".join(p.ipa for p in unit).replace(segments.TIE_BAR, "")
        if said != wanted:
            source = unicodedata.normalize("NFC", "".join(p.ipa for p in unit))
            changes.append(Substitution(source, said, position, round(cost(unit, plain), 4)))
        if is_nucleus and syllable.tone:
            changes.append(Substitution(syllable.tone, "", position, TONE))
        text += (mark if is_nucleus else "") + said
        position += 1
    return text, position
