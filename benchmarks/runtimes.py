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
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from namemem.audio import decode
from namemem.phone_recognition.onnx_export import graph, on_onnx_runtime
from namemem.phone_recognition.whisper_ctc import WhisperCtcEncoder

EXAMPLE = Path(__file__).resolve().parents[1] / "api_examples" / "recordings" / "siobhan.wav"
SECONDS = 3.0
Posteriors = npt.NDArray[np.float32]
Hear = Callable[[npt.NDArray[np.float32]], Posteriors]


def in_int8(model: bytes, folder: Path) -> bytes:
    """The same ONNX model with int8 weights in its matrix products."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    plain, small = folder / "fp32.onnx", folder / "int8.onnx"
    plain.write_bytes(model)
    quantize_dynamic(plain, small, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul"])
    return small.read_bytes()


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
        model = graph(plain._encoder, plain._head, plain.metadata["config"]["layers"])
        fp32 = on_onnx_runtime(model, args.threads)
        int8 = on_onnx_runtime(in_int8(model, Path(folder)), args.threads)
        ways: dict[str, Hear] = {
            "torch": lambda x: plain.posteriors(x)[1],
            "torch, int8": lambda x: small.posteriors(x)[1],
            "ONNX Runtime": lambda x: fp32(x)[1],
            "ONNX Runtime, int8": lambda x: int8(x)[1],
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
