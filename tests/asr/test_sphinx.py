import shutil
import subprocess
from pathlib import Path

import pytest

from namemem.asr.base import TimedWord
from namemem.asr.sphinx import SphinxTranscriber
from namemem.asr.sphinx_carrier import CarrierFinder, carrier_in_words
from namemem.audio import Waveform, decode

pytestmark = pytest.mark.engines


@pytest.fixture(scope="module")
def engine():
    return SphinxTranscriber()


@pytest.fixture(scope="module")
def shared_speech():
    folder = Path(__file__).resolve().parents[2].parent / "shared" / "speech"
    if not folder.is_dir():
        pytest.skip("../shared/speech is not here: recordings of real people are not tested")
    return folder


def say(phones, folder, voice="kal16"):
    """flite's voice and the end of each phone in seconds."""
    if not shutil.which("flite"):
        pytest.skip("flite is not here: no speech to hear")
    path = folder / "said.wav"
    command = ["flite", "-voice", voice, "-psdur", "-p", f"pau {phones} pau", "-o", path]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return decode(path), [float(part.split(":")[1]) for part in out.split()]


def test_words_and_times(engine, tmp_path, capfd):
    wave, ends = say("m ay n ey m ih z w aa k iy n", tmp_path)
    heard = engine.transcribe(wave)
    assert heard.text.startswith("my name is")
    assert "(" not in heard.text
    assert heard.words[2].end == pytest.approx(ends[7], abs=0.08)
    assert all(0 <= w.confidence <= 1 for w in heard.words)
    assert capfd.readouterr().err == ""


def test_each_call_starts_afresh(engine, tmp_path):
    wave, _ = say("hh ax l ow m ay n ey m ih z sh ih v ao n", tmp_path)
    first = engine.transcribe(wave)
    engine.transcribe(Waveform(wave.samples * 0.05))
    assert engine.transcribe(wave) == first


@pytest.mark.parametrize(
    ("phones", "count", "phrase"),
    [
        ("m ay n ey m ih z", 7, "my name is"),
        ("m ay n ey m z", 6, "my name's"),
        ("k ao l m iy", 5, "call me"),
        ("dh ih s ih z", 5, "this is"),
    ],
)
def test_carrier_before_an_unknown_name(engine, tmp_path, phones, count, phrase):
    wave, ends = say(f"{phones} w aa k iy n", tmp_path)
    found = CarrierFinder(engine).find(wave)
    assert found.phrase == phrase
    assert found.end == pytest.approx(ends[count], abs=0.1)


def test_carrier_needs_something_after_it():
    words = [TimedWord(w, i, i + 1.0) for i, w in enumerate("well my name is joe".split())]
    found = carrier_in_words(tuple(words))
    assert (found.phrase, found.start, found.end) == ("my name is", 1, 4)
    assert carrier_in_words(tuple(words[:-1])) is None


@pytest.mark.shared
def test_no_carrier_where_nobody_says_one(engine, shared_speech):
    finder = CarrierFinder(engine)
    clips = [*sorted((shared_speech / "no_name").glob("*"))[::3]]
    clips += sorted((shared_speech / "names_real").glob("*"))[::30]
    assert [clip.name for clip in clips if finder.find(decode(clip))] == []
