"""The Whisper CTC engine: labels for every segment, and posteriors from a tiny random encoder."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from namemem.phone_recognition.ctc_head import HeadConfig, build_head, read_head
from namemem.phone_recognition.whisper_ctc import (
    FRAME_SECONDS,
    WEIGHTS,
    PhoneLabels,
    WhisperCtcEncoder,
)
from namemem.phone_recognition.whisper_encoder import adapt, frame_count, load_audio_encoder

LABELS = PhoneLabels.read()


@pytest.mark.parametrize(
    ("segment", "ipa", "arpabet"),
    [
        ("t͡ʃ", ["t͡ʃ"], ["CH"]),
        ("tʃ", ["t͡ʃ"], ["CH"]),
        ("aɪ", ["a", "j"], ["AY"]),
        ("oʊ", ["o", "w"], ["OW"]),
        ("əʊ", ["ə", "w"], ["OW"]),
        ("ˈɔː", ["ɔ"], ["AO"]),
        ("ɚ", ["ɚ"], ["ER"]),
        ("ɜː", ["ɚ"], ["ER"]),
        ("ɑ̃", ["ɑ̃"], ["AA", "N"]),
        ("tʲ", ["tʲ"], ["T"]),
        ("tʰ", ["tʰ"], ["T"]),
        ("d̪", ["d"], ["D"]),
        ("g", ["ɡ"], ["G"]),
        ("ç", ["ç"], ["SH"]),
        ("x", ["x"], ["HH"]),
        ("ɲ", ["ɲ"], ["N", "Y"]),
        ("n̩", ["ə", "n"], ["AH", "N"]),
        ("iə", ["i", "ə"], ["IY", "AH"]),
        ("ɐ̃ʊ̃", ["ɑ̃", "w"], ["AW", "N"]),
        ("kʷ", ["k"], ["K"]),
        ("ǃ", ["t"], ["T"]),
        ("ɓ", ["b"], ["B"]),
    ],
)
def test_every_segment_has_labels(segment: str, ipa: list[str], arpabet: list[str]) -> None:
    assert list(LABELS.ipa_for(segment)) == [_nfd(x) for x in ipa]
    assert list(LABELS.arpabet_for(segment)) == arpabet


def _nfd(text: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFD", text)


def test_no_ipa_letter_becomes_nothing() -> None:
    letters = "pbtdʈɖcɟkɡqɢʔmɱnɳɲŋɴʙrʀⱱɾɽɸβfvθðszʃʒʂʐçʝxɣχʁħʕhɦɬɮʋɹɻjɰlɭʎʟʍwɥʜʢʡɕʑɺɧʘǀǃǂǁɓɗʄɠʛ"
    vowels = "iyɨʉɯuɪʏʊeøɘɵɤoəɛœɜɞʌɔæɐaɶɑɒɚɝᵻ"
    for letter in letters + vowels:
        assert LABELS.ipa_for(letter), letter
        assert LABELS.arpabet_for(letter), letter
        assert LABELS.ipa_ids(LABELS.ipa_for(letter))
        assert LABELS.arpabet_ids(LABELS.arpabet_for(letter))


@pytest.mark.parametrize("segment", ["", "ː", "%", "1", "ˈ", "aж"])
def test_what_is_no_phone_is_refused(segment: str) -> None:
    with pytest.raises(ValueError, match="phone"):
        LABELS.ipa_for(segment)


def test_arpabet_comes_back_from_ipa() -> None:
    for phone in LABELS.arpabet[1:]:
        ipa = "".join(LABELS.ipa_for_arpabet(phone))
        assert LABELS.arpabet_for(ipa) == (phone,), phone


def test_frame_count_matches_the_encoder() -> None:
    assert [frame_count(n) for n in (160, 320, 16_000, 48_000)] == [1, 1, 50, 150]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> WhisperCtcEncoder:
    """A random encoder and a random head in the real file formats."""
    torch = pytest.importorskip("torch")
    model = pytest.importorskip("whisper.model")
    folder: Path = tmp_path_factory.mktemp("ear")
    torch.manual_seed(0)
    dims = {"n_mels": 80, "n_audio_ctx": 1500, "n_audio_state": 32, "n_audio_head": 2,
            "n_audio_layer": 2, "n_vocab": 10, "n_text_ctx": 8, "n_text_state": 32,
            "n_text_head": 2, "n_text_layer": 1}  # fmt: skip
    whisper = model.Whisper(model.ModelDimensions(**dims))
    torch.save({"dims": dims, "model_state_dict": whisper.state_dict()}, folder / "tiny.pt")
    config = HeadConfig(layers=(1, 2), encoder_width=32, width=16, gru_width=8, ipa=len(LABELS.ipa))
    state = {k: v.numpy().astype(np.float16) for k, v in build_head(config).state_dict().items()}
    fields = {name: getattr(config, name) for name in HeadConfig.__slots__}
    metadata = json.dumps({"version": "test", "encoder": "tiny", "config": fields})
    np.savez(folder / "head.npz", metadata=np.array(metadata), **state)
    return WhisperCtcEncoder(folder / "tiny.pt", weights=folder / "head.npz")


@pytest.mark.parametrize("seconds", [0.01, 0.5, 3.0])
def test_posteriors_have_two_outputs(tiny: WhisperCtcEncoder, seconds: float) -> None:
    samples = np.random.default_rng(0).standard_normal(int(seconds * 16_000)).astype(np.float32)
    arpabet, ipa, frame_seconds = tiny.posteriors(samples * 0.1)
    frames = frame_count(max(len(samples), 1600))
    assert arpabet.shape == (frames, 40)
    assert ipa.shape == (frames, len(LABELS.ipa))
    assert arpabet.dtype == ipa.dtype == np.float32
    assert frame_seconds == FRAME_SECONDS
    np.testing.assert_allclose(np.exp(ipa).sum(1), 1.0, rtol=1e-4)


def test_long_clips_go_through_in_pieces(tiny: WhisperCtcEncoder) -> None:
    samples = np.random.default_rng(1).standard_normal(70 * 16_000).astype(np.float32) * 0.1
    arpabet, ipa, _ = tiny.posteriors(samples)
    assert len(arpabet) == len(ipa) == frame_count(len(samples))


def test_only_the_encoder_is_kept(tiny: WhisperCtcEncoder) -> None:
    plain = WhisperCtcEncoder(tiny._source, weights=tiny._weights, runtime="torch")
    plain.warm_up()
    assert type(plain._encoder).__name__ == "AudioEncoder"
    assert "test" in plain.version


def test_an_adapter_changes_what_the_encoder_makes(tiny: WhisperCtcEncoder, tmp_path: Path) -> None:
    plain = WhisperCtcEncoder(tiny._source, weights=tiny._weights, runtime="torch")
    plain.load()
    rng = np.random.default_rng(2)
    with np.load(tiny._weights) as stored:
        arrays = dict(stored)
    a, b = (rng.standard_normal(shape) * 0.2 for shape in ((4, 32), (32, 4)))
    arrays["encoder.blocks.0.attn.query.weight.a"] = a.astype(np.float16)
    arrays["encoder.blocks.0.attn.query.weight.b"] = b.astype(np.float16)
    arrays["encoder.ln_post.bias"] = np.full(32, 0.5, np.float16)
    np.savez(tmp_path / "head.npz", **arrays)
    adapted = WhisperCtcEncoder(tiny._source, weights=tmp_path / "head.npz", runtime="torch")
    adapted.load()
    before, after = plain._encoder.state_dict(), adapted._encoder.state_dict()
    changed = {name for name in before if not np.allclose(before[name], after[name])}
    assert changed == {"blocks.0.attn.query.weight", "ln_post.bias"}
    name = "blocks.0.attn.query.weight"
    np.testing.assert_allclose(after[name] - before[name], b @ a, atol=5e-3)
    np.testing.assert_allclose(after["ln_post.bias"] - before["ln_post.bias"], 0.5)
    samples = rng.standard_normal(16_000).astype(np.float32) * 0.1
    assert not np.allclose(tiny.posteriors(samples)[1], adapted.posteriors(samples)[1], atol=1e-3)


def test_an_adapter_of_another_encoder_is_refused(tiny: WhisperCtcEncoder) -> None:
    torch = pytest.importorskip("torch")
    encoder = load_audio_encoder(tiny._source)
    for adapter in (
        {"blocks.0.attn.query.weight.a": torch.zeros(4, 48),
         "blocks.0.attn.query.weight.b": torch.zeros(48, 4)},
        {"blocks.9.attn.query.bias": torch.zeros(32)},
    ):  # fmt: skip
        with pytest.raises(ValueError, match="does not fit"):
            adapt(encoder, adapter)


def test_wrong_input_is_refused(tiny: WhisperCtcEncoder) -> None:
    with pytest.raises(ValueError, match="mono"):
        tiny.posteriors(np.zeros((2, 16_000), dtype=np.float32))


def test_the_shipped_head_fits_the_shipped_labels() -> None:
    pytest.importorskip("torch")
    with np.load(WEIGHTS / "head.npz") as stored:
        metadata = json.loads(str(stored["metadata"]))
        assert metadata["labels_version"] == LABELS.version
        assert stored["ipa.bias"].shape == (len(LABELS.ipa),)
        assert stored["arpabet.bias"].shape == (len(LABELS.arpabet),)
    _, adapter, _ = read_head(WEIGHTS / "head.npz")
    assert {k.removesuffix(".a") for k in adapter if k.endswith(".a")} == {
        k.removesuffix(".b") for k in adapter if k.endswith(".b")
    }
    assert (WEIGHTS / "head.npz").stat().st_size < 6_000_000


@pytest.mark.parametrize("seconds", [0.05, 0.333, 2.0, 30.0])
def test_both_runtimes_hear_the_same(tiny: WhisperCtcEncoder, seconds: float) -> None:
    pytest.importorskip("onnx")
    files = {"encoder": tiny._source, "weights": tiny._weights}
    torch_ear = WhisperCtcEncoder(**files, runtime="torch")
    onnx_ear = WhisperCtcEncoder(**files, runtime="onnx", threads=2)
    samples = np.random.default_rng(2).standard_normal(int(seconds * 16_000)).astype(np.float32)
    for expected, heard in zip(
        torch_ear.posteriors(samples * 0.1)[:2], onnx_ear.posteriors(samples * 0.1)[:2], strict=True
    ):
        np.testing.assert_allclose(heard, expected, atol=2e-3)
    assert (torch_ear.runtime, onnx_ear.runtime) == ("torch", "onnx")
    assert onnx_ear._encoder is None  # torch's copy of the weights is gone


def test_without_onnx_the_ear_runs_on_torch(
    tiny: WhisperCtcEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    ear = WhisperCtcEncoder(tiny._source, weights=tiny._weights)
    ear.warm_up()
    assert ear.runtime == "torch"
    with pytest.raises(ImportError):
        WhisperCtcEncoder(tiny._source, weights=tiny._weights, runtime="onnx").load()
