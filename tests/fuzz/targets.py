"""What is fuzzed: bytes from anybody, and what must hold whatever they are.

Each target takes bytes and returns nothing; any exception but those it expects is a finding.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from namemem.audio import SAMPLE_RATE, decode
from namemem.audio.memory import DECODING_BYTES, memory_bounded
from namemem.errors import AudioError, InvalidPronunciation, NamememError
from namemem.phones import Pronunciation, parse_ipa
from namemem.phones.notations import NOTATIONS
from namemem.phones.respelling import READERS, from_respelling, to_respelling

MAX_SECONDS = 5.0
_SAMPLES = (
    "ʃɪˈvɔːn",
    "ˈæn.dɹi.ə",
    "t͡ʃʰaŋ˥˩",
    "ŋ̊ɡuˈɡʷiː",
    "ɬəˈwɛ.lɪn",
    "ʒo.zɛ̃",
    "ˈɡɛʁ.ʔart",
    "a\u0303ː.‿b",
)


@dataclass(frozen=True)
class Target:
    """One entry point: `run` takes the bytes; `seeds` are what fuzzing starts from."""

    run: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]
    max_length: int


def decoder(data: bytes) -> None:
    """Any bytes are a waveform within the limits, or an AudioError."""
    try:
        with memory_bounded(DECODING_BYTES):
            heard = decode(data, max_seconds=MAX_SECONDS)
    except AudioError as error:
        _is_told(error)
        return
    assert heard.samples.dtype == np.float32
    assert 0 < heard.seconds <= MAX_SECONDS + 0.2
    assert heard.samples.size <= (MAX_SECONDS + 0.2) * SAMPLE_RATE
    assert float(np.abs(heard.samples).max()) <= 1.0


def ipa(data: bytes) -> None:
    """Any text is a pronunciation that reads the same again, or an error with a position."""
    text = _text(data)
    try:
        said = parse_ipa(text)
    except InvalidPronunciation as error:
        _has_its_place(error, text)
        return
    _reads_again(said)
    for notation in NOTATIONS.values():
        notation.write(said, "")


def respelling(data: bytes) -> None:
    """Any text in any reader's respelling; what was read can be written and read again."""
    if not data:
        return
    reader, text = READERS[data[0] % len(READERS)], _text(data[1:])
    try:
        said = from_respelling(text, reader)
    except InvalidPronunciation as error:
        _has_its_place(error, text)
        return
    _reads_again(said)
    from_respelling(to_respelling(said, reader).value, reader)


def notations(data: bytes) -> None:
    """Any text in any notation, and what it says in every other."""
    if len(data) < 2:
        return
    name = sorted(NOTATIONS)[data[0] % len(NOTATIONS)]
    variants = ("", *NOTATIONS[name].variants())
    variant, text = variants[data[1] % len(variants)], _text(data[2:])
    try:
        said = NOTATIONS[name].read(text, variant)
    except InvalidPronunciation as error:
        _has_its_place(error, text)
        return
    _reads_again(said)
    for notation in NOTATIONS.values():
        for other in ("", *notation.variants()):
            notation.write(said, other)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape" if data[:1] == b"\xff" else "replace")


def _is_told(error: NamememError) -> None:
    assert error.message


def _has_its_place(error: InvalidPronunciation, text: str) -> None:
    _is_told(error)
    position = error.details.get("position")
    assert position is None or (isinstance(position, int) and 0 <= position <= len(text) * 4), (
        position,
        text,
    )


def _reads_again(said: Pronunciation) -> None:
    again = parse_ipa(said.ipa)
    assert again.ipa == said.ipa, (said.ipa, again.ipa)
    assert said.units


def _audio_seeds() -> list[bytes]:
    from plugins.broken_audio import FORMATS
    from plugins.containers import amr, encode, m4a, matroska, mkv_block, pcm_track

    made = [encode(*one, seconds=0.1) for one in FORMATS]
    return [*made, amr(5), m4a(), matroska(pcm_track(), blocks=mkv_block(bytes(200)))]


def _ipa_seeds() -> list[bytes]:
    return [text.encode() for text in _SAMPLES]


def _respelling_seeds() -> list[bytes]:
    return [
        bytes([number]) + to_respelling(parse_ipa(text), reader).value.encode()
        for number, reader in enumerate(READERS)
        for text in _SAMPLES[:2]
    ]


def _notation_seeds() -> list[bytes]:
    found = []
    for number, name in enumerate(sorted(NOTATIONS)):
        for place, variant in enumerate(("", *NOTATIONS[name].variants())):
            written = NOTATIONS[name].write(parse_ipa(_SAMPLES[0]), variant).value
            found.append(bytes([number, place]) + written.encode())
    return found


TARGETS = {
    "decoder": Target(decoder, _audio_seeds, 20_000),
    "ipa": Target(ipa, _ipa_seeds, 200),
    "respelling": Target(respelling, _respelling_seeds, 200),
    "notations": Target(notations, _notation_seeds, 200),
}

if __name__ == "__main__":
    for one in sys.argv[2:]:  # a finding again: python -m fuzz.targets ipa FILE
        TARGETS[sys.argv[1]].run(Path(one).read_bytes())
