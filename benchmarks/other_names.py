"""What a person's other names do to the choice: development or test names, spelling given.

    python -m benchmarks.other_names --split dev --encoder CHECKPOINT

A second name of the person is made up: a surname of the name's own language or an English one, read
by its own rules, or the full name of which the name is a part. Each case is told to the ear with
every clip, right and wrong ones alike, since families do not keep to one language.
"""

from __future__ import annotations

import argparse
import functools
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks import judging
from benchmarks.accuracy import gather
from benchmarks.clips import Clip
from benchmarks.measures import ratio
from benchmarks.summary import percent
from namemem import known_names
from namemem.asr import create_transcriber
from namemem.errors import NoNameHeard, NoSpeech
from namemem.g2p import Candidates
from namemem.g2p.espeak import EspeakG2p
from namemem.introductions import Ear, Hints
from namemem.known_names import KnownName
from namemem.phone_recognition import create
from namemem.phones import Pronunciation, parse_ipa
from training.heldout import held_out

SURNAMES = {
    "es": "Hernández", "ga": "Ó Gallchobhair", "fr-fr": "Lefebvre", "de": "Schröder",
    "nl": "Hoekstra", "pl": "Wiśniewski", "ru": "Kuznetsov", "hu": "Szabó", "ar": "Al-Mansouri",
    "pt": "Carvalho", "pt-br": "Guimarães", "it": "Giordano", "sv": "Sjöberg", "ja": "Takahashi",
    "ko": "Kwon", "hi": "Chaudhary", "tr": "Yıldız", "ro": "Popescu", "cs": "Dvořák",
    "da": "Kjær", "vi": "Nguyễn", "sw": "Mwangi", "cmn": "Zhang", "he": "Shapira",
    "uk": "Shevchenko", "el": "Papadakis",
}  # fmt: skip
"""By the voice that says the name the native way."""
ENGLISH = ("Thompson", "ˈtɑmp.sən")


Row = tuple[str, str, float, float, float]


def cases(clip: Clip, g2p: EspeakG2p) -> dict[str, tuple[KnownName, ...]]:
    """What else is known of the speaker: a name of the case → the person's other names."""
    assert clip.said is not None
    name = next(n for n in held_out().names if n.spelling == clip.spelling)
    surname = SURNAMES.get(name.voice)
    read = g2p.read(surname, name.voice) if surname else None
    found: dict[str, tuple[KnownName, ...]] = {
        "nothing": (),
        "an English surname": (KnownName(*ENGLISH),),
        "the full name, agreed on": (_full(clip, clip.said, agreed=True),),
        "the full name, heard": (_full(clip, clip.said, agreed=False),),
    }
    if surname and read is not None:
        found["a surname of its language"] = (KnownName(surname, read.ipa),)
    for other in (*clip.rivals, *clip.crossing)[:1]:
        found["the full name, said otherwise"] = (_full(clip, other, agreed=False),)
        found["the full name, agreed otherwise"] = (_full(clip, other, agreed=True),)
    return found


def _full(clip: Clip, said: Pronunciation, *, agreed: bool) -> KnownName:
    words = (*said.words, *parse_ipa(ENGLISH[1]).words)
    return KnownName(f"{clip.spelling} {ENGLISH[0]}", Pronunciation(words).ipa, None, agreed)


@functools.cache
def _lab(engine: str, encoder: str) -> tuple[Ear, EspeakG2p]:
    options = {"encoder": encoder} if engine == "whisper_ctc" else {}
    ear = Ear(create_transcriber("sphinx"), create(engine, **options), Candidates())
    ear.load()
    return ear, EspeakG2p()


def _one(job: tuple[Clip, str, str, float]) -> list[Row]:
    """Set, case, wrong phones, phones and those wrong with nothing known, of a clip's cases."""
    clip, engine, encoder, faithful = job
    known_names._FAITHFUL = faithful
    ear, g2p = _lab(engine, encoder)
    rows = []
    alone = 0.0
    for case, known in cases(clip, g2p).items():
        answer: Pronunciation | None
        hints = Hints(spelling=clip.spelling, asked=clip.carrier == "{}", known=known)
        try:
            answer = ear.hear(clip.waveform, hints)[0].chosen.pronunciation
        except (NoNameHeard, NoSpeech):
            answer = None
        wrong = judging.edits(clip, answer)
        alone = wrong if not known else alone
        rows.append((clip.group, case, wrong, float(len(clip.tokens)), alone))
    return rows


def table(rows: Sequence[Row]) -> str:
    """PER and exact by set and case, and of the same clips with nothing known, as Markdown."""
    found: dict[tuple[str, str], list[tuple[float, float, float]]] = defaultdict(list)
    for group, case, wrong, size, alone in rows:
        found[group, case].append((wrong, size, alone))
    head = ("set", "what else is known", "clips", "PER", "exact", "without: PER", "exact")
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for (group, case), of_case in sorted(found.items()):
        wrong, size, alone = zip(*of_case, strict=True)
        cells = [
            percent(figure)
            for edits in (wrong, alone)
            for figure in (ratio(edits, size), ratio([float(w == 0) for w in edits]))
        ]
        lines.append("| " + " | ".join([group, case, str(len(wrong)), *cells]) + " |")
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", default="whisper_ctc")
    parser.add_argument("--encoder", default="tiny.en", help="of whisper_ctc")
    parser.add_argument("--split", choices=("dev", "test"), default="dev")
    parser.add_argument("--speech", type=Path, default=Path("../shared/speech"))
    parser.add_argument("--levels", type=float, nargs="*", help="dB, beside clean")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--faithful", type=float, nargs="+", default=[known_names._FAITHFUL])
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    levels = [None, *(args.levels or [])]
    made = gather(args.split, args.speech, levels, args.every)
    clips = [c for c in made if c.group in ("synth", "espeak_en", "espeak_native")]
    for faithful in args.faithful:
        jobs = [(c, args.engine, args.encoder, faithful) for c in clips]
        with ProcessPoolExecutor(args.processes) as pool:
            rows = [row for some in pool.map(_one, jobs, chunksize=8) for row in some]
        print(f"\nfaithful {faithful}\n\n{table(rows)}", flush=True)


if __name__ == "__main__":
    main()
