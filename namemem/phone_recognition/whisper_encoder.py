"""Whisper's encoder by itself: loading, one pass over an un-padded clip, and its adapter.

The encoder's own weights are never changed on disk. An adapter is what training put beside them
(LoRA, Hu et al. 2021, arXiv:2106.09685): for a linear layer two thin matrices whose product is
added to its weight, for biases and norms what is added to them. It ships with the head.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def frame_count(samples: int) -> int:
    """Encoder frames for a clip of so many samples: a log-mel frame each 10 ms, two per frame."""
    return (samples // 160 + 1) // 2


def load_audio_encoder(source: str | Path) -> Any:
    """Whisper's `AudioEncoder` in float32, from a model name or a checkpoint file.

    A checkpoint may be a whole Whisper checkpoint or hold the encoder only; its keys start with
    `encoder.` and it has `dims`. Nothing of the decoder is kept.
    """
    import torch
    import whisper
    from whisper.model import AudioEncoder

    path = Path(source)
    if path.suffix == ".pt" or path.is_file():
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
        dims, state = checkpoint["dims"], checkpoint["model_state_dict"]
    else:
        model = whisper.load_model(str(source), device="cpu")
        dims, state = vars(model.dims), model.state_dict()
    encoder = AudioEncoder(
        dims["n_mels"],
        dims["n_audio_ctx"],
        dims["n_audio_state"],
        dims["n_audio_head"],
        dims["n_audio_layer"],
    )
    prefix = "encoder."
    encoder.load_state_dict(
        {k[len(prefix) :]: v.float() for k, v in state.items() if k.startswith(prefix)}
    )
    encoder.requires_grad_(False)
    return encoder.float().eval()


def encoder_layers(encoder: Any, mel: Any) -> list[Any]:
    """All layers of an un-padded clip: the stem with positions, each block, the last one normed.

    `mel` is [batch, n_mels, frames]; each layer is [batch, ceil(frames / 2), width].
    """
    import torch.nn.functional as F

    x = F.gelu(encoder.conv1(mel))
    x = F.gelu(encoder.conv2(x)).permute(0, 2, 1)
    x = x + encoder.positional_embedding[: x.shape[1]]
    layers = [x]
    for block in encoder.blocks:
        x = block(x)
        layers.append(x)
    layers[-1] = encoder.ln_post(x)
    return layers


def adapt(encoder: Any, adapter: Mapping[str, Any]) -> None:
    """Add an adapter to an encoder's weights, in place; afterwards a pass costs what it did before.

    Args:
        encoder: of `load_audio_encoder`.
        adapter: float tensors. `X.a` [rank, in] and `X.b` [out, rank] stand for `b @ a`, added to
            the parameter X; any other key is a parameter's name and what is added to it.

    Raises:
        ValueError: it belongs to an encoder of another shape.
    """
    import torch

    parameters = dict(encoder.named_parameters())
    with torch.no_grad():
        for key, value in adapter.items():
            name, _, part = key.rpartition(".")
            if part == "b" and f"{name}.a" in adapter:
                continue
            change = (
                adapter[f"{name}.b"] @ value if part == "a" and f"{name}.b" in adapter else value
            )
            target = parameters.get(name if part == "a" else key)
            if target is None or target.shape != change.shape:
                raise ValueError(f"The adapter's {key} does not fit this encoder.")
            target += change


def quantize_linears(encoder: Any) -> Any:
    """The encoder with int8 weights in its linear layers."""
    import torch

    for parent in list(encoder.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, torch.nn.Linear):
                plain = torch.nn.Linear(
                    child.in_features, child.out_features, child.bias is not None
                )
                plain.load_state_dict(child.state_dict())
                setattr(parent, name, plain)
    quantize: Any = torch.ao.quantization.quantize_dynamic
    return quantize(encoder, {torch.nn.Linear}, dtype=torch.qint8)
