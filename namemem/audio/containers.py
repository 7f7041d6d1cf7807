"""What a recording is by its first bytes, and whether its container is whole.

FFmpeg's demuxers are chosen here, never guessed by FFmpeg: playlists, concatenations,
subtitles and images are then out of reach, whatever a file calls itself. FFmpeg also decodes
a file that was cut off without a word, so each container's own lengths are checked here.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

_STREAMING = 0x7FFF_0000
"""Lengths from here on are what programs write that do not know the length yet."""


def sniff(data: bytes) -> str | None:
    """FFmpeg's name of the demuxer for `data`, or None for anything that is not audio."""
    head = data[_after_id3(data) :][:16]
    if len(head) < 4:
        return None
    if head[:4] in (b"RIFF", b"RF64", b"BW64"):
        return "wav" if head[8:12] == b"WAVE" else None
    if head[4:8] == b"ftyp":
        return "mov"
    if head[:4] == b"FORM":
        return "aiff" if head[8:12] in (b"AIFF", b"AIFC") else None
    for magic, name in _MAGIC.items():
        if head.startswith(magic):
            return name
    if head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "aac"
    if head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06 and head[2] < 0xF0:
        return "mp3"
    return "mp3" if data[:3] == b"ID3" else None


_MAGIC = {
    b"fLaC": "flac",
    b"OggS": "ogg",
    b"\x1aE\xdf\xa3": "matroska",
    b"#!AMR": "amr",
    b"caff": "caf",
}


def cut_off(name: str, data: bytes) -> str | None:
    """Where the container `name` breaks off, in words, or None where it is whole."""
    check = _CHECKS.get(name)
    return check(data) if check else None


def flac_total_samples(data: bytes) -> int:
    """Samples per channel that a FLAC's header promises; 0 where it does not say."""
    start = _after_id3(data)
    if len(data) < start + 26:
        return 0
    return int.from_bytes(data[start + 21 : start + 26], "big") & 0xF_FFFF_FFFF


def _after_id3(data: bytes) -> int:
    if data[:3] != b"ID3" or len(data) < 10:
        return 0
    size = 0
    for byte in data[6:10]:
        size = size << 7 | byte & 0x7F
    return size + 10


def _wav(data: bytes) -> str | None:
    position, block = 12, 1
    while position + 8 <= len(data):
        tag, size = data[position : position + 4], *struct.unpack_from("<I", data, position + 4)
        body = position + 8
        if tag == b"fmt " and body + 14 <= len(data):
            block = max(1, *struct.unpack_from("<H", data, body + 12))
        if tag == b"data":
            there = len(data) - body
            if size < _STREAMING and size - there >= block:
                return f"its data chunk holds {there} of {size} bytes"
            return None
        position = body + size + size % 2
    return "it has no data chunk"


def _aiff(data: bytes) -> str | None:
    size = int.from_bytes(data[4:8], "big") + 8
    return f"it holds {len(data)} of {size} bytes" if len(data) + 1 < size else None


def _flac(data: bytes) -> str | None:
    position = _after_id3(data) + 4
    while position + 4 <= len(data):
        last, size = data[position] & 0x80, int.from_bytes(data[position + 1 : position + 4], "big")
        position += 4 + size
        if last:
            return None if position < len(data) else "it ends after its header"
    return "its header is incomplete"


def _ogg(data: bytes) -> str | None:
    position = 0
    while position < len(data):
        if data[position : position + 4] != b"OggS":
            return None  # junk between pages: FFmpeg finds the next page
        segments = position + 27
        if segments > len(data) or (table := segments + data[segments - 1]) > len(data):
            return "its last page is incomplete"
        position = table + sum(data[segments:table])
    return "its last page is incomplete" if position > len(data) else None


def _mov(data: bytes) -> str | None:
    found = set()
    for tag, end in _boxes(data):
        found.add(tag)
        if end > len(data):
            return f"its {tag.decode('ascii', 'replace')!r} box misses {end - len(data)} bytes"
    return None if b"moov" in found else "it has no 'moov' box (the recorder never closed it)"


def _boxes(data: bytes) -> Iterator[tuple[bytes, int]]:
    position = 0
    while position + 8 <= len(data):
        size, tag = struct.unpack_from(">I4s", data, position)
        if size == 1 and position + 16 <= len(data):
            (size,) = struct.unpack_from(">Q", data, position + 8)
        end = len(data) if size == 0 else position + size
        yield tag, end
        if end < position + 8:
            return
        position = end


_SEGMENT, _CLUSTER = 0x18538067, 0x1F43B675


def _matroska(data: bytes) -> str | None:
    position = 0
    while position < len(data):
        id_, after_id = _vint(data, position, keep_marker=True)
        size, body = _vint(data, after_id, keep_marker=False)
        if id_ is None or body > len(data):
            return "its last element is incomplete"
        if size is not None and body + size > len(data):
            return f"its last element misses {body + size - len(data)} bytes"
        if size is None and id_ not in (_SEGMENT, _CLUSTER):
            return None  # no length to check by
        enter = id_ in (_SEGMENT, _CLUSTER)
        position = body if enter or size is None else body + size
    return None


def _vint(data: bytes, position: int, *, keep_marker: bool) -> tuple[int | None, int]:
    """EBML's number at `position` (None: unknown or none there) and the place after it."""
    if position >= len(data) or not data[position]:
        return None, position + 1
    length = 9 - data[position].bit_length()
    end = position + length
    value = int.from_bytes(data[position:end], "big")
    if keep_marker:
        return value, end
    value &= (1 << 7 * length) - 1
    return (None if value == (1 << 7 * length) - 1 else value), end


def _mp3(data: bytes) -> str | None:
    """By the frame that encoders write first: "Xing" or "Info", with the length of the stream.

    The layout is LAME's (http://gabriel.mp3-tech.org/mp3infotag.html).
    """
    start = _after_id3(data)
    first_version = len(data) > start + 3 and data[start + 1] & 0x08
    mono = len(data) > start + 3 and data[start + 3] >> 6 == 3
    side = (17 if mono else 32) if first_version else (9 if mono else 17)
    tag = start + 4 + side
    if data[tag : tag + 4] not in (b"Xing", b"Info") or len(data) < tag + 16:
        return None
    flags = int.from_bytes(data[tag + 4 : tag + 8], "big")
    if not flags & 2:
        return None
    at = tag + 8 + (4 if flags & 1 else 0)
    size, there = int.from_bytes(data[at : at + 4], "big"), len(data) - start
    return f"it holds {there} of {size} bytes" if there < size else None


_CHECKS: dict[str, Callable[[bytes], str | None]] = {
    "wav": _wav,
    "aiff": _aiff,
    "flac": _flac,
    "ogg": _ogg,
    "mov": _mov,
    "matroska": _matroska,
    "mp3": _mp3,
}
