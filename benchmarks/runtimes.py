"""Which runtime hears fastest on a processor: torch, torch with int8, ONNX Runtime, with int8.

    python -m benchmarks.runtimes --encoder CHECKPOINT [--threads 1] [--rounds 30]

Encoder, adapter and head on a clip of three seconds, log-mel included; the runtimes take turns, so
that a slow moment of the machine hits all of them. Printed are the median milliseconds, their ratio
to torch, and by how much log-posteriors move (mean and largest, where they are above -5). ONNX
files are made for the occasion, in a temporary folder.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from namemem.audio import decode
from namemem.phone_recognition.whisper_ctc import WhisperCtcEncoder
from namemem.phone_recognition.whisper_encoder import encoder_layers

EXAMPLE = Path(__file__).resolve().parents[1] / "api_examples" / "recordings" / "siobhan.wav"
SECONDS = 3.0
Posteriors = npt.NDArray[np.float32]
Hear = Callable[[npt.NDArray[np.float32]], Posteriors]


def exported(model: WhisperCtcEncoder, folder: Path) -> tuple[Path, Path]:
    """The model as ONNX from log-mel on, in fp32 and with int8 weights."""
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    encoder, head = model._encoder, model._head
    chosen = model.metadata["config"]["layers"]

    class Whole(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder, self.head = encoder, head

        def forward(self, mel: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            layers = encoder_layers(self.encoder, mel)
            arpabet, ipa = self.head(torch.stack([layers[i] for i in chosen], 2))
            return arpabet, ipa

    plain, small = folder / "fp32.onnx", folder / "int8.onnx"
    mel = torch.zeros(1, encoder.conv1.in_channels, 300)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Whole().eval(), (mel,), str(plain), input_names=["mel"],
            output_names=["arpabet", "ipa"], opset_version=17, dynamo=False,
            dynamic_axes={"mel": {2: "t"}, "arpabet": {1: "f"}, "ipa": {1: "f"}},
        )  # fmt: skip
    quantize_dynamic(plain, small, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul"])
    return plain, small


def by_onnx(path: Path, threads: int) -> Hear:
    """Hears through an ONNX file."""
    import onnxruntime
    import torch
    from whisper.audio import log_mel_spectrogram

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def hear(samples: npt.NDArray[np.float32]) -> Posteriors:
        mel = log_mel_spectrogram(torch.from_numpy(samples))[None].numpy()
        found: Any = session.run(["ipa"], {"mel": mel})[0]
        return np.asarray(found[0], np.float32)

    return hear


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", default="tiny.en")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=30)
    args = parser.parse_args()
    import torch

    torch.set_num_threads(args.threads)
    samples = decode(EXAMPLE).samples
    samples = np.resize(samples, int(SECONDS * 16_000)).astype(np.float32)
    plain = WhisperCtcEncoder(args.encoder, runtime="torch")
    small = WhisperCtcEncoder(args.encoder, quantized=True)
    plain.load()
    small.load()
    with tempfile.TemporaryDirectory() as folder:
        fp32, int8 = exported(plain, Path(folder))
        ways: dict[str, Hear] = {
            "torch": lambda x: plain.posteriors(x)[1],
            "torch, int8": lambda x: small.posteriors(x)[1],
            "ONNX Runtime": by_onnx(fp32, args.threads),
            "ONNX Runtime, int8": by_onnx(int8, args.threads),
        }
        times: dict[str, list[float]] = {name: [] for name in ways}
        for way in ways.values():
            way(samples)
        for _ in range(args.rounds):
            for name, way in ways.items():
                began = time.perf_counter()
                way(samples)
                times[name].append(1000 * (time.perf_counter() - began))
        reference = ways["torch"](samples)
        heard = reference > -5.0
        base = float(np.median(times["torch"]))
        print("| runtime | ms, median | to torch | log-posteriors move, mean and most |")
        print("| --- | --- | --- | --- |")
        for name, way in ways.items():
            gap = np.abs(way(samples) - reference)[heard]
            middle = float(np.median(times[name]))
            print(f"| {name} | {middle:.1f} | {middle / base:.2f} | "
                  f"{gap.mean():.3f}, {gap.max():.2f} |")  # fmt: skip


if __name__ == "__main__":
    main()
