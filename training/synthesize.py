"""Make the corpus: `audio.i16` (all clips, int16 16 kHz, end to end) and `clips.jsonl`.

    python -m training.synthesize --out CORPUS --size 1.0 [--real ../shared/train] [--festival DIR]

A row of `clips.jsonl`: id, engine, voice, variant, kind, text, words (IPA labels by word), ipa,
arpabet (null where unknown), offset and length in samples. With `--split dev|test` the clips are
the held-out names by that split's voices instead.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import random
import re
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from training import material, speakers
from training.heldout import HeldOut, fold, held_out, violations
from training.kokoro import heldout_kokoro, heldout_native, kokoro_jobs
from training.rhvoice import rhvoice_jobs
from training.speakers import LABELS, RATE, Speech

FLITE_VOICES = ("slt", "awb")
FESTIVAL_VOICES = ("ked_diphone",)
VARIANTS = (
    "", "", "", "m1", "m2", "m3", "m4", "m6", "m8", "f1", "f2", "f4", "klatt", "klatt3", "klatt6",
    "Alex", "Andrea", "Annie", "Denis", "Gene", "Hugo", "Jacky", "Lee", "Marco", "Mario", "adam",
    "anika", "antonio", "aunty", "belinda", "benjamin", "caleb", "croak", "david", "ed", "edward",
    "grandma", "grandpa", "iven", "iven2", "john", "kaukovalta", "linda", "max", "michel", "miguel",
    "norbert", "pablo", "paul", "pedro", "quincy", "rob", "robert", "sandro", "shelby", "travis",
    "victor", "zac",
)  # fmt: skip
PINYIN = (
    "zhang wang li zhao chen yang huang zhou wu xu sun hu zhu gao lin he guo ma luo liang song "
    "zheng xie han tang feng yu dong xiao cheng cao yuan deng fu shen zeng peng lu su jiang "
    "cai jia "
    "ding wei xue ye yan pan du dai xia zhong tian ren fan fang shi yao tan liao zou xiong jin hao "
    "kong bai cui kang mao qiu qin gu hou shao meng long wan duan lei qian yin chang wen pang he "
    "jun ming hua mei ling yi qi xin rui jie tao bo min hui ning ping ying juan jing xiang cong "
    "chun shu shuang zi ze ci si rong ruo nuo lan zhen zhi chao chi cui kui zhuo guang kuan"
).split()

# One job makes one Speech, or None if its phones cannot be trusted.
Job = tuple[dict[str, object], Callable[[], Speech | None]]


def _english_words(rng: random.Random, out: HeldOut) -> tuple[str, list[str]]:
    while True:
        word, phones = rng.choice(material.cmudict())
        if fold(word) not in out.spellings and not out.excludes_word(arpabet=phones):
            return word, list(phones)


def flite_phones(rng: random.Random, out: HeldOut) -> tuple[str, list[list[str]]]:
    """Exact phones for flite or festival: a carrier and words, some made up; also word by word."""
    lexicon = dict(material.cmudict())
    parts: list[list[str]] = []
    carrier = rng.choice(material.CARRIERS["en"]) if rng.random() < 0.55 else "{}"
    for word in re.findall(r"\{\}|[a-z']+", carrier.lower()):
        if word == "{}":
            for _ in range(1 if carrier != "{}" else rng.choice((1, 1, 2, 3))):
                made_up = rng.random() < 0.5
                phones = (
                    list(material.pseudo_phones(rng)) if made_up else _english_words(rng, out)[1]
                )
                if not out.excludes_word(arpabet=phones):
                    parts.append(phones)
        else:
            known = {
                "i'm": ("AY1", "M"),
                "name's": ("N", "EY1", "M", "Z"),
                "it's": ("IH1", "T", "S"),
            }
            small = {"hi": ("HH", "AY1"), "my": ("M", "AY1"), "is": ("IH1", "Z"),
                     "me": ("M", "IY1"),
                     "i": ("AY1",), "am": ("AE1", "M"), "to": ("T", "UW1")}  # fmt: skip
            phones = list(known.get(word) or small.get(word) or lexicon.get(word) or ())
            parts.append(phones)
    said = ["ax" if p == "AH0" else p.rstrip("012").lower() for phones in parts for p in phones]
    return " ".join(["pau", *said, "pau"]), parts


def flite_jobs(count: int, rng: random.Random) -> Iterator[Job]:
    """English by flite: half from text (its own prosody), half from exact phones."""
    out = held_out()
    for _ in range(count):
        voice = rng.choice(FLITE_VOICES)
        stretch, pitch = rng.uniform(0.8, 1.35), rng.randint(90, 230)
        if rng.random() < 0.5:
            line = material.draw_line("en-us", rng, bare=0.35)
            if rng.random() < 0.4:
                line = material.Line(line.carrier, _english_words(rng, out)[0].title())
            if out.excludes_text(line.text):
                continue
            row = {"engine": "flite", "voice": voice, "kind": "text", "text": line.text}
            yield (
                row,
                lambda v=voice, s=stretch, p=pitch, t=line.text: speakers.flite(v, s, p, text=t),
            )
        else:
            said, items = flite_phones(rng, out)
            row = {
                "engine": "flite",
                "voice": voice,
                "kind": "phones",
                "text": said,
                "items": items,
            }
            yield row, lambda v=voice, s=stretch, p=pitch, t=said: speakers.flite(v, s, p, phones=t)


def espeak_jobs(count: int, rng: random.Random) -> Iterator[Job]:
    """Names and carriers in all languages."""
    out = held_out()
    for _ in range(count):
        voice = material.draw_language(rng)
        line = material.draw_line(voice, rng)
        if voice == "cmn" and rng.random() < 0.7:
            syllables = [rng.choice(PINYIN) + rng.choice("12345") for _ in range(rng.randint(1, 4))]
            voice, line = "cmn-latn-pinyin", material.Line("{}", " ".join(syllables))
        if out.excludes_text(line.text):
            continue
        variant, speed, pitch = rng.choice(VARIANTS), rng.randint(110, 200), rng.randint(20, 80)
        row = {
            "engine": "espeak",
            "voice": voice,
            "variant": variant,
            "kind": "line",
            "text": line.text,
        }
        yield row, lambda a=(line.text, voice, variant, speed, pitch): speakers.espeak(*a)


def switch_jobs(count: int, rng: random.Random) -> Iterator[Job]:
    """An English carrier, then a name by another language's rules, in one voice."""
    out = held_out()
    for _ in range(count):
        language = material.draw_language(rng)
        name = material.draw_line(language, rng, bare=1.0).name
        carrier = rng.choice([c for c in material.CARRIERS["en"] if c.endswith("{}")])[:-2].strip()
        if language in material.ENGLISH or out.excludes_text(name):
            continue
        english = rng.choice(("en-us", "en-us", "en-gb"))
        variant, speed, pitch = rng.choice(VARIANTS), rng.randint(120, 190), rng.randint(20, 80)
        row = {"engine": "espeak", "voice": f"{english}>{language}", "variant": variant,
               "kind": "switch", "text": f"{carrier} {name}"}  # fmt: skip
        gap = rng.randint(0, 1600)

        def say(a=(carrier, english), b=(name, language), rest=(variant, speed, pitch), gap=gap):  # type: ignore[no-untyped-def]
            first, second = speakers.espeak(*a, *rest), speakers.espeak(*b, *rest)
            if first is None or second is None:
                return None
            silence = np.zeros(gap, dtype="<i2")
            both = np.concatenate(
                [speakers.trim(first.samples, 80), silence, speakers.trim(second.samples)]
            )
            return Speech(both, first.words + second.words, None)

        yield row, say


def pico_jobs(count: int, rng: random.Random, program: str) -> Iterator[Job]:
    """English by SVOX Pico's American and British voice, from exact phones."""
    out = held_out()
    for _ in range(count):
        voice, pitch = rng.choice(("en-US", "en-GB")), rng.randint(60, 150)
        speed = rng.randint(75, 140)
        said, items = flite_phones(rng, out)
        items = [phones for phones in items if phones]
        row = {"engine": "pico", "voice": voice, "kind": "phones", "text": said, "items": items}
        yield row, lambda a=(items, voice, pitch, speed, program): speakers.pico(*a)


def pico_native_jobs(count: int, rng: random.Random, program: str) -> Iterator[Job]:
    """German, Spanish, French and Italian by SVOX Pico."""
    out = held_out()
    for _ in range(count):
        language = rng.choice(tuple(speakers.PICO_NATIVE))
        text = material.draw_line(language, rng).text
        if out.excludes_text(text):
            continue
        row = {"engine": "pico", "voice": language, "kind": "text", "text": text}
        rest = (rng.randint(60, 150), rng.randint(75, 140), program)
        yield row, lambda a=(text, language, *rest): speakers.pico_text(*a)


def festival_jobs(count: int, rng: random.Random, folder: Path) -> Iterator[Job]:
    """English by festival's diphone voices, in one process per voice."""
    out = held_out()
    for voice in FESTIVAL_VOICES:
        requests: list[tuple[str, str]] = []
        words: list[list[list[str]]] = []
        while len(requests) < count // len(FESTIVAL_VOICES):
            said, items = flite_phones(rng, out)
            requests.append(("phones", said))
            words.append(items)
        made = speakers.festival(requests, voice, folder)
        for (kind, what), items, speech in zip(requests, words, made, strict=True):
            row = {"engine": "festival", "voice": voice, "kind": kind, "text": what, "items": items}
            yield row, lambda s=speech: s


def real_jobs(folder: Path) -> Iterator[Job]:
    """Real English speech with a manifest (file, corpus, split, speaker, text, phones)."""
    from training.real_speech import decode, stressed_schwas

    out = held_out()
    with (folder / "manifest.tsv").open(encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f, delimiter="\t"):
            if out.excludes_text(row["text"]):
                continue
            phones = stressed_schwas(row["text"], row["phones"].split())
            words = [[label for p in phones for label in LABELS.ipa_for_arpabet(p)]]
            plain = [p.rstrip("012") for p in phones]
            meta = {
                "engine": row["corpus"],
                "voice": row["speaker"],
                "kind": "real",
                "text": row["text"],
            }
            yield meta, lambda p=folder / row["file"], w=words, a=plain: Speech(decode(p), w, a)


def write(jobs: Iterator[Job], folder: Path, threads: int = 2) -> list[dict[str, object]]:
    """Run the jobs and write what they made."""
    folder.mkdir(parents=True, exist_ok=True)
    out, rows, offset = held_out(), [], 0
    with (
        (folder / "audio.i16").open("wb") as audio,
        (folder / "clips.jsonl").open("w", encoding="utf-8") as index,
        ThreadPoolExecutor(threads) as pool,
    ):
        batch: list[Job] = []

        def flush() -> None:
            nonlocal offset
            for (meta, _), speech in zip(batch, pool.map(lambda j: j[1](), batch), strict=True):
                if speech is None or not 0.15 * RATE < len(speech.samples) < 12 * RATE:
                    continue
                if meta.get("split") is None and any(tuple(w) in out.ipa for w in speech.words):
                    continue
                ipa = [label for word in speech.words for label in word]
                row = {"id": len(rows), **meta, "words": speech.words, "ipa": ipa,
                       "arpabet": speech.arpabet, "offset": offset,
                       "length": len(speech.samples)}  # fmt: skip
                audio.write(speech.samples.astype("<i2").tobytes())
                index.write(json.dumps(row, ensure_ascii=False) + "\n")
                rows.append(row)
                offset += len(speech.samples)
            batch.clear()

        for job in jobs:
            batch.append(job)
            if len(batch) == 256:
                flush()
        flush()
    return rows


def training_jobs(
    size: float,
    seed: int,
    real: Path | None,
    festival_dir: Path | None,
    pico: str | None = None,
    rhvoice: str | None = None,
    kokoro: Path | None = None,
) -> Iterator[Job]:
    """All parts of the training corpus; `size` 1 is about 12,000 synthetic clips."""
    if pico is not None:
        yield from pico_jobs(int(2000 * size), random.Random(seed + 4), pico)
        yield from pico_native_jobs(int(1500 * size), random.Random(seed + 6), pico)
    if rhvoice is not None:
        yield from rhvoice_jobs(int(3000 * size), random.Random(seed + 5), rhvoice)
    if kokoro is not None:
        yield from kokoro_jobs(int(4000 * size), random.Random(seed + 7), kokoro, flite_phones)
    yield from espeak_jobs(int(7000 * size), random.Random(seed))
    yield from flite_jobs(int(2600 * size), random.Random(seed + 1))
    yield from switch_jobs(int(2000 * size), random.Random(seed + 2))
    if festival_dir is not None:
        yield from festival_jobs(int(1200 * size), random.Random(seed + 3), festival_dir)
    if real is not None and real.is_dir():
        yield from real_jobs(real)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--real", type=Path, default=Path("../shared/train"))
    parser.add_argument("--festival", type=Path, default=Path("/usr/share/festival/voices"))
    parser.add_argument("--pico", default=shutil.which("pico2wave"), help="pico2wave, if there")
    parser.add_argument("--rhvoice", default=shutil.which("RHVoice-test"), help="if it is there")
    parser.add_argument("--kokoro", type=Path, help="folder of Kokoro-82M, see kokoro.py")
    parser.add_argument("--split", choices=("train", "dev", "test"), default="train")
    args = parser.parse_args()
    if args.split == "train":
        synthesisers = (args.pico, args.rhvoice, args.kokoro)
        jobs = training_jobs(args.size, args.seed, args.real, args.festival, *synthesisers)
    else:
        from training.heldout_speech import CARRIERS, heldout_jobs

        jobs = heldout_jobs(args.split, args.festival, args.seed)
        if args.kokoro is not None:
            rng = random.Random(args.seed)
            spoken = heldout_kokoro(args.split, rng, args.kokoro, CARRIERS)
            jobs = itertools.chain(jobs, spoken, heldout_native(args.split, rng, args.kokoro))
    rows = write(jobs, args.out)
    if args.split == "train" and (found := violations(rows)):
        raise SystemExit("\n".join(found[:20]))
    hours = sum(int(str(r["length"])) for r in rows) / RATE / 3600
    print(f"{args.out}: {len(rows)} clips, {hours:.2f} h")


if __name__ == "__main__":
    main()
