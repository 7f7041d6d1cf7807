"""Bytes of a recording → `Waveform`, at a cost that the limits bound."""

from __future__ import annotations

import io
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import numpy.typing as npt

from namemem.audio.containers import cut_off, flac_total_samples, sniff
from namemem.audio.waveform import SAMPLE_RATE, Waveform
from namemem.errors import AudioTooLarge, AudioTooLong, TruncatedAudio, UnreadableAudio

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.resampler import AudioResampler
    from av.container import InputContainer

MAX_SECONDS = 30.0
MAX_BYTES = 25 * 2**20
FORMATS = "WAV, FLAC, MP3, Ogg or WebM (Opus, Vorbis, FLAC), M4A/MP4 (AAC, ALAC), AIFF, CAF, AMR"
"""What `decode` understands, for people."""

_CODECS = (
    "pcm_u8 pcm_s8 pcm_s16le pcm_s16be pcm_s24le pcm_s24be pcm_s32le pcm_s32be pcm_f32le "
    "pcm_f32be pcm_f64le pcm_f64be pcm_mulaw pcm_alaw adpcm_ima_wav adpcm_ms flac mp3 mp3float "
    "opus libopus vorbis aac alac amrnb amrwb gsm_ms"
).split()
_MIN_RATE, _MAX_RATE = 4_000, 384_000
_MAX_CHANNELS = 64
_GRACE_SECONDS = 0.1
"""Codecs pad the last block; a recording of exactly the limit is not over it."""
_NUMPY_KINDS: dict[str, Any] = {
    "u8": np.uint8,
    "s16": np.int16,
    "s32": np.int32,
    "flt": np.float32,
    "dbl": np.float64,
}
_PACKETS_PER_SECOND = 1_000
"""No codec of ours needs as many: Opus has at most 400, FLAC of 192 samples at 96 kHz 500."""
_PROBE_BYTES = 1_000_000
_BLOCK = 8_192
"""Samples that are gathered before they are resampled: a call for each tiny frame is slow."""
_LAYOUTS = {1: "mono", 2: "stereo"}
_CANCELLED = 0.01
"""Channels whose mean has less than this share of the first one's power cancel each other."""
_MAX_OVER = 8.0
"""Codecs overshoot full scale a little; beyond this the samples are on another scale."""


def decode(
    source: bytes | BinaryIO | Path,
    *,
    max_seconds: float = MAX_SECONDS,
    max_bytes: int = MAX_BYTES,
) -> Waveform:
    """The first audio track of a recording: mono (channels averaged), float32, 16 kHz.

    Of channels that cancel each other (a balanced microphone in a stereo socket) it is the first.

    `source`: the file's bytes, an open binary file, or a path. Work and memory end with the
    limits, whatever the file says of itself. Raises AudioTooLarge, AudioTooLong,
    UnreadableAudio (not audio, or in no format of `FORMATS`) and TruncatedAudio.
    """
    data = _read(source, max_bytes)
    name = sniff(data)
    if name is None:
        what = "empty" if not data else "not audio that can be decoded"
        raise UnreadableAudio(f"The file is {what}. These formats work: {FORMATS}.")
    broken = cut_off(name, data)
    if broken and name == "mov":  # nothing can be decoded without its index
        raise _truncated(broken)
    mono = _decode(data, name, max_seconds, broken)
    if broken:
        raise _truncated(broken)
    if not mono.size:
        raise UnreadableAudio(f"The file holds no sound. These formats work: {FORMATS}.")
    return Waveform(mono)


def _read(source: bytes | BinaryIO | Path, max_bytes: int) -> bytes:
    if isinstance(source, Path):
        try:
            with source.open("rb") as file:
                return _read(file, max_bytes)
        except OSError as error:
            raise UnreadableAudio(f"{source} cannot be read: {error.strerror}.") from error
    data = source if isinstance(source, bytes) else source.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise AudioTooLarge(
            f"The file is larger than the limit of {max_bytes / 2**20:g} MiB.", max_bytes=max_bytes
        )
    return data


def _truncated(where: str) -> TruncatedAudio:
    return TruncatedAudio(f"The recording breaks off: {where}. Send the whole file.")


def _unreadable(why: str) -> UnreadableAudio:
    return UnreadableAudio(f"The file cannot be decoded: {why}. These formats work: {FORMATS}.")


def _decode(data: bytes, name: str, max_seconds: float, broken: str | None) -> _Samples:
    import av

    options = {
        "format_whitelist": name,
        "codec_whitelist": ",".join(_CODECS),
        "protocol_whitelist": "none",
        "max_streams": "32",
        "probesize": str(_PROBE_BYTES),
        "max_probe_packets": "200",
    }
    # A tenth of the time it lasts is twenty times what decoding takes.
    clock = _Clock(2.0 + max_seconds / 10)
    try:
        with av.open(_Timed(data, clock), "r", format=name, options=options) as container:
            return _track(container, data, name, max_seconds, clock)
    except MemoryError as error:  # FFmpeg's ENOMEM, or Python's own
        raise _unreadable("it asks for more memory than a recording may take") from error
    except (av.FFmpegError, ValueError) as error:
        if broken:
            raise _truncated(broken) from error
        reason = error.strerror if isinstance(error, av.FFmpegError) else str(error)
        raise _unreadable(str(reason or error)) from error


_Samples = npt.NDArray[np.float32]


class _Clock:
    """The processor time that one file may take."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.thread_time() + seconds

    def check(self) -> None:
        """Raises UnreadableAudio when it is up."""
        if time.thread_time() > self._end:
            raise _unreadable(f"it takes more than {self._seconds:g} s of computing")


class _Timed(io.BytesIO):
    """A file whose every read looks at the clock: FFmpeg seeks a sync word for minutes."""

    def __init__(self, data: bytes, clock: _Clock) -> None:
        super().__init__(data)
        self._clock = clock

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes; UnreadableAudio when the time is up."""
        self._clock.check()
        return super().read(size)


def _track(
    container: InputContainer, data: bytes, name: str, max_seconds: float, clock: _Clock
) -> _Samples:
    if not container.streams.audio:
        raise _unreadable("it has no audio track")
    codec = container.streams.audio[0].codec_context
    if codec is None or codec.name not in _CODECS:
        raise _unreadable(f"its codec is {codec.name if codec else 'unknown'}")
    _check_shape(codec.sample_rate, codec.channels)
    mixer = _Mixer()
    seconds = 0.0
    decoded = 0
    parts = []
    for frame in _frames(container, max_seconds, clock):
        decoded += frame.samples
        _check_shape(frame.sample_rate, frame.layout.nb_channels)
        seconds += frame.samples / frame.sample_rate
        if seconds > max_seconds + _GRACE_SECONDS:
            raise AudioTooLong(
                f"The recording is longer than the limit of {max_seconds:g} s.",
                max_seconds=max_seconds,
            )
        parts += mixer.push(frame)
    parts += mixer.flush()
    if name == "flac" and 0 < decoded < (promised := flac_total_samples(data)):
        raise _truncated(f"{decoded} of {promised} samples are there")
    mono = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    return np.clip(mono, -1.0, 1.0)


def _check_shape(rate: int, channels: int) -> None:
    if not _MIN_RATE <= rate <= _MAX_RATE:
        raise _unreadable(f"its sample rate is {rate} Hz, not {_MIN_RATE} to {_MAX_RATE} Hz")
    if not 1 <= channels <= _MAX_CHANNELS:
        raise _unreadable(f"it has {channels} channels, not 1 to {_MAX_CHANNELS}")


def _frames(container: InputContainer, max_seconds: float, clock: _Clock) -> Iterator[AudioFrame]:
    """Decoded frames of the first audio track; a damaged packet among good ones is left out."""
    import av

    damaged: av.FFmpegError | None = None
    any_good = False
    packets = container.demux(container.streams.audio[0])
    left = _PACKETS_PER_SECOND * (1 + max_seconds)
    while True:
        try:
            clock.check()
            packet = next(packets, None)
            if packet is None:
                break
            left -= 1
            if left < 0:
                raise _unreadable("it is cut into far too many packets")
            for frame in packet.decode():
                any_good = any_good or frame.samples > 0
                yield frame
        except av.InvalidDataError as error:
            damaged = error
    if damaged is not None and not any_good:
        raise damaged


class _Mixer:
    """Frames of any rate, sample format and number of channels → mono float32 at 16 kHz."""

    def __init__(self) -> None:
        self._resampler: AudioResampler | None = None
        self._shape = (0, 0)
        self._waiting: list[_Samples] = []
        self._samples_waiting = 0
        self._done: list[_Samples] = []

    def push(self, frame: AudioFrame) -> list[_Samples]:
        """The samples that became ready; a new rate or layout in mid-stream is followed."""
        import av

        done: list[_Samples] = []
        shape = (frame.sample_rate, min(2, frame.layout.nb_channels))
        if shape != self._shape:
            done += self.flush()
            self._shape = shape
            self._resampler = av.AudioResampler("fltp", _LAYOUTS[shape[1]], SAMPLE_RATE)
        if frame.samples:
            self._waiting.append(_average(frame))
            self._samples_waiting += frame.samples
        if self._samples_waiting >= _BLOCK:
            self._resample()
        return done

    def flush(self) -> list[_Samples]:
        """What there is since the start or the last change."""
        if self._resampler is None:
            return []
        self._resample()
        self._keep(self._resampler.resample(None))
        whole = np.concatenate(self._done, axis=1) if self._done else np.zeros((1, 0), np.float32)
        self._resampler, self._done = None, []
        power = (whole.astype(np.float64) ** 2).sum(axis=1)
        return [whole[-1] if power[0] < _CANCELLED * power[-1] else whole[0]]

    def _resample(self) -> None:
        import av

        if self._resampler is None or not self._waiting:
            return
        block = np.concatenate(self._waiting, axis=1)
        self._waiting, self._samples_waiting = [], 0
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=_LAYOUTS[len(block)])
        frame.sample_rate = self._shape[0]
        self._keep(self._resampler.resample(frame))

    def _keep(self, frames: Iterable[AudioFrame]) -> None:
        self._done += [np.asarray(frame.to_ndarray(), np.float32) for frame in frames]


def _average(frame: AudioFrame) -> _Samples:
    """The mean of the channels and, of several, the first one, shape (1 or 2, samples).

    Raises UnreadableAudio for NaN and infinity.
    """
    channels = frame.layout.nb_channels
    kind = _NUMPY_KINDS.get(frame.format.name.removesuffix("p"))
    if kind is None:
        raise _unreadable(f"its samples are {frame.format.name}")
    planes: list[Any] = list(frame.planes[:channels])
    if frame.format.is_packed:
        values = np.frombuffer(planes[0], kind)[: frame.samples * channels]
        values = values.reshape(-1, channels).T
    else:  # not `to_ndarray`: from eight channels on it reads a plane too many
        values = np.stack([np.frombuffer(plane, kind)[: frame.samples] for plane in planes])
    if values.dtype == np.uint8:
        values = (values.astype(np.float32) - 128) / 128
    elif values.dtype.kind == "i":
        values = values.astype(np.float64) / 2.0 ** (8 * values.dtype.itemsize - 1)
    with np.errstate(all="ignore"):  # what comes of NaN and infinity is looked at below
        mixed = values.mean(axis=0, keepdims=True).astype(np.float32)
        if channels > 1:
            mixed = np.concatenate([mixed, values[:1].astype(np.float32)])
    reach = float(np.abs(mixed).max())
    if not np.isfinite(reach):
        raise UnreadableAudio("The recording holds samples that are not numbers (NaN, infinity).")
    if reach > _MAX_OVER:
        raise UnreadableAudio(
            f"The recording's samples reach {reach:g}, where 1 is the loudest. Floating-point "
            "samples belong within -1 to 1; where it is compressed, the file is damaged: send it "
            "again."
        )
    return np.ascontiguousarray(mixed)
