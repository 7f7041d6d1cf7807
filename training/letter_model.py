"""Train the letter model: spelling → phones by CTC, English and IPA outputs over one trunk.

    python -m training.letter_model --work WORK [--minutes 20] [--out namemem/g2p/weights]

English phones come from CMUdict (words that are first or family names count four times), IPA from
espeak-ng's reading of Faker's names in their own languages, in their own letters and, where those
are not Latin, as they are written abroad, and of some of their words. Names of `heldout.toml` are
left out by spelling and by sound.
"""

from __future__ import annotations

import argparse
import functools
import json
import random
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from namemem.g2p.espeak import EspeakG2p
from namemem.letters import PER_SYMBOL, SYMBOLS, encode
from namemem.phone_recognition.whisper_ctc import PhoneLabels
from training import material
from training.adapt import half_precision
from training.heldout import fold, held_out
from training.romanised import romanised

LABELS = PhoneLabels.read()
VERSION = "2"
WORDS = 1500
"""Words of a language, at most."""
WEIGHTS = Path(__file__).parent.parent / "namemem" / "g2p" / "weights"
Pair = tuple[list[int], list[int] | None, list[int] | None]


class Block(nn.Module):
    """Depthwise convolution over letters, norm, two pointwise layers, residual."""

    def __init__(self, width: int, kernel: int, dropout: float) -> None:
        super().__init__()
        self.depthwise = nn.Conv1d(width, width, kernel, padding=kernel // 2, groups=width)
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, 2 * width)
        self.down = nn.Linear(2 * width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[batch, places, width] → the same."""
        y = self.depthwise(x.transpose(1, 2)).transpose(1, 2)
        y = self.down(F.gelu(self.up(self.norm(y)), approximate="tanh"))
        out: torch.Tensor = x + self.dropout(y)
        return out


class Letters(nn.Module):
    """Symbol indices [batch, n] → log-posteriors [batch, n * PER_SYMBOL, labels], both outputs."""

    def __init__(self, width: int, blocks: int, kernel: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.embed = nn.Embedding(len(SYMBOLS), width)
        self.place = nn.Parameter(torch.randn(PER_SYMBOL, width) * 0.1)
        self.blocks = nn.ModuleList(Block(width, kernel, dropout) for _ in range(blocks))
        self.final = nn.LayerNorm(width)
        self.arpabet = nn.Linear(width, len(LABELS.arpabet))
        self.ipa = nn.Linear(width, len(LABELS.ipa))

    def forward(self, symbols: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = self.embed(symbols).repeat_interleave(PER_SYMBOL, dim=1)
        x = x + self.place.repeat(symbols.shape[1], 1)
        for block in self.blocks:
            x = block(x)
        x = self.final(x)
        return self.arpabet(x).log_softmax(-1), self.ipa(x).log_softmax(-1)


def english_pairs() -> list[Pair]:
    """CMUdict, those words that Faker's English locales have as names four times."""
    out = held_out()
    locales = ("en_US", "en_GB", "en_IN", "en_IE", "en_NZ")
    names = {n.casefold() for locale in locales for n in material.names(locale)}
    pairs: list[Pair] = []
    for word, phones in material.cmudict():
        symbols = encode(word)
        if symbols is None or fold(word) in out.spellings or out.excludes_word(arpabet=phones):
            continue
        ids = LABELS.arpabet_ids([p.rstrip("012") for p in phones])
        if len(ids) <= PER_SYMBOL * len(symbols) - 2:
            pairs += [(symbols, ids, None)] * (4 if word in names else 1)
    return pairs


def native_pairs() -> list[Pair]:
    """Names and words of Faker's locales, read by espeak-ng's voice of their language."""
    pairs: list[Pair] = []
    for voice, locales in material.LANGUAGES.items():
        names = {n for locale in locales for n in material.names(locale)}
        spelled = [(n, n) for n in sorted(names)] + list(romanised(voice))
        pairs += _read(voice, spelled) * max(1, round(material.SHARE.get(voice, 1) / 2))
        if voice not in material.ENGLISH:
            words = sorted({w for locale in locales for w in material.words(locale)})
            random.Random(voice).shuffle(words)
            pairs += _read(voice, [(w, w) for w in words[:WORDS]])
    return pairs


def _read(voice: str, spelled: list[tuple[str, str]]) -> list[Pair]:
    """Pairs of (what the voice reads, how it is written in Latin letters)."""
    espeak, out = _espeak(), held_out()
    pairs: list[Pair] = []
    for name, written in spelled:
        symbols = encode(written)
        if symbols is None or out.excludes_text(name) or out.excludes_text(written):
            continue
        reading = espeak.read(name, voice)
        if reading is None:
            continue
        try:
            labels = [x for unit in reading.units for x in LABELS.ipa_for(unit)]
        except ValueError:
            continue
        if tuple(labels) in out.ipa or len(labels) > PER_SYMBOL * len(symbols) - 2:
            continue
        pairs.append((symbols, None, LABELS.ipa_ids(labels)))
    return pairs


@functools.cache
def _espeak() -> EspeakG2p:
    return EspeakG2p()


def _ctc(log_probs: torch.Tensor, targets: list[list[int]], sizes: list[int]) -> torch.Tensor:
    flat = torch.tensor([i for t in targets for i in t])
    lengths = torch.tensor([len(t) for t in targets])
    return F.ctc_loss(
        log_probs.transpose(0, 1), flat, torch.tensor(sizes), lengths, 0, "sum", zero_infinity=True
    )


def loss_of(model: Letters, batch: list[Pair]) -> torch.Tensor:
    """Nats per spelling."""
    longest = max(len(s) for s, _, _ in batch)
    symbols = torch.full((len(batch), longest), SYMBOLS.index(" "))
    for i, (s, _, _) in enumerate(batch):
        symbols[i, : len(s)] = torch.tensor(s)
    english, ipa = model(symbols)
    total = torch.zeros(())
    for output, which in ((english, 1), (ipa, 2)):
        rows = [i for i, pair in enumerate(batch) if pair[which] is not None]
        if rows:
            sizes = [PER_SYMBOL * len(batch[i][0]) for i in rows]
            targets = [list(batch[i][which] or ()) for i in rows]
            total = total + _ctc(output[rows], targets, sizes)
    return total / len(batch)


def train(
    pairs: list[Pair], model: Letters, rate: float, minutes: float, seed: int, half: bool
) -> Letters:
    """AdamW, cosine over the given time; every 50th spelling is kept back for a running figure."""
    rng = random.Random(seed)
    spellings = sorted({tuple(p[0]) for p in pairs})
    rng.shuffle(spellings)
    kept_back = set(spellings[::50])
    held = [p for p in pairs if tuple(p[0]) in kept_back]
    pairs = [p for p in pairs if tuple(p[0]) not in kept_back]
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01)
    average = {k: v.clone() for k, v in model.state_dict().items()}
    began, step = time.monotonic(), 0
    while True:
        rng.shuffle(pairs)
        pairs.sort(key=lambda p: len(p[0]) + rng.random() * 3)
        groups = [pairs[i : i + 192] for i in range(0, len(pairs), 192)]
        rng.shuffle(groups)
        for batch in groups:
            done = (time.monotonic() - began) / 60 / minutes
            if done >= 1:
                print(f"kept back: {_kept(model, average, held)} nats", flush=True)
                return model
            for group in optimiser.param_groups:
                warm = min(1.0, (step + 1) / 100)
                group["lr"] = rate * warm * max(0.01, 0.5 * (1 + np.cos(np.pi * done)))
            with half_precision(half):
                loss = loss_of(model, batch)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimiser.step()
            step += 1
            decay = min(0.998, (step + 1) / (step + 20))
            with torch.no_grad():
                for key, value in model.state_dict().items():
                    average[key].mul_(decay).add_(value, alpha=1 - decay)
            if step % 500 == 0:
                print(f"{step} steps, {done * minutes:.1f} min: {float(loss):.3f}", flush=True)
            if step % 4000 == 0:
                now = {k: v.clone() for k, v in model.state_dict().items()}
                print(f"kept back: {_kept(model, average, held)} nats", flush=True)
                model.load_state_dict(now)
                model.train()


def _kept(model: Letters, weights: dict[str, torch.Tensor], pairs: list[Pair]) -> str:
    """Nats a spelling of the English and of the native ones kept back; the model gets `weights`."""
    model.load_state_dict(weights)
    model.eval()
    found = []
    for which in (1, 2):
        own = [p for p in pairs if p[which] is not None]
        with torch.inference_mode():
            losses = [float(loss_of(model, own[i : i + 64])) for i in range(0, len(own), 64)]
        found.append(f"{np.mean(losses):.3f}")
    return " English, ".join(found) + " native"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--blocks", type=int, default=6)
    parser.add_argument("--kernel", type=int, default=7)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--half", action="store_true", help="compute in bfloat16: see adapt.py")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    english, native = english_pairs(), native_pairs()
    print(f"{len(english)} English and {len(native)} native pairs", flush=True)
    torch.manual_seed(args.seed)
    model = Letters(args.width, args.blocks, args.kernel, args.dropout)
    model = train(english + native, model, args.rate, args.minutes, args.seed, args.half)
    metadata = {
        "version": VERSION, "blocks": args.blocks, "width": args.width, "seed": args.seed,
        "english": len(english), "native": len(native), "minutes": args.minutes,
    }  # fmt: skip
    arrays = {k: v.numpy().astype(np.float16) for k, v in model.state_dict().items()}
    args.out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(args.out / "letters.npz", metadata=np.array(json.dumps(metadata)), **arrays)


if __name__ == "__main__":
    main()
