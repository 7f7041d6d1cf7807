"""Audio containers, encoded by FFmpeg or written byte by byte so that any field may lie."""

from __future__ import annotations

import io
import random
import struct

import av
import numpy as np


def encode(container: str, codec: str, rate: int, layout: str, seconds: float = 0.4) -> bytes:
    """A glide with a little noise."""
    buffer = io.BytesIO()
    total = round(rate * seconds)
    t = np.arange(total) / rate
    tone = 0.4 * np.sin(2 * np.pi * (200 * t + 300 * t**2))
    tone += np.random.default_rng(5).normal(0, 0.01, total)
    options = {"fflags": "+bitexact"}
    with av.open(buffer, "w", format=container, options=options) as out:
        stream = out.add_stream(codec, rate=rate, layout=layout)
        stream.codec_context.options = {"flags": "+bitexact", "strict": "-2"}
        channels = stream.codec_context.channels
        resampler = av.AudioResampler(stream.codec_context.format, layout, rate)
        step = stream.codec_context.frame_size or 960
        for at in range(0, total, step):
            block = np.repeat(tone[at : at + step].astype(np.float32), channels)
            frame = av.AudioFrame.from_ndarray(block[None], format="flt", layout=layout)
            frame.sample_rate, frame.pts = rate, at
            for ready in resampler.resample(frame):
                out.mux(stream.encode(ready))
        for ready in resampler.resample(None):
            out.mux(stream.encode(ready))
        out.mux(stream.encode(None))
    return buffer.getvalue()


def amr(frames: int, kind: int = 7) -> bytes:
    """AMR narrow-band of random speech frames (kind 7) or of frames without data (kind 15)."""
    dice = random.Random(3)
    body = b"".join(
        bytes([kind << 3 | 4]) + (dice.randbytes(31) if kind == 7 else b"") for _ in range(frames)
    )
    return b"#!AMR\n" + body


def chunk(tag: bytes, body: bytes, size: int | None = None) -> bytes:
    """A RIFF chunk, which may lie about its size."""
    return (
        tag
        + struct.pack("<I", len(body) if size is None else size)
        + body
        + b"\0" * (len(body) % 2)
    )


def fmt(kind=1, channels=1, rate=16_000, block=2, bits=16, more=b"") -> bytes:
    """The body of WAV's `fmt ` chunk."""
    return (
        struct.pack("<HHIIHH", kind, channels, rate, rate * block & 0xFFFFFFFF, block, bits) + more
    )


def riff(*chunks: bytes, tag: bytes = b"RIFF", size: int | None = None) -> bytes:
    """A WAV file."""
    body = b"WAVE" + b"".join(chunks)
    return tag + struct.pack("<I", len(body) if size is None else size) + body


def box(tag: bytes, *parts: bytes, size: int | None = None) -> bytes:
    """An ISO box, which may lie about its size."""
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8 if size is None else size) + tag + body


def m4a(
    *,
    stts: bytes = struct.pack(">IIII", 0, 1, 20, 1024),
    stsc: bytes = struct.pack(">IIIII", 0, 1, 1, 20, 1),
    stsz: bytes = struct.pack(">III", 0, 200, 20),
    stco: bytes = struct.pack(">III", 0, 1, 40),
    duration: int = 20_480,
    dref: bytes = b"",
    codec: bytes = b"sowt",
    more: bytes = b"",
) -> bytes:
    """A minimal MOV with 16-bit PCM, each of its tables replaceable."""
    mdhd = struct.pack(">IIIIIHH", 0, 0, 0, 16_000, duration & 0xFFFFFFFF, 0, 0)
    entry = bytes(6) + struct.pack(">HHHIHHHHI", 1, 0, 0, 0, 1, 16, 0, 0, 16_000 << 16)
    stsd = struct.pack(">II", 0, 1) + box(codec, entry)
    dref = dref or struct.pack(">II", 0, 1) + box(b"url ", struct.pack(">I", 1))
    table = (
        box(b"stsd", stsd), box(b"stts", stts), box(b"stsc", stsc), box(b"stsz", stsz),
        box(b"stco", stco),
    )  # fmt: skip
    minf = box(
        b"minf", box(b"smhd", bytes(8)), box(b"dinf", box(b"dref", dref)), box(b"stbl", *table)
    )
    hdlr = box(b"hdlr", bytes(4) + b"mhlrsoun" + bytes(12) + b"\0")
    tkhd = box(b"tkhd", struct.pack(">IIIIII", 1, 0, 0, 1, 0, duration & 0xFFFFFFFF) + bytes(60))
    trak = box(b"trak", tkhd, box(b"mdia", box(b"mdhd", mdhd), hdlr, minf))
    mvhd = box(b"mvhd", struct.pack(">IIIII", 0, 0, 0, 16_000, duration & 0xFFFFFFFF) + bytes(80))
    media = np.random.default_rng(2).integers(-9000, 9000, 8000).astype("<i2").tobytes()
    ftyp = box(b"ftyp", b"M4A \0\0\0\0M4A isom")
    return ftyp + box(b"mdat", media) + box(b"moov", mvhd, trak, more)


def ebml(tag: int, body: bytes, size: int | None = None) -> bytes:
    length = len(body) if size is None else size
    width = (tag.bit_length() + 7) // 8
    return tag.to_bytes(width, "big") + (1 << 56 | length).to_bytes(8, "big") + body


def matroska(*tracks: bytes, blocks: bytes = b"", more: bytes = b"") -> bytes:
    """A Matroska file of raw track entries."""
    head = ebml(0x1A45DFA3, ebml(0x4282, b"matroska"))
    info = ebml(0x1549A966, ebml(0x2AD7B1, (1_000_000).to_bytes(4, "big")))
    entries = b"".join(ebml(0xAE, track) for track in tracks)
    cluster = ebml(0x1F43B675, ebml(0xE7, b"\0") + blocks)
    return head + ebml(0x18538067, info + ebml(0x1654AE6B, entries) + more + cluster)


def pcm_track(
    number: int = 1, rate: float = 16_000.0, channels: int = 1, more: bytes = b""
) -> bytes:
    audio = ebml(0xB5, struct.pack(">d", rate)) + ebml(0x9F, channels.to_bytes(4, "big"))
    audio += ebml(0x6264, b"\x10")
    uid = number.to_bytes(2, "big")
    return (
        ebml(0xD7, uid) + ebml(0x73C5, uid) + ebml(0x83, b"\2")
        + ebml(0x86, b"A_PCM/INT/LIT") + ebml(0xE1, audio) + more
    )  # fmt: skip


def zlib_track() -> bytes:
    compression = ebml(0x5034, ebml(0x4254, b"\0"))
    return pcm_track(more=ebml(0x6D80, ebml(0x6240, compression)))


def mkv_block(payload: bytes, at: int = 0, flags: int = 0x80) -> bytes:
    return ebml(0xA3, b"\x81" + struct.pack(">hB", at, flags) + payload)


def flac_of_silence(blocks: int, promised: int = 0) -> bytes:
    """Blocks of 65 535 samples of silence at 44.1 kHz, 14 bytes each: 100 seconds in a kilobyte."""
    info = struct.pack(">HH", 16, 65_535) + bytes(6)
    info += (44_100 << 44 | 15 << 36 | promised).to_bytes(8, "big") + bytes(16)
    # One block, numbered 0 each time: the decoder does not mind.
    head = b"\xff\xf8\x79\x08\0" + struct.pack(">H", 65_534)
    frame = head + bytes([_crc(head, 0x07, 8)]) + b"\0\0\0"
    frame += struct.pack(">H", _crc(frame, 0x8005, 16))
    return b"fLaC\x80\0\0\x22" + info + frame * blocks


def opus_of_silence(pages: int) -> bytes:
    """Packets of 120 ms in two bytes each: two hours in 180 kB."""
    head = b"OpusHead" + struct.pack("<BBHIHB", 1, 1, 0, 48_000, 0, 0)
    tags = b"OpusTags" + struct.pack("<II", 0, 0)
    packet = b"\x1b\x02"  # SILK, 60 ms, two frames of no bytes
    return ogg_pages([[head], [tags], *[[packet] * 200] * pages])


def ogg_pages(packets: list[list[bytes]], serial: int = 7) -> bytes:
    """An Ogg stream: each inner list of packets becomes one page."""
    out, granule = [], 0
    table = _crc_table()
    for number, page in enumerate(packets):
        lacing = b"".join(b"\xff" * (len(p) // 255) + bytes([len(p) % 255]) for p in page)
        granule += 5760 * len(page) if number > 1 else 0
        head = struct.pack(
            "<4sBBqIII", b"OggS", 0, 2 if not number else 0, granule, serial, number, 0
        )
        data = head + bytes([len(lacing)]) + lacing + b"".join(page)
        check = 0
        for byte in data:
            check = (check << 8 & 0xFFFFFFFF) ^ table[(check >> 24) ^ byte]
        out.append(data[:22] + struct.pack("<I", check) + data[26:])
    return b"".join(out)


def _crc_table() -> list[int]:
    table = []
    for i in range(256):
        value = i << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7) if value & 1 << 31 else value << 1
        table.append(value & 0xFFFFFFFF)
    return table


def _crc(data: bytes, polynomial: int, bits: int) -> int:
    value, top = 0, 1 << bits - 1
    for byte in data:
        value ^= byte << bits - 8
        for _ in range(8):
            value = (value << 1 ^ polynomial) if value & top else value << 1
        value &= (1 << bits) - 1
    return value
