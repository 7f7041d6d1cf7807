"""Train the compact ear: CTC on the known phones, the teacher's posteriors, its encoder's features.

    python -m training.distil --corpus CORPUS [CORPUS …] --out RUN --encoder tiny.en \\
        [--teacher HEAD.npz] [--minutes 100] [--start compact.onnx]

The teacher is the full ear. It hears each clip clean; the student hears the same clip in a room,
in noise, by another microphone and with another vocal tract, at the same time, and is to answer
what the teacher answered (J. Li et al. 2017, "Large-scale domain adaptation via teacher-student
learning", arXiv:1708.05466), unless it did not hear what a synthesiser is known to have said. Every
clip is augmented anew each time it is heard. A clip whose phones nobody knows (`"ipa": []`) teaches
by the posteriors alone. The seed fixes the order and the weights; `RUN` gets `student.pt` (moving
average), `state.pt` (to go on with `--resume`), `config.json` and `log.jsonl`.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from namemem.phone_recognition.ctc_head import read_head
from namemem.phone_recognition.log_mel import SAMPLE_RATE, filters, window
from namemem.phone_recognition.whisper_encoder import encoder_layers, frame_count
from training import augment
from training.adapt import LABELS, PADDED, Clip, Clips, half_precision, prepared
from training.export_student import read_student
from training.features import load_encoder
from training.inventory import WEIGHTS
from training.real_speech import CORPORA, UNWRITTEN
from training.student import Student, StudentConfig
from training.train import ctc, ctc_of_each, fits

WARPS = np.linspace(0.92, 1.08, 9)
"""Vocal tracts: what the frequency axis is stretched by (Jaitly and Hinton 2013, VTLP)."""
PIECE = (0.7 * SAMPLE_RATE, 3.0 * SAMPLE_RATE)
"""Samples of a piece of a long recording, at least and at most."""
DOUBT = 1.5
"""Nats a phone: a teacher that finds a synthesised clip's phones less likely is not believed."""


class Teacher:
    """The full ear: posteriors and features of a batch of clean clips."""

    def __init__(self, encoder: str, head: Path, device: str = "cpu") -> None:
        self.encoder = load_encoder(encoder, head).to(device)
        self.head, _, metadata = read_head(head)
        self.head.to(device)
        self.layers = metadata["config"]["layers"]

    def answer(self, mel: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Whisper's log-mel → log-posteriors of ARPABET and IPA, and features to imitate."""
        with torch.no_grad():
            layers = [x.float() for x in encoder_layers(self.encoder, mel)]
            with torch.autocast(mel.device.type, enabled=False):
                arpabet, ipa = self.head(torch.stack([layers[i] for i in self.layers], 2))
            middle = torch.stack(layers[-2:], 2).mean(2)
            return arpabet, ipa, F.layer_norm(middle, (middle.shape[-1],))


class Lessons(Clips):
    """Clips as the teacher and as the student hear them.

    Of every long real recording there is also a piece of a name's length, cut anywhere, whose
    phones only the teacher knows: sentences alone do not teach what a short clip sounds like.
    """

    needs_phones = False

    def __init__(self, corpora: Sequence[Path], strength: float) -> None:
        super().__init__(corpora, strength)
        rng = np.random.default_rng(1)
        long = [c for c in self.clips if c.length > PIECE[1] and c.engine in CORPORA | UNWRITTEN]
        for clip in long:
            length = int(rng.uniform(*PIECE))
            start = clip.offset + int(rng.uniform(0, clip.length - length))
            self.clips.append(replace(clip, offset=start, length=length, ipa=(), arpabet=None,
                                      frames=length // 320 + PADDED, engine="piece"))  # fmt: skip

    def pair(self, clip: Clip, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        """Float32 samples, clean and spoiled, of one length."""
        rng = np.random.default_rng((epoch, clip.corpus, clip.offset))
        clean = augment.timed(self.samples(clip), rng, self.strength)
        clean = (0.7 / (float(np.abs(clean).max()) + 1e-9) * clean).astype(np.float32)
        return clean, augment.coloured(clean, rng, self.others, self.strength)[: len(clean)]

    def lesson(self, clips: Sequence[Clip], epoch: int) -> tuple[torch.Tensor, ...]:
        """Whisper's log-mel of the clean clips, the student's of the spoiled ones, frames each."""
        import whisper

        pairs = [self.pair(clip, epoch) for clip in clips]
        longest = max(len(x) for x, _ in pairs)
        longest += -longest % 640
        sounds = np.zeros((2, len(pairs), longest), dtype=np.float32)
        for i, pair in enumerate(pairs):
            for sound, x in zip(sounds, pair, strict=True):
                sound[i, : len(x)] = x
        clean = torch.stack([whisper.log_mel_spectrogram(torch.from_numpy(x)) for x in sounds[0]])
        rng = np.random.default_rng((epoch, clips[0].corpus, clips[0].row))
        spoiled = log_mel(torch.from_numpy(sounds[1]), rng)
        return clean, spoiled, torch.tensor([frame_count(len(x)) for x, _ in pairs])


def _warped(factor: float) -> torch.Tensor:
    bins = np.arange(filters().shape[1])
    rows = [np.interp(bins * factor, bins, row, right=0.0) for row in filters()]
    return torch.from_numpy(np.array(rows, dtype=np.float32))


def log_mel(sound: torch.Tensor, rng: np.random.Generator | None = None) -> torch.Tensor:
    """[batch, n] → [batch, n / 160, 80] as `log_mel.log_mel`.

    With `rng` half of the clips get another vocal tract, and bands and times are blanked.
    """
    spectrum = torch.stft(
        sound, 400, 160, window=torch.from_numpy(window()), return_complex=True, pad_mode="reflect"
    )
    power = spectrum[..., :-1].abs().pow(2)
    banks = [torch.from_numpy(filters())] * len(sound)
    if rng is not None:
        banks = [_warped(float(rng.choice(WARPS))) if rng.random() < 0.5 else b for b in banks]
    powers = (torch.stack(banks) @ power).clamp(min=1e-10).log10()
    top = powers.amax((1, 2), keepdim=True)
    mel = ((torch.maximum(powers, top - 8.0) - top) / 4.0 + 1.0).transpose(1, 2)
    if rng is not None:
        for row in mel:
            for _ in range(int(rng.integers(0, 3))):
                start, size = int(rng.integers(0, 74)), int(rng.integers(1, 13))
                row[:, start : start + size] = row[:, start : start + size].mean()
            for _ in range(int(rng.integers(0, 3))):
                start, size = int(rng.integers(0, len(row))), int(rng.integers(2, 13))
                row[start : start + size] = row.mean()
    return mel


def agreement(student: torch.Tensor, teacher: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Kullback-Leibler divergence of the teacher's posteriors, nats a frame."""
    return F.kl_div(student, teacher, log_target=True, reduction="none").sum(-1)[mask].mean()


def believed(ipa: torch.Tensor, clips: Sequence[Clip], lengths: torch.Tensor) -> torch.Tensor:
    """Of which clips the teacher's posteriors are worth learning, bool [batch].

    What a synthesiser said is known exactly, so a teacher that hears something else is wrong. The
    phones of real recordings are a dictionary's, and there the teacher may know better.
    """
    out = torch.ones(len(clips), dtype=torch.bool)
    made = [i for i, clip in enumerate(clips) if clip.engine not in CORPORA and clip.ipa]
    asked = [i for i in made if fits(clips[i].ipa, int(lengths[i]))]
    if asked:
        doubts = ctc_of_each(ipa[asked], lengths[asked], [clips[i].ipa for i in asked])
        out[asked] = (doubts < DOUBT).cpu()
    return out


def known_phones(
    arpabet: torch.Tensor, ipa: torch.Tensor, clips: Sequence[Clip], lengths: torch.Tensor
) -> torch.Tensor:
    """CTC on both outputs, of the clips whose phones are known and fit."""
    loss = torch.zeros((), device=ipa.device)
    for output, labels in ((ipa, [c.ipa for c in clips]), (arpabet, [c.arpabet for c in clips])):
        known = [i for i, x in enumerate(labels) if x and fits(x, int(lengths[i]))]
        if known:
            targets = [labels[i] or () for i in known]
            share = len(known) / len(clips)
            loss = loss + share * ctc(output[known], lengths[known], targets)
    return loss


def on_cpu(state: Any) -> Any:
    """The same nested state with its tensors in main memory, so that any machine can go on."""
    if isinstance(state, dict):
        return {key: on_cpu(value) for key, value in state.items()}
    return state.cpu() if isinstance(state, torch.Tensor) else state


def train(
    lessons: Lessons,
    student: Student,
    teacher: Teacher,
    out: Path,
    *,
    minutes: float,
    rate: float,
    frames: int,
    seed: int,
    losses: tuple[float, float, float],
    resume: bool,
    floor: float = 0.02,
    hours_to_hear: float | None = None,
    real_times: int = 2,
    half: bool = False,
    feeders: int = 0,
) -> None:
    """Train for a fixed time, or until `hours_to_hear` hours of audio were heard.

    `losses` weigh CTC, posteriors and features; real recordings come `real_times` in an epoch; with
    `half` both networks are computed in bfloat16; `feeders` as in `adapt.prepared`.
    """
    out.mkdir(parents=True, exist_ok=True)
    (out / "config.json").write_text(json.dumps(asdict(student.config)) + "\n")
    optimiser = torch.optim.AdamW(
        student.parameters(), lr=rate, weight_decay=0.02, betas=(0.9, 0.98)
    )
    average = {k: v.clone() for k, v in student.state_dict().items()}
    spent, step, hours, first = 0.0, 0, 0.0, 0
    if resume and (out / "state.pt").exists():
        device = next(student.parameters()).device
        saved = torch.load(out / "state.pt", weights_only=True, map_location=device)
        student.load_state_dict(saved["student"])
        optimiser.load_state_dict(saved["optimiser"])
        average, spent, step, hours = (saved[k] for k in ("average", "spent", "step", "hours"))
        first = saved["epoch"] + 1
    history: list[tuple[float, ...]] = []
    began = time.monotonic() - spent
    with (out / "log.jsonl").open("a" if resume else "w") as log:
        for clips, lesson, _, epoch in prepared(
            lessons, Lessons.lesson, seed=seed, first=first, frames=frames, real_times=real_times,
            feeders=feeders,
        ):  # fmt: skip
            spent = time.monotonic() - began
            done = hours / hours_to_hear if hours_to_hear else spent / 60 / minutes
            if step % 200 == 0 or done >= 1:
                torch.save(on_cpu(average), out / "student.pt")
                state = {"student": student.state_dict(), "average": average,
                         "optimiser": optimiser.state_dict(), "spent": spent, "step": step,
                         "hours": hours, "epoch": epoch}  # fmt: skip
                torch.save(on_cpu(state), out / "state.pt")
            if done >= 1:
                return
            for group in optimiser.param_groups:
                warm = min(1.0, (step + 1) / 200)
                group["lr"] = rate * warm * max(floor, 0.5 * (1 + math.cos(math.pi * done)))
            taught = any(losses[1:])
            parts = _losses(student, teacher if taught else None, clips, lesson, half)
            loss = sum(w * part for w, part in zip(losses, parts, strict=True))
            optimiser.zero_grad()
            torch.as_tensor(loss).backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
            optimiser.step()
            step, hours = step + 1, hours + float(lesson[2].sum()) * 0.02 / 3600
            decay = min(0.999, (step + 1) / (step + 20))
            with torch.no_grad():
                for key, value in student.state_dict().items():
                    average[key].mul_(decay).add_(value, alpha=1 - decay)
            history.append(tuple(float(part.detach()) for part in parts))
            if step % 50 == 0:
                a, b, c = np.mean(history[-50:], axis=0)
                row = {"step": step, "epoch": epoch, "hours": round(hours, 2),
                       "minutes": round(spent / 60, 2), "ctc": round(a, 4),
                       "posterior": round(b, 4), "feature": round(c, 4)}  # fmt: skip
                log.write(json.dumps(row) + "\n")
                log.flush()


def _losses(
    student: Student,
    teacher: Teacher | None,
    clips: Sequence[Clip],
    lesson: tuple[torch.Tensor, ...],
    half: bool,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """CTC, posteriors, features; the last two are nothing without a teacher."""
    clean, spoiled, lengths = lesson
    device = next(student.parameters()).device
    with half_precision(half, device.type):
        arpabet, ipa, guess = student.learn(spoiled.to(device))
    if teacher is None:
        nothing = torch.zeros((), device=device)
        return known_phones(arpabet, ipa, clips, lengths), nothing, nothing
    with half_precision(half, device.type):
        english, native, aim = teacher.answer(clean.to(device))
    mask = (torch.arange(ipa.shape[1])[None] < lengths[:, None]).to(device)
    sure = mask & believed(native, clips, lengths)[:, None].to(device)
    posterior = torch.zeros((), device=device)
    if sure.any():
        posterior = agreement(ipa, native, sure) + agreement(arpabet, english, sure)
    feature = (guess - aim).pow(2).mean(-1)[mask].mean()
    return known_phones(arpabet, ipa, clips, lengths), posterior, feature


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--encoder", default="tiny.en", help="Whisper model name or checkpoint")
    parser.add_argument("--teacher", type=Path, default=WEIGHTS / "head.npz")
    parser.add_argument("--set", nargs="*", default=[], help="fields of StudentConfig, key=value")
    parser.add_argument(
        "--start", type=Path, help="compact.onnx to start from; blocks it lacks begin as nothing"
    )
    parser.add_argument("--minutes", type=float, default=100)
    parser.add_argument("--hours", type=float, help="stop after so much audio, not after minutes")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--floor", type=float, default=0.02, help="last rate over the first")
    parser.add_argument("--frames", type=int, default=1600, help="frames of a batch")
    parser.add_argument("--losses", type=float, nargs=3, default=(1.0, 2.0, 1.0),
                        help="weights of CTC, posteriors, features")  # fmt: skip
    parser.add_argument("--strength", type=float, default=0.9, help="of augmentation")
    parser.add_argument("--real-times", type=int, default=2, help="how often real speech is heard")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--half", action="store_true", help="compute in bfloat16: see adapt.py")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--device", default="cpu", help="cuda, where there is one")
    parser.add_argument("--feeders", type=int, default=0,
                        help="processes that prepare the sound: 4 keep a GPU busy")  # fmt: skip
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    config = StudentConfig(arpabet=len(LABELS.arpabet), ipa=len(LABELS.ipa))
    types = {f.name: type(getattr(config, f.name)) for f in fields(config)}
    for setting in args.set:
        key, value = setting.split("=")
        config = replace(config, **{key: types[key](value)})
    student = Student(config)
    if args.start is not None:
        read_student(args.start, student)
    lessons = Lessons(args.corpus, args.strength)
    size = sum(p.numel() for p in student.parameters())
    print(f"{len(lessons.clips)} clips, {size / 1e6:.2f} M parameters", flush=True)
    teacher = Teacher(args.encoder, args.teacher, args.device)
    train(lessons, student.to(args.device), teacher, args.out,
          minutes=args.minutes, rate=args.rate, frames=args.frames, seed=args.seed,
          losses=tuple(args.losses), resume=args.resume, floor=args.floor,
          hours_to_hear=args.hours, real_times=args.real_times, half=args.half,
          feeders=args.feeders)  # fmt: skip


if __name__ == "__main__":
    main()
