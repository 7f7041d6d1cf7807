"""Small models with random weights in the file formats of the real ones: nothing is downloaded."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

# In the order, notation and with the oddities of facebook/wav2vec2-lv-60-espeak-cv-ft.
ESPEAK_SYMBOLS = (
    "<s> <pad> </s> <unk> n s t ə l a i k d m ɛ ɾ e ɪ p o ɐ z ð f j v b ɹ ʁ ʊ iː r w ʌ u ɡ æ aɪ ʃ "
    "h ɔ ɑː ŋ ɚ eɪ uː y ɑ̃ oʊ ᵻ eː θ aʊ ts oː ɣ ɜ ɑ dʒ əl x ɜː ç ʒ tʃ ɔː ɑːɹ ɔːɹ aː ɕ œ ø ɲ ʔ iə "
    "i5 s. ?? nʲ ɛː ɔø ts. i.5 ɔɪ iɜ th ts.h ə5 i2 1 n̩ tS onɡ5 S t[ ʲ"
).split()


def write_wav2vec2(
    folder: Path, symbols: tuple[str, ...] | list[str] = tuple(ESPEAK_SYMBOLS), rate: int = 16_000
) -> Path:
    """A wav2vec 2.0 CTC checkpoint, as `save_pretrained` writes it; the blank is `<pad>`."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    config = transformers.Wav2Vec2Config(
        vocab_size=len(symbols),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        conv_dim=(16,) * 7,
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=2,
        pad_token_id=symbols.index("<pad>"),
    )
    transformers.Wav2Vec2ForCTC(config).save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor(
        feature_size=1, sampling_rate=rate, padding_value=0.0, do_normalize=True
    ).save_pretrained(folder)
    vocabulary = {symbol: column for column, symbol in enumerate(symbols)}
    text = json.dumps(vocabulary, ensure_ascii=False)
    (folder / "vocab.json").write_text(text, encoding="utf-8")
    return folder


def write_whisper(folder: Path, gru_layers: int = 1) -> tuple[Path, Path]:
    """A Whisper checkpoint, and a head for it with the shipped labels."""
    torch = pytest.importorskip("torch")
    model = pytest.importorskip("whisper.model")
    from namemem.phone_recognition.ctc_head import HeadConfig, build_head
    from namemem.phone_recognition.whisper_ctc import PhoneLabels

    torch.manual_seed(0)
    dims = {"n_mels": 80, "n_audio_ctx": 1500, "n_audio_state": 32, "n_audio_head": 2,
            "n_audio_layer": 2, "n_vocab": 10, "n_text_ctx": 8, "n_text_state": 32,
            "n_text_head": 2, "n_text_layer": 1}  # fmt: skip
    whisper = model.Whisper(model.ModelDimensions(**dims))
    torch.save({"dims": dims, "model_state_dict": whisper.state_dict()}, folder / "tiny.pt")
    size = len(PhoneLabels.read().ipa)
    config = HeadConfig(layers=(1, 2), encoder_width=32, width=16, gru_width=8,
                        gru_layers=gru_layers, ipa=size)  # fmt: skip
    state = {k: v.numpy().astype(np.float16) for k, v in build_head(config).state_dict().items()}
    fields = {name: getattr(config, name) for name in HeadConfig.__slots__}
    metadata = json.dumps({"version": "test", "encoder": "tiny", "config": fields})
    np.savez(folder / "head.npz", metadata=np.array(metadata), **state)
    return folder / "tiny.pt", folder / "head.npz"
