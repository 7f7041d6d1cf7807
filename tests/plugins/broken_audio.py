"""Recordings that are broken, lie, or are bombs: made anew by `corpus()`, always the same bytes.

Every format that namemem reads is encoded once and then mutated (bits, blocks, lengths, ends);
beside these stand files built by hand: lying headers, containers that claim or unfold to hours,
playlists that name other files, and what is no audio at all. To have them as files:
`cd tests && python -m plugins.broken_audio FOLDER`.
"""

from __future__ import annotations

import gzip
import io
import random
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from plugins.containers import (
    amr,
    box,
    chunk,
    ebml,
    encode,
    flac_of_silence,
    fmt,
    m4a,
    matroska,
    mkv_block,
    opus_of_silence,
    pcm_track,
    riff,
    zlib_track,
)


@dataclass(frozen=True)
class Broken:
    """One file. `must_fail`: there is no sound in it that could be heard within the limits."""

    name: str
    data: bytes
    must_fail: bool = False


FORMATS: tuple[tuple[str, str, int, str], ...] = (
    ("wav", "pcm_u8", 16_000, "mono"),
    ("wav", "pcm_s16le", 16_000, "mono"),
    ("wav", "pcm_s24le", 44_100, "stereo"),
    ("wav", "pcm_s32le", 48_000, "mono"),
    ("wav", "pcm_f32le", 16_000, "mono"),
    ("wav", "pcm_mulaw", 8_000, "mono"),
    ("wav", "pcm_alaw", 8_000, "mono"),
    ("wav", "adpcm_ms", 16_000, "mono"),
    ("wav", "adpcm_ima_wav", 16_000, "mono"),
    ("flac", "flac", 16_000, "mono"),
    ("mp3", "libmp3lame", 44_100, "stereo"),
    ("ogg", "vorbis", 44_100, "stereo"),
    ("ogg", "libopus", 48_000, "mono"),
    ("ogg", "flac", 16_000, "mono"),
    ("webm", "libopus", 48_000, "mono"),
    ("matroska", "pcm_s16le", 16_000, "mono"),
    ("ipod", "aac", 44_100, "mono"),
    ("ipod", "alac", 16_000, "mono"),
    ("adts", "aac", 44_100, "mono"),
    ("amr", "libopencore_amrnb", 8_000, "mono"),
    ("3gp", "aac", 16_000, "mono"),
    ("aiff", "pcm_s16be", 16_000, "mono"),
    ("caf", "pcm_s16le", 16_000, "mono"),
)


def corpus() -> Iterator[Broken]:
    """All of them; more than 500."""
    for container, codec, rate, layout in FORMATS:
        name = f"{container}-{codec}"
        yield from _mutated(name, encode(container, codec, rate, layout))
    yield from _mutated("amr", amr(40))
    yield from _lying_wavs()
    yield from _lying_boxes()
    yield from _lying_others()
    yield from _bombs()
    yield from pointing("/etc/passwd", "http://127.0.0.1:9/a.wav")
    yield from _other_files()


# --- mutations ---------------------------------------------------------------------------------


def _mutated(name: str, whole: bytes) -> Iterator[Broken]:
    dice = random.Random(name)
    size = len(whole)
    for part, (first, last) in {"head": (4, min(96, size)), "body": (0, size)}.items():
        for flips in (1, 16):
            data = bytearray(whole)
            for _ in range(flips):
                data[dice.randrange(first, last)] ^= 1 << dice.randrange(8)
            yield Broken(f"{name}-{flips}-bits-{part}", bytes(data))
    for size_left in (5, 40, size // 3, size - 1):
        yield Broken(f"{name}-cut-{size_left}", whole[:size_left])
    third = size // 3
    yield Broken(f"{name}-zeroed", whole[:third] + bytes(third) + whole[2 * third :])
    yield Broken(f"{name}-swapped", whole[:64] + whole[2 * third :] + whole[64 : 2 * third])
    yield Broken(f"{name}-twice", whole + whole)
    middle = dice.randbytes(500)
    yield Broken(f"{name}-noise-inside", whole[:third] + middle + whole[third:])
    for value in (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0"):
        at = dice.randrange(4, min(200, size - 4)) & ~3
        yield Broken(f"{name}-{value.hex()}-at-{at}", whole[:at] + value + whole[at + 4 :])


# --- RIFF --------------------------------------------------------------------------------------


def _lying_wavs() -> Iterator[Broken]:
    sound = np.random.default_rng(1).integers(-9000, 9000, 8000).astype("<i2").tobytes()
    data = chunk(b"data", sound)
    for rate in (0, 1, 3_999, 384_001, 2**31, 2**32 - 1):
        yield Broken(f"wav-rate-{rate}", riff(chunk(b"fmt ", fmt(rate=rate)), data), True)
    for channels in (0, 65, 255, 65_535):
        made = riff(chunk(b"fmt ", fmt(channels=channels, block=2 * channels & 0xFFFF)), data)
        yield Broken(f"wav-channels-{channels}", made, True)
    for bits in (0, 1, 7, 17, 64, 65_535):
        yield Broken(f"wav-bits-{bits}", riff(chunk(b"fmt ", fmt(bits=bits)), data))
    for block in (0, 1, 3, 65_535):
        yield Broken(f"wav-block-{block}", riff(chunk(b"fmt ", fmt(block=block)), data))
    for kind in (0, 2, 0x11, 0x31, 0x55, 0x161, 0x2000, 0xFFFE, 0xFFFF):
        made = riff(chunk(b"fmt ", fmt(kind, more=struct.pack("<H", 22) + b"\x07" * 22)), data)
        yield Broken(f"wav-kind-{kind:x}", made)
    good = chunk(b"fmt ", fmt())
    for size in (0, 1, 15_999, 16_001, 2**31 - 1, 2**32 - 1):
        yield Broken(f"wav-data-size-{size}", riff(good, chunk(b"data", sound, size)))
    yield Broken("wav-riff-size-0", riff(good, data, size=0))
    yield Broken("wav-no-fmt", riff(data), True)
    yield Broken("wav-no-data", riff(good), True)
    yield Broken("wav-fmt-after-data", riff(data, good))
    yield Broken("wav-two-fmt", riff(good, chunk(b"fmt ", fmt(channels=2, block=4)), data))
    yield Broken("wav-two-data", riff(good, data, data))
    yield Broken("wav-fmt-changes", riff(good, data, chunk(b"fmt ", fmt(rate=8_000)), data))
    yield Broken("wav-20000-fmt", riff(good * 20_000, data))
    yield Broken("wav-20000-empty-chunks", riff(good, chunk(b"junk", b"") * 20_000, data))
    yield Broken("wav-in-wav", riff(good, chunk(b"data", riff(good, data))))
    nested = b""
    for _ in range(2000):
        nested = chunk(b"LIST", b"INFO" + nested)
    yield Broken("wav-2000-nested-lists", riff(good, nested, data))
    yield Broken("wav-list-size", riff(good, chunk(b"LIST", b"INFO", 2**32 - 1), data))
    yield Broken("wav-fmt-size-0", riff(chunk(b"fmt ", fmt(), 0), data))
    yield Broken("wav-fmt-size-huge", riff(chunk(b"fmt ", fmt(), 2**31), data), True)
    yield Broken("wav-extradata-60000", riff(chunk(b"fmt ", fmt(2, more=b"\xff" * 60_000)), data))
    ds64 = struct.pack("<QQQI", 2**63 - 1, 2**63 - 1, 2**63 - 1, 2**32 - 1)
    yield Broken("rf64-lies", riff(chunk(b"ds64", ds64), good, data, tag=b"RF64", size=2**32 - 1))
    yield Broken("rf64-without-ds64", riff(good, data, tag=b"RF64", size=2**32 - 1))
    for value in (np.nan, np.inf, -np.inf, 3e38):
        loud = np.full(4000, value, "<f4").tobytes()
        made = riff(chunk(b"fmt ", fmt(3, 1, 16_000, 4, 32)), chunk(b"data", loud))
        yield Broken(f"wav-float-{value}", made, True)
    doubles = np.full(4000, 1e300, "<f8").tobytes()
    made = riff(chunk(b"fmt ", fmt(3, 1, 16_000, 8, 64)), chunk(b"data", doubles))
    yield Broken("wav-double-1e300", made, True)
    adpcm = struct.pack("<HH", 2, 0xFFFF) + struct.pack("<H", 7) + bytes(28)
    made = riff(chunk(b"fmt ", fmt(2, 2, 44_100, 0xFFFF, 4, adpcm)), chunk(b"data", bytes(65_535)))
    yield Broken("adpcm-one-huge-block", made)
    made = riff(chunk(b"fmt ", fmt(2, 1, 16_000, 1, 4, adpcm)), chunk(b"data", bytes(65_535)))
    yield Broken("adpcm-blocks-of-a-byte", made)


# --- ISO boxes (MP4, M4A, MOV) -----------------------------------------------------------------


def _lying_boxes() -> Iterator[Broken]:
    many = 2**31 - 1
    u32 = struct.pack
    yield Broken("mov-plain", m4a())
    yield Broken("mov-stts-count", m4a(stts=u32(">IIII", 0, many, 20, 1024)))
    yield Broken("mov-stts-samples", m4a(stts=u32(">IIII", 0, 1, many, 1024)))
    yield Broken("mov-stts-duration", m4a(stts=u32(">IIII", 0, 1, 20, many)))
    yield Broken("mov-stsc-samples", m4a(stsc=u32(">IIIII", 0, 1, 1, many, 1)))
    yield Broken("mov-stsz-count", m4a(stsz=u32(">III", 0, 0, many)))
    yield Broken("mov-stsz-uniform", m4a(stsz=u32(">III", 0, 1, many)))
    yield Broken(
        "mov-stsz-and-stsc",
        m4a(
            stsz=u32(">III", 0, 1, many),
            stsc=u32(">IIIII", 0, 1, 1, many, 1),
            stts=u32(">IIII", 0, 1, many, 1),
        ),
    )
    for samples in (2_000_000, 80_000_000):
        made = m4a(
            stsz=u32(">III", 0, 1, samples),
            stsc=u32(">IIIII", 0, 1, 1, samples, 1),
            stts=u32(">IIII", 0, 1, samples, 1),
            codec=b"mp4a",
        )
        yield Broken(f"mov-{samples}-samples-of-a-byte", made, True)
    yield Broken("mov-stco-count", m4a(stco=u32(">III", 0, many, 40)))
    yield Broken("mov-stco-beyond", m4a(stco=u32(">III", 0, 1, many)), True)
    yield Broken("mov-duration", m4a(duration=2**32 - 1))
    unfolded = box(b"moov", bytes(30_000_000))
    folded = zlib.compress(unfolded, 9)
    cmvd = box(b"cmvd", u32(">I", len(unfolded)), folded)
    ftyp = box(b"ftyp", b"qt  \0\0\0\0qt  ")
    cmov = box(b"cmov", box(b"dcom", b"zlib"), cmvd)
    yield Broken("mov-cmov-bomb", ftyp + box(b"moov", cmov), True)
    lying = box(b"cmov", box(b"dcom", b"zlib"), box(b"cmvd", u32(">I", many), folded[:500]))
    yield Broken("mov-cmov-size", ftyp + box(b"moov", lying), True)
    nested = b""
    for _ in range(3000):
        nested = box(b"moov", nested)
    yield Broken("mov-3000-nested", ftyp + nested, True)
    yield Broken("mov-50000-empty-boxes", ftyp + box(b"moov", box(b"trak") * 50_000), True)
    yield Broken("mov-10000-free", ftyp + box(b"free") * 10_000 + m4a()[24:])
    yield Broken("mov-box-size-1", ftyp + box(b"moov", b"", size=1), True)
    yield Broken("mov-box-size-7", ftyp + box(b"moov", b"", size=7), True)
    yield Broken("mov-udta-huge", m4a(more=box(b"udta", box(b"meta", bytes(100), size=2**31 - 1))))


# --- Ogg, Matroska, CAF, AIFF, FLAC, MPEG --------------------------------------------------------


def _lying_others() -> Iterator[Broken]:
    sound = np.random.default_rng(4).integers(-9000, 9000, 4000).astype("<i2").tobytes()
    yield Broken("mkv-plain", matroska(pcm_track(), blocks=mkv_block(sound)))
    for rate in (0.0, -1.0, 1e300, float("nan"), float("inf")):
        yield Broken(f"mkv-rate-{rate}", matroska(pcm_track(rate=rate), blocks=mkv_block(sound)))
    for channels in (0, 255, 2**31):
        made = matroska(pcm_track(channels=channels), blocks=mkv_block(sound))
        yield Broken(f"mkv-channels-{channels}", made)
    tracks = [pcm_track(n) for n in range(1, 2001)]
    yield Broken("mkv-2000-tracks", matroska(*tracks, blocks=mkv_block(sound)))
    attached = ebml(0x61A7, ebml(0x466E, b"../../../etc/cron.d/x") + ebml(0x4660, b"text/plain")
                     + ebml(0x46AE, b"\1") + ebml(0x465C, b"* * * * * root id\n"))  # fmt: skip
    made = matroska(pcm_track(), blocks=mkv_block(sound), more=ebml(0x1941A469, attached))
    yield Broken("mkv-attachment", made)
    made = matroska(pcm_track(), more=ebml(0x1941A469, attached * 5000), blocks=mkv_block(sound))
    yield Broken("mkv-5000-attachments", made)
    yield Broken("mkv-element-size", matroska(pcm_track(), more=ebml(0xEC, b"", 2**55)), True)
    nested = b""
    for _ in range(1000):
        nested = ebml(0x1654AE6B, nested)
    yield Broken("mkv-1000-nested", matroska(pcm_track(), more=nested, blocks=mkv_block(sound)))
    laced = ebml(0xA3, b"\x81\0\0\x82\xff" + b"\xff" * 400)
    yield Broken("mkv-lacing", matroska(pcm_track(), blocks=laced))
    codec_private = ebml(0x63A2, b"\xff" * 300_000)
    yield Broken(
        "mkv-codec-private", matroska(pcm_track(more=codec_private), blocks=mkv_block(sound))
    )

    desc = struct.pack(">d4sIIIII", 16_000, b"lpcm", 2, 2, 1, 1, 16)
    head = b"caff\0\1\0\0"

    def caf(desc: bytes, *more: bytes) -> bytes:
        body = struct.pack(">4sQI", b"data", len(sound) + 4, 0) + sound
        return head + struct.pack(">4sQ", b"desc", 32) + desc + b"".join(more) + body

    for rate in (0.0, -1.0, 1e18, float("nan")):
        lying = struct.pack(">d4sIIIII", rate, b"lpcm", 2, 2, 1, 1, 16)
        yield Broken(f"caf-rate-{rate}", caf(lying), True)
    for channels in (0, 255, 2**32 - 1):
        lying = struct.pack(">d4sIIIII", 16_000, b"lpcm", 2, 2, 1, channels, 16)
        yield Broken(f"caf-channels-{channels}", caf(lying), True)
    packets = struct.pack(">4sQQQII", b"pakt", 24, 2**60, 2**60, 0, 0)
    lying = struct.pack(">d4sIIIII", 16_000, b"aac ", 0, 0, 1024, 1, 0)
    yield Broken("caf-packets", caf(lying, packets))
    yield Broken("caf-cookie", caf(lying, struct.pack(">4sQ", b"kuki", 2**40)))
    yield Broken("caf-chunk-size", caf(desc, struct.pack(">4sQ", b"free", 2**63 - 1)))
    yield Broken("caf-negative-size", caf(desc, struct.pack(">4sq", b"free", -12)))

    def aiff(comm: bytes, tag: bytes = b"AIFF") -> bytes:
        body = tag + struct.pack(">4sI", b"COMM", len(comm)) + comm
        body += struct.pack(">4sIII", b"SSND", len(sound) + 8, 0, 0) + sound
        return b"FORM" + struct.pack(">I", len(body)) + body

    plain_rate = struct.pack(">HQ", 16_383 + 13, 16_000 << 50)
    yield Broken("aiff-plain", aiff(struct.pack(">hIh", 1, 4000, 16) + plain_rate))
    for number, rate in enumerate(
        (bytes(10), b"\xff" * 10, b"\x7f\xff" + b"\x80" + bytes(7), b"\xc0\x0e\xac\x44" + bytes(6))
    ):
        yield Broken(f"aiff-rate-{number}", aiff(struct.pack(">hIh", 1, 4000, 16) + rate))
    yield Broken("aiff-channels-0", aiff(struct.pack(">hIh", 0, 4000, 16) + plain_rate), True)
    yield Broken(
        "aiff-channels-32767", aiff(struct.pack(">hIh", 32767, 4000, 16) + plain_rate), True
    )
    yield Broken("aiff-bits-0", aiff(struct.pack(">hIh", 1, 4000, 0) + plain_rate))
    yield Broken("aiff-frames", aiff(struct.pack(">hIh", 1, 2**32 - 1, 16) + plain_rate))
    for codec in (b"MACE", b"QDM2", b"xxxx", b"ADP4", b"ima4"):
        comm = struct.pack(">hIh", 1, 4000, 16) + plain_rate + codec
        yield Broken(f"aifc-{codec.decode()}", aiff(comm, b"AIFC"))

    flac = encode("flac", "flac", 16_000, "mono")
    yield Broken("flac-no-streaminfo", b"fLaC\x84\0\0\4abcd" + flac[42:])
    yield Broken("flac-picture-size", b"fLaC" + flac[4:42] + b"\x06\xff\xff\xff" + flac[42:])
    picture = b"\x06" + (4_000_000).to_bytes(3, "big") + bytes(4_000_000)
    yield Broken("flac-2-pictures", flac[:4] + b"\0" + flac[5:42] + picture * 2 + flac[42:])
    ogg = encode("ogg", "libopus", 48_000, "mono")
    starts = [i for i in range(len(ogg)) if ogg.startswith(b"OggS", i)]
    first = ogg[: starts[1]]
    streams = b"".join(first[:14] + struct.pack("<I", n) + first[18:] for n in range(3000))
    yield Broken("ogg-3000-streams", streams + ogg)
    yield Broken("ogg-30000-empty-pages", ogg[: starts[2]] + (b"OggS" + bytes(23)) * 30_000)
    yield Broken("ogg-chained-10", ogg * 10)
    head = bytearray(ogg)
    head[6:14] = b"\x7f" + b"\xff" * 7
    yield Broken("ogg-granule", bytes(head))
    comments = b"OpusTags" + struct.pack("<II", 2**31 - 1, 2**31 - 1)
    at = ogg.index(b"OpusTags")
    yield Broken("ogg-comment-count", ogg[:at] + comments + ogg[at + 16 :])
    mp3 = encode("mp3", "libmp3lame", 44_100, "stereo")
    yield Broken("mp3-id3-size", b"ID3\4\0\0\x7f\x7f\x7f\x7f" + mp3)
    yield Broken("mp3-id3-5000-times", b"ID3\4\0\0\0\0\0\0" * 5000 + mp3)
    picture = b"ID3\3\0\0\0\x04\0\0" + b"APIC" + struct.pack(">I", 2**31 - 1) + bytes(70_000)
    yield Broken("mp3-picture-size", picture + mp3)
    yield Broken("mp3-only-sync", b"\xff\xfb\x90\x64" * 20_000)
    yield Broken("mp3-free-format", b"\xff\xfb\x00\x64" + bytes(50_000))
    adts = encode("adts", "aac", 44_100, "mono")
    yield Broken("aac-lengths-0", b"\xff\xf1\x50\x80\x00\x1f\xfc" * 3000)
    yield Broken("aac-lengths-max", b"\xff\xf1\x50\x83\xff\xff\xfc" + adts)
    yield Broken("aac-16-channels", b"\xff\xf1\x51\xc0\x04\x1f\xfc" * 500 + bytes(200))


# --- bombs -------------------------------------------------------------------------------------


def _video() -> Iterator[Broken]:
    for container, codec in (("matroska", "mpeg4"), ("mp4", "mpeg4"), ("matroska", "mjpeg")):
        buffer = io.BytesIO()
        with av.open(buffer, "w", format=container) as out:
            stream = out.add_stream(codec, rate=10)
            stream.width = stream.height = 64
            if codec == "mjpeg":
                stream.pix_fmt = "yuvj420p"
            for _ in range(3):
                frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
                out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
        data = buffer.getvalue()
        yield Broken(f"video-{container}-{codec}", data, True)
        huge = data.replace(b"\xb0\x81\x40", b"\xb0\x81\x7f").replace(
            b"\xba\x81\x40", b"\xba\x81\x7f"
        )
        huge = huge.replace(b"\0\x40\0\x40", b"\x7f\xff\x7f\xff")
        yield Broken(f"video-{container}-{codec}-huge", huge, True)


def _bombs() -> Iterator[Broken]:
    yield Broken("bomb-flac-2-h", flac_of_silence(5_000), True)
    yield Broken("bomb-flac-20-h", flac_of_silence(50_000, 1000), True)
    yield Broken("bomb-opus-2-h", opus_of_silence(300), True)
    yield Broken("bomb-amr-15-min", amr(45_000, 15), True)
    yield Broken("bomb-amr-7-kinds", b"".join(amr(2000, kind) for kind in range(9, 16)))
    silence = np.zeros(16_000 * 60 * 4, np.uint8).tobytes()
    yield Broken(
        "bomb-mulaw-8-min",
        riff(chunk(b"fmt ", fmt(7, 1, 8_000, 1, 8)), chunk(b"data", silence)),
        True,
    )
    packet = zlib.compress(bytes(9_900_000), 9)
    made = matroska(zlib_track(), blocks=b"".join(mkv_block(packet, at) for at in range(100)))
    yield Broken("bomb-mkv-zlib-1-GB", made, True)
    blocks = b"".join(mkv_block(b"\0\0", at % 30_000) for at in range(40_000))
    yield Broken("bomb-mkv-40000-packets", matroska(pcm_track(), blocks=blocks))
    yield Broken(
        "bomb-mkv-40000-empty", matroska(pcm_track(), blocks=mkv_block(b"") * 40_000), True
    )
    bad = pcm_track().replace(b"A_PCM/INT/LIT", b"A_OPUS\0\0\0\0\0\0\0")
    yield Broken(
        "bomb-mkv-40000-bad", matroska(bad, blocks=mkv_block(b"\xff\xff\xff") * 40_000), True
    )
    yield Broken("bomb-mp3-sync-1-MB", b"\xff\xfb" * 500_000)
    yield Broken("bomb-aac-sync-1-MB", b"\xff\xf1\x50\x80\x01\x1f\xfc\0" * 125_000)
    yield Broken("bomb-ogg-magic-1-MB", b"OggS" * 300_000)
    yield from _video()


# --- what is no audio --------------------------------------------------------------------------


def pointing(path: str, url: str) -> Iterator[Broken]:
    """Files that ask whoever reads them to open another file or an address."""
    yield from _references(path, url)
    texts = {
        "m3u": f"#EXTM3U\n#EXTINF:10,\nfile://{path}\n",
        "hls": f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{url}\n#EXTINF:10,\n{path}\n",
        "hls-concat": f"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10,\nconcat:{path}|{path}\n",
        "ffconcat": f"ffconcat version 1.0\nfile '{path}'\nfile '{url}'\n",
        "pls": f"[playlist]\nFile1={url}\nFile2={path}\nNumberOfEntries=2\n",
        "asx": f'<asx version="3.0"><entry><ref href="{url}"/></entry></asx>',
        "dash": f'<?xml version="1.0"?><MPD><Period><BaseURL>{url}</BaseURL></Period></MPD>',
        "smil": f'<smil><body><audio src="{url}"/><audio src="file://{path}"/></body></smil>',
        "svg": f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{url}"/></svg>',
        "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\n",
        "rtsp": f"rtsp://{url.partition('://')[2]}\n",
        "id3-m3u": f"ID3\4\0\0\0\0\0\0#EXTM3U\nfile://{path}\n",
    }
    for name, text in texts.items():
        yield Broken(f"points-{name}", text.encode(), True)


def _references(path: str, url: str) -> Iterator[Broken]:
    for number, aim in enumerate((path, f"file://{path}", url)):
        target = aim.encode() + b"\0"
        one = struct.pack(">II", 0, 1)
        dref = one + box(b"url ", struct.pack(">I", 0) + target)
        yield Broken(f"mov-dref-{number}", m4a(dref=dref))
        # An alias record: 150 bytes of volume and dates, then tagged strings; 2 is the path.
        record = bytes(150) + struct.pack(">HH", 2, len(target)) + target
        yield Broken(f"mov-alias-{number}", m4a(dref=one + box(b"alis", bytes(4), record)))


def _other_files() -> Iterator[Broken]:
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("a.wav"), bytes(20_000_000))
    others = {
        "empty": b"",
        "one-byte": b"R",
        "four-bytes": b"RIFF",
        "nul": bytes(10_000),
        "random": random.Random(9).randbytes(10_000),
        "text": b"my name is Siobhan\n" * 100,
        "utf-16": "my name is Siobhan\n".encode("utf-16") * 100,
        "html": b"<!doctype html><script>alert(1)</script>",
        "srt": b"1\n00:00:01,000 --> 00:00:02,000\nHello\n",
        "ffmetadata": b";FFMETADATA1\ntitle=x\n",
        "lavfi": b"sine=frequency=440",
        "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff" + bytes(50),
        "gif": b"GIF89a\xff\xff\xff\xff" + bytes(50),
        "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(500),
        "pdf": b"%PDF-1.7\n" + bytes(200),
        "zip-bomb": zipped.getvalue(),
        "gzip-bomb": gzip.compress(bytes(20_000_000), 9, mtime=0),
        "elf": b"\x7fELF" + bytes(500),
        "midi": b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk" + bytes(20),
        "au": b".snd\0\0\0\x18" + b"\xff" * 500,
        "avi": b"RIFF\x24\x10\0\0AVI LIST" + bytes(500),
        "webp": b"RIFF\x24\0\0\0WEBPVP8 " + bytes(100),
        "asf": bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(500),
        "flv": b"FLV\1\5\0\0\0\x09" + bytes(200),
        "mpeg-ts": (b"G\x40\0\x10" + bytes(184)) * 50,
        "ac3": b"\x0b\x77" + bytes(500),
        "wavpack": b"wvpk" + bytes(500),
        "id3-only": b"ID3\4\0\0\0\0\0\x10" + bytes(16),
    }
    for name, data in others.items():
        yield Broken(f"no-audio-{name}", data, True)


def write(folder: Path) -> None:
    """The corpus as files."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(corpus()):
        name = "".join(c if c.isalnum() or c in "-_." else "_" for c in one.name)
        (folder / f"{number:03d}-{name}").write_bytes(one.data)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
