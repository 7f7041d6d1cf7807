"""Real speech of which nobody wrote down the words: what the compact ear learns from by ear alone.

    python -m training.recordings --out CORPUS --encoder tiny.en --packages FOLDER

`FOLDER` holds unpacked Debian packages (`apt-get download PACKAGE; dpkg -x FILE.deb FOLDER`), any
of them:

- `asterisk-core-sounds-{en,es,fr,it,ru}-wav`, `asterisk-prompt-it-menardi-wav`: what telephone
  exchanges say, by one speaker each (CC BY-SA 3.0, CC BY 3.0);
- `flight-of-the-amazon-queen`, `drascula`: games with some dozens of speakers, at 11 kHz
  (freely given away and modified, see each package's `copyright`).

A clip in which the full ear hears hardly any phones is a noise or music, and is left out. Nobody
can look for held-out names in words that are not written down, so a clip in which the full ear
hears the phones of one is left out as well. Rows are as in `training.synthesize`, without phones.
"""

from __future__ import annotations

import argparse
import io
import itertools
import struct
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from scipy.signal import resample_poly

from training.distil import Teacher
from training.evaluate import greedy
from training.heldout import HeldOut, held_out
from training.inventory import WEIGHTS
from training.real_speech import decode
from training.speakers import LABELS, RATE, Speech
from training.synthesize import Job, write

Recordings = Iterator[tuple[str, Callable[[], np.ndarray]]]
"""A name of each recording, and what reads it."""
LENGTHS = (0.4, 12.0)
"""Seconds of a recording that is taken; there are few longer ones."""
QUIET = 300
"""Loudest int16 sample of what is not worth listening to."""
SHORTEST = 4
"""Phones of a held-out reading that is looked for: shorter ones are in any sentence."""
PACE = (3.0, 22.0)
"""Phones a second that speech has, as the ear hears it."""
SURE = 0.75
"""Mean posterior of what the ear hears, at least: of sentences it is 0.9, of engines less."""


def wav_files(folder: Path) -> Recordings:
    """All WAV files below a folder that are not named as sounds: a name, and how to read them."""
    for path in sorted(folder.rglob("*.wav")):
        if "silence" not in path.parts:
            yield path.stem, lambda p=path: decode(p)


def queen(path: Path) -> Recordings:
    """The speech in `queen.1c`: a table (name, bundle, offset, size), then one MP3 a line.

    The layout is ScummVM's (engines/queen/resource.cpp).
    """
    data = path.read_bytes()
    (count,) = struct.unpack(">H", data[13:15])
    for i in range(count):
        name, _, offset, size = struct.unpack(">12sBII", data[15 + 21 * i : 36 + 21 * i])
        if name.rstrip(b"\0").endswith(b".SB"):
            part = data[offset : offset + size]
            yield name.rstrip(b"\0").decode("latin-1"), lambda x=part: decode(io.BytesIO(x))


def drascula(folder: Path) -> Recordings:
    """The speech in `*.ALS`: unsigned bytes at 11,025 Hz between two heads of 32."""
    for path in sorted(folder.rglob("*.ALS")):
        yield path.stem, lambda p=path: _eight_bits(p.read_bytes()[32:-32])


def _eight_bits(data: bytes) -> np.ndarray:
    sound = (np.frombuffer(data, np.uint8).astype(np.float64) - 128) * 256
    return np.asarray(np.clip(resample_poly(sound, 640, 441), -32768, 32767)).astype("<i2")


def sources(packages: Path) -> Iterator[tuple[str, str, Recordings]]:
    """Engine, voice, and the recordings of every package that is there."""
    for folder in sorted(packages.rglob("usr/share/asterisk/sounds/*")):
        if folder.is_dir() and not folder.is_symlink():
            yield "asterisk", folder.name, wav_files(folder)
    for path in packages.rglob("queen.1c"):
        yield "queen", "several", queen(path)
    for folder in packages.rglob("scummvm/drascula"):
        yield "drascula", "several", drascula(folder)


class Ear:
    """What the full ear makes of a recording: whether it is speech, without a held-out name."""

    def __init__(self, teacher: Teacher, out: HeldOut) -> None:
        self.teacher = teacher
        self.names = {
            "arpabet": {x for x in out.arpabet if len(x) >= SHORTEST},
            "ipa": {x for x in out.ipa if len(x) >= SHORTEST},
        }

    def accepts(self, samples: np.ndarray) -> bool:
        """True for speech in which no held-out reading is heard."""
        import whisper

        sound = torch.from_numpy(samples.astype(np.float32) / 32768)
        arpabet, ipa, _ = self.teacher.answer(whisper.log_mel_spectrogram(sound)[None])
        english = greedy(arpabet[0].numpy(), LABELS.arpabet)
        native = greedy(ipa[0].numpy(), LABELS.ipa)
        sure = float(ipa[0].exp().amax(-1).mean())
        if not PACE[0] < len(native) / (len(samples) / RATE) < PACE[1] or sure < SURE:
            return False
        return not (holds(english, self.names["arpabet"]) or holds(native, self.names["ipa"]))


def holds(phones: Sequence[str], names: set[tuple[str, ...]]) -> bool:
    """True if one of the names is a run of the phones."""
    return any(
        tuple(phones[i : i + size]) in names
        for size in {len(n) for n in names}
        for i in range(len(phones) - size + 1)
    )


def jobs(packages: Path, ear: Ear) -> Iterator[Job]:
    """What `training.synthesize.write` writes; clips that are not taken are None."""

    def heard(read: Callable[[], np.ndarray]) -> Speech | None:
        samples = read()
        fits = LENGTHS[0] * RATE < len(samples) < LENGTHS[1] * RATE
        usable = fits and int(np.abs(samples).max()) > QUIET and ear.accepts(samples)
        return Speech(samples, [], None) if usable else None

    for engine, voice, recordings in sources(packages):
        for text, read in recordings:
            row = {"engine": engine, "voice": voice, "kind": "unwritten", "text": text}
            yield row, lambda r=read: heard(r)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--encoder", default="tiny.en", help="Whisper model name or checkpoint")
    parser.add_argument("--teacher", type=Path, default=WEIGHTS / "head.npz")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(1)
    ear = Ear(Teacher(args.encoder, args.teacher), held_out())
    rows = write(jobs(args.packages, ear), args.out, threads=args.threads)
    for engine, group in itertools.groupby(rows, key=lambda r: f"{r['engine']} {r['voice']}"):
        lengths = [int(str(r["length"])) for r in group]
        print(f"{engine}: {len(lengths)} clips, {sum(lengths) / RATE / 3600:.2f} h")


if __name__ == "__main__":
    main()
