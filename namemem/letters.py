"""What letters say of sounds: how probable a pronunciation is, given the spelling alone.

A small network reads the letters and gives CTC log-posteriors of English phones and of IPA labels,
just as the ear does of sound; the same sums over alignments then say how probable any
pronunciation is for this spelling, also one that no rule predicts, and a beam gives the likeliest
ones. It was trained on CMUdict and on espeak-ng's readings of names in some fifty languages
(`training/letter_model.py`). Numpy only.
"""

from __future__ import annotations

import contextlib
import functools
import json
import math
import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from namemem.errors import InvalidPronunciation
from namemem.phone_recognition import ctc
from namemem.phone_recognition.ctc_beam import beam_search
from namemem.phone_recognition.spoken import pronounced
from namemem.phone_recognition.whisper_ctc import PhoneLabels
from namemem.phones import Pronunciation, from_arpabet
from namemem.phones.model import Stress

WEIGHTS = Path(__file__).parent / "g2p" / "weights" / "letters.npz"
SYMBOLS = "^$ -'abcdefghijklmnopqrstuvwxyzßæøœđðþłıəħŋ" + "".join(
    chr(c) for c in (0x300, 0x301, 0x302, 0x303, 0x304, 0x306, 0x307, 0x308, 0x309, 0x30A, 0x30B,
                     0x30C, 0x31B, 0x323, 0x326, 0x327, 0x328)
)  # fmt: skip
"""Beginning, end, space, hyphen, apostrophe, letters, combining marks."""
PER_SYMBOL = 2
LONGEST = 48

_ENGLISH_SHARE = 0.6

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Spelled:
    """Log-posteriors of one spelling: English [T, 40] and IPA [T, 108], blank first."""

    english: Matrix
    ipa: Matrix


def encode(spelling: str) -> list[int] | None:
    """Indices into `SYMBOLS`; None where a letter is none of them, or the spelling is too long."""
    text = unicodedata.normalize("NFD", spelling.casefold().replace("’", "'")).replace(".", "")
    text = unicodedata.normalize("NFD", text.replace("_", " ")).strip()
    if not text or len(text) > LONGEST:
        return None
    found = [SYMBOLS.find(c) for c in f"^{text}$"]
    return None if min(found) < 0 else found


class LetterModel:
    """The network; loads on first use, safe to share between threads.

    Args:
        weights: npz of float16 arrays with one JSON text, `metadata`.
    """

    def __init__(self, weights: Path = WEIGHTS) -> None:
        self._path = weights
        self._arrays: dict[str, Matrix] = {}
        self._metadata: dict[str, Any] = {}
        self._labels = PhoneLabels.read()
        self._lock = threading.Lock()
        self.read = functools.lru_cache(maxsize=512)(self._read)

    def load(self) -> None:
        """Reads the weights; a second call does nothing."""
        with self._lock:
            if self._arrays:
                return
            with np.load(self._path, allow_pickle=False) as stored:
                self._metadata = json.loads(str(stored["metadata"]))
                self._arrays = {
                    k: stored[k].astype(np.float32) for k in stored.files if k != "metadata"
                }

    def log_probs(self, spelling: str, readings: Sequence[Pronunciation]) -> NDArray[np.float64]:
        """Natural log of how probable each reading is for the spelling, shape [N].

        A mixture: the person's people say it by English rules, or by those of some language. NaN
        throughout where the letters are none that the model knows (other scripts).
        """
        said = self.read(spelling)
        if said is None or not readings:
            return np.full(len(readings), math.nan)
        english = ctc.log_likelihoods(
            said.english, [[i for u in r.units for i in self._english(u)] for r in readings]
        )
        ipa = ctc.log_likelihoods(
            said.ipa, [[i for u in r.units for i in self._ipa(u)] for r in readings]
        )
        out: NDArray[np.float64] = np.logaddexp(
            english + math.log(_ENGLISH_SHARE), ipa + math.log(1 - _ENGLISH_SHARE)
        )
        return np.maximum(out, -60.0)

    def readings(self, spelling: str, count: int, native: int = 0) -> list[Pronunciation]:
        """The likeliest readings, best first: `count` by English rules, then `native` by others.

        Stress is on the first syllable: the letters do not say it, and the sound decides later.
        """
        said = self.read(spelling)
        if said is None:
            return []
        result = []
        for posteriors, names, wanted in (
            (said.english, self._labels.arpabet, count),
            (said.ipa, self._labels.ipa, native),
        ):
            if wanted:
                found = beam_search(posteriors, width=2 * wanted, n_best=wanted, per_frame=6)
                for hypothesis in found:
                    with contextlib.suppress(InvalidPronunciation):
                        labels = [names[i] for i in hypothesis.labels]
                        result.append(_stressed(labels, english=names is self._labels.arpabet))
        return result

    def _read(self, spelling: str) -> Spelled | None:
        symbols = encode(spelling)
        if symbols is None:
            return None
        self.load()
        arrays = self._arrays
        x = np.repeat(arrays["embed.weight"][symbols], PER_SYMBOL, axis=0)
        x = x + np.tile(arrays["place"], (len(symbols), 1))
        for i in range(int(self._metadata["blocks"])):
            x = x + self._block(x, f"blocks.{i}.")
        x = _norm(x, arrays["final.weight"], arrays["final.bias"])
        outputs = [x @ arrays[f"{k}.weight"].T + arrays[f"{k}.bias"] for k in ("arpabet", "ipa")]
        english, ipa = (o - np.logaddexp.reduce(o, axis=1, keepdims=True) for o in outputs)
        return Spelled(english, ipa)

    def _block(self, x: Matrix, name: str) -> Matrix:
        arrays = self._arrays
        kernel = arrays[name + "depthwise.weight"][:, 0]  # [width, taps]
        reach = kernel.shape[1] // 2
        padded = np.pad(x, ((reach, reach), (0, 0)))
        y = sum(padded[k : k + len(x)] * kernel[:, k] for k in range(kernel.shape[1]))
        y = _norm(
            y + arrays[name + "depthwise.bias"],
            arrays[name + "norm.weight"],
            arrays[name + "norm.bias"],
        )
        y = y @ arrays[name + "up.weight"].T + arrays[name + "up.bias"]
        y = 0.5 * y * (1 + np.tanh(math.sqrt(2 / math.pi) * (y + 0.044715 * y**3)))
        out: Matrix = y @ arrays[name + "down.weight"].T + arrays[name + "down.bias"]
        return out

    @functools.lru_cache(maxsize=8192)  # noqa: B019 - one model lives as long as its process
    def _english(self, unit: str) -> tuple[int, ...]:
        return tuple(self._labels.arpabet_ids(self._labels.arpabet_for(unit)))

    @functools.lru_cache(maxsize=8192)  # noqa: B019
    def _ipa(self, unit: str) -> tuple[int, ...]:
        return tuple(self._labels.ipa_ids(self._labels.ipa_for(unit)))


def _stressed(names: Sequence[str], *, english: bool) -> Pronunciation:
    """Phones with the main stress on the first syllable.

    Raises:
        InvalidPronunciation: there is no vowel.
    """
    if english:
        vowels = [i for i, p in enumerate(names) if p[0] in "AEIOU"]
        return from_arpabet(
            " ".join(f"{p}{int(i == vowels[0])}" if i in vowels else p for i, p in enumerate(names))
        )
    words = []
    for word in pronounced(names).words:
        stresses = [Stress.PRIMARY, *[Stress.NONE] * (len(word) - 1)]
        words.append(tuple(replace(s, stress=x) for s, x in zip(word, stresses, strict=True)))
    return Pronunciation(tuple(words))


def _norm(x: Matrix, weight: Matrix, bias: Matrix) -> Matrix:
    mean = x.mean(axis=1, keepdims=True)
    out: Matrix = (x - mean) / np.sqrt(x.var(axis=1, keepdims=True) + 1e-5) * weight + bias
    return out
