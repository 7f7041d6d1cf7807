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
