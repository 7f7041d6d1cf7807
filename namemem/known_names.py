"""What a person's other names say of a new one: whose rules it follows, and words said before.

A family keeps to its language more often than not, so that the rules which gave one name are the
likelier ones for the next; and whoever said "Siobhan" once says it so in "Siobhan Byrne", too.
Pure functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from namemem.errors import InvalidPronunciation
from namemem.g2p import Candidate, Leaning, languages
from namemem.name_spotting import fold
from namemem.phones import Pronunciation, Syllable, parse_ipa, phonetic_distance

MOST = 4
"""How many other names are looked at: each unknown one has to be read in every language."""

_FAITHFUL = 0.25
"""How often a name follows the rules of another one of the same person; see docs/accuracy."""
_CAP = 12.0
_SAME = 0.1
"""PFER up to which a reading is what somebody said; it may have been heard with an edit."""
_BONUS = {True: 4.0, False: 2.0}
"""Nats by which others lose to a word that was said before: agreed on, or only heard."""

Readings = Callable[[str, str | None], Sequence[Candidate]]
"""What a spelling may stand for, by spelling and language (BCP 47)."""


@dataclass(frozen=True, slots=True)
class KnownName:
    """Another name of the same person.

    Attributes:
        spelling: as it is written.
        ipa: how it is said, syllables apart.
        language: BCP 47, if somebody told it.
        agreed: the person, or a designer, said that this is right.
    """

    spelling: str
    ipa: str
    language: str | None = None
    agreed: bool = False


def leaning(names: Iterable[KnownName], readings: Readings) -> Leaning:
    """How much more the rules of each language count, by what rules the other names follow.

    A name that all languages read alike tells nothing; one that is said as only Polish reads it
    speaks for Polish. The shares are those of a mixture: in `_FAITHFUL` of all cases a new name
    follows the same rules, else any.

    Args:
        names: other names of the person.
        readings: the G2P's.

    Returns:
        espeak-ng voices and their factors, in the voices' order; empty if nothing is known.
    """
    told = [t for name in names if (t := _told(name, readings))]
    voices = sorted({voice for ratios in told for voice in ratios})
    factors = {
        voice: sum(1 - _FAITHFUL + _FAITHFUL * r.get(voice, 1.0) for r in told) / len(told)
        for voice in voices
    }
    return tuple((voice, round(min(factor, _CAP), 3)) for voice, factor in factors.items())


def _told(name: KnownName, readings: Readings) -> dict[str, float]:
    """How much likelier each voice became, 1 being no news; nothing if no rule explains it."""
    said = _parsed(name.ipa)
    candidates = readings(name.spelling, None) if said is not None else ()
    able = {v: lang.weight for c in candidates for v, lang in _voices(c).items()}
    if name.language:
        speaking = {lang.voice for lang in languages.matching(name.language)} & set(able)
    elif said is not None and candidates:
        near = [(phonetic_distance(c.pronunciation, said), c) for c in candidates]
        least = min(distance for distance, _ in near)
        same = [c for distance, c in near if distance <= least + 1e-6 and distance <= _SAME]
        speaking = {voice for c in same for voice in _voices(c)}
    else:
        return {}
    weight = sum(able[voice] for voice in speaking)
    if not weight:
        return {}
    ratio = sum(able.values()) / weight
    return {voice: ratio if voice in speaking else 0.0 for voice in able}


def _voices(candidate: Candidate) -> dict[str, languages.G2pLanguage]:
    known = {lang.voice: lang for lang in languages.languages()}
    named = [s.removeprefix("g2p:") for s in candidate.sources if s.startswith("g2p:")]
    return {voice: known[voice] for voice in named if voice in known}


def with_words_said_before(
    spelling: str, readings: Sequence[Candidate], names: Iterable[KnownName]
) -> list[Candidate]:
    """Readings in which every word that the person has said before is said the same way.

    Args:
        spelling: the new name's.
        readings: what it may stand for, most probable first.
        names: other names of the person; those that were only heard and have this same spelling
            do not count, for a second introduction is there to mend the first.

    Returns:
        The readings, those with such a word first; `known` is among their sources. The others
        lose some nats. As they were if no word is known.
    """
    words = [fold(word) for word in spelling.split()]
    before, agreed = _words_said(words, names)
    if not before:
        return list(readings)
    bonus = _BONUS[agreed]
    top = max((c.log_prior for c in readings), default=0.0)
    templates = [c for c in readings if len(c.pronunciation.words) == len(words)]
    if len(before) == len(words):
        whole = Pronunciation(tuple(before[word] for word in words))
        templates = [Candidate(whole, (), top)]
    kept = {c.pronunciation.segmental: c for c in readings}
    said: dict[tuple[str, ...], Candidate] = {}
    for template in templates:
        spoken = Pronunciation(
            tuple(
                before.get(word, own)
                for word, own in zip(words, template.pronunciation.words, strict=True)
            )
        )
        same = kept.pop(spoken.segmental, None)
        sources = (*(same.sources if same else ()), "known")
        said.setdefault(spoken.segmental, Candidate(spoken, sources, template.log_prior))
    others = [replace(c, log_prior=c.log_prior - bonus) for c in kept.values()]
    return sorted([*said.values(), *others], key=lambda c: -c.log_prior)


def _words_said(
    words: Sequence[str], names: Iterable[KnownName]
) -> tuple[dict[str, tuple[Syllable, ...]], bool]:
    """How each of the words was said, and whether that was agreed on; agreed ones win."""
    found: dict[str, tuple[tuple[Syllable, ...], bool]] = {}
    for name in names:
        parts = [fold(word) for word in name.spelling.split()]
        said = _parsed(name.ipa)
        again = parts == list(words) and not name.agreed
        if said is None or again or len(said.words) != len(parts):
            continue
        for part, word in zip(parts, said.words, strict=True):
            if part in words and (part not in found or name.agreed):
                found[part] = word, name.agreed
    agreed = bool(found) and all(sure for _, sure in found.values())
    return {part: word for part, (word, _) in found.items()}, agreed


def _parsed(ipa: str) -> Pronunciation | None:
    try:
        return parse_ipa(ipa)
    except InvalidPronunciation:
        return None
