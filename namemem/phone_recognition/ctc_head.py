"""The trainable part of the ear on Whisper's encoder: its shape, its file, its network."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class HeadConfig:
    """Shape of the head; written beside the weights.

    `layers` are indices into `encoder_layers`; `arpabet` and `ipa` count labels with the blank.
    """

    layers: tuple[int, ...] = (1, 2, 3, 4)
    encoder_width: int = 384
    width: int = 256
    blocks: int = 1
    kernel: int = 7
    gru_layers: int = 2
    gru_width: int = 192
    dropout: float = 0.15
    arpabet: int = 40
    ipa: int = 108


def read_head(path: Path) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """The head (`torch.nn.Module`, float32, evaluation mode), the encoder's adapter, the metadata.

    The file is an npz of float16 arrays with one JSON text, `metadata`: version, encoder, config,
    labels_version, and how it was trained. Arrays whose names start with `encoder.` are the
    adapter's (see `whisper_encoder.adapt`); a file without any has a head for the bare encoder.
    """
    import torch

    prefix = "encoder."
    with np.load(path, allow_pickle=False) as stored:
        metadata = json.loads(str(stored["metadata"]))
        state = {
            key: torch.from_numpy(stored[key].astype(np.float32))
            for key in stored.files
            if key != "metadata"
        }
    adapter = {k[len(prefix) :]: v for k, v in state.items() if k.startswith(prefix)}
    config = dict(metadata["config"])
    config["layers"] = tuple(config["layers"])
    head = build_head(HeadConfig(**config))
    head.load_state_dict({k: v for k, v in state.items() if not k.startswith(prefix)})
    head.requires_grad_(False)
    return head.eval(), adapter, metadata


def build_head(config: HeadConfig) -> Any:
    """The trainable part as a `torch.nn.Module`.

    Input: the chosen encoder layers, [batch, frames, layers, width]; output: the log-posteriors
    [batch, frames, 40] (ARPABET) and [batch, frames, V] (IPA), natural logarithm.
    """
    import torch
    from torch import nn

    class Block(nn.Module):
        """ConvNeXt block in time: depthwise convolution, norm, two pointwise layers, residual."""

        def __init__(self, width: int, kernel: int, dropout: float) -> None:
            super().__init__()
            self.depthwise = nn.Conv1d(width, width, kernel, padding=kernel // 2, groups=width)
            self.norm = nn.LayerNorm(width)
            self.up = nn.Linear(width, 2 * width)
            self.down = nn.Linear(2 * width, width)
            self.dropout = nn.Dropout(dropout)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            y = self.depthwise(x.transpose(1, 2)).transpose(1, 2)
            y = self.down(nn.functional.gelu(self.up(self.norm(y))))
            out: torch.Tensor = x + self.dropout(y)
            return out

    class Head(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            layers, inner = len(config.layers), config.width
            self.norms = nn.ModuleList(nn.LayerNorm(config.encoder_width) for _ in range(layers))
            self.project = nn.Linear(layers * config.encoder_width, inner)
            self.dropout = nn.Dropout(config.dropout)
            self.blocks = nn.ModuleList(
                Block(inner, config.kernel, config.dropout) for _ in range(config.blocks)
            )
            wide = inner
            if config.gru_layers:
                self.gru = nn.GRU(
                    inner,
                    config.gru_width,
                    config.gru_layers,
                    batch_first=True,
                    bidirectional=True,
                    dropout=config.dropout if config.gru_layers > 1 else 0.0,
                )
                wide = 2 * config.gru_width
            self.final = nn.LayerNorm(wide)
            self.arpabet = nn.Linear(wide, config.arpabet)
            self.ipa = nn.Linear(wide, config.ipa)

        def trunk(self, layers: torch.Tensor) -> torch.Tensor:
            parts = [norm(layers[:, :, i]) for i, norm in enumerate(self.norms)]
            x = self.dropout(self.project(torch.cat(parts, dim=-1)))
            for block in self.blocks:
                x = block(x)
            if config.gru_layers:
                x, _ = self.gru(x)
            out: torch.Tensor = self.dropout(self.final(x))
            return out

        def forward(self, layers: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            x = self.trunk(layers)
            return self.arpabet(x).log_softmax(-1), self.ipa(x).log_softmax(-1)

    return Head()
