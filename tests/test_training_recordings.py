"""Real speech whose words nobody wrote down: reading the packages, and what is left out."""

from __future__ import annotations

import io
import struct
import wave

import numpy as np
import pytest
from plugins.speech import introduction

torch = pytest.importorskip("torch")
av = pytest.importorskip("av")
pytest.importorskip("whisper")

from training.heldout import held_out  # noqa: E402
from training.recordings import RATE, Ear, drascula, holds, jobs, queen, sources, wav_files  # noqa: E402
from training.speakers import LABELS  # noqa: E402
from training.synthesize import write  # noqa: E402

pytestmark = pytest.mark.engines


def mp3(samples: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp3") as out:
        stream = out.add_stream("libmp3lame", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate = RATE
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return buffer.getvalue()


def spoken() -> np.ndarray:
    with wave.open(io.BytesIO(introduction("ˈændɹiə"))) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


class Told:
    """A teacher that hears what it is told."""

    def __init__(self, phones: str, sure: float = 0.99) -> None:
        self.phones, self.sure = phones.split(), sure

    def answer(self, mel):
        def output(labels, said):
            frames = torch.full((1, max(2 * len(said) + 1, 40), len(labels)), 1e-4)
            frames[0, :, 0] = self.sure
            for place, phone in enumerate(said):
                frames[0, 2 * place + 1, 0] = 1e-4
                frames[0, 2 * place + 1, list(labels).index(phone)] = self.sure
            return frames.log()

        ipa = [p for p in self.phones if p in LABELS.ipa]
        english = [a for p in ipa for a in LABELS.arpabet_for(p)]
        return output(LABELS.arpabet, english), output(LABELS.ipa, ipa), None


@pytest.fixture
def packages(tmp_path):
    sounds = tmp_path / "usr/share/asterisk/sounds/en_US_f_Somebody"
    (sounds / "silence").mkdir(parents=True)
    samples = spoken()
    with wave.open(str(sounds / "hello.wav"), "wb") as file:
        file.setparams((1, 2, RATE, len(samples), "NONE", ""))
        file.writeframes(samples.tobytes())
    (sounds / "silence" / "1.wav").write_bytes((sounds / "hello.wav").read_bytes())
    game = tmp_path / "usr/share/scummvm/drascula/en"
    game.mkdir(parents=True)
    at = np.arange(0, len(samples), RATE / 11_025)
    plain = np.round(np.interp(at, np.arange(len(samples)), samples) / 256 + 128).astype(np.uint8)
    (game / "1.ALS").write_bytes(bytes(32) + plain.tobytes() + bytes(32))
    line, other = mp3(samples), b"picture"
    table = 13 + 2 + 2 * 21
    entries = b"".join(
        struct.pack(">12sBII", name, 0, at, len(part))
        for name, at, part in ((b"JOE1.SB", table, line), (b"A.PCX", table + len(line), other))
    )
    (tmp_path / "queen.1c").write_bytes(
        b"QTBLCEM10\0\0\0\1" + struct.pack(">H", 2) + entries + line + other
    )
    return tmp_path


def test_every_package_is_read(packages):
    found = {engine: list(recordings) for engine, _, recordings in sources(packages)}
    assert {e: [name for name, _ in r] for e, r in found.items()} == {
        "asterisk": ["hello"], "queen": ["JOE1.SB"], "drascula": ["1"],
    }  # fmt: skip
    seconds = len(spoken()) / RATE
    for engine in ("asterisk", "queen"):
        assert len(found[engine][0][1]()) / RATE == pytest.approx(seconds, abs=0.2)
    assert found["drascula"][0][1]().dtype == np.int16
    assert next(queen(packages / "queen.1c"))[0] == "JOE1.SB"
    assert len(list(wav_files(packages))) == len(list(drascula(packages))) == 1


def test_what_is_speech_is_written_without_phones(packages, tmp_path):
    ear = Ear(Told("m aj n ej m ɪ z b ɑ b"), held_out())
    rows = write(jobs(packages, ear), tmp_path / "corpus")
    assert {row["engine"] for row in rows} == {"asterisk", "queen", "drascula"}
    assert all(row["ipa"] == [] and row["arpabet"] is None for row in rows)


@pytest.mark.parametrize(
    ("phones", "sure"),
    [
        ("m ə ð ʌ h ə l ɛ k s ə s ɛ d", 0.99),  # Alexa, a name that the tests have
        ("m", 0.99),  # hardly a phone: a door
        ("m aj n ej m ɪ z b ɑ b", 0.5),  # unsure throughout: an engine
    ],
)
def test_what_is_left_out(phones, sure):
    ear = Ear(Told(phones, sure), held_out())
    assert not ear.accepts(spoken())


def test_a_name_is_looked_for_as_a_run():
    names = {("a", "n", "n", "a")}
    assert holds(["m", "a", "n", "n", "a"], names)
    assert not holds(["a", "n", "m", "n", "a"], names)
    assert not holds([], names)
