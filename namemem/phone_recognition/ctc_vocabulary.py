"""Columns of a foreign CTC model: which of its symbols stand for a phone.

Vocabularies written with espeak-ng (facebook/wav2vec2-lv-60-espeak-cv-ft) hold IPA letters,
diphthongs, vowels joined with what follows them (`ɑːɹ`, `əl`), whole Mandarin rhymes with their
tones (`iɑ5`), and left-over mnemonics (`ts.h`). Symbols that differ only in length or tone become
one column here, since readings are told apart without either; special tokens, and the few symbols
that are no phone, become the blank.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from namemem.errors import NamememError
from namemem.phones import Phone, feature_distance, parse_ipa

Matrix = npt.NDArray[np.float32]

# Mnemonics of espeak-ng that stand in such vocabularies instead of IPA.
_MNEMONICS = {
    "s.": "ʂ", "z.": "ʐ", "ts.": "ʈ͡ʂ", "ts.h": "ʈ͡ʂʰ", "tsh": "t͡sʰ", "tɕh": "t͡ɕʰ", "ts": "t͡s",
    "dz": "d͡z", "pf": "p͡f", "ph": "pʰ", "th": "tʰ", "kh": "kʰ", "t[": "t̪", "d[": "d̪", "r.": "ɽ",
    "i.": "ɨ", "i̪": "ɨ", "u.": "u", "a.": "a", "S": "ʃ", "Z": "ʒ", "tS": "t͡ʃ", "dZ": "d͡ʒ",
    "N": "ŋ", "X": "χ", "u\"": "ʉ", "s^": "sʲ", "t^": "tʲ", "d^": "dʲ", "ɪ^": "ɪ", "oe": "ø",
    "sx": "ɧ", "onɡ": "oŋ",
}  # fmt: skip
_GLIDES = str.maketrans("jwɥ", "iuy")
_SAME = {"ɝ": "ɜ", "ɜɹ": "ɜ", "ɔʏ": "ɔø", "ɒ": "ɑ"}
"""Espeak's American NURSE and German "heute"; and LOT, where features are undecided."""
_TELLING = frozenset("ʃʒŋɲθðɹəɛɔɪʊɑ")
"""Letters that a phone vocabulary has and an alphabet has not."""
_ALIKE = 0.1  # sum of feature distances up to which another diphthong stands for one that lacks
_LONGEST_JOIN = 4


class CtcVocabulary:
    """The symbols of one model; columns of our own, the blank first.

    Attributes:
        names: IPA of each column (NFD, no length), "" for the blank.
    """

    def __init__(self, symbols: Mapping[str, int], blank: int) -> None:
        """Reads a vocabulary.

        Args:
            symbols: symbol → column of the model's output.
            blank: the model's column of the CTC blank.

        Raises:
            ValueError: the symbols are not phones in espeak's or IPA notation.
        """
        stems = {unicodedata.normalize("NFD", s) for s in symbols}
        names = [""]
        self._columns: dict[str, int] = {}
        self._single: list[tuple[Phone, int]] = []
        self._double: list[tuple[tuple[Phone, ...], int]] = []
        size = max([*symbols.values(), blank]) + 1
        into = np.zeros((size, len(symbols) + 1))
        for symbol, column in sorted(symbols.items(), key=lambda item: item[1]):
            phones = () if column == blank else _read(symbol, stems)
            if not phones:
                continue
            key = _key(phones)
            if key not in self._columns:
                self._columns[key] = len(names)
                names.append("".join(p.base + p.diacritics for p in phones))
                if len(phones) == 1:
                    self._single.append((phones[0], self._columns[key]))
                elif len(phones) == 2 and all(p.is_vowel for p in phones):
                    self._double.append((phones, self._columns[key]))
            into[column, self._columns[key]] = 1.0
        if len(_TELLING & self._columns.keys()) < 3:
            raise ValueError(
                "Its vocabulary is not phones in espeak's notation or IPA, but for example: "
                + " ".join(list(symbols)[:12])
            )
        self.names = tuple(names)
        into[into.sum(axis=1) == 0, 0] = 1.0
        self._into = into[:, : len(names)]
        self.columns_of = lru_cache(maxsize=4096)(self._columns_of)

    def merge(self, log_probs: npt.NDArray[np.floating]) -> Matrix:
        """The model's log-posteriors, [T, its columns], as float32 [T, columns here]."""
        known = np.exp(np.asarray(log_probs, dtype=np.float64))
        size = min(known.shape[1], len(self._into))
        merged = known[:, :size] @ self._into[:size]
        merged[:, 0] += known[:, size:].sum(axis=1)  # columns beyond the vocabulary
        return np.asarray(np.log(np.maximum(merged, 1e-300)), dtype=np.float32)

    def joined(self, units: Sequence[str]) -> list[tuple[int, ...]]:
        """Columns of each unit, where a symbol may hold several: the first has it, the rest none.

        The longest symbols are taken first; `columns_of` is what to do without such symbols.
        """
        keys = [_key(_phones(unit)) for unit in units]
        out: list[tuple[int, ...]] = []
        while len(out) < len(units):
            at = len(out)
            for size in range(min(_LONGEST_JOIN, len(units) - at), 1, -1):
                column = self._listed("".join(keys[at : at + size]))
                if column is not None:
                    out += [(column,), *[()] * (size - 1)]
                    break
            else:
                out.append(self.columns_of(units[at]))
        return out

    def _listed(self, key: str) -> int | None:
        for form in (key, _SAME.get(key, ""), key.translate(_GLIDES)):
            if form in self._columns:
                return self._columns[form]
        return None

    def _columns_of(self, unit: str) -> tuple[int, ...]:
        """Columns of one unit (IPA, NFD): its own, or the nearest by features; never none."""
        phones = _phones(unit)
        key = _key(phones)
        for form in (key, _SAME.get(key, "")):
            if form in self._columns:
                return (self._columns[form],)
        if len(phones) == 2 and self._double:
            distance, column = min(
                (_distance(phones[0], pair[0]) + _distance(phones[1], pair[1]), c)
                for pair, c in self._double
            )
            if distance <= _ALIKE:
                return (column,)
        return tuple(column for phone in phones for column in self._nearest(phone))

    def _nearest(self, phone: Phone) -> tuple[int, ...]:
        if phone.ipa in self._columns:
            return (self._columns[phone.ipa],)
        alike = [(p, c) for p, c in self._single if p.is_vowel == phone.is_vowel] or self._single
        _, _, nearest = min((_distance(phone, p), p.base != phone.base, c) for p, c in alike)
        if phone.is_syllabic and not phone.is_vowel and "ə" in self._columns:
            return self._columns["ə"], nearest
        return (nearest,)


def _read(symbol: str, stems: set[str]) -> tuple[Phone, ...]:
    """The phones of a vocabulary's symbol; none if it is no phone."""
    if symbol.startswith(("<", "[")) and len(symbol) > 1:
        return ()
    text = unicodedata.normalize("NFD", symbol).replace(":", "ː").replace("ᵝ", "")
    toned = re.sub("[1-5]$", "", text)
    if toned == text and text.endswith("ɜ") and text[:-1] and f"{text[:-1]}5" in stems:
        toned = text[:-1]  # tone 3
    text = re.sub("[ː]+$", "", toned)
    half = text[: len(text) // 2]
    if half and text == half + half:  # a geminate written twice
        text = half
    try:
        phones = parse_ipa(_MNEMONICS.get(text, re.sub("ʲʲ$", "ʲ", text))).phones
    except NamememError:
        return ()
    return tuple(Phone(p.base, p.diacritics) for p in phones)


def _key(phones: Sequence[Phone]) -> str:
    text = "".join(p.base + p.diacritics for p in phones)
    return text.replace("͡", "").replace("̯", "")


@lru_cache(maxsize=4096)
def _phones(unit: str) -> tuple[Phone, ...]:
    return parse_ipa(unit).phones


def _distance(a: Phone, b: Phone) -> float:
    return feature_distance(Phone(a.base, a.diacritics), Phone(b.base, b.diacritics))
