"""Train the head further together with a small adapter of the encoder, on sound as it is augmented.

    python -m training.adapt --corpus CORPUS [CORPUS …] --out RUN --encoder tiny.en \\
        --start namemem/phone_recognition/weights/head.npz [--minutes 75]

The encoder stays what it is; beside each of its linear layers comes a product of two thin matrices
(LoRA, Hu et al. 2021, arXiv:2106.09685), and its biases and norms may move. Every clip is augmented
anew each time it is heard. `RUN` gets `head.pt` and `adapter.pt` (moving averages of the weights),
`state.pt` (to go on with `--resume`), `config.json` and `log.jsonl`.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import nn
from torch.nn.utils import parametrize

from namemem.phone_recognition.ctc_head import read_head
from namemem.phone_recognition.whisper_ctc import PhoneLabels
from namemem.phone_recognition.whisper_encoder import encoder_layers, frame_count
from training import augment
from training.features import load_encoder, read_corpus
from training.real_speech import CORPORA
from training.train import batches, ctc, fits

LABELS = PhoneLabels.read()
T = TypeVar("T")
Data = TypeVar("Data", bound="Clips")
PADDED = 22  # mel frames of silence that augmentation adds on average, halved


def half_precision(wanted: bool, device: str = "cpu") -> torch.autocast:
    """Matrix products and convolutions in bfloat16, the weights stay what they are.

    Twice to three times as fast on processors with AVX-512 BF16 or AMX, slower on others.
    """
    return torch.autocast(device, dtype=torch.bfloat16, enabled=wanted)


class LowRank(nn.Module):
    """A weight plus `b @ a`: [out, in] from [out, rank] and [rank, in]; nothing at first."""

    def __init__(self, out: int, into: int, rank: int) -> None:
        super().__init__()
        self.a = nn.Parameter(torch.randn(rank, into) / into**0.5)
        self.b = nn.Parameter(torch.zeros(out, rank))

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        """The weight that is used."""
        return weight + self.b @ self.a


def open_encoder(encoder: nn.Module, rank: int) -> dict[str, nn.Parameter]:
    """Make an encoder adaptable; its trainable parameters by name.

    Names are those of the state that `adapter_state` writes: `X.weight.a`, `X.weight.b` for a
    linear layer X, and the encoder's own names for biases and norms.
    """
    trainable: dict[str, nn.Parameter] = {}
    linears = [(n, m) for n, m in encoder.named_modules() if isinstance(m, nn.Linear)]
    for name, module in linears:
        part = LowRank(*module.weight.shape, rank)
        parametrize.register_parametrization(module, "weight", part)
        trainable[f"{name}.weight.a"], trainable[f"{name}.weight.b"] = part.a, part.b
        if module.bias is not None:
            trainable[f"{name}.bias"] = module.bias
    for name, module in encoder.named_modules():
        if isinstance(module, nn.LayerNorm):
            trainable[f"{name}.weight"], trainable[f"{name}.bias"] = module.weight, module.bias
    for parameter in trainable.values():
        parameter.requires_grad_(True)
    return trainable


def _rank(adapter: dict[str, torch.Tensor]) -> int | None:
    return next((v.shape[0] for k, v in adapter.items() if k.endswith(".a")), None)


@dataclass(frozen=True, slots=True)
class Clip:
    """Where a clip's sound is, and its label ids; `frames` is about what augmentation leaves."""

    corpus: int
    row: int
    offset: int
    length: int
    frames: int
    ipa: tuple[int, ...]
    arpabet: tuple[int, ...] | None
    engine: str


class Clips:
    """All clips of some corpora, augmented when asked for."""

    needs_phones = True

    def __init__(self, corpora: Sequence[Path], strength: float) -> None:
        self.corpora = corpora
        self.strength = strength
        self.audio: list[np.ndarray] = []
        self.clips: list[Clip] = []
        for number, folder in enumerate(corpora):
            audio, rows = read_corpus(folder)
            self.audio.append(audio)
            for i, row in enumerate(rows):
                ipa = tuple(LABELS.ipa_ids(row["ipa"]))
                arpabet = tuple(LABELS.arpabet_ids(row["arpabet"])) if row["arpabet"] else None
                frames = row["length"] // 320 + PADDED
                if ipa or not self.needs_phones:
                    self.clips.append(
                        Clip(number, i, row["offset"], row["length"], frames, ipa, arpabet,
                             row["engine"])
                    )  # fmt: skip
        picks = np.random.default_rng(0).permutation(len(self.clips))[:200]
        self.others = [self.samples(self.clips[i]) for i in picks]

    def samples(self, clip: Clip) -> np.ndarray:
        """Float32 samples as they were made."""
        part = self.audio[clip.corpus][clip.offset : clip.offset + clip.length]
        return np.asarray(part, dtype=np.float32) / 32768.0

    def heard(self, clip: Clip, epoch: int) -> np.ndarray:
        """Float32 samples as a microphone took them, other each epoch."""
        rng = np.random.default_rng((epoch, clip.corpus, clip.row))
        return augment.augment(self.samples(clip), rng, self.others, self.strength)

    def batch(self, clips: Sequence[Clip], epoch: int) -> tuple[torch.Tensor, list[int]]:
        """Log-mel [batch, mels, frames], and the encoder frames of each clip."""
        import whisper

        sounds = [self.heard(clip, epoch) for clip in clips]
        longest = max(len(x) for x in sounds)
        padded = np.zeros((len(sounds), longest), dtype=np.float32)
        for i, x in enumerate(sounds):
            padded[i, : len(x)] = x
        # One by one: the floor of a log-mel depends on its loudest point.
        mel = torch.stack([whisper.log_mel_spectrogram(torch.from_numpy(x)) for x in padded])
        return mel, [frame_count(len(x)) for x in sounds]


def blank_bands(mel: torch.Tensor, rng: np.random.Generator) -> None:
    """Flatten some bands and stretches of a log-mel, in place (SpecAugment, Park et al. 2019)."""
    for clip in mel:
        for _ in range(int(rng.integers(0, 3))):
            start, size = int(rng.integers(0, 74)), int(rng.integers(1, 11))
            clip[start : start + size] = clip[start : start + size].mean()
        for _ in range(int(rng.integers(0, 3))):
            start, size = int(rng.integers(0, clip.shape[1])), int(rng.integers(2, 11))
            clip[:, start : start + size] = clip[:, start : start + size].mean()


class Pupil:
    """The encoder with its adapter and the head: what is trained, averaged and kept."""

    def __init__(
        self, encoder_source: str, start: Path, rank: int, dropout: float, half: bool = False
    ) -> None:
        self.half = half
        self.encoder = load_encoder(encoder_source)
        self.head, earlier, metadata = read_head(start)
        self.adapter = open_encoder(self.encoder, _rank(earlier) or rank)
        self.initial = {k: v.detach().clone() for k, v in self.adapter.items()}
        for key, value in earlier.items():
            thin = key.endswith((".a", ".b"))
            self.adapter[key].data.copy_(value if thin else self.initial[key] + value)
        self.config = metadata["config"]
        self.head.requires_grad_(True)
        for module in self.head.modules():
            if isinstance(module, nn.Dropout):
                module.p = dropout

    def parameters(self) -> dict[str, nn.Parameter]:
        """Everything that is trained: the head's names, and the adapter's behind `encoder.`."""
        names = dict(self.head.named_parameters())
        return names | {f"encoder.{name}": value for name, value in self.adapter.items()}

    def hear(self, mel: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Log-mel → log-posteriors of ARPABET and IPA."""
        with parametrize.cached(), half_precision(self.half):
            layers = [x.float() for x in encoder_layers(self.encoder, mel)]
        arpabet, ipa = self.head(torch.stack([layers[i] for i in self.config["layers"]], 2))
        return arpabet, ipa

    def save(self, state: dict[str, torch.Tensor], out: Path) -> None:
        """`head.pt` and `adapter.pt` of a state of `parameters`."""
        prefix = "encoder."
        adapter = {k[len(prefix) :]: v for k, v in state.items() if k.startswith(prefix)}
        for key, value in adapter.items():
            if not key.endswith((".a", ".b")):
                adapter[key] = value - self.initial[key]
        torch.save({k: v for k, v in state.items() if not k.startswith(prefix)}, out / "head.pt")
        torch.save(adapter, out / "adapter.pt")


def train(
    data: Clips,
    pupil: Pupil,
    out: Path,
    *,
    minutes: float,
    rate: float,
    adapter_rate: float,
    frames: int,
    seed: int,
    real_times: int,
    floor: float,
    resume: bool,
) -> None:
    """Train for a fixed time; both rates fall as a cosine to `floor` of what they were.

    Real recordings come `real_times` in an epoch.
    """
    out.mkdir(parents=True, exist_ok=True)
    (out / "config.json").write_text(json.dumps(pupil.config) + "\n")
    torch.manual_seed(seed)
    parameters = pupil.parameters()
    average = {k: v.detach().clone() for k, v in parameters.items()}
    groups = [
        {"params": [v for k, v in parameters.items() if not k.startswith("encoder.")],
         "weight_decay": 0.02, "top": rate},
        {"params": [v for k, v in parameters.items() if k.startswith("encoder.")],
         "weight_decay": 0.0, "top": adapter_rate},
    ]  # fmt: skip
    optimiser = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98))
    spent, step, hours, first = 0.0, 0, 0.0, 0
    if resume and (out / "state.pt").exists():
        saved = torch.load(out / "state.pt", weights_only=True)
        for key, value in parameters.items():
            value.data.copy_(saved["parameters"][key])
        optimiser.load_state_dict(saved["optimiser"])
        average, spent = saved["average"], saved["spent"]
        step, hours, first = saved["step"], saved["hours"], saved["epoch"] + 1
    began = time.monotonic() - spent
    losses: list[float] = []
    pupil.head.train()
    with (out / "log.jsonl").open("a" if resume else "w") as log:
        for clips, (mel, lengths), rng, epoch in prepared(
            data, Clips.batch, seed=seed, first=first, frames=frames, real_times=real_times
        ):
            blank_bands(mel, rng)
            spent = time.monotonic() - began
            done = spent / 60 / minutes
            if step % 200 == 0 or done >= 1:
                pupil.save(average, out)
                torch.save({"parameters": {k: v.detach() for k, v in parameters.items()},
                            "average": average, "optimiser": optimiser.state_dict(),
                            "spent": spent, "step": step, "hours": hours, "epoch": epoch},
                           out / "state.pt")  # fmt: skip
            if done >= 1:
                return
            for group in optimiser.param_groups:
                warm = min(1.0, (step + 1) / 150)
                slower = max(floor, 0.5 * (1 + math.cos(math.pi * done)))
                group["lr"] = group["top"] * warm * slower
            loss = _loss(pupil, clips, mel, lengths)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(list(parameters.values()), 1.0)
            optimiser.step()
            step, hours = step + 1, hours + sum(lengths) * 0.02 / 3600
            decay = min(0.998, (step + 1) / (step + 20))
            with torch.no_grad():
                for key, value in parameters.items():
                    average[key].mul_(decay).add_(value, alpha=1 - decay)
            losses.append(float(loss.detach()))
            if step % 50 == 0:
                row = {"step": step, "epoch": epoch, "hours": round(hours, 2),
                       "minutes": round(spent / 60, 2),
                       "loss": round(float(np.mean(losses[-50:])), 4)}  # fmt: skip
                log.write(json.dumps(row) + "\n")
                log.flush()


_fed: Any = None  # the clips of this feeder


def _take_up(kind: type[Clips], corpora: Sequence[Path], strength: float) -> None:
    global _fed
    torch.set_num_threads(1)  # there is one feeder for each core
    _fed = kind(corpora, strength)


def _feed(prepare: Callable[..., T], clips: list[Clip], epoch: int) -> T:
    return prepare(_fed, clips, epoch)


def prepared(
    data: Data,
    prepare: Callable[[Data, list[Clip], int], T],
    *,
    seed: int,
    first: int,
    frames: int,
    real_times: int,
    feeders: int = 0,
) -> Iterator[tuple[list[Clip], T, np.random.Generator, int]]:
    """Batches without end, the next ones prepared while this one is learnt.

    Gives the clips, what `prepare(data, clips, epoch)` made of them, the epoch's random numbers,
    and the epoch, of which `first` is the first. Real recordings come `real_times` in each. Without
    `feeders` one thread prepares, else so many processes; the sound is the same.
    """
    real = [c for c in data.clips if c.engine in CORPORA]
    pool: Executor
    preparing: Callable[[list[Clip], int], T]
    if feeders:
        # Not by fork: torch has threads by now, and maybe a GPU.
        pool = ProcessPoolExecutor(
            feeders, multiprocessing.get_context("spawn"), _take_up,
            (type(data), data.corpora, data.strength),
        )  # fmt: skip
        preparing = partial(_feed, prepare)
    else:
        pool = ThreadPoolExecutor(1)
        preparing = partial(prepare, data)
    try:
        epoch = first
        while True:
            rng = np.random.default_rng((seed, epoch))
            pending: list[Any] = []
            for clips in batches(data.clips + real * (real_times - 1), rng, frames):  # type: ignore[arg-type]
                pending.append((clips, pool.submit(preparing, clips, epoch)))
                if len(pending) > 3 + 2 * feeders:
                    chosen, future = pending.pop(0)
                    yield chosen, future.result(), rng, epoch
            for chosen, future in pending:
                yield chosen, future.result(), rng, epoch
            epoch += 1
    finally:
        pool.shutdown(cancel_futures=True)


def _loss(pupil: Pupil, clips: list[Clip], mel: torch.Tensor, lengths: list[int]) -> torch.Tensor:
    """CTC on both outputs, of the clips whose labels fit into what augmentation left."""
    arpabet, ipa = pupil.hear(mel)
    sizes = torch.tensor(lengths)
    usable = [i for i, c in enumerate(clips) if fits(c.ipa, lengths[i])]
    loss = ctc(ipa[usable], sizes[usable], [clips[i].ipa for i in usable])
    known = [i for i in usable if clips[i].arpabet and fits(clips[i].arpabet or (), lengths[i])]
    if known:
        english = ctc(arpabet[known], sizes[known], [clips[i].arpabet or () for i in known])
        loss = loss + len(known) / len(usable) * english
    return loss


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--encoder", default="tiny.en")
    parser.add_argument("--start", type=Path, required=True, help="head.npz to start from")
    parser.add_argument("--rank", type=int, default=32, help="of a new adapter")
    parser.add_argument("--minutes", type=float, default=75)
    parser.add_argument("--rate", type=float, default=6e-4, help="first rate of the head")
    parser.add_argument("--adapter-rate", type=float, default=1e-3)
    parser.add_argument("--frames", type=int, default=1600, help="frames of a batch")
    parser.add_argument("--strength", type=float, default=0.7, help="of augmentation")
    parser.add_argument("--dropout", type=float, default=0.15)
    parser.add_argument("--real-times", type=int, default=2, help="how often real speech is heard")
    parser.add_argument("--floor", type=float, default=0.02, help="last rate over the first")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--half", action="store_true", help="compute the encoder in bfloat16")
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    data = Clips(args.corpus, args.strength)
    pupil = Pupil(args.encoder, args.start, args.rank, args.dropout, args.half)
    size = sum(v.numel() for v in pupil.adapter.values())
    print(f"{len(data.clips)} clips, {size / 1e6:.2f} M parameters of the adapter", flush=True)
    train(data, pupil, args.out, minutes=args.minutes, rate=args.rate,
          adapter_rate=args.adapter_rate, frames=args.frames, seed=args.seed,
          real_times=args.real_times, floor=args.floor, resume=args.resume)  # fmt: skip


if __name__ == "__main__":
    main()
