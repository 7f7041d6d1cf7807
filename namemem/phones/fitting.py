"""What a substitution costs, and whether the whole is still a fair rendering of the name.

The cost of one phone for another is the share of articulatory features in which they differ,
weighted as panphon weights them (its `feature_weights.csv`; Mortensen et al. 2016, "PanPhon",
COLING): a vowel for a consonant costs most, length and voicing least.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

from namemem.phones import segments
from namemem.phones.conversion import Substitution
from namemem.phones.model import Phone

_WEIGHTS = {
    "syl": 1.0, "son": 1.0, "cons": 1.0, "cont": 0.5, "delrel": 0.25, "lat": 0.25, "nas": 0.25,
    "strid": 0.125, "voi": 0.125, "sg": 0.125, "cg": 0.125, "ant": 0.25, "cor": 0.25,
    "distr": 0.125, "lab": 0.25, "hi": 0.25, "lo": 0.25, "back": 0.25, "round": 0.25,
    "tense": 0.125, "long": 0.125, "velaric": 0.25,
    "rhotic": 0.25,  # ours, as `lat`
}  # fmt: skip
ADDED = 0.05
"""Cost of a phone that is said and was not asked for: the /j/ of /nj/ for /ɲ/, the /ʊ/ of /oʊ/."""
RHOTICS = frozenset("rɾɽɺɹɻʁʀ")
# Sounds that are heard as each other, far apart as the mouth makes them, with the greatest cost of
# one for another: the /r/ of every language, /w/ and /v/, laterals, and what is said in the throat.
_ALIKE = (
    (RHOTICS, 0.06),
    (frozenset("wʋvβ"), 0.1),
    (frozenset("lɫɭʟɬɮʎ"), 0.15),
    (frozenset("ʔʕʡʢhɦħʜ"), 0.12),
)
OTHER = 0.01
"""Least cost of a phone for another one."""
LOST = 0.3
"""Cost of a phone that nothing stands in for."""
TONE = 0.08
"""Cost of a tone that is not said."""
OFFGLIDE = 0.1
"""Cost of a diphthong's second half that is not said: /oʊ/ as o."""
APART = 0.01
"""Cost of a phone in two: t͡s as t and s, ɝ as a vowel and ɹ."""
NON_RHOTIC = 0.06
"""Cost of an /ɹ/ after a vowel that an accent without it drops: heard as that accent's own."""
_FAINT = frozenset("ʔhɦʕħʢʜʡ")
_FAINT_LOST = 0.12  # what most languages drop without another word arising

CLOSE_MEAN = 0.07
"""Up to this cost a unit of the name, on average, the rendering is `close`."""
CLOSE_WORST = 0.22
"""And no single substitution may cost more than this."""


class Grade(StrEnum):
    """Whether a rendering says the name: all of it, fairly, or only roughly."""

    EXACT = "exact"
    CLOSE = "close"
    APPROXIMATE = "approximate"


@cache
def _weights() -> npt.NDArray[np.float32]:
    values = np.array([_WEIGHTS.get(n, 0.0) for n in segments.feature_names()], np.float32)
    share: npt.NDArray[np.float32] = values / values.sum()
    return share


@lru_cache(maxsize=65536)
def weighted_distance(a: Phone, b: Phone) -> float:
    """Weighted share of features in which two phones differ, in [0, 1]; 0 only for the same one.

    Features cannot tell everything apart (the tap and the trill): `OTHER` is the least cost.
    """
    if a == b:
        return 0.0
    difference = np.abs(a.features - b.features) / 2.0
    distance = max(float((difference * _weights()).sum()), OTHER)
    alike = (most for kind, most in _ALIKE if a.base in kind and b.base in kind)
    return min(distance, *alike, 1.0)


def cost(source: Sequence[Phone], said: Sequence[Phone]) -> float:
    """Cost of saying `said` for one unit: the best pairing, and what is lost or added."""
    parts = [part for phone in source for part in _parts(phone)]
    whole = _pairing(source, said)
    apart = len(parts) > len(source)
    return min(whole, _pairing(parts, said) + APART) if apart else whole


@lru_cache(maxsize=4096)
def _parts(phone: Phone) -> tuple[Phone, ...]:
    """The phones that one of two parts is heard as: affricates, r-coloured, prenasalised ones."""
    nasal = {"ᵐ": "m", segments.PRENASAL_N: "n", "ᵑ": "ŋ"}
    before = tuple(Phone(nasal[d]) for d in phone.diacritics if d in nasal)
    marks = "".join(d for d in phone.diacritics if d not in nasal)
    if phone.base in ("ɝ", "ɚ"):
        vowel = Phone({"ɝ": "ɜ", "ɚ": "ə"}[phone.base], marks, phone.length)
        return (*before, vowel, Phone("ɹ"))
    if segments.TIE_BAR in phone.base:
        first, last = phone.base.split(segments.TIE_BAR)
        return (*before, Phone(first), Phone(last, marks, phone.length))
    return (*before, Phone(phone.base, marks, phone.length))


def _pairing(source: Sequence[Phone], said: Sequence[Phone]) -> float:
    diphthong = len(source) > 1 and all(p.is_vowel for p in source)
    row = [ADDED * j for j in range(len(said) + 1)]
    for i, wanted in enumerate(source):
        without = OFFGLIDE if diphthong and i else lost(wanted)
        diagonal, row[0] = row[0], row[0] + without
        for j, have in enumerate(said, 1):
            changed = diagonal + weighted_distance(wanted, have)
            best = min(row[j] + without, row[j - 1] + ADDED, changed)
            diagonal, row[j] = row[j], best
    return row[-1]


def lost(phone: Phone) -> float:
    """Cost of leaving a phone out."""
    return _FAINT_LOST if phone.base in _FAINT else LOST


def grade(substitutions: Iterable[Substitution], units: int) -> Grade:
    """How fair a rendering is.

    Args:
        substitutions: all that were made, with their costs.
        units: sounds of the name, a diphthong being one.
    """
    costs = [s.cost for s in substitutions]
    if not costs:
        return Grade.EXACT
    fair = max(costs) <= CLOSE_WORST and sum(costs) / max(units, 1) <= CLOSE_MEAN
    return Grade.CLOSE if fair else Grade.APPROXIMATE
