"""Who says their name: how often the right person comes first, and a stranger is taken for one.

    python -m benchmarks.identifying                # figures of docs/identifying.md
    python -m benchmarks.identifying --many 10000   # time and memory in a large space
    python -m benchmarks.identifying --tune         # fits what namemem.identifying has, on dev

Common given names (`identifying_names.txt`) are known as their spelling predicts. Flite and
espeak-ng say them in voices of the split, every fourth clip in another reading of the spelling,
two thirds in noise of 20 or 10 dB. The embedded engines listen, without knowing any spelling. Each
clip is heard in spaces with its speaker and in spaces without. Needs flite and espeak-ng.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.synthesis import CARRIERS
from namemem.asr import create_transcriber
from namemem.audio import SAMPLE_RATE, Waveform, decode
from namemem.errors import HearingError
from namemem.g2p import Candidates
from namemem.identifying import Verdicts, Weighed, by_distance, regressors, verdicts_of, weigh
from namemem.introductions import Ear, Hints
from namemem.people import Reading
from namemem.phone_recognition import create
from namemem.phones import Pronunciation
from namemem.phones.arpabet import arpabet_of_unit
from namemem.phones.nearest import Sounds
from namemem.store.documents import pronunciation_to_text
from namemem.tts.preview import EspeakPreview

NAMES = Path(__file__).with_name("identifying_names.txt")
VOICES = {
    "dev": ("flite kal", "flite awb", "espeak f3", "espeak Andy", "espeak steph"),
    "test": ("flite rms", "flite slt", "espeak f5", "espeak Alicia", "espeak michael"),
}
"""Training has heard awb and slt; the others of `test` nobody has."""
SPACES = ("50 people", "50 of similar names", "500 people")
_WORDS = {
    "hi": "hh ay", "hello": "hh ax l ow", "my": "m ay", "name": "n ey m", "is": "ih z",
    "i'm": "ay m", "i": "ay", "am": "ae m", "call": "k ao l", "me": "m iy", "this": "dh ih s",
}  # fmt: skip


@dataclass(frozen=True)
class Known:
    """The names, each sound once: what they are called and how that is stored."""

    spellings: tuple[str, ...]
    said: tuple[Pronunciation, ...]
    texts: tuple[str, ...]

    @classmethod
    def read(cls, g2p: Candidates) -> Known:
        """From the file."""
        found: dict[tuple[str, ...], tuple[str, Pronunciation]] = {}
        for spelling in NAMES.read_text().split():
            said = g2p.predict(spelling)
            if said is not None:
                found.setdefault(said.segmental, (spelling, said))
        spellings, said_all = zip(*found.values(), strict=True)
        return cls(spellings, said_all, tuple(pronunciation_to_text(p) for p in said_all))


@dataclass(frozen=True)
class Space:
    """Indices of the people in it, and whether the speaker is among them."""

    kind: str
    people: tuple[int, ...]
    inside: bool


@dataclass(frozen=True)
class Trial:
    """What came of one clip in one space."""

    space: Space
    speaker: int
    otherwise: bool
    weighed: Weighed | None
    by_distance: Verdicts
    readings: tuple[Reading, ...]
    texts: tuple[str, ...]

    @cached_property
    def verdicts(self) -> Verdicts:
        """What the product answers."""
        if self.weighed is None:
            return self.by_distance
        return verdicts_of(self.weighed, self.readings, self.texts)


class Overhearing(Ear):
    """Judges one recording in several spaces; `identify` wants any known sound."""

    spaces: Sequence[Space] = ()
    known: Known
    found: list[tuple[Space, Weighed | None, Verdicts, tuple[Reading, ...], tuple[str, ...]]]

    def judge(self, listening, place, evidence, readings, known):  # type: ignore[no-untyped-def]
        """As an ear does, space by space."""
        self.found = []
        where = (listening, place.span, place.context, evidence, readings)
        for space in self.spaces:
            texts = tuple(self.known.texts[i] for i in space.people)
            weighed = None
            if not place.only_letters:
                weighed = weigh(*where, texts, self.recognizer.scoring)
            self.found.append((space, weighed, by_distance(readings, texts), readings, texts))
        return Verdicts()


def say(voice: str, carrier: str, said: Pronunciation, rng: random.Random) -> Waveform:
    """A carrier phrase and a name, by flite's phones or espeak-ng's mnemonics."""
    engine, _, name = voice.partition(" ")
    words = carrier.partition("{}")[0].lower().replace(",", "").split()
    if engine == "espeak":
        parts = [carrier.partition("{}")[0], said] if words else [said]
        heard = decode(EspeakPreview().speak(parts, f"en-us+{name}")).samples
        gap = np.zeros(SAMPLE_RATE // 5, np.float32)
        return Waveform(np.concatenate([gap, heard, gap]))
    phones = [p for word in words for p in _WORDS[word].split()]
    for unit in (u for syllable in said.syllables for u, _ in syllable.units()):
        schwa = unit[0].base == "ə" and len(unit) == 1
        phones += ["ax"] if schwa else [t.lower() for t in arpabet_of_unit(unit)[0]]
    with tempfile.NamedTemporaryFile(suffix=".wav") as out:
        subprocess.run(
            ["flite", "-voice", name, "--setf", f"duration_stretch={rng.uniform(0.9, 1.2)}",
             "-p", " ".join(["pau", *phones, "pau"]), "-o", out.name],
            capture_output=True, check=True,
        )  # fmt: skip
        return decode(Path(out.name).read_bytes())


def noisy(clip: Waveform, level: float | None, seed: int) -> Waveform:
    """The clip in white noise of that many dB below it."""
    if level is None:
        return clip
    noise = np.random.default_rng(seed).normal(0.0, 1.0, len(clip.samples))
    loudness = float(np.sqrt(np.mean(clip.samples**2))) / 10 ** (level / 20)
    mixed = clip.samples + loudness * noise
    return Waveform((mixed / max(1.0, float(np.abs(mixed).max()))).astype(np.float32))


def spaces(known: Known, speaker: int, rng: random.Random) -> list[Space]:
    """One space of each kind with the speaker and one without."""
    others = [i for i in range(len(known.texts)) if i != speaker]
    distances = Sounds(known.texts).distances(known.said[speaker])
    alike = sorted(others, key=lambda i: float(distances[i]))
    found = []
    for kind in SPACES:
        for inside in (True, False):
            size = int(kind.split()[0]) - inside
            people = alike[:size] if "similar" in kind else rng.sample(others, size)
            found.append(Space(kind, (*people, *([speaker] if inside else [])), inside))
    return found


def run(split: str, clips: int) -> tuple[list[Trial], int]:
    """Trials, and how many clips were refused (nobody gives a name)."""
    rng = random.Random(split)
    ear = Overhearing(create_transcriber("sphinx"), create("compact"), Candidates())
    ear.load()
    ear.known = known = Known.read(Candidates())
    carriers = [c for c in CARRIERS if c.endswith("{}")]
    trials: list[Trial] = []
    refused = 0
    for turn, speaker in enumerate(rng.sample(range(len(known.texts)), clips)):
        stored = known.said[speaker]
        readings = [c.pronunciation for c in ear.g2p.candidates(known.spellings[speaker])[:4]]
        others = [r for r in readings if r.segmental != stored.segmental]
        otherwise = turn % 4 == 3 and bool(others)
        ear.spaces = spaces(known, speaker, rng)
        voice = VOICES[split][turn % len(VOICES[split])]
        carrier = carriers[turn % len(carriers)]
        try:
            clip = say(voice, carrier, others[0] if otherwise else stored, rng)
        except (ValueError, KeyError, subprocess.CalledProcessError):
            continue  # a phone that the voice has not
        level = (None, 20.0, 10.0)[turn % 3]
        try:
            ear.identify(noisy(clip, level, turn), Hints(asked=True), known.texts[:1])
        except HearingError:
            refused += 1
            continue
        trials += [Trial(space, speaker, otherwise, *rest) for space, *rest in ear.found]
    return trials, refused


def figures(trials: Sequence[Trial]) -> dict[str, dict[str, float]]:
    """By kind of space: shares in [0, 1] of clips."""
    found: dict[str, dict[str, float]] = {}
    for kind in SPACES:
        there = [t for t in trials if t.space.kind == kind and t.space.inside]
        strange = [t for t in trials if t.space.kind == kind and not t.space.inside]
        same = [t for t in there if not t.otherwise]
        placed = [t for t in there if t.weighed is not None and t.weighed.signs.placed]
        sure = [t for t in trials if t.space.kind == kind and _first(t.verdicts)[1] > 0.5]
        found[kind] = {
            "clips": len(there),
            "right person first": _share([_right(t, t.verdicts) for t in there]),
            "… by distances alone": _share([_right(t, t.by_distance) for t in there]),
            "… said as it is stored": _share([_right(t, t.verdicts) for t in same]),
            "… behind a carrier phrase": _share([_right(t, t.verdicts) for t in placed]),
            "right person among three": _share(
                [t.speaker in [t.space.people[v.index] for v in t.verdicts.known[:3]]
                 for t in there]
            ),
            "known, right, above 0.5": _share(
                [_right(t, t.verdicts) and _first(t.verdicts)[1] > 0.5 for t in there]
            ),
            "stranger, match above 0.5": _share([_first(t.verdicts)[1] > 0.5 for t in strange]),
            "mean of those probabilities above 0.5": _share(
                [_first(t.verdicts)[1] for t in sure]
            ),
            "… how many of them are right": _share([_right(t, t.verdicts) for t in sure]),
        }  # fmt: skip
    return found


def _first(verdicts: Verdicts) -> tuple[int, float]:
    best = verdicts.known[0] if verdicts.known else None
    return (-1, 0.0) if best is None else (best.index, best.probability)


def _right(trial: Trial, verdicts: Verdicts) -> bool:
    index = _first(verdicts)[0]
    return index >= 0 and trial.space.people[index] == trial.speaker


def _share(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 3) if values else 0.0


def tune(trials: Sequence[Trial]) -> dict[str, list[float]]:
    """Fits familiarity (with and without a carrier phrase) and sharpness by log-loss."""
    from scipy.optimize import minimize, minimize_scalar

    weighed = [(t, t.weighed) for t in trials if t.weighed is not None]
    found: dict[str, list[float]] = {}
    for placed in (True, False):
        some = [(t, w.signs) for t, w in weighed if w.signs.placed is placed]
        if not some:
            continue
        x = np.array([regressors(signs) for _, signs in some])
        y = np.array([float(t.space.inside) for t, _ in some])
        loss = partial(_log_loss, x, y)
        fitted = minimize(loss, np.zeros(x.shape[1])).x
        found[f"familiarity, {'placed' if placed else 'not placed'}, {len(y)} trials"] = [
            round(float(one), 3) for one in fitted
        ]
    inside = [
        (w.nats, [t.space.people[i] for i in w.indices].index(t.speaker))
        for t, w in weighed
        if t.space.inside and t.speaker in [t.space.people[i] for i in w.indices]
    ]

    def missed(sharpness: float) -> float:
        """Negative log-probability of the right ones, none counting as worse than e^-9."""
        each = [np.logaddexp.reduce(sharpness * n) - sharpness * n[place] for n, place in inside]
        return float(np.minimum(each, 9.0).sum())

    found["sharpness"] = [round(float(minimize_scalar(missed, bounds=(0.05, 3.0)).x), 3)]
    return found


def _log_loss(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]
) -> float:
    odds = x @ weights
    return float((np.logaddexp(0.0, odds) - y * odds).mean() + 1e-3 * (weights[1:] ** 2).sum())


def many(people: int) -> dict[str, float]:
    """Seconds and memory of one recording in a large space of made-up names, and in one of 50."""
    g2p = Candidates()
    ear = Ear(create_transcriber("sphinx"), create("compact"), g2p)
    ear.load()
    known = Known.read(g2p)
    rng = random.Random(1)
    texts = list(known.texts)
    while len(texts) < people:
        texts.append(f"{rng.choice(known.texts)} {rng.choice(known.texts)}")
    clip = say("flite rms", "my name is {}", known.said[0], rng)

    def timed(sounds: Sequence[str]) -> float:
        ear.identify(clip, Hints(asked=True), sounds)
        began = time.perf_counter()
        hearing, _, _ = ear.identify(clip, Hints(asked=True), sounds)
        found[f"seconds with {len(sounds)}"] = round(time.perf_counter() - began, 3)
        return hearing.timings_ms["identify"] / 1000

    found: dict[str, float] = {}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for sounds in (texts[:50], texts[:people]):
        found[f"… of them matching {len(sounds)}"] = round(timed(sounds), 3)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found["MB more at the peak"] = round((after - before) / 1024, 1)
    return found


def main() -> None:
    """Prints figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=sorted(VOICES), default="test")
    parser.add_argument("--clips", type=int, default=100)
    parser.add_argument("--tune", action="store_true", help="fit on the split dev")
    parser.add_argument("--many", type=int, metavar="PEOPLE", help="time a large space instead")
    args = parser.parse_args()
    if args.many:
        print(json.dumps(many(args.many), indent=1, ensure_ascii=False))
        return
    trials, refused = run("dev" if args.tune else args.split, args.clips)
    result = tune(trials) if args.tune else figures(trials)
    print(json.dumps({"refused": refused, **result}, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
