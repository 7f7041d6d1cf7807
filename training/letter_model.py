"""Train the letter model: spelling → phones by CTC, English and IPA outputs over one trunk.

    python -m training.letter_model --work WORK [--minutes 20] [--out namemem/g2p/weights]

English phones come from CMUdict (words that are first or family names count four times), IPA from
espeak-ng's reading of Faker's names in their own languages. Names of `heldout.toml` are left out by
spelling and by sound.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from namemem.letters import PER_SYMBOL, SYMBOLS, encode
from namemem.phone_recognition.whisper_ctc import PhoneLabels
from training import material
from training.heldout import fold, held_out

LABELS = PhoneLabels.read()
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

    def __init__(self, width: int, blocks: int, kernel: int = 5, dropout: float = 0.1) -> None:
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
    """Names of Faker's locales, read by espeak-ng's voice of their language."""
    from namemem.g2p.espeak import EspeakG2p

    espeak, out = EspeakG2p(), held_out()
    pairs: list[Pair] = []
    for voice, locales in material.LANGUAGES.items():
        spellings = {n for locale in locales for n in material.names(locale)}
        share = max(1, round(material.SHARE.get(voice, 1) / 2))
        for name in sorted(spellings):
            symbols = encode(name)
            if symbols is None or out.excludes_text(name):
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
            pairs += [(symbols, None, LABELS.ipa_ids(labels))] * share
    return pairs


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


def train(pairs: list[Pair], width: int, blocks: int, minutes: float, seed: int) -> Letters:
    """AdamW, cosine over the given time; every 50th pair is kept back for a running figure."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    rng.shuffle(pairs)
    held, pairs = pairs[::50], [p for i, p in enumerate(pairs) if i % 50]
    model = Letters(width, blocks)
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
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
                model.load_state_dict(average)
                model.eval()
                print(f"kept back: {_mean(model, held):.3f} nats a spelling", flush=True)
                return model
            for group in optimiser.param_groups:
                warm = min(1.0, (step + 1) / 100)
                group["lr"] = 3e-3 * warm * max(0.01, 0.5 * (1 + np.cos(np.pi * done)))
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
            if step % 200 == 0:
                print(f"{step} steps, {done * minutes:.1f} min: {float(loss):.3f}", flush=True)


def _mean(model: Letters, pairs: list[Pair]) -> float:
    with torch.inference_mode():
        losses = [float(loss_of(model, pairs[i : i + 64])) for i in range(0, len(pairs), 64)]
    return float(np.mean(losses))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--width", type=int, default=144)
    parser.add_argument("--blocks", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    english, native = english_pairs(), native_pairs()
    print(f"{len(english)} English and {len(native)} native pairs", flush=True)
    model = train(english + native, args.width, args.blocks, args.minutes, args.seed)
    metadata = {
        "version": "1", "blocks": args.blocks, "width": args.width, "seed": args.seed,
        "english": len(english), "native": len(native), "minutes": args.minutes,
    }  # fmt: skip
    arrays = {k: v.numpy().astype(np.float16) for k, v in model.state_dict().items()}
    args.out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(args.out / "letters.npz", metadata=np.array(json.dumps(metadata)), **arrays)


if __name__ == "__main__":
    main()
