"""Training leaves no tensor on the wrong device, shown without a GPU.

torch's own lazy tensors are a second device that every build has; what mixes them with tensors in
main memory is an error, as with CUDA. In a process of its own, since the device can't be taken off.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from plugins.checkpoints import write_whisper

LEARN = """
import contextlib, sys
from pathlib import Path
import torch
from torch._lazy import ts_backend

ts_backend.init()
elsewhere = torch.autocast
torch.autocast = lambda device, **rest: (  # knows no lazy tensors
    contextlib.nullcontext() if device == "lazy" else elsewhere(device, **rest))
from training.distil import Lessons, Teacher, train
from training.student import Student, StudentConfig

folder, mixed = Path(sys.argv[1]), sys.argv[2] == "mixed"
config = StudentConfig(outer=8, inner=8, outer_blocks=0, inner_blocks=1, features=32)
student = Student(config).to("lazy")
teacher = Teacher(str(folder / "tiny.pt"), folder / "head.npz", "cpu" if mixed else "lazy")
train(Lessons([folder], 0.9), student, teacher, folder / "run", minutes=5, rate=3e-3, frames=150,
      seed=1, losses=(1.0, 2.0, 1.0), resume=False, hours_to_hear=1e-4)
"""


def _learn(folder: Path, how: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LEARN, str(folder), how], capture_output=True, text=True, timeout=300
    )


@pytest.mark.engines
def test_training_keeps_to_one_device(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("whisper")
    write_whisper(tmp_path, gru_layers=0)
    audio = (np.random.default_rng(4).standard_normal(16_000 * 6) * 3000).astype("<i2")
    (tmp_path / "audio.i16").write_bytes(audio.tobytes())
    rows = [{"id": i, "engine": ("kokoro", "librispeech")[i % 2], "offset": 16_000 * i,
             "length": 16_000, "ipa": ["a", "n"], "arpabet": ["AA", "N"]}
            for i in range(6)]  # fmt: skip
    (tmp_path / "clips.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))

    learnt = _learn(tmp_path, "one")
    assert learnt.returncode == 0, learnt.stderr
    saved = torch.load(tmp_path / "run" / "state.pt", weights_only=True)
    assert saved["step"] >= 1
    assert {t.device.type for t in saved["student"].values()} == {"cpu"}
    assert (tmp_path / "run" / "student.pt").exists()

    mixed = _learn(tmp_path, "mixed")  # or the test would prove nothing
    assert mixed.returncode != 0
    assert "lazy" in mixed.stderr
