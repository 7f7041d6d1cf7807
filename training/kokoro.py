"""Kokoro-82M: natural speech by dozens of voices, from exact phones.

Kokoro (hexgrad, Apache-2.0, https://huggingface.co/hexgrad/Kokoro-82M) takes phones, so what it
says is known. Two voices mixed make a third, so that hardly two clips have one speaker. The folder
holds `model.onnx` (an export with the inputs tokens, style and speed), `vocab.json` and
`voices/*.bin` (float32 [n, 256]); `README.md` says where they can be had.
"""

from __future__ import annotations

import json
import random
import re
import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy.signal import resample_poly

from training import material
from training.heldout import held_out, segments
from training.speakers import LABELS, Speech, espeak_trace, parse_trace, trim

_PHONES = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AH0": "ə", "AO": "ɔ", "AW": "W", "AY": "I", "B": "b",
    "CH": "ʧ", "D": "d", "DH": "ð", "EH": "ɛ", "ER": "ɜɹ", "ER0": "əɹ", "EY": "A", "F": "f",
    "G": "ɡ", "HH": "h", "IH": "ɪ", "IY": "i", "JH": "ʤ", "K": "k", "L": "l", "M": "m", "N": "n",
    "NG": "ŋ", "OW": "O", "OY": "Y", "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ", "T": "t",
    "TH": "θ", "UH": "ʊ", "UW": "u", "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ",
}  # fmt: skip
# A voice's first letter → the espeak-ng voice whose reading it says.
NATIVE = {"e": ("es", "es-419"), "f": ("fr-fr",), "h": ("hi",), "i": ("it",), "p": ("pt-br",),
          "j": ("ja",)}  # fmt: skip
HELD_OUT = {"dev": ("af_bella", "bm_george", "em_santa", "im_nicola"),
            "test": ("am_michael", "bf_emma", "hm_psi", "pm_santa")}  # fmt: skip
"""Voices that no training hears, alone or mixed."""


class Kokoro:
    """One ONNX session and the voices; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self.ids: dict[str, int] = json.loads((folder / "vocab.json").read_text())["vocab"]
        self.styles = {p.stem: np.fromfile(p, np.float32).reshape(-1, 256)
                       for p in sorted((folder / "voices").glob("*.bin"))}  # fmt: skip

    def say(self, phones: str, style: np.ndarray, speed: float) -> np.ndarray | None:
        """Int16 samples at 16 kHz; None if a symbol is none of the model's."""
        tokens = [self.ids[c] for c in phones if c in self.ids]
        if len(tokens) != len(phones) or len(tokens) > 400:
            return None
        inputs = {"tokens": np.array([[0, *tokens, 0]]), "style": style[len(tokens) - 1][None],
                  "speed": np.array([speed], np.float32)}  # fmt: skip
        sound: Any = self.session.run(None, inputs)[0]
        slower = resample_poly(np.asarray(sound, np.float32).ravel(), 2, 3)
        peak = float(np.abs(slower).max()) + 1e-9
        return trim((slower * (0.8 / peak) * 32767).astype("<i2"), 800)


_LOCK = threading.Lock()


@cache
def _model(folder: Path) -> Kokoro:
    return Kokoro(folder)


def _kokoro(folder: Path) -> Kokoro:
    with _LOCK:
        return _model(folder)


def spelled(phones: list[str]) -> str:
    """ARPABET with stress digits → Kokoro's symbols, the stress mark before its vowel."""
    out = []
    for phone in phones:
        plain, stress = phone.rstrip("012"), phone[-1]
        mark = {"1": "ˈ", "2": "ˌ"}.get(stress, "")
        out.append(mark + (_PHONES.get(phone) or _PHONES[plain]))
    return "".join(out)


def kokoro_jobs(
    count: int,
    rng: random.Random,
    folder: Path,
    english: Callable[..., tuple[str, list[list[str]]]],
) -> Iterator[tuple[dict[str, object], Callable[[], Speech | None]]]:
    """Half of the clips English, the others in a voice's own language.

    `english` draws exact phones: `synthesize.flite_phones`.
    """
    out = held_out()
    kept_back = {voice for split in HELD_OUT.values() for voice in split}
    voices = [v for v in _kokoro(folder).styles if v not in kept_back]
    of_english = [v for v in voices if v[0] in "ab"]
    others = [v for v in voices if v[0] in NATIVE]
    for _ in range(count):
        speed, share = rng.uniform(0.75, 1.3), rng.uniform(0.25, 0.75)
        if rng.random() < 0.5:
            pool = of_english if rng.random() < 0.8 else voices
            a, b = rng.choice(pool), rng.choice(pool)
            voice = a if rng.random() < 0.35 else f"{a}+{b}"
            _, items = english(rng, out)
            items = [phones for phones in items if phones]
            row = {"engine": "kokoro", "voice": voice, "kind": "phones",
                   "text": "", "items": items}  # fmt: skip
            yield row, lambda a=(folder, items, voice, share, speed): say_english(*a)
        else:
            a = rng.choice(others)
            b = rng.choice([v for v in others if v[0] == a[0]])
            language = rng.choice(NATIVE[a[0]])
            text = material.draw_line(language, rng, bare=0.5).text
            if out.excludes_text(text):
                continue
            row = {"engine": "kokoro", "voice": f"{language}:{a}+{b}", "kind": "text",
                   "text": text}  # fmt: skip
            yield row, lambda a=(folder, text, language, f"{a}+{b}", share, speed): say_native(*a)


def _style(model: Kokoro, voice: str, share: float) -> np.ndarray:
    first, _, second = voice.partition("+")
    if not second:
        return model.styles[first]
    mixed: np.ndarray = share * model.styles[first] + (1 - share) * model.styles[second]
    return mixed


def say_english(
    folder: Path, items: list[list[str]], voice: str, share: float, speed: float
) -> Speech | None:
    """ARPABET words with stress, said as one line."""
    model = _kokoro(folder)
    text = " ".join(spelled(phones) for phones in items) + "."
    samples = model.say(text, _style(model, voice, share), speed)
    if samples is None:
        return None
    words = [[label for p in phones for label in LABELS.ipa_for_arpabet(p)] for phones in items]
    return Speech(samples, words, [p.rstrip("012") for phones in items for p in phones])


_AS_KOKORO = {"tʃ": "ʧ", "dʒ": "ʤ", "ts": "ʦ", "dz": "ʣ", "tɕ": "ʨ", "dʑ": "ʥ", "g": "ɡ", "ɫ": "l"}


def say_native(
    folder: Path, text: str, language: str, voice: str, share: float, speed: float
) -> Speech | None:
    """A line by espeak-ng's phones of its language."""
    model = _kokoro(folder)
    trace = espeak_trace(text, language)
    parsed = parse_trace(trace, language)
    if parsed is None:
        return None
    said = re.sub(r"\s+", " ", trace.strip())
    for theirs, ours in (*_AS_KOKORO.items(), ("_", ""), ("-", "")):
        said = said.replace(theirs, ours)
    samples = model.say(said + ".", _style(model, voice, share), speed)
    return None if samples is None else Speech(samples, parsed[0], None)


_DIPHTHONGS = {"eɪ": "A", "aɪ": "I", "oʊ": "O", "aʊ": "W", "ɔɪ": "Y", "ɚ": "əɹ", "ɝ": "ɜɹ"}
_VOWELS = "AIOWYaeiouɑæɐɒəɛɜɪɔʊʌyøœɯɨᵻ"


def spelled_ipa(ipa: str) -> str:
    """IPA with stress before the syllable → Kokoro's symbols, the stress mark before its vowel."""
    text = ipa.replace("\u0361", "").replace(".", "")
    for theirs, ours in (*_AS_KOKORO.items(), *_DIPHTHONGS.items()):
        text = text.replace(theirs, ours)
    return re.sub(rf"([ˈˌ])([^{_VOWELS}ˈˌ]*)(?=[{_VOWELS}])", r"\2\1", text)


def heldout_kokoro(
    split: str, rng: random.Random, folder: Path, carriers: tuple[str, ...]
) -> Iterator[tuple[dict[str, object], Callable[[], Speech | None]]]:
    """The names of a split by its voices: each reading by one voice of its language or two."""
    model = _kokoro(folder)
    lexicon = {"i'm": "ˈIm", "hi": "hˈI", "my": "mI", "is": "ɪz", "i": "ˈI", "am": "æm",
               "me": "mˌi", "name": "nˈAm", "hello": "həlˈO", "call": "kˈɔl",
               "this": "ðˈɪs"}  # fmt: skip
    for name in (n for n in held_out().names if n.split == split):
        for reading in name.readings:
            voices = [v for v in HELD_OUT[split] if v in model.styles and (
                v[0] in "ab" if reading.language == "en"
                else reading.language[:2] in {x[:2] for x in NATIVE.get(v[0], ())})]  # fmt: skip
            labels = [x for s in segments(reading.ipa) for x in LABELS.ipa_for(s)]
            for voice in voices:
                carrier = rng.choice(carriers) if reading.language == "en" else "{}"
                words = re.findall(r"\{\}|[a-z']+", carrier.lower())
                line = " ".join(
                    spelled_ipa(reading.ipa) if w == "{}" else lexicon[w] for w in words
                )
                row = {"engine": "kokoro", "voice": voice, "kind": "reading", "split": split,
                       "text": carrier.format(name.spelling), "name": name.spelling,
                       "language": reading.language}  # fmt: skip
                said = [x for w in words for x in (labels if w == "{}" else _labels(lexicon[w]))]
                rest = (reading.language == "en", rng.uniform(0.85, 1.15))
                yield row, lambda a=(model, f"{line}.", voice, said, *rest): _reading(*a)


def heldout_native(
    split: str, rng: random.Random, folder: Path, count: int = 60
) -> Iterator[tuple[dict[str, object], Callable[[], Speech | None]]]:
    """Names and lines in their own languages by the split's voices, `count` by each.

    The voices are new, the names need not be: there are few names that several languages read.
    """
    for voice in (v for v in HELD_OUT[split] if v[0] in NATIVE):
        for _ in range(count):
            language = rng.choice(NATIVE[voice[0]])
            text = material.draw_line(language, rng, bare=0.7).text
            if held_out().excludes_text(text):
                continue
            row = {"engine": "kokoro native", "voice": f"{language}:{voice}", "kind": "text",
                   "split": split, "text": text}  # fmt: skip
            rest = (0.5, rng.uniform(0.85, 1.15))
            yield row, lambda a=(folder, text, language, voice, *rest): say_native(*a)


def _labels(symbols: str) -> list[str]:
    wide = {v: k for k, v in _DIPHTHONGS.items() if len(v) == 1}
    plain = re.sub("[ˈˌ]", "", symbols)
    return [x for c in plain for x in LABELS.ipa_for(wide.get(c, c))]


def _reading(
    model: Kokoro, line: str, voice: str, labels: list[str], english: bool, speed: float
) -> Speech | None:
    samples = model.say(line, model.styles[voice], speed)
    if samples is None:
        return None
    return Speech(samples, [labels], list(LABELS.arpabet_for("".join(labels))) if english else None)
