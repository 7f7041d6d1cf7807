"""wav2vec2: a vocabulary becomes phones, and a checkpoint in the real format is heard with."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest
from plugins.checkpoints import ESPEAK_SYMBOLS, write_wav2vec2

from namemem.audio import Waveform
from namemem.errors import EngineUnavailable
from namemem.phone_recognition import Context, Span, choose
from namemem.phone_recognition.ctc_vocabulary import CtcVocabulary
from namemem.phone_recognition.wav2vec2 import Wav2Vec2Phones, locate
from namemem.phones import parse_ipa

SYMBOLS = {symbol: column for column, symbol in enumerate(ESPEAK_SYMBOLS)}
BLANK = SYMBOLS["<pad>"]


@pytest.fixture(scope="module")
def vocabulary() -> CtcVocabulary:
    return CtcVocabulary(SYMBOLS, BLANK)


def names(vocabulary: CtcVocabulary, groups) -> list[str]:
    return ["+".join(vocabulary.names[c] for c in group) for group in groups]


@pytest.mark.parametrize(
    ("ipa", "expected"),
    [
        ("ʃɪˈvɔːn", "ʃ ɪ v ɔ n"),
        ("ˈneɪoʊmi", "n eɪ oʊ m i"),  # diphthongs have columns of their own
        ("ˈd͡ʒɔɹd͡ʒ", "d͡ʒ ɔ ɹ d͡ʒ"),
        ("ʈ͡ʂʰa", "ʈ͡ʂʰ a"),  # written ts.h
        ("ˈkɝstən", "k ɜ s t ə n"),  # espeak's vowel of NURSE
        ("ˈjyʁ", "j y ʁ"),
        ("ɡab", "ɡ a b"),
        ("ˈdɔʏtʃ", "d ɔø t͡ʃ"),  # the nearest diphthong
        ("bœɯ", "b œ ə"),  # no such diphthong: its parts
        ("ˈbʌtn̩", "b ʌ t n̩"),
        ("ˈbɒtl̩", "b ɑ t ə+l"),  # no syllabic l
        ("tʰɑ̃", "tʰ ɑ̃"),
        ("ɓɛɗ", "b ɛ d"),
        ("ʏ", "ɪ"),
    ],
)
def test_phones_have_columns(vocabulary, ipa, expected):
    found = names(vocabulary, [vocabulary.columns_of(u) for u in parse_ipa(ipa).units])
    assert "".join(" ".join(found).split()) == "".join(expected.split())


def test_no_phone_is_dropped(vocabulary):
    from namemem.phones.segments import known_segments

    for segment in known_segments():
        (unit,) = parse_ipa(segment).units
        columns = vocabulary.columns_of(unit)
        assert columns, segment
        assert 0 not in columns, segment
        assert vocabulary.columns_of(unit) is columns, "computed once"


def test_symbols_that_hold_several_phones(vocabulary):
    joined = names(vocabulary, vocabulary.joined(parse_ipa("ˈɑːɹθɚ").units))
    assert joined == ["ɑɹ", "", "θ", "ɚ"]
    assert names(vocabulary, vocabulary.joined(parse_ipa("ˈmaɪkəl").units))[-2:] == ["əl", ""]
    assert names(vocabulary, vocabulary.joined(parse_ipa("tsɛ").units)) == ["t͡s", "", "ɛ"]


def test_length_tone_and_notation_share_a_column(vocabulary):
    matrix = np.log(np.full((3, len(SYMBOLS) + 2), 1.0 / (len(SYMBOLS) + 2)))
    merged = np.exp(vocabulary.merge(matrix))
    np.testing.assert_allclose(merged.sum(1), 1.0, rtol=1e-5)
    one = 1.0 / (len(SYMBOLS) + 2)
    expected = {"i": "i iː i5 iɜ i2", "ə": "ə ə5", "t͡ʃ": "tʃ tS", "ʃ": "ʃ S", "ɜ": "ɜ ɜː"}
    for name, symbols in expected.items():
        share = merged[0, vocabulary.names.index(name)]
        assert share == pytest.approx(one * len(symbols.split())), name
    # specials, what is no phone, and columns that the vocabulary does not name
    assert merged[0, 0] == pytest.approx(one * (4 + 3 + 2))
    for name in vocabulary.names[1:]:
        assert parse_ipa(name)


def test_an_alphabet_is_no_phone_vocabulary():
    with pytest.raises(ValueError, match="espeak"):
        CtcVocabulary(
            {c: i for i, c in enumerate(["<pad>", "|", *"abcdefghijklmnopqrstuvwxyz"])}, 0
        )


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    engine = Wav2Vec2Phones(str(write_wav2vec2(tmp_path_factory.mktemp("wav2vec2"))))
    engine.load()
    return engine


@pytest.fixture(scope="module")
def noise() -> Waveform:
    rng = np.random.default_rng(0)
    return Waveform((rng.standard_normal(24_000) * 0.1).astype(np.float32))


def test_a_checkpoint_in_the_real_format(engine, noise):
    listening = engine.listen(noise)
    whole = Span(0.0, noise.seconds)
    carrier = Context(before=parse_ipa("maɪ neɪm ɪz"), open_start=True)
    said = [parse_ipa(t) for t in ("ˈændɹiə", "ˈɑːɹθɚ", "ǃxo")]
    scores = listening.score(said, whole, carrier)
    assert all(math.isfinite(s) and s < 0 for s in scores)
    alone = [listening.score([p], whole, carrier)[0] for p in said]
    assert scores == pytest.approx(alone)
    for pronunciation in said:
        alignment = listening.align(pronunciation, whole, carrier)
        assert alignment is not None
        assert [p.ipa for p in alignment.phones] == list(pronunciation.units)
        times = [t for p in alignment.phones for t in (p.start, p.end)]
        assert times[0] >= 0.0
        assert times[-1] <= noise.seconds + 0.03
        assert all(p.end > p.start for p in alignment.phones)
        assert math.isfinite(listening.fit(pronunciation, whole, carrier))
    for phone in listening.free_phones(whole):
        assert parse_ipa(phone.ipa)
    assert all(g.phones for g in listening.guesses(whole, carrier))


def test_frames_and_blank_are_the_models(engine, noise):
    listening = engine.listen(noise)
    assert engine._frame == pytest.approx(0.02)
    matrix = listening._free.log_probs
    assert len(matrix) == pytest.approx(noise.seconds / 0.02, abs=2)
    raw = engine._posteriors(noise.samples)
    specials = [BLANK, *(SYMBOLS[s] for s in ("<s>", "</s>", "<unk>", "??", "1", "ʲ"))]
    np.testing.assert_allclose(np.exp(matrix[:, 0]), np.exp(raw[:, specials]).sum(1), rtol=1e-4)


@pytest.mark.parametrize("seconds", [0.1, 0.4])
def test_short_recordings_do_no_harm(engine, seconds):
    listening = engine.listen(Waveform.silence(seconds))
    span = Span(0.0, seconds)
    assert len(listening.score([parse_ipa("ˈænə")], span, Context())) == 1
    listening.align(parse_ipa("ˈænə"), span, Context())


def test_says_which_checkpoint(engine):
    assert engine.name == "wav2vec2"
    assert engine.identity.startswith("wav2vec2 ")
    assert "transformers" in engine.version


def test_is_chosen_by_name(tmp_path):
    folder = write_wav2vec2(tmp_path)
    engine, why = choose("wav2vec2", checkpoint=str(folder))
    assert isinstance(engine, Wav2Vec2Phones)
    assert "asked for" in why


def test_what_is_missing_is_said(tmp_path, monkeypatch):
    pytest.importorskip("transformers")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(EngineUnavailable, match="hf download nobody/nothing"):
        locate("nobody/nothing")
    with pytest.raises(EngineUnavailable, match="NAMEMEM_PHONE_CHECKPOINT"):
        choose("wav2vec2", checkpoint="/no/such/folder")
    with pytest.raises(EngineUnavailable, match="cannot be used"):
        Wav2Vec2Phones(str(tmp_path)).load()
    monkeypatch.setitem(sys.modules, "transformers", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(EngineUnavailable, match=r"namemem\[wav2vec2\]"):
        locate("nobody/nothing")


def test_unfit_checkpoints_are_refused(tmp_path):
    letters = ["<pad>", "<s>", "</s>", "<unk>", "|", *"ETAOINSHRDLU"]
    with pytest.raises(EngineUnavailable, match="vocabulary"):
        Wav2Vec2Phones(str(write_wav2vec2(tmp_path / "letters", letters))).load()
    with pytest.raises(EngineUnavailable, match="8000"):
        Wav2Vec2Phones(str(write_wav2vec2(tmp_path / "slow", rate=8000))).load()


def test_a_gpu_that_is_not_there(tmp_path):
    torch = pytest.importorskip("torch")
    folder = str(write_wav2vec2(tmp_path))
    engine = Wav2Vec2Phones(folder, device="cuda")
    if torch.cuda.is_available():
        engine.load()
        assert engine._model.device.type == "cuda"
    else:
        with pytest.raises(EngineUnavailable, match="cpu"):
            engine.load()
