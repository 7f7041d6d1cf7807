"""The recordings that are measured: real ones from a folder, and sound that is no introduction.

Synthesised introductions are made in `synthesis.py`; here is what both share, and how a clip is
made worse (noise, babble, a room).
"""

from __future__ import annotations

import csv
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from namemem.audio import SAMPLE_RATE, Waveform, decode
from namemem.phones import Pronunciation, from_arpabet
from training.augment import add_noise, babble, coloured_noise, room

Samples = npt.NDArray[np.float32]

LEVELS: tuple[float | None, ...] = (None, 20.0, 10.0, 5.0)
"""Signal-to-noise ratios in dB; None is clean."""

ACCENT_VARIANTS: dict[str, tuple[str, ...]] = {
    "Jarvis": ("JH AA R V IH S", "JH AA V IH S", "JH AA R V AH S", "JH AA V AH S"),
    "Athena": ("AH TH IY N AH", "AE TH IY N AH", "AA TH IY N AH"),
    "Alexa": (
        "AH L EH K S AH", "AA L EH K S AA", "AE L EH K S AH", "AA L EH K S AH", "AH L EH K S AA",
    ),
    "Amelia": (
        "AH M IY L Y AH", "AH M IY L IY AH", "AA M IY L IY AA", "AH M EH L IY AH",
        "AA M IY L IY AH", "AE M IY L IY AH", "AA M EY L IY AH", "AH M EH L Y AH",
        "AA M IY L Y AH",
    ),
}  # fmt: skip
"""What else speakers of the real clips plausibly say: no R in Jarvis, full vowels for schwas.

The manifest has dictionary phones, not transcriptions; a fixed list, made before any tuning.
"""


@dataclass(frozen=True, slots=True)
class Clip:
    """One recording with what is known about it.

    Attributes:
        key: unique within a run, the same from run to run.
        group: `real`, `synth`, `espeak_en`, `espeak_native`, `no_name`, `spelled`, `nonspeech`.
        samples: float32 [n], mono, 16 kHz.
        spelling: of the name; for what has none, a wrong one that a caller might give.
        said: the name as it was said, or None where nobody says one.
        tokens: its phones in `notation`, what an answer is compared with.
        notation: `arpabet`, or `ipa` (the labels of the IPA output) for names beyond English.
        carrier: the words with `{}` where the name goes.
        span: start and end of the name in seconds, where the synthesiser tells them.
        rivals: the other readings of the same spelling, in the notation of `tokens`.
        crossing: readings in the other language: anglicised for native, native for English.
        voice: who says it.
        level: signal-to-noise ratio in dB; None is clean.
        accepted: answers in ARPABET that an accent makes right as well.
    """

    key: str
    group: str
    samples: Samples
    spelling: str = ""
    said: Pronunciation | None = None
    tokens: tuple[str, ...] = ()
    notation: str = "arpabet"
    carrier: str = "{}"
    span: tuple[float, float] | None = None
    rivals: tuple[Pronunciation, ...] = ()
    crossing: tuple[Pronunciation, ...] = ()
    voice: str = ""
    level: float | None = None
    accepted: tuple[str, ...] = field(default=())

    @property
    def waveform(self) -> Waveform:
        """The recording as the product takes it."""
        return Waveform(self.samples)

    @property
    def seed(self) -> int:
        """A number that is the clip's own, for noise that is the same in every run."""
        return zlib.crc32(self.key.encode())


def degrade(clip: Clip, level: float, others: Sequence[Samples]) -> Clip:
    """The clip at a signal-to-noise ratio; every second one in a small room, every third in babble.

    Args:
        clip: a clean one.
        level: dB, measured against the louder half of the speech.
        others: clean speech that the babble is made of.
    """
    rng = np.random.default_rng([clip.seed, int(level)])
    samples = clip.samples
    if clip.seed % 2:
        samples = room(samples, rng, 0.3, 2.0)
    if clip.seed % 3 == 0 and others:
        noise = babble(len(samples), rng, others)
    else:
        noise = coloured_noise(len(samples), rng)
    noisy = add_noise(samples, noise, level)
    noisy = noisy / max(1.0, float(np.abs(noisy).max()))
    return replace(
        clip, key=f"{clip.key} {level:g} dB", samples=noisy.astype(np.float32), level=level
    )


def at_levels(clips: Sequence[Clip], levels: Sequence[float | None]) -> list[Clip]:
    """Every clip at every level."""
    others = [c.samples for c in clips[::7]]
    return [
        clip if level is None else degrade(clip, level, others)
        for level in levels
        for clip in clips
    ]


def real_names(folder: Path) -> list[Clip]:
    """Real people saying one of four names (`names_real` of the speech folder)."""
    found = []
    for row in _manifest(folder, "names_real/"):
        tokens = tuple(row["phones_arpabet"].split())
        found.append(
            Clip(
                row["file"],
                "real",
                decode(folder / row["file"]).samples,
                row["words"],
                from_arpabet(row["phones_arpabet"]),
                tokens,
                voice=row["source_path"],
                accepted=ACCENT_VARIANTS.get(row["words"], ()),
            )
        )
    return found


def without_names(folder: Path, wrong: Sequence[str]) -> list[Clip]:
    """Real sentences in which nobody gives a name; callers might give a `wrong` spelling."""
    return [
        Clip(
            row["file"],
            "no_name",
            decode(folder / row["file"]).samples,
            wrong[i % len(wrong)],
            carrier=row["words"],
        )
        for i, row in enumerate(_manifest(folder, "no_name/"))
    ]


def spelled_names(folder: Path) -> list[Clip]:
    """Real people spelling their names aloud."""
    return [
        Clip(row["file"], "spelled", decode(folder / row["file"]).samples, row["words"])
        for row in _manifest(folder, "names_spelled/")
    ]


def nonspeech(wrong: Sequence[str], count: int = 24, seed: int = 7) -> list[Clip]:
    """Silence, noises, hum, clicks and chords like music, two seconds each; all made here."""
    rng = np.random.default_rng(seed)
    makers = (_silence, _noise, _hum, _clicks, _chords, _melody)
    clips = []
    for i in range(count):
        maker = makers[i % len(makers)]
        samples = maker(2 * SAMPLE_RATE, rng).astype(np.float32)
        name = f"nonspeech/{maker.__name__.strip('_')}_{i}"
        clips.append(Clip(name, "nonspeech", samples, wrong[i % len(wrong)]))
    return clips


def _manifest(folder: Path, prefix: str) -> list[dict[str, str]]:
    path = folder / "manifest.tsv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [r for r in csv.DictReader(file, delimiter="\t") if r["file"].startswith(prefix)]


def _silence(n: int, rng: np.random.Generator) -> Samples:
    return (rng.standard_normal(n) * 10 ** rng.uniform(-5, -3.5)).astype(np.float32)


def _noise(n: int, rng: np.random.Generator) -> Samples:
    noise = coloured_noise(n, rng)
    return np.asarray(noise / np.abs(noise).max() * rng.uniform(0.1, 0.8), np.float32)


def _hum(n: int, rng: np.random.Generator) -> Samples:
    t = np.arange(n) / SAMPLE_RATE
    base = float(rng.choice((50.0, 60.0, 120.0)))
    tone = sum(np.sin(2 * np.pi * base * k * t) / k for k in range(1, 8))
    return (0.15 * np.asarray(tone) + rng.standard_normal(n) * 1e-3).astype(np.float32)


def _clicks(n: int, rng: np.random.Generator) -> Samples:
    out = rng.standard_normal(n) * 1e-3
    for at in rng.integers(0, n - 400, 9):
        out[at : at + 400] += rng.standard_normal(400) * np.exp(-np.arange(400) / 60) * 0.5
    return np.clip(out, -1, 1).astype(np.float32)


def _chords(n: int, rng: np.random.Generator) -> Samples:
    t = np.arange(n) / SAMPLE_RATE
    out = np.zeros(n)
    for start in range(0, n, n // 4):
        root = 110.0 * 2 ** (rng.integers(0, 24) / 12)
        inside = (t >= start / SAMPLE_RATE) * np.exp(-1.5 * np.maximum(0, t - start / SAMPLE_RATE))
        for step in (0, 4, 7):
            pitch = root * 2 ** (step / 12)
            out += inside * sum(np.sin(2 * np.pi * pitch * k * t) / k**1.5 for k in range(1, 6))
    played: Samples = np.asarray(0.5 * out / np.abs(out).max(), np.float32)
    return played


def _melody(n: int, rng: np.random.Generator) -> Samples:
    t = np.arange(n) / SAMPLE_RATE
    notes = 220.0 * 2 ** (rng.integers(0, 18, 9) / 12)
    pitch = notes[np.minimum((t * 4).astype(int), 8)]
    phase = 2 * np.pi * np.cumsum(pitch * (1 + 0.01 * np.sin(2 * np.pi * 5.5 * t))) / SAMPLE_RATE
    tone = sum(np.sin(k * phase) / k for k in range(1, 8))
    envelope = 0.3 + 0.7 * np.abs(np.sin(2 * np.pi * 2 * t))
    sung: Samples = np.asarray(0.2 * np.asarray(tone) * envelope, np.float32)
    return sung
