"""What training makes of an encoder is what the product hears with."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from plugins.checkpoints import write_whisper


@pytest.mark.engines
def test_the_exported_adapter_hears_as_the_trained_one(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    whisper = pytest.importorskip("whisper")
    from namemem.phone_recognition.whisper_ctc import WhisperCtcEncoder
    from training.adapt import Pupil
    from training.export import export

    checkpoint, head = write_whisper(tmp_path)
    pupil = Pupil(str(checkpoint), head, rank=4, dropout=0.0)
    samples = (np.random.default_rng(0).standard_normal(24_000) * 0.1).astype(np.float32)
    mel = whisper.log_mel_spectrogram(torch.from_numpy(samples))[None]
    with torch.inference_mode():
        before = pupil.hear(mel)[1][0].numpy()
    plain = WhisperCtcEncoder(checkpoint, weights=head).posteriors(samples)[1]
    np.testing.assert_allclose(before, plain, atol=1e-3)

    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in pupil.parameters().values():
            parameter += 0.1 * torch.randn(parameter.shape, generator=generator)
        wanted = pupil.hear(mel)
    run = tmp_path / "run"
    run.mkdir()
    pupil.save({k: v.detach().clone() for k, v in pupil.parameters().items()}, run)
    (run / "config.json").write_text(json.dumps(pupil.config))
    exported = export([run], tmp_path, "test", "tiny", {})
    arpabet, ipa, _ = WhisperCtcEncoder(checkpoint, weights=exported).posteriors(samples)
    np.testing.assert_allclose(ipa, wanted[1][0].numpy(), atol=0.05)
    np.testing.assert_allclose(arpabet, wanted[0][0].numpy(), atol=0.05)
    assert np.abs(ipa - plain).max() > 0.5


@pytest.mark.engines
def test_an_adapter_can_be_trained_further(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("whisper")
    from training.adapt import Pupil
    from training.export import export

    checkpoint, head = write_whisper(tmp_path)
    first = Pupil(str(checkpoint), head, rank=4, dropout=0.0)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in first.parameters().values():
            parameter += 0.1 * torch.randn(parameter.shape, generator=generator)
    run = tmp_path / "run"
    run.mkdir()
    first.save({k: v.detach().clone() for k, v in first.parameters().items()}, run)
    (run / "config.json").write_text(json.dumps(first.config))
    plain = tmp_path / "plain.npz"
    plain.write_bytes(head.read_bytes())
    exported = export([run], run, "1", "tiny", {})
    second = Pupil(str(checkpoint), exported, rank=9, dropout=0.0)
    mel = torch.randn(1, 80, 100, generator=generator)
    with torch.inference_mode():
        np.testing.assert_allclose(second.hear(mel)[1], first.hear(mel)[1], atol=0.05)

    with np.load(exported) as file:
        new = {key: file[key].astype(np.float32) for key in file.files if key != "metadata"}
    for start in (plain, exported):  # without and with an adapter of its own
        with np.load(start) as file:
            old = {key: file[key].astype(np.float32) for key in file.files if key != "metadata"}
        (tmp_path / "out").mkdir(exist_ok=True)
        with np.load(export([run], tmp_path / "out", "2", "tiny", {}, start, 0.25)) as file:
            for key, value in new.items():
                lacking = value if key.endswith(".a") else np.zeros_like(value)
                between = 0.25 * value + 0.75 * old.get(key, lacking)
                np.testing.assert_allclose(file[key], between, atol=2e-3)


def _student(tmp_path: Path, blocks: int):
    torch = pytest.importorskip("torch")
    from training.student import Student, StudentConfig

    torch.manual_seed(blocks)
    config = StudentConfig(outer=16, inner=32, inner_blocks=blocks, features=32)
    return Student(config).eval()


@pytest.mark.engines
def test_a_student_grows_from_an_exported_one(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    onnx = pytest.importorskip("onnx")
    from training.export_student import build, in_half, read_student

    small = _student(tmp_path, 2)
    onnx.save(in_half(build(small, small.config, {})), tmp_path / "small.onnx")
    grown = _student(tmp_path, 4)
    read_student(tmp_path / "small.onnx", grown)
    mel = torch.randn(1, 80, 80, generator=torch.Generator().manual_seed(3))
    with torch.inference_mode():
        for ours, theirs in zip(grown(mel), small(mel), strict=True):
            np.testing.assert_allclose(ours, theirs, atol=0.02)


@pytest.mark.engines
def test_a_student_learns_what_its_teacher_says(tmp_path: Path) -> None:
    """The teacher's posteriors of clean clips, from spoiled ones of the same time line."""
    pytest.importorskip("torch")
    pytest.importorskip("whisper")
    from training.adapt import Clips
    from training.distil import Lessons, Teacher, train

    corpus = tmp_path / "corpus"
    corpus.mkdir()
    rng = np.random.default_rng(4)
    audio = (rng.standard_normal(32_000 * 6) * 3000).astype("<i2")
    (corpus / "audio.i16").write_bytes(audio.tobytes())
    known = {"ipa": ["a", "n", "a"], "arpabet": ["AA", "N", "AA"]}
    rows = [{"id": i, "engine": "librispeech", "offset": 32_000 * i, "length": 32_000,
             **(known if i else {"ipa": [], "arpabet": None})} for i in range(6)]  # fmt: skip
    (corpus / "clips.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    assert len(Clips([corpus], 0.9).clips) == 5  # without phones there is nothing for CTC
    lessons = Lessons([corpus], 0.9)
    assert len(lessons.clips) == 6
    assert [c.length for c in lessons.clips] == [32_000] * 6  # none is long enough for a piece
    clean, spoiled = lessons.pair(lessons.clips[1], 0)
    assert len(clean) == len(spoiled)
    assert not np.allclose(clean, spoiled)

    (corpus / "clips.jsonl").write_text(json.dumps({**rows[1], "length": 32_000 * 5}))
    whole, piece = Lessons([corpus], 0.9).clips
    assert piece.ipa == ()  # whose phones only the teacher knows
    assert 0.7 * 16_000 <= piece.length <= 3 * 16_000
    assert whole.offset <= piece.offset <= whole.offset + whole.length - piece.length

    checkpoint, head = write_whisper(tmp_path)
    student = _student(tmp_path, 2)
    train(lessons, student, Teacher(str(checkpoint), head), tmp_path / "run", minutes=5, rate=3e-3,
          frames=400, seed=1, losses=(0.0, 2.0, 1.0), resume=False, hours_to_hear=0.35)  # fmt: skip
    log = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert log[-1]["posterior"] < 0.8 * log[0]["posterior"]
    assert (tmp_path / "run" / "student.pt").exists()
    train(lessons, student, Teacher(str(checkpoint), head), tmp_path / "run", minutes=5, rate=3e-3,
          frames=400, seed=1, losses=(0.0, 2.0, 1.0), resume=True, hours_to_hear=0.55,
          half=True)  # fmt: skip
    after = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert after[: len(log)] == log
    assert after[len(log)]["step"] == log[-1]["step"] + 50  # it went on where it had stopped


@pytest.mark.engines
def test_a_teacher_is_not_believed_where_it_mishears_a_synthesiser() -> None:
    torch = pytest.importorskip("torch")
    from training.adapt import Clip
    from training.distil import believed

    def clip(engine: str, ipa: tuple[int, ...]) -> Clip:
        return Clip(0, 0, 0, 3200, 10, ipa, None, engine)

    heard = torch.full((1, 10, 5), -9.0)
    for frame, label in enumerate((0, 2, 2, 0, 3, 3, 0, 0, 0, 0)):
        heard[0, frame, label] = 0.0
    clips = [clip("kokoro", (2, 3)), clip("kokoro", (4, 1)), clip("kokoro", ()),
             clip("librispeech", (4, 1)), clip("kokoro", (4,) * 9)]  # fmt: skip
    answer = believed(heard.expand(5, -1, -1), clips, torch.full((5,), 10))
    assert answer.tolist() == [True, False, True, True, True]


@pytest.mark.engines
def test_feeding_processes_prepare_the_same_sound(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("whisper")
    from training.adapt import prepared
    from training.distil import Lessons

    audio = (np.random.default_rng(4).standard_normal(16_000 * 8) * 3000).astype("<i2")
    (tmp_path / "audio.i16").write_bytes(audio.tobytes())
    rows = [{"id": i, "engine": "kokoro", "offset": 16_000 * i, "length": 16_000, "ipa": ["a"],
             "arpabet": ["AA"]} for i in range(8)]  # fmt: skip
    (tmp_path / "clips.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    given = []
    for feeders in (0, 2):
        batches = prepared(Lessons([tmp_path], 0.9), Lessons.lesson, seed=3, first=0, frames=150,
                           real_times=1, feeders=feeders)  # fmt: skip
        given.append([next(batches) for _ in range(6)])
        batches.close()
    for (clips, sound, _, epoch), (others, other, _, turn) in zip(*given, strict=True):
        assert (clips, epoch) == (others, turn)
        for a, b in zip(sound, other, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-5)
    assert {epoch for _, _, _, epoch in given[0]} == {0, 1}
