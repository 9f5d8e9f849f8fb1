"""Pictures are what they hold, and come through with what draws them alone."""

import struct
import zlib

import pytest

from guanxi.guard.errors import BadFile
from guanxi.guard.pictures import MOST_BYTES, read


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), name) + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int = 20, height: int = 20, *, pixels: bytes | None = None, more: bytes = b"") -> bytes:
    """A picture of plain grey."""
    rows = b"".join(b"\0" + b"\x80" * width for _ in range(height)) if pixels is None else pixels
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header), more, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def part(mark: int, body: bytes) -> bytes:
    return bytes([0xFF, mark]) + struct.pack(">H", len(body) + 2) + body


def jpeg(more: bytes = b"") -> bytes:
    size = part(0xC0, b"\x08" + struct.pack(">HH", 30, 40) + b"\x01\x01\x11\x00")
    scan = part(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\xff\x00\x34\xff\xd0\x56"
    return b"\xff\xd8" + part(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0") + more + size + scan + b"\xff\xd9"


def piece(name: bytes, body: bytes) -> bytes:
    return struct.pack("<4sI", name, len(body)) + body + b"\0" * (len(body) % 2)


def webp(*pieces: bytes) -> bytes:
    inner = b"WEBP" + b"".join(pieces)
    return b"RIFF" + struct.pack("<I", len(inner)) + inner


LOSSLESS = piece(b"VP8L", b"\x2f" + struct.pack("<I", (50 - 1) | (60 - 1) << 14) + b"\x01\x02")
LOSSY = piece(b"VP8 ", b"\x10\x00\x00\x9d\x01\x2a" + struct.pack("<HH", 50, 60) + b"\x01\x02")


@pytest.mark.parametrize(
    ("data", "kind", "sides"),
    [
        (png(), "png", (20, 20)),
        (jpeg(), "jpg", (40, 30)),
        (webp(LOSSLESS), "webp", (50, 60)),
        (webp(LOSSY), "webp", (50, 60)),
    ],
)
def test_a_picture_is_told_by_its_content(data: bytes, kind: str, sides: tuple[int, int]) -> None:
    found = read(data)
    assert (found.kind, found.width, found.height, found.data) == (kind, *sides, data)


@pytest.mark.parametrize(
    ("told", "clean"),
    [
        (png(more=chunk(b"tEXt", b"Author\0Lin Xiao")), png()),
        (png() + b"<script>alert(1)</script>", png()),
        (jpeg(part(0xE1, b"Exif\0\0 30.25 N 120.16 E") + part(0xFE, b"Lin Xiao")), jpeg()),
        (jpeg() + b"PK\x03\x04", jpeg()),
        (webp(LOSSLESS, piece(b"EXIF", b"30.25 N"), piece(b"XMP ", b"<x/>")), webp(LOSSLESS)),
        (webp(piece(b"VP8X", b"\xff" + bytes(9)), LOSSY), webp(piece(b"VP8X", b"\x10" + bytes(9)), LOSSY)),
    ],
)
def test_what_does_not_draw_is_left_behind(told: bytes, clean: bytes) -> None:
    assert read(told).data == clean
    assert read(read(told).data) == read(told)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no picture"),
        (b"GIF89a" + bytes(40), "no picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "no picture"),
        (png()[:-20], "broken"),
        (png().replace(b"IDAT", b"IDAX"), "broken"),
        (png(pixels=b"\0" * 5), "broken"),
        (png(pixels=b"\0" * 50_000_000), "broken"),  # 50 KB that unpack to 50 MB
        (png(2_001, 20), "2001 × 20"),
        (png(15, 20), "15 × 20"),
        (b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", b""), "broken"),
        (jpeg()[:40], "broken"),
        (jpeg()[:-2], "broken"),
        (b"\xff\xd8\xff\xd9", "broken"),
        (webp(), "broken"),
        (webp(LOSSY, LOSSLESS), "broken"),
        (webp(piece(b"ANIM", bytes(6)), piece(b"ANMF", bytes(30))), "broken"),
        (webp(LOSSLESS)[:-4], "broken"),
        (png(more=chunk(b"tEXt", bytes(MOST_BYTES))), "larger than 512 KB"),
    ],
)
def test_what_is_no_picture_is_refused_with_a_sentence(data: bytes, why: str) -> None:
    with pytest.raises(BadFile, match=why):
        read(data)
