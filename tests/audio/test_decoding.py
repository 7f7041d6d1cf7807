import importlib.util
import io
import struct
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from namemem.audio import SAMPLE_RATE, decode
from namemem.errors import AudioTooLarge, AudioTooLong, TruncatedAudio, UnreadableAudio

_spec = importlib.util.spec_from_file_location(
    "audio_conf", Path(__file__).with_name("conftest.py")
)
_conf = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_conf)
record = _conf.record

LOSSLESS = [
    ("wav", "pcm_u8", {}),
    ("wav", "pcm_s16le", {"layout": "stereo", "rate": 44_100}),
    ("wav", "pcm_s24le", {}),
    ("wav", "pcm_s32le", {}),
    ("wav", "pcm_f32le", {}),
    ("wav", "pcm_f64le", {}),
    ("wav", "pcm_mulaw", {"rate": 8_000}),
    ("wav", "pcm_alaw", {"rate": 8_000}),
    ("wav", "pcm_s16le", {"layout": "7.1", "rate": 96_000}),
    ("wav", "pcm_s16le", {"rate": 16_000}),
    ("flac", "flac", {"rate": 44_100}),
    ("ogg", "flac", {}),
    ("matroska", "flac", {}),
    ("ipod", "alac", {}),
    ("aiff", "pcm_s16be", {}),
    ("caf", "pcm_s16le", {}),
]
LOSSY = [
    ("mp3", "libmp3lame", {"rate": 44_100}),
    ("ogg", "libopus", {}),
    ("ogg", "libopus", {"layout": "stereo"}),
    ("webm", "libopus", {}),
    ("matroska", "libopus", {"layout": "7.1"}),
    ("ipod", "aac", {"rate": 44_100, "layout": "stereo"}),
    ("adts", "aac", {"rate": 44_100}),
    ("3gp", "aac", {"rate": 8_000}),
]


def wav(samples: bytes, *, rate=16_000, channels=1, bits=16, kind=1, size=None) -> bytes:
    block = channels * bits // 8
    body = struct.pack("<HHIIHH", kind, channels, rate, rate * block & 0xFFFFFFFF, block, bits)
    size = len(samples) if size is None else size
    return (
        b"RIFF" + struct.pack("<I", 36 + len(samples)) + b"WAVEfmt " + struct.pack("<I", 16)
        + body + b"data" + struct.pack("<I", size) + samples
    )  # fmt: skip


@pytest.mark.parametrize(("container", "codec", "options"), LOSSLESS + LOSSY)
def test_every_format_becomes_the_same_tone(container, codec, options):
    heard = decode(record(container, codec, **options))
    assert heard.samples.dtype == np.float32
    assert heard.samples.flags.c_contiguous
    assert heard.seconds == pytest.approx(1.5, abs=0.08)
    middle = heard.slice(0.4, 1.1).samples
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(middle.size)))
    assert np.argmax(spectrum) * SAMPLE_RATE / middle.size == pytest.approx(440, abs=2)
    assert np.abs(middle).max() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("share", [0.4, 0.7, 0.95])
@pytest.mark.parametrize(
    ("container", "codec"),
    [("wav", "pcm_s16le"), ("flac", "flac"), ("ogg", "libopus"), ("ipod", "aac"),
     ("webm", "libopus"), ("aiff", "pcm_s16be")],
)  # fmt: skip
def test_cut_off(container, codec, share):
    data = record(container, codec)
    with pytest.raises(TruncatedAudio, match="breaks off"):
        decode(data[: int(len(data) * share)])


@pytest.mark.parametrize("how", [{}, {"layout": "stereo"}, {"rate": 44_100}])
def test_cut_mp3_that_says_how_long_it_is(how):
    data = record("mp3", "libmp3lame", **how)
    assert decode(data).seconds == pytest.approx(1.5, abs=0.15)
    with pytest.raises(TruncatedAudio, match="breaks off: it holds"):
        decode(data[: len(data) // 2])


def test_cut_mp3_is_heard_as_far_as_it_goes_where_nothing_says_more():
    data = record("mp3", "libmp3lame")
    at = max(data.find(b"Xing"), data.find(b"Info"))
    untold = data[: at + 4] + bytes(4) + data[at + 8 :]  # no lengths are there, say its flags
    assert decode(untold[: len(data) // 2]).seconds == pytest.approx(0.75, abs=0.1)


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF, 0x80000000])
def test_streamed_wav_does_not_know_its_length(size):
    assert decode(wav(bytes(32_000), size=size)).seconds == pytest.approx(1.0)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        b"hello, I am a text named .wav\n" * 50,
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"\x89PNG\r\n\x1a\n" + bytes(200),
        b"1\n00:00:01,000 --> 00:00:02,000\nHello\n",
        b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"#EXTM3U\n" * 20,
        b"fLaC" + b"\x80\x00\x00\x22" + b"\x07" * 400,
        wav(b""),
        wav(bytes(4000), rate=4_000_000_000),
        wav(bytes(4000), rate=0),
        wav(bytes(5100), channels=255),
        wav(np.full(999, np.nan, "<f4").tobytes(), kind=3, bits=32),
        wav(np.full(999, np.inf, "<f4").tobytes(), kind=3, bits=32),
        wav(np.full(999, 20_000, "<f4").tobytes(), kind=3, bits=32),
    ],
)
def test_what_is_no_audio_is_unreadable(data, tmp_path):
    with pytest.raises(UnreadableAudio):
        decode(data)
    with pytest.raises(UnreadableAudio):
        decode(io.BytesIO(data))
    path = tmp_path / "said-to-be.wav"
    path.write_bytes(data)
    with pytest.raises(UnreadableAudio):
        decode(path)


def test_message_says_which_formats_work():
    with pytest.raises(UnreadableAudio, match="FLAC, MP3, Ogg or WebM"):
        decode(b"no audio at all")


def test_missing_file(tmp_path):
    with pytest.raises(UnreadableAudio, match="No such file"):
        decode(tmp_path / "none.wav")


def test_video_alone_is_unreadable():
    import av

    buffer = io.BytesIO()
    with av.open(buffer, "w", format="matroska") as out:
        stream = out.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 64
        for _ in range(5):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    with pytest.raises(UnreadableAudio, match="no audio track"):
        decode(buffer.getvalue())


def test_too_many_bytes():
    with pytest.raises(AudioTooLarge, match=r"limit of 0\.0"):
        decode(io.BytesIO(bytes(20_000)), max_bytes=10_000)


def test_exactly_the_limit_is_not_too_long():
    assert decode(wav(bytes(2 * SAMPLE_RATE * 30))).seconds == pytest.approx(30.0)
    with pytest.raises(AudioTooLong, match="30 s"):
        decode(wav(bytes(2 * SAMPLE_RATE * 31)))


@pytest.mark.parametrize(("container", "codec"), [("flac", "flac"), ("ogg", "libopus")])
def test_bomb_costs_no_more_than_the_limit(container, codec):
    data = record(container, codec, rate=48_000, seconds=240)
    if codec == "flac":  # a header that promises half a second
        data = data[:21] + (int.from_bytes(data[21:26], "big") & 0xF0_0000_0000 | 24_000).to_bytes(
            5, "big"
        ) + data[26:]  # fmt: skip
    decode(record("wav", "pcm_s16le"))  # PyAV's import does not count
    tracemalloc.start()
    try:
        with pytest.raises(AudioTooLong):
            decode(data, max_seconds=5)
        assert tracemalloc.get_traced_memory()[1] < 8 * 2**20 + len(data)
    finally:
        tracemalloc.stop()


def test_aliases_are_filtered_out():
    t = np.arange(48_000) / 48_000
    tone = (0.5 * np.sin(2 * np.pi * 11_000 * t) * 32767).astype("<i2").tobytes()
    assert decode(wav(tone, rate=48_000)).slice(0.1, 0.9).rms_dbfs < -60


def test_channels_that_cancel_each_other_leave_the_first():
    """A balanced microphone in a stereo socket; far fewer than that is only a wide recording."""
    tone = 8000 * np.sin(np.arange(16_000) / 5)
    both = np.stack([tone, -tone], axis=1).astype("<i2")
    turned = decode(wav(both.tobytes(), channels=2))
    assert turned.peak == pytest.approx(8000 / 32_768, abs=0.01)
    wide = np.stack([tone, -0.5 * tone], axis=1).astype("<i2")
    mean = decode(wav(wide.tobytes(), channels=2))
    assert mean.peak == pytest.approx(2000 / 32_768, abs=0.01)


def test_channels_are_averaged_without_clipping():
    both = np.full((16_000, 2), 32_000, "<i2")
    assert decode(wav(both.tobytes(), channels=2)).peak == pytest.approx(32_000 / 32_768, abs=0.03)


def test_import_is_light():
    code = "import sys, namemem.audio; print('av' in sys.modules, 'pocketsphinx' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["False", "False"]
