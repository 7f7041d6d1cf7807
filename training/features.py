"""Encoder features of a corpus, computed once: `features.f16` and `features.jsonl`.

    python -m training.features --corpus CORPUS --encoder ENCODER --strength 0.7 --pass 1

Each clip is augmented (`audio.i16` keeps what came of it, for the student), turned into log-mel and
sent through the frozen encoder; the outputs of `LAYERS` (0 is the convolutional stem with
positions, the last one is after the final norm) are kept as float16, [frames, layers, width].
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from training import augment

LAYERS = (1, 2, 3, 4)


def load_encoder(source: str, adapter: Path | None = None) -> Any:
    """Whisper's encoder from a model name or a checkpoint (whole, or the encoder only).

    With `adapter` (a `head.npz`) as that head's adapter makes it.
    """
    from namemem.phone_recognition.ctc_head import read_head
    from namemem.phone_recognition.whisper_encoder import adapt, load_audio_encoder

    encoder = load_audio_encoder(source)
    if adapter is not None:
        adapt(encoder, read_head(adapter)[1])
    return encoder


def encode(encoder: Any, batch: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Float32 clips → their layers, each [frames, len(LAYERS), width] float16.

    Clips of nearly one length go together, padded with silence to the longest; frames beyond a
    clip's own are cut off.
    """
    import torch
    import whisper

    from namemem.phone_recognition.whisper_encoder import encoder_layers, frame_count

    longest = max(len(x) for x in batch)
    padded = np.zeros((len(batch), longest), dtype=np.float32)
    for i, x in enumerate(batch):
        padded[i, : len(x)] = x
    with torch.inference_mode():
        # One by one: the floor of a log-mel depends on its loudest point.
        mel = torch.stack([whisper.log_mel_spectrogram(torch.from_numpy(x)) for x in padded])
        layers = encoder_layers(encoder, mel)
        kept = torch.stack([layers[i] for i in LAYERS], 2).to(torch.float16).numpy()
    return [kept[i, : frame_count(len(x))] for i, x in enumerate(batch)]


def read_corpus(folder: Path) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """All samples of a corpus (memory-mapped int16) and its rows."""
    with (folder / "clips.jsonl").open(encoding="utf-8") as index:
        rows = [json.loads(line) for line in index]
    return np.memmap(folder / "audio.i16", dtype="<i2", mode="r"), rows


def compute(
    corpus: Path,
    encoder_source: str,
    strength: float,
    number: int,
    out: Path,
    threads: int = 2,
    shard: tuple[int, int] = (0, 1),
    adapter: Path | None = None,
) -> None:
    """One augmented pass over the corpus, or over every n-th clip of it (`shard` is k of n)."""
    import torch

    torch.set_num_threads(threads)
    encoder = load_encoder(encoder_source, adapter)
    audio, rows = read_corpus(corpus)
    mine = range(shard[0], len(rows), shard[1])
    order = sorted(mine, key=lambda i: int(rows[i]["length"]))
    pool_rng = np.random.default_rng(number)
    picks = pool_rng.choice(len(rows), min(200, len(rows)), replace=False)
    others = [_samples(audio, rows[i]) for i in picks]
    out.mkdir(parents=True, exist_ok=True)
    offset = sounded = 0
    with (
        (out / "features.f16").open("wb") as values,
        (out / "audio.i16").open("wb") as heard,
        (out / "features.jsonl").open("w", encoding="utf-8") as index,
    ):
        for start in range(0, len(order), 8):
            chosen = order[start : start + 8]
            clips = [
                augment.augment(
                    _samples(audio, rows[i]), np.random.default_rng((number, i)), others, strength
                )
                for i in chosen
            ]
            for i, x, layers in zip(chosen, clips, encode(encoder, clips), strict=True):
                row = {key: rows[i][key] for key in ("id", "engine", "voice", "ipa", "arpabet")}
                values.write(np.ascontiguousarray(layers).tobytes())
                heard.write((x * 32767).astype("<i2").tobytes())
                row |= {"audio": sounded, "samples": len(x)}
                sounded += len(x)
                index.write(
                    json.dumps(row | {"offset": offset, "frames": len(layers)}, ensure_ascii=False)
                    + "\n"
                )
                offset += len(layers)
    (out / "done").touch()
    print(f"{out}: {len(order)} clips, {offset * 0.02 / 3600:.2f} h")


def _samples(audio: np.ndarray, row: dict[str, Any]) -> np.ndarray:
    part = audio[row["offset"] : row["offset"] + row["length"]]
    return np.asarray(part, dtype=np.float32) / 32768.0


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--encoder", default="tiny.en")
    parser.add_argument("--strength", type=float, default=0.7)
    parser.add_argument("--pass", type=int, default=1, dest="number")
    parser.add_argument("--shard", default="0/1", help="k/n: every n-th clip, from the k-th")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--adapter", type=Path, help="head.npz whose adapter the encoder gets")
    args = parser.parse_args()
    k, n = (int(v) for v in args.shard.split("/"))
    out = args.corpus / (f"pass{args.number}" + (f"-{k}of{n}" if n > 1 else ""))
    compute(args.corpus, args.encoder, args.strength, args.number, out, args.threads, (k, n),
            args.adapter)  # fmt: skip


if __name__ == "__main__":
    main()
