"""A torch encoder with its head on ONNX Runtime: the same numbers in half the time.

`benchmarks/runtimes.py` compares torch, int8 and ONNX Runtime; what is fastest without moving a
log-posterior is used here. The graph is made from the loaded weights when the ear is loaded (one to
two seconds) and never touches the disk.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from namemem.phone_recognition.log_mel import log_power
from namemem.phone_recognition.whisper_encoder import encoder_layers

Hear = Callable[[NDArray[np.float32]], tuple[NDArray[np.float32], NDArray[np.float32]]]
_OPSET = 17  # LayerNormalization came with it


def graph(encoder: Any, head: Any, layers: Sequence[int]) -> bytes:
    """Encoder and head as one ONNX model, from log-mel on.

    Args:
        encoder: of `load_audio_encoder`, its adapter already added; 80 mel bands.
        head: of `read_head`.
        layers: which of `encoder_layers` the head reads.

    Raises:
        ImportError: onnx is not installed.
        Exception: torch's exporter does not know a part of the model.
    """
    import onnx  # noqa: F401  (the exporter asks for it, and says so less clearly)
    import torch

    class Whole(torch.nn.Module):
        """From log-mel to both outputs."""

        def __init__(self) -> None:
            super().__init__()
            self.encoder, self.head = encoder, head

        def forward(self, mel: Any) -> Any:
            """[1, 80, frames] → both log-posteriors."""
            found = encoder_layers(self.encoder, mel)
            return self.head(torch.stack([found[i] for i in layers], 2))

    model = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter that needs no further package is the old one
        export: Any = torch.onnx.export  # its old form writes to any file, which its types deny
        export(
            Whole().eval(), (torch.zeros(1, encoder.conv1.in_channels, 300),), model,
            input_names=["mel"], output_names=["arpabet", "ipa"], opset_version=_OPSET,
            dynamo=False,
            dynamic_axes={"mel": {2: "frames"}, "arpabet": {1: "half"}, "ipa": {1: "half"}},
        )  # fmt: skip
    return model.getvalue()


def on_onnx_runtime(model: bytes, threads: int) -> Hear:
    """A model of `graph` on the processor, with so many threads for one call.

    Returns:
        Float32 mono samples at 16 kHz, [n] → log-posteriors of ARPABET [T, 40] and IPA [T, V].
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def hear(samples: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        powers = log_power(samples)
        mel = (np.maximum(powers, powers.max() - 8.0) + 4.0) / 4.0  # as Whisper scales it
        arpabet, ipa = session.run(None, {"mel": np.ascontiguousarray(mel.T[None])})
        return arpabet[0], ipa[0]

    return hear
