import threading

import numpy as np
import pytest

from namemem.audio import Waveform
from namemem.errors import EngineUnavailable

pytestmark = pytest.mark.engines
torch = pytest.importorskip("torch")
whisper = pytest.importorskip("whisper")


@pytest.fixture(scope="module", params=[51_864, 51_865])
def checkpoint(request, tmp_path_factory):
    """Random weights in Whisper's own format: nonsense is heard, by the real path."""
    from dataclasses import asdict

    from whisper.model import ModelDimensions, Whisper

    torch.manual_seed(3)
    dims = ModelDimensions(80, 1500, 32, 2, 1, request.param, 64, 32, 2, 2)  # 64: few tokens, fast
    path = tmp_path_factory.mktemp("whisper") / "random.pt"
    state = Whisper(dims).state_dict()
    state["decoder.positional_embedding"].normal_(0, 0.01)  # Whisper leaves it unset
    torch.save({"dims": asdict(dims), "model_state_dict": state}, path)
    return path


@pytest.fixture
def noise():
    rng = np.random.default_rng(0)
    return Waveform(rng.normal(0, 0.1, 32_000).clip(-1, 1).astype(np.float32))


def engine(path):
    from namemem.asr.whisper import WhisperTranscriber

    return WhisperTranscriber(str(path))


def test_threads_load_it_once(checkpoint, noise, monkeypatch):
    loads = []
    real = whisper.load_model
    monkeypatch.setattr(whisper, "load_model", lambda *a, **k: loads.append(a) or real(*a, **k))
    one = engine(checkpoint)
    heard = []
    threads = [
        threading.Thread(target=lambda: heard.append(one.transcribe(noise))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1
    assert len(heard) == 3
    assert heard[0].engine.endswith("random.pt")


def test_word_times_are_in_order_and_within(checkpoint, noise, monkeypatch):
    monkeypatch.setattr("namemem.asr.whisper._hallucinated", lambda segment: False)
    heard = engine(checkpoint).transcribe(noise, language="en-GB", prompt="Siobhan")
    times = [time for word in heard.words for time in (word.start, word.end)]
    assert all(0 <= time <= noise.seconds for time in times)
    assert [w.start for w in heard.words] == sorted(w.start for w in heard.words)
    assert all(w.start <= w.end and 0 <= w.confidence <= 1 for w in heard.words)
    assert heard.text == " ".join(w.word for w in heard.words) == heard.text.lower()


def test_silence_is_empty(checkpoint):
    heard = engine(checkpoint).transcribe(Waveform.silence(1))
    assert (heard.text, heard.no_speech_probability) == ("", 1.0)


def test_nonsense_is_left_out():
    from namemem.asr.whisper import _hallucinated

    good = {"no_speech_prob": 0.1, "avg_logprob": -0.4, "compression_ratio": 1.1}
    assert not _hallucinated(good)
    assert _hallucinated({**good, "compression_ratio": 8})
    assert _hallucinated({**good, "avg_logprob": -3})
    assert _hallucinated({**good, "avg_logprob": -0.8, "no_speech_prob": 0.9})


def test_words_are_tidied():
    from namemem.asr.whisper import _words

    raw = [(" Hi,", 0.1, 0.3), (" I'm", 0.2, 0.2), (" ...", 0.3, 0.4), (" Siobhán.", 0.1, 9.0)]
    segment = {"words": [{"word": w, "start": s, "end": e, "probability": 1.2} for w, s, e in raw]}
    words = _words([segment], Waveform.silence(1))
    assert [w.word for w in words] == ["hi", "i'm", "siobhán"]
    assert (words[-1].start, words[-1].end, words[-1].confidence) == (0.2, 1.0, 1.0)


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04" + bytes(99)])
def test_broken_checkpoint(tmp_path, content):
    path = tmp_path / "broken.pt"
    path.write_bytes(content)
    with pytest.raises(EngineUnavailable, match=r"broken\.pt is not a checkpoint"):
        engine(path).load()


def test_absent_checkpoint(tmp_path):
    with pytest.raises(EngineUnavailable, match="namemem models fetch"):
        engine(tmp_path / "absent.pt").load()


def test_what_else_may_have_been_said(checkpoint, noise, monkeypatch):
    monkeypatch.setattr("namemem.asr.whisper._hallucinated", lambda segment: False)
    one = engine(checkpoint)
    one.load()
    torch.manual_seed(5)
    heard = one.hypotheses(noise, prompt="Siobhan")
    again = torch.rand(1)
    assert len(heard) > 1
    assert len(set(heard)) == len(heard)
    assert all(text == text.strip() for text in heard)
    assert one.hypotheses(noise, prompt="Siobhan") == heard  # the same draws
    torch.manual_seed(5)
    assert torch.equal(torch.rand(1), again)  # and nobody else's are touched


def test_hypotheses_are_guarded_as_the_transcript_is(checkpoint, noise):
    assert engine(checkpoint).hypotheses(Waveform.silence(1)) == ()
    assert engine(checkpoint).hypotheses(noise) == ()  # random weights are less sure than allowed


def test_the_transcript_as_written(checkpoint, noise, monkeypatch):
    monkeypatch.setattr("namemem.asr.whisper._hallucinated", lambda segment: False)
    heard = engine(checkpoint).transcribe(noise)
    assert heard.written
    assert heard.written == heard.written.strip()
