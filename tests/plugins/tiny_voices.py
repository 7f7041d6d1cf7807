"""Voices in the file formats of Piper and Kokoro, whose audio is the numbers they were given."""

from __future__ import annotations

import io
import json
import wave
from pathlib import Path

import numpy as np
import pytest

SCALE = 1000.0
"""A sample is the phoneme's number divided by this."""
REPEAT = 40
"""Samples a phoneme."""
PIPER_SYMBOLS = "_^$ !',-.:;?abcdefhijklmnopqrstuvwxyzæçðøŋɐɑɔəɚɛɜɡɪɫɹɾʃʊʌʒʔˈˌːθᵻ\u0303"


def _echo(path: Path, tokens: str, others: dict[str, tuple[str, list]], shape: list[int]) -> None:
    """Casts the numbers to samples, each `REPEAT` times. A 1.0 ends it: Piper normalises."""
    onnx = pytest.importorskip("onnx")
    helper, types = onnx.helper, onnx.TensorProto
    kinds = {"int64": types.INT64, "float": types.FLOAT}
    inputs = [helper.make_tensor_value_info(tokens, types.INT64, [1, "n"])]
    inputs += [helper.make_tensor_value_info(n, kinds[k], s) for n, (k, s) in others.items()]
    constants = [
        helper.make_tensor("scale", types.FLOAT, [], [1 / SCALE]),
        helper.make_tensor("column", types.INT64, [2], [-1, 1]),
        helper.make_tensor("times", types.INT64, [2], [1, REPEAT]),
        helper.make_tensor("loudest", types.FLOAT, [1, REPEAT], [1.0] * REPEAT),
        helper.make_tensor("shape", types.INT64, [len(shape)], shape),
    ]
    nodes = [
        helper.make_node("Cast", [tokens], ["floats"], to=types.FLOAT),
        helper.make_node("Mul", ["floats", "scale"], ["scaled"]),
        helper.make_node("Reshape", ["scaled", "column"], ["rows"]),
        helper.make_node("Tile", ["rows", "times"], ["tiled"]),
        helper.make_node("Concat", ["tiled", "loudest"], ["all"], axis=0),
        helper.make_node("Reshape", ["all", "shape"], ["audio"]),
    ]
    output = helper.make_tensor_value_info("audio", types.FLOAT, None)
    graph = helper.make_graph(nodes, "echo", inputs, [output], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    onnx.save(model, path)


def write_piper(folder: Path, kind: str = "espeak", speakers: int = 1) -> Path:
    """A Piper voice: the model and its `.json`."""
    path = folder / "tiny.onnx"
    others: dict = {"input_lengths": ("int64", [1]), "scales": ("float", [3])}
    if speakers > 1:
        others["sid"] = ("int64", [1])
    _echo(path, "input", others, [1, 1, 1, -1])
    config = {
        "audio": {"sample_rate": 16000},
        "espeak": {"voice": "en-us"},
        "phoneme_type": kind,
        "num_symbols": len(PIPER_SYMBOLS),
        "num_speakers": speakers,
        "speaker_id_map": {"amy": 0, "joe": 1} if speakers > 1 else {},
        "phoneme_id_map": {symbol: [n] for n, symbol in enumerate(PIPER_SYMBOLS)},
    }
    (folder / "tiny.onnx.json").write_text(json.dumps(config), encoding="utf-8")
    return path


def write_kokoro(folder: Path) -> Path:
    """A Kokoro model and its file of styles."""
    path = folder / "tiny.onnx"
    _echo(path, "tokens", {"style": ("float", [1, 256]), "speed": ("float", [1])}, [-1])
    styles = {name: np.zeros((510, 1, 256), np.float32) for name in ("af_heart", "bf_emma")}
    with (folder / "voices-v1.0.bin").open("wb") as file:
        np.savez(file, **styles)
    return path


def numbers(wav: bytes) -> list[int]:
    """The numbers that a voice was given, from its audio."""
    with wave.open(io.BytesIO(wav)) as read:
        assert (read.getnchannels(), read.getsampwidth()) == (1, 2)
        samples = np.frombuffer(read.readframes(read.getnframes()), "<i2")
    given = [round(float(s) / 32767 * SCALE) for s in samples[::REPEAT]]
    return [n for n in given if n < SCALE]
