"""Held-out speech: the names of `heldout.toml` by the voices of the same split."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from training import material, speakers
from training.heldout import HeldOutName, held_out, segments
from training.speakers import LABELS, Speech

Job = tuple[dict[str, object], Callable[[], Speech | None]]
CARRIERS = ("hi, my name is {}", "my name is {}", "I'm {}", "hello, I am {}", "call me {}",
            "this is {}", "{}")  # fmt: skip


def english_phones(name: HeldOutName) -> list[list[str]]:
    """The English readings in ARPABET."""
    return [
        [p for s in segments(r.ipa) for p in _phones(s)]
        for r in name.readings
        if r.language == "en"
    ]


def carrier_phones(carrier: str, name: list[str]) -> str:
    """`pau hh ay …`: a carrier and a name for flite or festival."""
    lexicon = dict(material.cmudict())
    small = {"i'm": ("AY", "M"), "hi": ("HH", "AY"), "my": ("M", "AY"), "is": ("IH", "Z"),
             "i": ("AY",), "am": ("AE", "M"), "me": ("M", "IY")}  # fmt: skip
    said: list[str] = []
    for word in re.findall(r"\{\}|[a-z']+", carrier.lower()):
        phones = name if word == "{}" else small.get(word) or lexicon[word]
        said += ["ax" if p == "AH0" else p.rstrip("012").lower() for p in phones]
    return " ".join(["pau", *said, "pau"])


def heldout_jobs(split: str, festival_dir: Path, seed: int) -> Iterator[Job]:
    """English readings by flite and festival in exact phones; both readings by espeak-ng."""
    out, rng = held_out(), random.Random(seed + 10)
    names = [n for n in out.names if n.split == split]
    flite = sorted(out.voices_of("flite", split))
    variants = sorted(out.voices_of("espeak_variants", split))
    requests: list[tuple[str, str]] = []
    owners: list[HeldOutName] = []
    for name in names:
        for phones in english_phones(name):
            for voice in flite:
                said = carrier_phones(rng.choice(CARRIERS), phones)
                row = {"engine": "flite", "voice": voice, "kind": "phones", "split": split,
                       "text": said, "name": name.spelling}  # fmt: skip
                stretch = rng.uniform(0.9, 1.2)
                yield row, lambda v=voice, s=said, x=stretch: speakers.flite(v, x, 110, phones=s)
            requests.append(("phones", carrier_phones(rng.choice(CARRIERS), phones)))
            owners.append(name)
        for voice, spelling in (("en-us", name.spelling), (name.voice, name.native)):
            if not voice or not spelling:
                continue
            for variant in rng.sample(variants, 3):
                row = {"engine": "espeak", "voice": voice, "variant": variant, "kind": "name",
                       "split": split, "text": spelling, "name": name.spelling}  # fmt: skip
                rest = (variant, rng.randint(130, 180), rng.randint(35, 65))
                yield row, lambda a=(spelling, voice, *rest): speakers.espeak(*a)
    for voice in sorted(out.voices_of("festival", split)):
        made = speakers.festival(requests, voice, festival_dir)
        for (kind, what), speech, owner in zip(requests, made, owners, strict=True):
            row = {"engine": "festival", "voice": voice, "kind": kind, "split": split, "text": what,
                   "name": owner.spelling}  # fmt: skip
            yield row, lambda s=speech: s


def _phones(segment: str) -> tuple[str, ...]:
    """ARPABET of a segment, with schwa kept apart as AH0."""
    return ("AH0",) if segment == "ə" else LABELS.arpabet_for(segment)
