"""Synthesised introductions with known phones: held-out names, by voices no training has heard.

    flite      English readings, phone by phone, with the times of every phone
    festival   the same by diphones (where the split has a voice that is installed)
    espeak_en  English readings in espeak-ng's mnemonics, with stress, in the split's variants
    native     the name by the rules of its own language, behind an English carrier in one voice

Needs the programs flite and espeak-ng (and, for the native ones, the module `training`).
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from benchmarks.clips import Clip, Samples
from benchmarks.judging import tokens
from namemem.audio import SAMPLE_RATE, decode
from namemem.phone_recognition.spoken import as_ipa
from namemem.phones import Pronunciation, parse_ipa, to_espeak
from namemem.phones.arpabet import arpabet_of_unit
from namemem.tts.preview import EspeakPreview
from training.heldout import HeldOutName, held_out
from training.speakers import espeak, read_wav, trim
from training.synthesize import FLITE_VOICES, VARIANTS

CARRIERS = (
    "hi, my name is {}",
    "I'm {}",
    "my name is {}",
    "call me {}",
    "hello, I am {}",
    "this is {}",
    "{}",
    "my name is {}, nice to meet you",
)
PER_READING = 2
"""How many carriers each reading is said in; all are used in turn."""

_WORDS = {
    "hi": "hh ay", "hello": "hh ax l ow", "my": "m ay", "name": "n ey m", "is": "ih z",
    "i'm": "ay m", "i": "ay", "am": "ae m", "call": "k ao l", "me": "m iy", "this": "dh ih s",
    "nice": "n ay s", "to": "t ax", "meet": "m iy t", "you": "y uw",
}  # fmt: skip
Job = Callable[[], Clip | None]


def introductions(split: str, threads: int = 2, *, heard_voices: bool = False) -> list[Clip]:
    """All synthesised introductions of a split; the same in every run.

    With `heard_voices` the split's names are said by voices that training hears (saying other
    names), in as many clips: what an unknown voice costs is the difference.
    """
    jobs = list(_jobs(split, heard_voices))
    with ThreadPoolExecutor(threads) as pool:
        return [clip for clip in pool.map(lambda job: job(), jobs) if clip is not None]


def _jobs(split: str, heard_voices: bool) -> Iterator[Job]:
    out, rng = held_out(), random.Random(split)
    voices = sorted(out.voices_of("flite", split))
    variants = _variants(out.voices_of("espeak_variants", split))
    if heard_voices:
        voices = list(FLITE_VOICES)[: len(voices)]
        known = _variants(frozenset(VARIANTS) - {""})
        variants = known[:: len(known) // len(variants)][: len(variants)]
    turn = 0
    for name in (n for n in out.names if n.split == split):
        english = [parse_ipa(r.ipa) for r in name.readings if r.language == "en"]
        native = [parse_ipa(r.ipa) for r in name.readings if r.language != "en"]
        for said in english:
            for voice in voices:
                for _ in range(PER_READING):
                    turn += 1
                    yield _flite_job(name, said, english, native, voice, turn, rng)
            variant = variants[(turn // PER_READING) % len(variants)]
            for _ in range(PER_READING):
                turn += 1
                yield _espeak_job(name, said, english, native, variant, turn)
        if name.native:
            variant = variants[(turn // PER_READING) % len(variants)]
            for _ in range(PER_READING):
                turn += 1
                yield _native_job(name, english, variant, turn, rng)


def _variants(wanted: frozenset[str]) -> list[str]:
    """espeak-ng's variants as their files are called. Raises KeyError if one is not installed."""
    found = subprocess.run(
        ["espeak-ng", "--voices=variant"], capture_output=True, text=True, check=False
    ).stdout
    files = {v.casefold(): v for v in re.findall(r"!v/(\S+)", found)}
    return [files[v.casefold()] for v in sorted(wanted)]


def _clip(
    name: HeldOutName, group: str, said: Pronunciation, samples: Samples, carrier: str, voice: str,
    english: list[Pronunciation], native: list[Pronunciation],
    span: tuple[float, float] | None = None,
) -> Clip:  # fmt: skip
    phones = tokens(said, "arpabet")
    rivals = tuple(r for r in english if tokens(r, "arpabet") != phones)
    return Clip(
        f"{group}/{name.spelling} {said.ipa} {voice} {carrier}", group, samples, name.spelling,
        said, phones, carrier=carrier, span=span, rivals=rivals, crossing=tuple(native),
        voice=voice,
    )  # fmt: skip


def _flite_job(
    name: HeldOutName, said: Pronunciation, english: list[Pronunciation],
    native: list[Pronunciation], voice: str, turn: int, rng: random.Random,
) -> Job:  # fmt: skip
    carrier, stretch = CARRIERS[turn % len(CARRIERS)], rng.uniform(0.9, 1.2)

    def say() -> Clip | None:
        before, own, after = _phones(carrier, said)
        spoken = _flite(voice, stretch, [*before, *own, *after])
        if spoken is None:
            return None
        samples, ends = spoken
        # The pause before everything ends at ends[0].
        first, last = ends[len(before)], ends[len(before) + len(own)]
        return _clip(
            name, "synth", said, samples, carrier, f"flite {voice}", english, native,
            (first, last),
        )  # fmt: skip

    return say


def _phones(carrier: str, said: Pronunciation) -> tuple[list[str], list[str], list[str]]:
    """The phones for flite before the name, of the name, and after it."""
    before, _, after = carrier.lower().partition("{}")
    own: list[str] = []
    for unit in (u for syllable in said.syllables for u, _ in syllable.units()):
        schwa = unit[0].base == "ə" and len(unit) == 1
        own += ["ax"] if schwa else [t.lower() for t in arpabet_of_unit(unit)[0]]
    around = [
        [p for word in re.findall(r"[a-z']+", part) for p in _WORDS[word].split()]
        for part in (before, after)
    ]
    return around[0], own, around[1]


def _flite(voice: str, stretch: float, phones: list[str]) -> tuple[Samples, list[float]] | None:
    """Samples, and when each phone ends (the pause before them first)."""
    if shutil.which("flite") is None:
        return None
    with tempfile.NamedTemporaryFile(suffix=".wav") as out:
        done = subprocess.run(
            ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch}", "-psdur",
             "-p", " ".join(["pau", *phones, "pau"]), "-o", out.name],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            return None
        ends = [float(item.split(":")[1]) for item in done.stdout.split()]
        if len(ends) != len(phones) + 2:
            return None
        return _float(read_wav(Path(out.name))), ends


def _espeak_job(
    name: HeldOutName, said: Pronunciation, english: list[Pronunciation],
    native: list[Pronunciation], variant: str, turn: int,
) -> Job:  # fmt: skip
    carrier = CARRIERS[turn % len(CARRIERS)]

    def say() -> Clip | None:
        voice = f"en-us+{variant}"
        if to_espeak(said, "en-us").substitutions:
            return None
        before, _, after = carrier.partition("{}")
        parts = [p for p in (before, said, after) if p]
        samples = _padded(decode(EspeakPreview().speak(parts, voice)).samples)
        return _clip(name, "espeak_en", said, samples, carrier, voice, english, native)

    return say


def _native_job(
    name: HeldOutName, english: list[Pronunciation], variant: str, turn: int, rng: random.Random
) -> Job:
    ending = [c for c in CARRIERS if c.endswith("{}")]
    carrier, speed, pitch = ending[turn % len(ending)], rng.randint(130, 175), rng.randint(35, 65)

    def say() -> Clip | None:
        rest = (variant, speed, pitch)
        own = espeak(name.native, name.voice, *rest)
        if own is None or len(own.words) != 1:
            return None
        parts = [_float(trim(own.samples, 160))]
        words = carrier.partition("{}")[0].strip()
        if words:
            spoken = espeak(words, "en-us", *rest)
            if spoken is None:
                return None
            parts.insert(0, _float(trim(spoken.samples, 160)))
        labels = tuple(own.words[0])
        voice = f"{name.voice}+{variant}"
        said = parse_ipa(as_ipa(labels))
        different = tuple(r for r in english if tokens(r, "ipa") != labels)
        return Clip(
            f"espeak_native/{name.spelling} {voice} {carrier}", "espeak_native",
            _padded(np.concatenate(parts)), name.spelling, said, labels, "ipa", carrier,
            crossing=different, voice=voice,
        )  # fmt: skip

    return say


def _float(samples: np.ndarray) -> Samples:
    return (samples / 32768.0).astype(np.float32)


def _padded(samples: Samples) -> Samples:
    """With a little silence around it: espeak-ng begins and ends abruptly."""
    gap = np.zeros(SAMPLE_RATE // 5, np.float32)
    return np.concatenate([gap, samples, gap]).astype(np.float32)
