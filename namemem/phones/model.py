"""`Phone`, `Syllable`, `Pronunciation`: the canonical form, which is structure and not text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from namemem.phones import segments

# Vowel pairs that make one nucleus when nothing stands between them. A pair that is not here is
# two syllables (/li.ə/), unless it is tied or one of them carries the non-syllabic mark.
DIPHTHONGS = frozenset(
    "aɪ aʊ ai au eɪ ei oʊ ou ɔɪ ɔi əʊ ʌɪ ʌʊ ɛɪ ɛi ɛʊ ɔʏ ɔʊ æɪ æʊ ɑɪ ɑʊ øʏ œʏ œy ʌu ɐɪ ɐʊ ɐi ɐu ɑi "
    "ɑu oi ui əɪ ɒɪ".split()
)


class Stress(IntEnum):
    """Stress of a syllable; the values are ARPABET's digits."""

    NONE = 0
    PRIMARY = 1
    SECONDARY = 2


@dataclass(frozen=True, slots=True)
class Phone:
    """One segment: a letter or tied pair, its diacritics and its length, all NFD.

    Equality is exact: /t/ and /tʰ/ are two phones.
    """

    base: str
    diacritics: str = ""
    length: str = ""

    @property
    def ipa(self) -> str:
        """Its IPA text, NFD."""
        prefix = "".join(d for d in self.diacritics if d in segments.PREFIXES)
        rest = "".join(d for d in self.diacritics if d not in segments.PREFIXES)
        return prefix.replace(segments.PRENASAL_N, "ⁿ") + self.base + rest + self.length

    @property
    def is_vowel(self) -> bool:
        """A vowel letter, whether or not it is syllabic."""
        return segments.is_vowel_letter(self.base)

    @property
    def is_syllabic(self) -> bool:
        """Can be a nucleus: a vowel without the non-syllabic mark, or a marked consonant."""
        if segments.SYLLABIC in self.diacritics or "̍" in self.diacritics:
            return True
        return self.is_vowel and segments.NON_SYLLABIC not in self.diacritics

    @property
    def features(self) -> npt.NDArray[np.float32]:
        """Articulatory features, float32 [25] in -1, 0, 1; see `segments.features`."""
        return segments.features(self.base, self.diacritics, self.length)

    def __str__(self) -> str:
        return self.ipa


def would_tie(first: Phone, second: Phone) -> bool:
    """Whether /t/ and /ʃ/ and the like, being two phones, would be read as one without a dot."""
    if segments.PRENASAL_N in second.diacritics and not first.is_vowel:
        return True  # the ⁿ would be the first one's release
    bare = not first.length and set(first.diacritics) <= set(segments.PREFIXES)
    return bare and first.base + second.base in segments.UNTIED


@dataclass(frozen=True, slots=True)
class Syllable:
    """Onset, nucleus and coda, with stress and tone (Chao letters such as `˧˥`, or empty)."""

    onset: tuple[Phone, ...]
    nucleus: tuple[Phone, ...]
    coda: tuple[Phone, ...]
    stress: Stress = Stress.NONE
    tone: str = ""

    @property
    def phones(self) -> tuple[Phone, ...]:
        """All segments in order; a diphthong is two."""
        return self.onset + self.nucleus + self.coda

    def units(self) -> Iterator[tuple[tuple[Phone, ...], bool]]:
        """(phones, is the nucleus) in order; a diphthong is one unit, as in ARPABET."""
        for phone in self.onset:
            yield (phone,), False
        if self.nucleus:
            yield self.nucleus, True
        for phone in self.coda:
            yield (phone,), False

    def __str__(self) -> str:
        mark = {Stress.PRIMARY: "ˈ", Stress.SECONDARY: "ˌ", Stress.NONE: ""}[self.stress]
        text = mark
        for i, phone in enumerate(self.phones):
            text += "." if i and would_tie(self.phones[i - 1], phone) else ""
            text += phone.ipa
        return text + self.tone


@dataclass(frozen=True)
class Pronunciation:
    """How a name is said: words of syllables. Never empty (the parsers see to that).

    What is read off it again and again while candidates are weighed is worked out once.
    """

    words: tuple[tuple[Syllable, ...], ...]

    @cached_property
    def syllables(self) -> tuple[Syllable, ...]:
        """All syllables of all words."""
        return tuple(s for word in self.words for s in word)

    @property
    def primary(self) -> int | None:
        """Index of the first syllable with primary stress, None where no stress is marked."""
        for index, syllable in enumerate(self.syllables):
            if syllable.stress is Stress.PRIMARY:
                return index
        return None

    @cached_property
    def phones(self) -> tuple[Phone, ...]:
        """All segments of all words; a diphthong is two."""
        return tuple(p for s in self.syllables for p in s.phones)

    @cached_property
    def accent(self) -> tuple[str, ...]:
        """What is left of it when accents are left out; see `accents.accent_key`."""
        from namemem.phones.accents import accent_key

        return accent_key(self)

    @cached_property
    def units(self) -> tuple[str, ...]:
        """IPA of each unit (NFD), a diphthong being one: what a listener would count as sounds."""
        return tuple("".join(p.ipa for p in unit) for s in self.syllables for unit, _ in s.units())

    @cached_property
    def segmental(self) -> tuple[str, ...]:
        """IPA of each segment without stress, tone and length, NFD: to compare what was said."""
        return tuple(p.base + p.diacritics for p in self.phones)

    @property
    def ipa(self) -> str:
        """Plain IPA, NFC: stress marks before their syllables, words apart, dots only where needed.

        A dot is written only where reading the text back would split it otherwise.
        """
        return unicodedata.normalize("NFC", " ".join(_word_text(word) for word in self.words))

    def with_words(self, words: Iterable[Iterable[Syllable]]) -> Pronunciation:
        """A copy with other syllables."""
        return Pronunciation(tuple(tuple(w) for w in words))

    def __str__(self) -> str:
        return self.ipa


def _word_text(word: tuple[Syllable, ...]) -> str:
    from namemem.phones.parsing import parse_ipa  # the reader decides where a dot is needed

    plain = "".join(str(s) for s in word)
    if parse_ipa(plain).words == (word,):
        return plain
    return dotted(word)


def dotted(word: tuple[Syllable, ...]) -> str:
    """One word with every syllable boundary written: `ʃɪ.ˈvɔːn` (NFD)."""
    return ".".join(str(s) for s in word)
