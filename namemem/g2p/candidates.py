"""All the pronunciations a spelling may stand for, each with where it came from and a prior."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Protocol

from namemem.g2p import languages
from namemem.g2p.cmu import CmuDict
from namemem.g2p.espeak import EspeakG2p
from namemem.phones import Pronunciation, to_arpabet

MAX_SPELLING = 100
"""Longest spelling that is read aloud, in characters."""

_CMUDICT_WEIGHT = 8.0
_HINT_FACTOR = 12.0
"""How much more the votes of the caller's own `language` count."""
_LEAST_DICTIONARY, _MOST_DICTIONARY = 0.25, 2.0

Leaning = tuple[tuple[str, float], ...]
"""How much more or less the votes of some espeak-ng voices count, by voice."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One reading of a spelling.

    Attributes:
        pronunciation: in the reading language's own phones.
        sources: who reads it so, strongest first: `cmudict`, `g2p:en-us`, ...; `cmudict:2` is the
            dictionary's second entry.
        log_prior: natural log of its share of the votes, at most 0.
    """

    pronunciation: Pronunciation
    sources: tuple[str, ...]
    log_prior: float

    @property
    def listed(self) -> bool:
        """Whether a dictionary has it."""
        return any(s.startswith("cmudict") for s in self.sources)


class CandidateSource(Protocol):
    """What the pipeline needs of a G2P."""

    @property
    def identity(self) -> str:
        """Name and version of what makes the candidates."""

    def candidates(
        self, spelling: str, language: str | None = None, leaning: Leaning = ()
    ) -> list[Candidate]:
        """Readings of `spelling`, most probable first."""

    def predict(self, spelling: str, language: str | None = None) -> Pronunciation | None:
        """The single reading that a TTS would speak from the spelling alone."""

    def sounding_like(self, heard: Pronunciation, limit: int) -> list[Pronunciation]:
        """Known words that sound nearest to what was heard, nearest first."""


class Candidates:
    """CMUdict and espeak-ng in every language that can read the letters."""

    def __init__(self, espeak: EspeakG2p | None = None, cmudict: CmuDict | None = None) -> None:
        self._espeak = espeak or EspeakG2p()
        self._cmudict = cmudict or CmuDict()

    @property
    def identity(self) -> str:
        """Name and version of what makes the candidates."""
        return f"espeak-ng {self._espeak.version} + cmudict"

    def load(self) -> None:
        """Loads the dictionary and every Latin voice, so that the first name is not slow."""
        self._cmudict.load()
        self.candidates("Anna")

    def candidates(
        self, spelling: str, language: str | None = None, leaning: Leaning = ()
    ) -> list[Candidate]:
        """Readings of `spelling`, most probable first.

        Readings that differ only in stress or length are one candidate; the form with the most
        votes stands for them.

        Args:
            spelling: a name; what is no letter, mark, apostrophe or hyphen is ignored.
            language: BCP 47 tag of the name, if the caller knows it.
            leaning: towards some languages, by what else is known of the person; a dictionary
                of English counts as American English, within limits.

        Returns:
            At most one candidate per language and dictionary entry; empty when no voice can
            read the letters (emoji, digits only).
        """
        text = readable(spelling)
        if not text:
            return []
        hinted = {lang.voice for lang in languages.matching(language)} if language else set()
        votes: list[tuple[Pronunciation, str, float]] = []
        dictionary_weight = _CMUDICT_WEIGHT
        if language and not language.casefold().startswith("en"):
            dictionary_weight /= 4
        factors = dict(leaning)
        english = factors.get("en-us", 1.0)
        dictionary_weight *= min(max(english, _LEAST_DICTIONARY), _MOST_DICTIONARY)
        votes += [
            (reading, f"cmudict:{rank + 1}" if rank else "cmudict", dictionary_weight / (1 + rank))
            for rank, reading in enumerate(self._cmudict.look_up(text))
        ]
        voices = {lang.voice: lang for lang in languages.for_spelling(text)}
        for voice, reading in self._espeak.read_all(text, voices):
            if len(reading.words) > len(text.replace("-", " ").split()):
                continue  # spelled out letter by letter
            weight = voices[voice].weight * (_HINT_FACTOR if voice in hinted else 1.0)
            weight *= factors.get(voice, 1.0)
            votes.append((reading, f"g2p:{voice}", weight))
        return _count(votes)

    def predict(self, spelling: str, language: str | None = None) -> Pronunciation | None:
        """The single reading that a TTS would speak from the spelling alone.

        espeak-ng's reading in `language` where given, else CMUdict's, else espeak-ng's in
        American English (or the first voice that can read the script).
        """
        text = readable(spelling)
        if not text:
            return None
        if language:
            for lang in languages.matching(language):
                reading = self._espeak.read(text, lang.voice)
                if reading is not None:
                    return reading
        listed = self._cmudict.look_up(text)
        if listed:
            return listed[0]
        for lang in languages.for_spelling(text):
            reading = self._espeak.read(text, lang.voice)
            if reading is not None:
                return reading
        return None

    def sounding_like(self, heard: Pronunciation, limit: int) -> list[Pronunciation]:
        """CMUdict's words that sound nearest to what was heard, nearest first."""
        phones = to_arpabet(heard, stress=False).value.split()
        return self._cmudict.sounding_like(phones, limit)


def readable(spelling: str) -> str:
    """`spelling` without what nobody says: digits, emoji, markup; at most `MAX_SPELLING` long."""
    text = unicodedata.normalize("NFC", re.sub(r"<[^<>]*>", " ", spelling[: MAX_SPELLING * 4]))
    kept = "".join(c if unicodedata.category(c)[0] in "LM" or c in "'’- ." else " " for c in text)
    words = [w.strip("'’-.") for w in kept.split()]
    return " ".join(w for w in words if w)[:MAX_SPELLING].strip()


def _count(votes: list[tuple[Pronunciation, str, float]]) -> list[Candidate]:
    by_sound: dict[tuple[str, ...], list[tuple[Pronunciation, str, float]]] = {}
    for vote in votes:
        by_sound.setdefault(vote[0].segmental, []).append(vote)
    total = sum(weight for _, _, weight in votes)
    result = []
    for same in by_sound.values():
        form = _form(same)
        ordered = sorted(same, key=lambda vote: -vote[2])
        sources = tuple(dict.fromkeys(source for _, source, _ in ordered))
        share = sum(weight for _, _, weight in same) / total
        result.append(Candidate(form, sources, math.log(share)))
    return sorted(result, key=lambda c: -c.log_prior)


def _form(same: list[tuple[Pronunciation, str, float]]) -> Pronunciation:
    """Which of several readings with the same phones stands for them.

    The stress pattern with most votes; of its forms the one with most votes by a rule of some
    language, since those mark length, which a dictionary of ARPABET does not.
    """
    by_stress: dict[int | None, float] = {}
    for pronunciation, _, weight in same:
        where = pronunciation.primary
        by_stress[where] = by_stress.get(where, 0.0) + weight
    pattern = max(by_stress, key=lambda where: by_stress[where])
    fitting = [vote for vote in same if vote[0].primary == pattern]
    ruled = [vote for vote in fitting if not vote[1].startswith("cmudict")] or fitting
    forms: dict[str, float] = {}
    for pronunciation, _, weight in ruled:
        forms[pronunciation.ipa] = forms.get(pronunciation.ipa, 0.0) + weight
    best = max(forms, key=lambda ipa: forms[ipa])
    return next(p for p, _, _ in ruled if p.ipa == best)
