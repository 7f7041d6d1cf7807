"""From domain values to what the templates show: syllable blocks, coloured phones, tiles."""

from __future__ import annotations

import difflib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from namemem.dialogue import CONFIRM_FROM, GREET_FROM
from namemem.people import HeardPhone, Hearing, Name, Status
from namemem.phones import Pronunciation, parse_ipa
from namemem.phones.model import Stress
from namemem.phones.respelling import to_respelling
from namemem.reconcile import distinct
from namemem.service import IntroductionView
from namemem.service.answering import ALTERNATIVES
from namemem.service.reviewing import exact_ipa

STATUS_WORDS = {
    Status.HEARD: "heard",
    Status.CONFIRMED: "confirmed",
    Status.CORRECTED: "corrected",
    Status.APPROVED: "approved",
}
STATUS_MEANS = {
    Status.HEARD: "taken from the recording, nobody has agreed yet",
    Status.CONFIRMED: "the person said yes",
    Status.CORRECTED: "somebody changed it",
    Status.APPROVED: "signed off",
}
QUALITY_WORDS = {
    "clipped": "The recording is overdriven.",
    "quiet": "The recording is very quiet.",
    "noisy": "The recording is noisy.",
    "short": "The recording is very short.",
    "another_name": "This is another name than was heard or agreed on before.",
    "two_names": "The speaker gives two names; this is one of them.",
    "unlike_speech": "What was heard there hardly sounds like a voice.",
    "spelling_unlikely": "What was said does not fit the spelling.",
    "transcript_unlikely": "What was said does not fit the word that was written down for it.",
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One sound to pick: `before` + `letters` + `after` is a word, spoken as `word`."""

    ipa: str
    group: str
    before: str
    letters: str
    after: str
    word: str
    note: str

    @property
    def hint(self) -> str:
        """For screen readers: `ee as in see`."""
        note = f" ({self.note})" if self.note else ""
        return f"{self.letters} as in {self.before}{self.letters}{self.after}{note}"


@cache
def tiles() -> tuple[Tile, ...]:
    """All sounds of `sounds.tsv`, IPA in NFC."""
    text = resources.files("namemem.review").joinpath("sounds.tsv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")][1:]
    return tuple(Tile(*unicodedata.normalize("NFC", line).split("\t")) for line in lines)


@cache
def _tile_by_ipa() -> dict[str, Tile]:
    return {tile.ipa: tile for tile in tiles()}


def sound(unit: str, *, vowel: bool) -> dict[str, Any]:
    """One unit of a pronunciation as the editor shows it: IPA, letters, and an example word."""
    ipa = unicodedata.normalize("NFC", unit)
    tile = _tile_by_ipa().get(ipa) or _tile_by_ipa().get(ipa.replace("ː", "").replace("ˑ", ""))
    return {
        "ipa": ipa,
        "vowel": vowel,
        "letters": tile.letters if tile else ipa,
        "hint": tile.hint if tile else f"the sound {ipa}",
    }


def spelled_out(pronunciation: Pronunciation) -> dict[str, Any]:
    """A pronunciation as structure, JSON-serialisable: what the editor works on."""
    return {
        "ipa": pronunciation.ipa,
        "exact": exact_ipa(pronunciation),
        "respelling": to_respelling(pronunciation).value,
        "words": [
            [
                {
                    "stress": int(syllable.stress),
                    "tone": syllable.tone,
                    "units": [
                        sound("".join(p.ipa for p in unit), vowel=nucleus)
                        for unit, nucleus in syllable.units()
                    ],
                }
                for syllable in word
            ]
            for word in pronunciation.words
        ],
    }


def band(confidence: float | None) -> str:
    """`sure`, `unsure` or `doubtful`: what the character does with it. Empty without one."""
    if confidence is None:
        return ""
    if confidence >= GREET_FROM:
        return "sure"
    return "unsure" if confidence >= CONFIRM_FROM else "doubtful"


def colour(confidence: float) -> int:
    """The step of the colour scale of a phone: 0 (a guess) to 4 (clear)."""
    return max(0, min(4, int(confidence * 5)))


def phones(heard: tuple[HeardPhone, ...]) -> list[dict[str, Any]]:
    """Phones where they were heard, for the regions on the waveform."""
    return [
        {
            "ipa": unicodedata.normalize("NFC", p.ipa),
            "start": round(p.start, 3),
            "end": round(p.end, 3),
            "percent": round(p.confidence * 100),
            "colour": colour(p.confidence),
        }
        for p in heard
    ]


def compared(predicted: Pronunciation, heard: Pronunciation) -> list[dict[str, str]]:
    """Unit by unit: what the spelling predicts beside what was heard, stress aside."""
    first = [unicodedata.normalize("NFC", u) for u in predicted.units]
    second = [unicodedata.normalize("NFC", u) for u in heard.units]
    found = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, first, second, False).get_opcodes():
        pairs = max(b - a, d - c)
        for i in range(pairs):
            found.append(
                {
                    "predicted": first[a + i] if a + i < b else "",
                    "heard": second[c + i] if c + i < d else "",
                    "differs": "" if tag == "equal" else "yes",
                }
            )
    return found


def alternatives(hearing: Hearing) -> list[dict[str, Any]]:
    """The other readings, best first."""
    return [
        {
            "exact": exact_ipa(reading.pronunciation),
            "ipa": reading.pronunciation.ipa,
            "respelling": to_respelling(reading.pronunciation).value,
            "percent": round(reading.confidence * 100),
            "source": source_words(reading.source),
        }
        for reading in distinct(hearing.readings, ALTERNATIVES)
    ]


def source_words(source: str) -> str:
    """Where a reading came from, for people."""
    if source == "ear":
        return "heard, no spelling predicts it"
    if source.startswith("cmudict"):
        return "from an English dictionary"
    if source == "person":
        return "typed or chosen"
    if source == "known":
        return "as said in another of their names"
    if source.startswith("g2p:"):
        return f"how {source.removeprefix('g2p:')} reads the spelling"
    return source


def heard_view(view: IntroductionView, name: Name) -> dict[str, Any]:
    """What the person page shows of a recording."""
    hearing = view.introduction.hearing
    chosen = hearing.chosen.pronunciation
    return {
        "id": view.introduction.id,
        "transcript": hearing.transcript,
        "clip": view.introduction.has_clip,
        "start": hearing.start,
        "end": hearing.end,
        "phones": phones(hearing.phones),
        "chosen": chosen.ipa,
        "same": name.pronunciation is not None and name.pronunciation.ipa == chosen.ipa,
        "percent": round(hearing.chosen.confidence * 100),
        "takes": hearing.takes,
        "alternatives": alternatives(hearing),
        "freely": unicodedata.normalize("NFC", hearing.heard_freely),
        "quality": [QUALITY_WORDS.get(flag, flag) for flag in hearing.quality],
        "engines": hearing.engines,
    }


def stressed(level: int) -> bool:
    """Whether a syllable carries the main stress."""
    return level == Stress.PRIMARY


def read_exact(ipa: str) -> Pronunciation:
    """Reads what the editor sends. Raises `InvalidPronunciation`."""
    return parse_ipa(ipa)
