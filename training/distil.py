"""Train the compact ear: CTC on the known phones, the teacher's posteriors, its encoder's features.

    python -m training.distil --features DIR [DIR …] --out RUN --teacher RUN/head.pt [--minutes 60]

`DIR` are folders of `training.features`: what was heard (`audio.i16`) and what the encoder made of
it. The student hears the same sound with more noise, other microphones and blanked bands and
stretches on top, and is to answer what the teacher answered without them. Folders that appear while
it trains (`--features` may name ones to come) are taken up at the next epoch. The seed fixes the
order and the weights; `RUN` gets `student.pt` (moving average), `state.pt` (to go on with
`--resume`), `config.json` and `log.jsonl`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from namemem.phone_recognition.log_mel import filters, window
from namemem.phone_recognition.whisper_ctc import HeadConfig, PhoneLabels, build_head
from training.features import LAYERS
from training.real_speech import CORPORA
from training.student import Student, StudentConfig
from training.train import batches, ctc

LABELS = PhoneLabels.read()


class Lesson:
    """One clip: where its sound and its features are, and its labels."""

    __slots__ = ("arpabet", "audio", "engine", "frames", "ipa", "offset", "samples", "store")

    def __init__(self, store: int, row: dict[str, Any]) -> None:
        self.store, self.offset, self.frames = store, row["offset"], row["frames"]
        self.audio, self.samples, self.engine = row["audio"], row["samples"], row["engine"]
        self.ipa = tuple(LABELS.ipa_ids(row["ipa"]))
        self.arpabet = tuple(LABELS.arpabet_ids(row["arpabet"])) if row["arpabet"] else None


class Lessons:
    """All clips of the folders that are complete."""

    def __init__(self, folders: Sequence[Path], width: int = 384) -> None:
        self.pending, self.width = list(folders), width
        self.features: list[np.ndarray] = []
        self.audio: list[np.ndarray] = []
        self.examples: list[Any] = []
        self.refresh()

    def refresh(self) -> None:
        """Take up folders whose `done` marker has come."""
        for folder in [f for f in self.pending if (f / "done").exists()]:
            self.pending.remove(folder)
            values = np.memmap(folder / "features.f16", dtype=np.float16, mode="r")
            self.features.append(values.reshape(-1, len(LAYERS), self.width))
            self.audio.append(np.memmap(folder / "audio.i16", dtype="<i2", mode="r"))
            with (folder / "features.jsonl").open(encoding="utf-8") as index:
                lessons = [Lesson(len(self.features) - 1, json.loads(line)) for line in index]
            self.examples += [
                x for x in lessons if 0 < 2 * max(len(x.ipa), len(x.arpabet or ())) < 2 * x.frames
            ]

    def batch(self, chosen: Sequence[Any]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Samples [batch, n], layers [batch, frames, layers, width], lengths in frames."""
        longest = max(x.samples for x in chosen)
        longest += -longest % 640
        sound = np.zeros((len(chosen), longest), dtype=np.float32)
        layers = np.zeros((len(chosen), longest // 320, len(LAYERS), self.width), dtype=np.float32)
        for i, x in enumerate(chosen):
            sound[i, : x.samples] = self.audio[x.store][x.audio : x.audio + x.samples]
            layers[i, : x.frames] = self.features[x.store][x.offset : x.offset + x.frames]
        lengths = torch.tensor([x.frames for x in chosen])
        return torch.from_numpy(sound / 32768.0), torch.from_numpy(layers), lengths


def spoil(sound: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """More noise on half of the clips: coloured, or what others of the batch say; a tilt on some.

    The time line stays what it was, so that the teacher's frames still fit.
    """
    out = sound.clone()
    n = sound.shape[1]
    level = sound.pow(2).mean(1).sqrt() + 1e-5
    for i in range(len(out)):
        if rng.random() < 0.3:
            a = float(rng.uniform(-0.5, 0.6))
            out[i, 1:] = out[i, 1:] - a * sound[i, :-1]
        if rng.random() < 0.5:
            if rng.random() < 0.3 and len(out) > 2:
                others = rng.choice(len(out), min(3, len(out) - 1), replace=False)
                shifts = rng.integers(0, n, len(others))
                noise = sum(
                    torch.roll(sound[int(j)], int(s)) / level[int(j)]
                    for j, s in zip(others, shifts, strict=True)
                )
                low = 5.0
            else:
                white = torch.from_numpy(rng.standard_normal(n).astype(np.float32))
                spectrum = torch.fft.rfft(white)
                slope = torch.linspace(0, 8000, len(spectrum)).clamp(min=40.0)
                noise = torch.fft.irfft(spectrum / slope ** float(rng.uniform(0, 1.1)), n)
                low = 0.0
            power = out[i].pow(2).mean().sqrt() + 1e-6
            snr = float(rng.uniform(low, 25.0))
            noise = torch.as_tensor(noise)
            out[i] = out[i] + noise / (noise.pow(2).mean().sqrt() + 1e-9) * power * 10 ** (
                -snr / 20
            )
    return out


def log_mel(sound: torch.Tensor, rng: np.random.Generator | None = None) -> torch.Tensor:
    """[batch, n] → [batch, n / 160, 80] as `log_mel.log_mel`; with `rng`, bands and times blank."""
    spectrum = torch.stft(
        sound, 400, 160, window=torch.from_numpy(window()), return_complex=True, pad_mode="reflect"
    )
    power = spectrum[..., :-1].abs().pow(2)
    powers = (torch.from_numpy(filters()) @ power).clamp(min=1e-10).log10()
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


def train(
    lessons: Lessons,
    config: StudentConfig,
    teacher: Any,
    out: Path,
    *,
    minutes: float,
    rate: float,
    frames: int,
    seed: int,
    losses: tuple[float, float, float],
    resume: bool,
    start: Path | None = None,
    floor: float = 0.02,
    hours_to_hear: float | None = None,
    real_times: int = 1,
) -> None:
    """Train for a fixed time, or until `hours_to_hear` hours of audio were heard.

    `losses` weigh CTC, posteriors and features; real recordings come `real_times` in an epoch.
    """
    out.mkdir(parents=True, exist_ok=True)
    (out / "config.json").write_text(json.dumps(asdict(config)) + "\n")
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    student = Student(config)
    optimiser = torch.optim.AdamW(
        student.parameters(), lr=rate, weight_decay=0.02, betas=(0.9, 0.98)
    )
    average = {k: v.clone() for k, v in student.state_dict().items()}
    spent, step, hours = 0.0, 0, 0.0
    if start is not None:
        student.load_state_dict(torch.load(start, weights_only=True))
        average = {k: v.clone() for k, v in student.state_dict().items()}
    if resume and (out / "state.pt").exists():
        saved = torch.load(out / "state.pt", weights_only=True)
        student.load_state_dict(saved["student"])
        optimiser.load_state_dict(saved["optimiser"])
        average, spent, step, hours = (saved[k] for k in ("average", "spent", "step", "hours"))
        rng = np.random.default_rng((seed, step))
    history: list[tuple[float, ...]] = []
    began = time.monotonic() - spent
    ctc_weight, posterior_weight, feature_weight = losses
    with (out / "log.jsonl").open("a" if resume else "w") as log:
        while True:
            lessons.refresh()
            real = [x for x in lessons.examples if x.engine in CORPORA]
            for chosen in batches(lessons.examples + real * (real_times - 1), rng, frames):
                spent = time.monotonic() - began
                done = hours / hours_to_hear if hours_to_hear else spent / 60 / minutes
                if step % 400 == 0 or done >= 1:
                    torch.save(average, out / "student.pt")
                    torch.save({"student": student.state_dict(), "average": average,
                                "optimiser": optimiser.state_dict(), "spent": spent,
                                "step": step, "hours": hours}, out / "state.pt")  # fmt: skip
                if done >= 1:
                    return
                for group in optimiser.param_groups:
                    warm = min(1.0, (step + 1) / 200)
                    group["lr"] = rate * warm * max(floor, 0.5 * (1 + np.cos(np.pi * done)))
                sound, layers, lengths = lessons.batch(chosen)
                mel = log_mel(spoil(sound, rng), rng)
                arpabet, ipa, guess = student.learn(mel)
                loss_ctc = ctc(ipa, lengths, [x.ipa for x in chosen])
                known = [i for i, x in enumerate(chosen) if x.arpabet]
                if known:
                    targets = [chosen[i].arpabet for i in known]
                    loss_ctc = loss_ctc + len(known) / len(chosen) * ctc(
                        arpabet[known], lengths[known], targets
                    )
                mask = torch.arange(mel.shape[1] // 2)[None] < lengths[:, None]
                loss_posterior = loss_feature = torch.zeros(())
                if posterior_weight:
                    with torch.inference_mode():
                        english, native = teacher(layers)
                    loss_posterior = agreement(ipa, native.clone(), mask)
                    loss_posterior = loss_posterior + agreement(arpabet, english.clone(), mask)
                if feature_weight:
                    aim = F.layer_norm(layers[:, :, 2:].mean(2), (layers.shape[-1],))
                    loss_feature = (guess - aim).pow(2).mean(-1)[mask].mean()
                loss = (
                    ctc_weight * loss_ctc
                    + posterior_weight * loss_posterior
                    + feature_weight * loss_feature
                )
                optimiser.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
                optimiser.step()
                step, hours = step + 1, hours + float(lengths.sum()) * 0.02 / 3600
                decay = min(0.999, (step + 1) / (step + 20))
                with torch.no_grad():
                    for key, value in student.state_dict().items():
                        average[key].mul_(decay).add_(value, alpha=1 - decay)
                history.append(
                    (float(loss_ctc.detach()), float(loss_posterior), float(loss_feature))
                )
                if step % 50 == 0:
                    a, b, c = np.mean(history[-50:], axis=0)
                    row = {"step": step, "hours": round(hours, 2), "minutes": round(spent / 60, 2),
                           "ctc": round(a, 4), "posterior": round(b, 4), "feature": round(c, 4),
                           "clips": len(lessons.examples)}  # fmt: skip
                    log.write(json.dumps(row) + "\n")
                    log.flush()


def load_teacher(run: Path) -> Any:
    """The head of a training run, or of a weights file."""
    if run.suffix == ".npz":
        from namemem.phone_recognition.whisper_ctc import read_head

        return read_head(run)[0]
    raw = json.loads((run / "config.json").read_text())
    head = build_head(HeadConfig(**{**raw, "layers": tuple(raw["layers"])}))
    head.load_state_dict(torch.load(run / "head.pt", weights_only=True))
    return head.eval()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--features", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--teacher", type=Path, required=True, help="training run or head.npz")
    parser.add_argument("--set", nargs="*", default=[], help="fields of StudentConfig, key=value")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--frames", type=int, default=2000, help="frames of a batch")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--losses", type=float, nargs=3, default=(1.0, 2.0, 1.0),
                        help="weights of CTC, posteriors, features")  # fmt: skip
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--start", type=Path, help="student.pt to start from")
    parser.add_argument("--floor", type=float, default=0.02, help="last rate over the first")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--hours", type=float, help="stop after so much audio, not after minutes")
    parser.add_argument("--real-times", type=int, default=1, help="how often real speech is heard")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    config = StudentConfig(arpabet=len(LABELS.arpabet), ipa=len(LABELS.ipa))
    types = {f.name: type(getattr(config, f.name)) for f in fields(config)}
    for setting in args.set:
        key, value = setting.split("=")
        config = replace(config, **{key: types[key](value)})
    lessons = Lessons(args.features)
    size = sum(p.numel() for p in Student(config).parameters())
    print(f"{len(lessons.examples)} clips, {size / 1e6:.2f} M parameters", flush=True)
    train(lessons, config, load_teacher(args.teacher), args.out, minutes=args.minutes,
          rate=args.rate, frames=args.frames, seed=args.seed, losses=tuple(args.losses),
          resume=args.resume, start=args.start, floor=args.floor,
          hours_to_hear=args.hours, real_times=args.real_times)  # fmt: skip


if __name__ == "__main__":
    main()
