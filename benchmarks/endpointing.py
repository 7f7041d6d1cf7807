"""How well detectors find where speech starts and ends in a stream, on recordings of people.

    python -m benchmarks.endpointing ../shared/speech [--json FILE] [--every 1]

Each recording is put between stretches of room noise, and again with white and pink noise over the
whole at 20 and 10 dB under the speech. The truth is where the compact ear aligns the dictionary's
phones of the name in the clean recording, and elsewhere `namemem.audio.speech_span`; neither is
among the detectors. Noise alone (white, pink, mains hum, knocks, of several levels) shows false
starts. All detectors but `pocketsphinx.Endpointer` decide frames only, and namemem's `Endpointer`
makes utterances of them; its last mark is the silence that ends one. pocketsphinx's own has one
window for the start and the end: 0.3 s is its default.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from namemem.audio import SAMPLE_RATE, decode, speech_span
from namemem.audio.endpointing import Endpointer, Endpoints, SpeechEnded
from namemem.audio.voice_activity import FRAME, SileroModel
from namemem.phone_recognition import Context, Span, create
from namemem.phones import from_arpabet

AROUND = 1.5  # seconds of noise before and after each recording
TOLERANCE = 0.03  # seconds that an end may miss without cutting
CONDITIONS: dict[str, tuple[str, float | None]] = {
    "quiet room": ("white", None),
    "white 20 dB": ("white", 20.0),
    "white 10 dB": ("white", 10.0),
    "pink 20 dB": ("pink", 20.0),
    "pink 10 dB": ("pink", 10.0),
}
Samples = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Recording:
    """One recording and where its speech, or its name, is (seconds)."""

    group: str
    samples: Samples
    start: float
    end: float


class Finder(Protocol):
    """Finds utterances: (start, end, when the end was known), in seconds."""

    def utterances(self, samples: Samples) -> list[tuple[float, float, float]]:
        """Of one stream, shape (n,), 16 kHz."""


class OfFrames:
    """namemem's endpointer over any detector of frames."""

    def __init__(self, make: Callable[[], Any], silence: float) -> None:
        self._make = make
        self._endpoints = replace(Endpoints(), marks=(silence,))

    def utterances(self, samples: Samples) -> list[tuple[float, float, float]]:
        """Pushes 100 ms at a time, as a microphone would."""
        endpointer = Endpointer(self._make(), self._endpoints)
        found, step = [], SAMPLE_RATE // 10 // FRAME * FRAME
        for first in range(0, samples.size, step):
            for event in endpointer.push(samples[first : first + step]):
                if isinstance(event, SpeechEnded):
                    known = endpointer.seconds
                    found.append((event.start, event.start + event.sound.seconds, known))
        last = endpointer.end()
        if last is not None:
            found.append((last.start, last.start + last.sound.seconds, endpointer.seconds))
        return found


class WebRtcFrames:
    """pocketsphinx's detector of frames, which is WebRTC's: the share of 10 ms frames it takes."""

    def __init__(self, mode: int) -> None:
        import pocketsphinx

        self._vad = pocketsphinx.Vad(mode, SAMPLE_RATE, 0.01)
        self._size = self._vad.frame_bytes // 2
        self._rest = np.zeros(0, np.int16)
        self._last = 0.0

    def probabilities(self, samples: Samples) -> Samples:
        """One value for each frame of `FRAME` samples."""
        values = []
        for frame in np.round(samples * 32767).astype(np.int16).reshape(-1, FRAME):
            pcm = np.concatenate((self._rest, frame))
            whole = pcm.size - pcm.size % self._size
            parts = pcm[:whole].reshape(-1, self._size)
            self._rest = pcm[whole:]
            self._last = float(np.mean([self._vad.is_speech(p.tobytes()) for p in parts]))
            values.append(self._last)
        return np.array(values, np.float32)


class SphinxEndpointer:
    """`pocketsphinx.Endpointer` as it is."""

    def __init__(self, mode: int, window: float) -> None:
        self._options = (window, 0.9, mode, SAMPLE_RATE)

    def utterances(self, samples: Samples) -> list[tuple[float, float, float]]:
        """Frame by frame."""
        import pocketsphinx

        endpointer = pocketsphinx.Endpointer(*self._options)
        size = endpointer.frame_bytes
        pcm = np.round(samples * 32767).astype("<i2").tobytes()
        found = []
        was_in = False
        for first in range(0, len(pcm) - size + 1, size):
            endpointer.process(pcm[first : first + size])
            now_in = endpointer.in_speech
            if was_in and not now_in:
                known = (first + size) / 2 / SAMPLE_RATE
                found.append((endpointer.speech_start, endpointer.speech_end, known))
            was_in = now_in
        if was_in:
            total = len(pcm) / 2 / SAMPLE_RATE
            found.append((endpointer.speech_start, total, total))
        return found


def finders(silence: float) -> dict[str, Finder]:
    """All that are compared, with about the same silence at the end."""
    model = SileroModel()
    return {
        "silero": OfFrames(model.stream, silence),
        **{
            f"webrtc, mode {mode}": OfFrames(lambda mode=mode: WebRtcFrames(mode), silence)
            for mode in (1, 2, 3)
        },
        **{
            f"pocketsphinx Endpointer, mode {mode}, window {window} s": SphinxEndpointer(
                mode, window
            )
            for mode, window in ((0, 0.3), (2, 0.3), (2, silence))
        },
    }


def recordings(folder: Path, every: int = 1) -> Iterator[Recording]:
    """What the manifest lists, with where the speech or the name is."""
    recognizer = create("compact")
    recognizer.load()
    with (folder / "manifest.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    for row in rows[::every]:
        waveform = decode(folder / row["file"])
        span = speech_span(waveform)
        if span is None:
            continue
        start, end = span[0] + 0.06, span[1] - 0.06
        group = row["file"].split("/")[0]
        if group == "names_real":
            name = from_arpabet(row["phones_arpabet"])
            aligned = recognizer.listen(waveform).align(name, Span(*span), Context())
            if aligned is None:
                continue
            start, end = aligned.span.start, aligned.span.end
        yield Recording(group, waveform.samples, start, end)


def noise(kind: str, size: int, seed: int) -> Samples:
    """Noise of standard deviation 1."""
    values = np.random.default_rng(seed).normal(0, 1, size)
    if kind == "pink":
        spectrum = np.fft.rfft(values)
        spectrum /= np.sqrt(np.maximum(np.arange(spectrum.size), 1))
        values = np.fft.irfft(spectrum, size)
        values /= values.std()
    return values.astype(np.float32)


def stream(recording: Recording, condition: str, seed: int) -> Samples:
    """The recording between noise, shape (n,)."""
    kind, ratio = CONDITIONS[condition]
    pad = np.zeros(round(AROUND * SAMPLE_RATE), np.float32)
    samples = np.concatenate((pad, recording.samples, pad))
    first, last = (round(t * SAMPLE_RATE) for t in (recording.start, recording.end))
    power = float(np.sqrt(np.mean(np.square(recording.samples[first:last]))))
    level = 3e-4 if ratio is None else power * 10 ** (-ratio / 20)
    return np.clip(samples + level * noise(kind, samples.size, seed), -1, 1).astype(np.float32)


def only_noise(seconds: float = 60.0) -> dict[str, Samples]:
    """Noise in which nobody speaks."""
    size = round(seconds * SAMPLE_RATE)
    time_axis = np.arange(size) / SAMPLE_RATE
    hum = sum(np.sin(2 * np.pi * 50 * k * time_axis) / k for k in (1, 2, 3, 5))
    knocks = np.zeros(size, np.float32)
    random = np.random.default_rng(3)
    for first in range(0, size - 4000, SAMPLE_RATE):
        decay = np.exp(-np.arange(3000) / random.uniform(100, 600))
        knocks[first : first + 3000] += 0.5 * decay * random.normal(0, 1, 3000)
    made = {"knocks": knocks + 3e-4 * noise("white", size, 4), "hum": 0.05 * hum}
    for kind in ("white", "pink"):
        for level in (0.001, 0.01, 0.05):
            made[f"{kind} {20 * np.log10(level):.0f} dBFS"] = level * noise(kind, size, 5)
    return {name: np.clip(s, -1, 1).astype(np.float32) for name, s in made.items()}


@dataclass
class Tally:
    """What one finder did."""

    streams: int = 0
    missed: int = 0
    cut_start: int = 0
    cut_end: int = 0
    beside: int = 0
    delays: list[float] = field(default_factory=list)

    def add(self, found: list[tuple[float, float, float]], start: float, end: float) -> None:
        """One stream in which speech is from `start` to `end`."""
        self.streams += 1
        over = [u for u in found if u[0] < end and u[1] > start]
        self.beside += len(found) - len(over)
        if not over:
            self.missed += 1
            return
        self.cut_start += over[0][0] > start + TOLERANCE
        # The utterance in which the speech starts has to hold all of it.
        self.cut_end += over[0][1] < end - TOLERANCE
        self.delays.append(over[-1][2] - end)

    def row(self) -> dict[str, float]:
        """As shares and seconds."""
        p50, p95 = np.percentile(self.delays, [50, 95]) if self.delays else (0.0, 0.0)
        return {
            "missed": self.missed / self.streams,
            "start cut": self.cut_start / self.streams,
            "end cut": self.cut_end / self.streams,
            "beside": self.beside / self.streams,
            "delay p50 s": float(p50),
            "delay p95 s": float(p95),
        }


def measure(found: list[Recording], silence: float) -> dict[str, dict[str, Any]]:
    """Finder → group and condition → figures; and false starts a minute, and processor time."""
    results: dict[str, dict[str, Any]] = {}
    for name, finder in finders(silence).items():
        tallies: dict[str, Tally] = {}
        seconds, started = 0.0, time.process_time()
        for number, recording in enumerate(found):
            for condition in CONDITIONS:
                samples = stream(recording, condition, number)
                utterances = finder.utterances(samples)
                for key in (f"{recording.group}, {condition}", f"all, {condition}"):
                    tallies.setdefault(key, Tally()).add(
                        utterances, recording.start + AROUND, recording.end + AROUND
                    )
                seconds += samples.size / SAMPLE_RATE
        cpu = (time.process_time() - started) / seconds
        alone = only_noise()
        false = {kind: len(finder.utterances(s)) for kind, s in alone.items()}
        results[name] = {
            "cpu_ms_per_second": round(1000 * cpu, 2),
            "false_starts_a_minute": false,
            "figures": {key: tally.row() for key, tally in tallies.items()},
        }
    return results


def table(results: dict[str, dict[str, Any]], keys: list[str]) -> str:
    """As Markdown."""
    lines = [
        "| detector | streams | missed % | start cut % | end cut % | other utterances a stream "
        "| delay p50 s | p95 s | false starts a minute of noise | CPU ms per s |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, result in results.items():
        false = np.mean(list(result["false_starts_a_minute"].values()))
        for key in keys:
            row = result["figures"].get(key)
            if row is None:
                continue
            lines.append(
                f"| {name} | {key} | {100 * row['missed']:.1f} | {100 * row['start cut']:.1f} "
                f"| {100 * row['end cut']:.1f} | {row['beside']:.2f} | {row['delay p50 s']:.2f} "
                f"| {row['delay p95 s']:.2f} | {false:.1f} | {result['cpu_ms_per_second']:.1f} |"
            )
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--silence", type=float, default=0.8)
    parser.add_argument("--every", type=int, default=1, help="only each nth recording")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    found = list(recordings(args.folder, args.every))
    results = measure(found, args.silence)
    groups = sorted({r.group for r in found})
    keys = [f"all, {c}" for c in CONDITIONS] + [f"{g}, quiet room" for g in groups]
    load = [round(x, 1) for x in os.getloadavg()]
    print(f"{len(found)} recordings, silence {args.silence} s, load {load}\n")
    print(table(results, keys))
    if args.json:
        args.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
