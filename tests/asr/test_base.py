import threading
import time

import numpy as np
import pytest

from namemem.asr import (
    ENGINES,
    Capabilities,
    Transcriber,
    Transcript,
    create_transcriber,
    transcriber_class,
    transcript_from_caller,
)
from namemem.asr.from_caller import check_times
from namemem.audio import Waveform
from namemem.errors import EngineFailed, EngineUnavailable, InvalidRequest, InvalidSettings


class Parrot(Transcriber):
    name = "parrot"
    version = "1"
    capabilities = Capabilities(languages=None, prompt=False)
    modules = ("json",)

    def __init__(self, fault=None):
        super().__init__()
        self.fault = fault
        self.loads = self.busy = self.most = 0

    def _load(self):
        time.sleep(0.05)
        self.loads += 1
        if self.fault == "load":
            raise OSError("no disk")

    def _transcribe(self, waveform, *, language, prompt):
        self.busy += 1
        self.most = max(self.most, self.busy)
        time.sleep(0.01)
        self.busy -= 1
        if self.fault == "work":
            raise ZeroDivisionError("nought")
        return Transcript(prompt or "", (), "parrot 1", language)


class Absent(Parrot):
    name = "absent"
    modules = ("no_such_module_at_all",)
    extra = "absent"


def test_many_threads_load_once_and_take_turns():
    engine = Parrot()
    threads = [
        threading.Thread(target=engine.transcribe, args=(Waveform.silence(0.1),)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (engine.loads, engine.most) == (1, 1)


def test_errors_are_ours():
    with pytest.raises(EngineUnavailable, match="no disk"):
        Parrot("load").load()
    with pytest.raises(EngineFailed, match="nought"):
        Parrot("work").transcribe(Waveform.silence(0.1))
    with pytest.raises(EngineUnavailable, match=r"pip install 'namemem\[absent\]'"):
        Absent().load()


def test_registry():
    with pytest.raises(InvalidSettings, match="sphinx, whisper"):
        create_transcriber("none")
    for name in ENGINES:
        assert transcriber_class(name).name == name


@pytest.mark.engines
@pytest.mark.parametrize("name", ["sphinx"])
def test_contract_of_every_engine(name):
    engine = create_transcriber(name)
    assert engine.is_installed()
    assert engine.version
    for seconds in (0.0, 0.01, 1.0):
        heard = engine.transcribe(Waveform.silence(seconds), language="en")
        assert (heard.text, heard.words) == ("", ())
    noise = np.random.default_rng(0).normal(0, 0.1, 16_000).clip(-1, 1).astype(np.float32)
    heard = engine.transcribe(Waveform(noise))
    assert heard.engine == f"{engine.name} {engine.version}"
    assert all(0 <= w.start <= w.end <= 1.0 for w in heard.words)


def test_caller():
    data = {
        "text": "I'm Siobhan",
        "language": "en-IE",
        "words": [
            {"word": "I'm", "start": 0, "end": 0.2},
            {"word": " Siobhan", "start": 0.2, "end": 0.8, "confidence": 0.7},
        ],
    }
    heard = transcript_from_caller(data)
    assert [w.word for w in heard.words] == ["I'm", "Siobhan"]
    assert (heard.language, heard.engine, heard.timed) == ("en-IE", "caller", True)
    untimed = transcript_from_caller({"text": "I'm Siobhan"})
    assert not untimed.timed
    assert untimed.words[1].start is None


WORD = {"word": "a", "start": 1, "end": 2}


@pytest.mark.parametrize(
    ("data", "at"),
    [
        ([], ""),
        ({}, "text"),
        ({"text": 3}, "text"),
        ({"text": "a" * 20_001}, "text"),
        ({"text": "a", "txt": 1}, "txt"),
        ({"text": "a", "language": "english!"}, "language"),
        ({"text": "a", "words": {}}, "words"),
        ({"text": "a", "words": ["a"]}, "words[0]"),
        ({"text": "a", "words": [WORD, {**WORD, "word": " "}]}, "words[1].word"),
        ({"text": "a", "words": [{**WORD, "start": -1}]}, "words[0].start"),
        ({"text": "a", "words": [{**WORD, "start": "0"}]}, "words[0].start"),
        ({"text": "a", "words": [{**WORD, "start": True}]}, "words[0].start"),
        ({"text": "a", "words": [{**WORD, "end": float("nan")}]}, "words[0].end"),
        ({"text": "a", "words": [{**WORD, "end": 10**400}]}, "words[0].end"),
        ({"text": "a", "words": [{**WORD, "end": 0.5}]}, "words[0].end"),
        ({"text": "a", "words": [{**WORD, "confidence": 2}]}, "words[0].confidence"),
        ({"text": "a", "words": [WORD, {**WORD, "start": 0}]}, "words[1].start"),
    ],
)
def test_caller_is_told_where_it_is_wrong(data, at):
    with pytest.raises(InvalidRequest) as caught:
        transcript_from_caller(data)
    assert caught.value.details["at"] == at


def test_words_beyond_the_recording():
    words = [{"word": "Siobhan", "start": 1.2, "end": 2.3}]
    heard = transcript_from_caller({"text": "Siobhan", "words": words})
    check_times(heard, 1.9)  # a recogniser that rounds
    with pytest.raises(InvalidRequest, match=r"words\[0\]\.end.*1\.50 s.*seconds"):
        check_times(heard, 1.5)
    check_times(transcript_from_caller({"text": "I'm Siobhan"}), 0.5)
