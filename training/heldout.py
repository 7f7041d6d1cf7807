"""What training never hears, and the proof of it.

`heldout.toml` names the people and voices of the development and test splits. `excluded_*` are what
the synthesis asks before it makes a clip; `violations` checks a finished corpus.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from namemem.phone_recognition.whisper_ctc import PhoneLabels

HELDOUT_FILE = Path(__file__).with_name("heldout.toml")


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to say a name: `language` is `en` or an espeak-ng voice; `ipa` has stress marks."""

    language: str
    ipa: str


@dataclass(frozen=True, slots=True)
class HeldOutName:
    """A name of the development or test split."""

    spelling: str
    split: str
    voice: str
    native: str
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class HeldOut:
    """The held-out names and voices."""

    names: tuple[HeldOutName, ...]
    voices: dict[str, dict[str, tuple[str, ...]]]

    def voices_of(self, engine: str, split: str | None = None) -> frozenset[str]:
        """Held-out voices of `flite`, `festival` or `espeak_variants`; of both splits if None."""
        splits = [split] if split else list(self.voices)
        return frozenset(v for s in splits for v in self.voices[s].get(engine, ()))

    @cached_property
    def spellings(self) -> frozenset[str]:
        """All spellings, folded."""
        both = [n.spelling for n in self.names] + [n.native for n in self.names if n.native]
        return frozenset(fold(s) for s in both)

    @cached_property
    def arpabet(self) -> frozenset[tuple[str, ...]]:
        """All readings projected on ARPABET."""
        labels = PhoneLabels.read()
        return frozenset(
            tuple(p for s in segments(r.ipa) for p in labels.arpabet_for(s))
            for n in self.names
            for r in n.readings
        )

    @cached_property
    def ipa(self) -> frozenset[tuple[str, ...]]:
        """All readings in labels of the IPA output."""
        labels = PhoneLabels.read()
        return frozenset(
            tuple(p for s in segments(r.ipa) for p in labels.ipa_for(s))
            for n in self.names
            for r in n.readings
        )

    def excludes_text(self, text: str) -> bool:
        """True if any word of the text is a held-out name."""
        words = "".join(c if c.isalpha() or unicodedata.combining(c) else " " for c in text).split()
        return any(fold(w) in self.spellings for w in words)

    def excludes_word(self, ipa: Iterable[str] = (), arpabet: Iterable[str] = ()) -> bool:
        """True if the word's phones are those of a held-out reading."""
        return tuple(ipa) in self.ipa or tuple(p.rstrip("012") for p in arpabet) in self.arpabet


def fold(text: str) -> str:
    """Case and accents removed: `José` → `jose`."""
    plain = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def segments(ipa: str) -> list[str]:
    """Split an IPA string of `heldout.toml` into segments; diphthongs and affricates stay whole."""
    units = ("tʃ", "dʒ", "ts", "dz", "tɕ", "dʑ", "tʂ", "ʈʂ", "aɪ", "aʊ", "eɪ", "oʊ", "ɔɪ", "əʊ")
    text = unicodedata.normalize("NFD", ipa.replace("ʈʂ", "tʂ")).replace("\u0361", "")
    text = "".join(c for c in text if c not in "ˈˌː.")
    out: list[str] = []
    at = 0
    while at < len(text):
        size = 2 if text[at : at + 2] in units else 1
        piece = text[at : at + size]
        if out and (unicodedata.combining(piece[0]) or unicodedata.category(piece[0]) == "Lm"):
            out[-1] += piece
        else:
            out.append(piece)
        at += size
    return out


@lru_cache(maxsize=1)
def held_out(path: Path = HELDOUT_FILE) -> HeldOut:
    """Read `heldout.toml`."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    names = tuple(
        HeldOutName(
            n["spelling"], n["split"], n["voice"], n["native"],
            tuple(Reading(r["language"], r["ipa"]) for r in n["readings"]),
        )
        for n in raw["name"]
    )  # fmt: skip
    voices = {
        split: {engine: tuple(v) for engine, v in engines.items()}
        for split, engines in raw["voices"].items()
    }
    return HeldOut(names, voices)


def violations(clips: Iterable[dict[str, object]]) -> list[str]:
    """Everything in a corpus that should not be there; `clips` are rows of its `clips.jsonl`.

    A row has `engine`, `voice`, `variant`, `text`, `words` (the IPA labels of each word, as they
    were spoken) and `items` (ARPABET of each word that was asked for); what is missing is not
    checked, so that the jobs of `training.synthesize` can be checked before they make a sound.
    """
    out = held_out()
    found: list[str] = []
    for clip in clips:
        name = f"{clip['engine']} {clip['voice']} {clip.get('variant') or ''}: {clip['text']!r}"
        engine = str(clip["engine"])
        if engine in ("flite", "festival") and clip["voice"] in out.voices_of(engine):
            found.append(f"held-out voice: {name}")
        if clip.get("variant") in out.voices_of("espeak_variants"):
            found.append(f"held-out voice: {name}")
        if out.excludes_text(str(clip["text"])):
            found.append(f"held-out name: {name}")
        words = clip.get("words")
        if isinstance(words, list) and any(tuple(w) in out.ipa for w in words):
            found.append(f"held-out phones: {name}")
        items = clip.get("items")
        if isinstance(items, list) and any(out.excludes_word(arpabet=i) for i in items):
            found.append(f"held-out phones: {name}")
    return found
