"""The compact ear as a trainable network: log-mel in, the two CTC outputs out.

A stem to 50 frames a second, ConvNeXt blocks (Liu et al. 2022, in one dimension), most of them at
25 frames a second, then back to 50 with a skip, as in Squeezeformer (Kim et al. 2022): the same
depth for half the work. Its reach is finite, so that a stream can be heard piece by piece.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F


@dataclass(frozen=True, slots=True)
class StudentConfig:
    """Widths and numbers of blocks at 50 and at 25 frames a second; labels with the blank."""

    mels: int = 80
    outer: int = 192
    outer_blocks: int = 2
    inner: int = 320
    inner_blocks: int = 7
    expansion: int = 3
    kernel: int = 9
    inner_kernel: int = 11
    dropout: float = 0.05
    features: int = 384
    arpabet: int = 40
    ipa: int = 108


class Block(nn.Module):
    """Depthwise convolution in time, norm, two pointwise layers, residual."""

    def __init__(self, width: int, kernel: int, expansion: int, dropout: float) -> None:
        super().__init__()
        self.depthwise = nn.Conv1d(width, width, kernel, padding=kernel // 2, groups=width)
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, expansion * width)
        self.down = nn.Linear(expansion * width, width)
        self.scale = nn.Parameter(torch.full((width,), 0.1))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[batch, frames, width] → the same."""
        y = self.depthwise(x.transpose(1, 2)).transpose(1, 2)
        y = self.down(F.gelu(self.up(self.norm(y))))
        out: torch.Tensor = x + self.dropout(self.scale * y)
        return out


class Student(nn.Module):
    """[batch, mel frames (a multiple of 4), mels] → log-posteriors [batch, mel frames / 2, …]."""

    def __init__(self, config: StudentConfig) -> None:
        super().__init__()
        self.config = config
        outer, inner = config.outer, config.inner
        self.stem = nn.Conv1d(config.mels, outer, 3, padding=1)
        self.halve = nn.Conv1d(outer, outer, 3, stride=2, padding=1)
        self.first = nn.Sequential(*self._blocks(config, config.outer_blocks, outer, config.kernel))
        self.quarter = nn.Conv1d(outer, inner, 3, stride=2, padding=1)
        self.middle = nn.Sequential(
            *self._blocks(config, config.inner_blocks, inner, config.inner_kernel)
        )
        self.back = nn.Linear(inner, 2 * outer)
        self.last = nn.Sequential(*self._blocks(config, config.outer_blocks, outer, config.kernel))
        self.final = nn.LayerNorm(outer)
        self.arpabet = nn.Linear(outer, config.arpabet)
        self.ipa = nn.Linear(outer, config.ipa)
        # What the teacher's encoder would say, from both rates; only while learning.
        self.imitate = nn.Linear(outer + inner // 2, config.features)

    @staticmethod
    def _blocks(config: StudentConfig, count: int, width: int, kernel: int) -> list[Block]:
        return [Block(width, kernel, config.expansion, config.dropout) for _ in range(count)]

    def trunk(self, mel: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The last hidden layer at 50 frames a second, and the inner one laid out likewise."""
        x = F.gelu(self.stem(mel.transpose(1, 2)))
        x = F.gelu(self.halve(x)).transpose(1, 2)
        x = self.first(x)
        y = self.middle(self.quarter(x.transpose(1, 2)).transpose(1, 2))
        x = self.last(x + self.back(y).reshape(x.shape[0], x.shape[1], x.shape[2]))
        return self.final(x), y.reshape(x.shape[0], x.shape[1], y.shape[2] // 2)

    def forward(self, mel: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Natural-log posteriors of ARPABET and of IPA."""
        return self._posteriors(self.trunk(mel)[0])

    def _posteriors(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """In single precision, whatever the trunk was computed in."""
        with torch.autocast(x.device.type, enabled=False):
            x = x.float()
            return self.arpabet(x).log_softmax(-1), self.ipa(x).log_softmax(-1)

    def learn(self, mel: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """The log-posteriors, and the guess of the encoder's features."""
        x, y = self.trunk(mel)
        guess = self.imitate(torch.cat((x, y), -1))
        return (*self._posteriors(x), guess.float())
