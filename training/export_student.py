"""The trained compact ear as an ONNX file that ONNX Runtime runs: `weights/compact.onnx`.

    python -m training.export_student --run RUN [--out FILE] [--store int8|float16|float32]

The graph is written node by node with onnx's helpers, so that no exporter's version matters.
`--store float16` keeps the large weights in half precision and computes in single; `int8` also
quantises the matrix products (dynamic, per channel, ONNX Runtime's quantiser).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from namemem.phone_recognition.whisper_ctc import PhoneLabels
from training.inventory import LABELS_VERSION, WEIGHTS
from training.student import Student, StudentConfig

OPSET = 20  # Gelu came with it; LayerNormalization with 17
LARGE = 2048
"""Weights with more numbers than this are stored as float16."""


class Graph:
    """Collects nodes and weights; every method returns the name of its result."""

    def __init__(self, state: dict[str, torch.Tensor]) -> None:
        self.state = {k: v.numpy() for k, v in state.items()}
        self.nodes: list[Any] = []
        self.weights: dict[str, np.ndarray] = {}
        self._count = 0

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        self._count += 1
        out = f"{kind}_{self._count}"
        self.nodes.append(helper.make_node(kind, list(inputs), [out], **attributes))
        return out

    def constant(self, name: str, value: np.ndarray) -> str:
        self.weights[name] = value
        return name

    def linear(self, x: str, name: str) -> str:
        matrix = self.constant(f"{name}.weight.T", self.state[f"{name}.weight"].T.copy())
        return self.node(
            "Add",
            self.node("MatMul", x, matrix),
            self.constant(f"{name}.bias", self.state[f"{name}.bias"]),
        )

    def norm(self, x: str, name: str) -> str:
        inputs = [
            self.constant(f"{name}.{k}", self.state[f"{name}.{k}"]) for k in ("weight", "bias")
        ]
        return self.node("LayerNormalization", x, *inputs, axis=-1, epsilon=1e-5)

    def convolution(self, x: str, name: str, stride: int = 1, groups: int = 1) -> str:
        """[batch, channels, frames] → the same."""
        weight = self.state[f"{name}.weight"]
        reach = weight.shape[2] // 2
        inputs = [
            self.constant(f"{name}.{k}", self.state[f"{name}.{k}"]) for k in ("weight", "bias")
        ]
        return self.node("Conv", x, *inputs, strides=[stride], pads=[reach, reach], group=groups,
                         kernel_shape=[weight.shape[2]])  # fmt: skip

    def turn(self, x: str) -> str:
        return self.node("Transpose", x, perm=[0, 2, 1])

    def block(self, x: str, name: str) -> str:
        width = self.state[f"{name}.norm.weight"].shape[0]
        y = self.turn(self.convolution(self.turn(x), f"{name}.depthwise", groups=width))
        y = self.node("Gelu", self.linear(self.norm(y, f"{name}.norm"), f"{name}.up"))
        # The scale of the branch is folded into its last layer.
        scale = self.state[f"{name}.scale"]
        self.state[f"{name}.down.weight"] = self.state[f"{name}.down.weight"] * scale[:, None]
        self.state[f"{name}.down.bias"] = self.state[f"{name}.down.bias"] * scale
        return self.node("Add", x, self.linear(y, f"{name}.down"))


def build(student: Student, config: StudentConfig, metadata: dict[str, Any]) -> Any:
    """The ONNX model in single precision: `mel` [1, frames, 80] → `arpabet`, `ipa`."""
    g = Graph(student.state_dict())
    x = g.node("Gelu", g.convolution(g.turn("mel"), "stem"))
    x = g.turn(g.node("Gelu", g.convolution(x, "halve", stride=2)))
    for i in range(config.outer_blocks):
        x = g.block(x, f"first.{i}")
    y = g.turn(g.convolution(g.turn(x), "quarter", stride=2))
    for i in range(config.inner_blocks):
        y = g.block(y, f"middle.{i}")
    y = g.linear(y, "back")
    shape = g.constant("shape", np.array([0, -1, config.outer], dtype=np.int64))
    x = g.node("Add", x, g.node("Reshape", y, shape))
    for i in range(config.outer_blocks):
        x = g.block(x, f"last.{i}")
    x = g.norm(x, "final")
    outputs = []
    for name in ("arpabet", "ipa"):
        last = g.node("LogSoftmax", g.linear(x, name), axis=-1)
        g.nodes.append(helper.make_node("Identity", [last], [name]))
        size = getattr(config, name)
        outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, "half", size]))
    mel = helper.make_tensor_value_info("mel", TensorProto.FLOAT, [1, "frames", config.mels])
    weights = [numpy_helper.from_array(v, k) for k, v in g.weights.items()]
    graph = helper.make_graph(g.nodes, "compact", [mel], outputs, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)
    helper.set_model_props(model, {"namemem": json.dumps(metadata)})
    onnx.checker.check_model(model, full_check=True)
    return model


def in_half(model: Any) -> Any:
    """Large weights as float16 with a cast after each, which the runtime folds when it loads."""
    casts = []
    for i, tensor in enumerate(model.graph.initializer):
        value = numpy_helper.to_array(tensor)
        if value.dtype != np.float32 or value.size < LARGE:
            continue
        name = str(tensor.name)
        half = numpy_helper.from_array(value.astype(np.float16), f"{name}.half")
        model.graph.initializer[i].CopyFrom(half)
        casts.append(helper.make_node("Cast", [half.name], [name], to=TensorProto.FLOAT))
    for cast in reversed(casts):
        model.graph.node.insert(0, cast)
    onnx.checker.check_model(model)
    return model


def quantised(model: Any) -> Any:
    """Matrix products in int8 (dynamic), the rest as it was."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "a.onnx", Path(folder) / "b.onnx"
        onnx.save(model, source)
        quantize_dynamic(source, target, per_channel=True, weight_type=QuantType.QInt8,
                         op_types_to_quantize=["MatMul"])  # fmt: skip
        return onnx.load(target)


def read_student(model: Path, student: Student) -> None:
    """Weights of an exported model (not int8) into a network, which may have more middle blocks.

    What the model lacks begins as nothing: a new block adds zero to what goes through it.
    """
    stored = {t.name: numpy_helper.to_array(t) for t in onnx.load(model).graph.initializer}
    state = student.state_dict()
    for key in state:
        name = key.removesuffix(".weight") + ".weight.T"
        found = stored.get(f"{name}.half", stored.get(name))
        found = stored.get(f"{key}.half", stored.get(key)) if found is None else found.T
        if found is not None:
            state[key] = torch.from_numpy(found.astype(np.float32).copy())
        elif key.endswith(".scale"):
            # The exporter multiplied the branch's last layer by it.
            held = f"{key.removesuffix('.scale')}.up.bias" in stored
            state[key] = torch.full_like(state[key], 1.0 if held else 0.0)
    student.load_state_dict(state)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=WEIGHTS / "compact.onnx")
    parser.add_argument("--version", default="1")
    parser.add_argument("--note", nargs="*", default=[], help="key=value, kept in the metadata")
    parser.add_argument("--store", choices=("int8", "float16", "float32"), default="float16")
    args = parser.parse_args()
    config = StudentConfig(**json.loads((args.run / "config.json").read_text()))
    student = Student(config).eval()
    student.load_state_dict(torch.load(args.run / "student.pt", weights_only=True))
    labels = PhoneLabels.read()
    size = sum(p.numel() for k, p in student.named_parameters() if not k.startswith("imitate"))
    metadata = {"version": args.version, "labels_version": LABELS_VERSION, "parameters": size,
                "labels": [len(labels.arpabet), len(labels.ipa)], "store": args.store}  # fmt: skip
    metadata |= dict(item.split("=", 1) for item in args.note)
    model = build(student, config, metadata)
    if args.store == "int8":
        model = quantised(model)
    elif args.store == "float16":
        model = in_half(model)
    onnx.save(model, args.out)
    print(f"{args.out}: {args.out.stat().st_size / 1e6:.1f} MB, {size / 1e6:.2f} M parameters")


if __name__ == "__main__":
    main()
