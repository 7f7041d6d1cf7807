"""Is an answer right? One place that compares answers with what was said."""

from __future__ import annotations

from functools import lru_cache

from benchmarks.clips import Clip
from benchmarks.measures import feature_edits, token_edits
from namemem.phone_recognition.whisper_ctc import PhoneLabels
from namemem.phones import Pronunciation, to_arpabet


@lru_cache(maxsize=1)
def _labels() -> PhoneLabels:
    return PhoneLabels.read()


@lru_cache(maxsize=65536)
def _unit_labels(unit: str) -> tuple[str, ...]:
    return tuple(_labels().ipa_for(unit))


def tokens(pronunciation: Pronunciation, notation: str) -> tuple[str, ...]:
    """What a pronunciation is compared by: ARPABET without stress, or IPA labels."""
    if notation == "arpabet":
        return tuple(to_arpabet(pronunciation, stress=False).value.split())
    return tuple(label for unit in pronunciation.units for label in _unit_labels(unit))


def edits(clip: Clip, answer: Pronunciation | None) -> float:
    """Wrong phones of an answer; no answer misses all of them."""
    if answer is None:
        return float(len(clip.tokens))
    return token_edits(clip.tokens, tokens(answer, clip.notation))


def features(clip: Clip, answer: Pronunciation | None) -> float:
    """The same weighted by features, in phones of the reference."""
    assert clip.said is not None
    return feature_edits(clip.said, answer)


def accepted(clip: Clip, answer: Pronunciation | None) -> bool:
    """Right, or right for an accent that the dictionary's phones do not show."""
    if answer is None:
        return False
    heard = tokens(answer, clip.notation)
    return heard == clip.tokens or " ".join(heard) in clip.accepted
