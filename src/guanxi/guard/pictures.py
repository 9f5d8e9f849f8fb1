"""Pictures people bring: PNG, JPEG or WebP by their content, read strictly and written anew with what draws them alone.

Comments, positions, colour profiles, moving parts and whatever hangs on behind do not come through.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from django.utils.translation import gettext as _

from guanxi.guard.errors import BadFile

MOST_BYTES = 512 * 1024
LEAST_SIDE, MOST_SIDE = 16, 2_000
TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}
PNG = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"sRGB", b"IDAT", b"IEND"}
PNG_DEPTHS = {0: (1, {1, 2, 4, 8, 16}), 2: (3, {8, 16}), 3: (1, {1, 2, 4, 8}), 4: (2, {8, 16}), 6: (4, {8, 16})}
JPEG_SIZES = {0xC0, 0xC1, 0xC2}
JPEG_KEPT = {0xC4, 0xDA, 0xDB, 0xDD, 0xE0, 0xEE, *JPEG_SIZES}
JPEG_END, JPEG_SCAN = 0xD9, 0xDA
WEBP_KEPT = {b"VP8X", b"VP8 ", b"VP8L", b"ALPH"}
WEBP_ALPHA = 0x10


@dataclass(frozen=True)
class Picture:
    """A picture as it is kept: `kind` is the ending of its file."""

    kind: str
    width: int
    height: int
    data: bytes

    @property
    def digest(self) -> str:
        """Name it by what it is."""
        return sha256(self.data).hexdigest()[:32]

    @property
    def file(self) -> str:
        """Name its file."""
        return f"{self.digest}.{self.kind}"


def read(data: bytes) -> Picture:
    """Read a picture; raises BadFile, saying what would do, where it is none, broken, too large or too small."""
    if len(data) > MOST_BYTES:
        raise BadFile(_("The picture is larger than %(most)s KB. Save it smaller.") % {"most": MOST_BYTES // 1024})
    try:
        picture = _of_its_kind(data)
    except (ValueError, IndexError, struct.error, zlib.error) as error:
        raise BadFile(_("The picture is broken. Save it anew as PNG, JPEG or WebP.")) from error
    if picture is None:
        raise BadFile(_("This is no picture we can show. Save it as PNG, JPEG or WebP."))
    if not all(LEAST_SIDE <= side <= MOST_SIDE for side in (picture.width, picture.height)):
        said = _("The picture has %(width)s × %(height)s pixels. Give one whose sides have %(least)s to %(most)s.")
        told = {"width": picture.width, "height": picture.height, "least": LEAST_SIDE, "most": MOST_SIDE}
        raise BadFile(said % told)
    return picture


def _of_its_kind(data: bytes) -> Picture | None:
    if data.startswith(PNG):
        return _png(data)
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg(data)
    return _webp(data) if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None


def _png(data: bytes) -> Picture:
    chunks = list(_png_chunks(data))
    if chunks[0][0] != b"IHDR" or chunks[-1][0] != b"IEND" or len(chunks[0][1]) != 13:
        raise ValueError("no header or no end")
    width, height, depth, colour, packing, filtering, lacing = struct.unpack(">IIBBBBB", chunks[0][1])
    channels, depths = PNG_DEPTHS.get(colour, (0, set()))
    if depth not in depths or packing or filtering or lacing > 1:
        raise ValueError("a header that means nothing")
    if max(width, height) <= MOST_SIDE:
        _check_pixels(b"".join(body for name, body in chunks if name == b"IDAT"), (width, height), channels * depth)
    kept = (_png_chunk(name, body) for name, body in chunks if name in PNG_KEPT)
    return Picture("png", width, height, PNG + b"".join(kept))


def _check_pixels(packed: bytes, sides: tuple[int, int], bits: int) -> None:
    """Unpack the pixels, and no byte more than the header lets one expect: a small file can hold gigabytes."""
    width, height = sides
    most = height * (1 + -(-width * bits // 8)) + 8 * (width + height)  # with what seven passes round up
    unpacking = zlib.decompressobj()
    pixels = unpacking.decompress(packed, most + 1)
    if not unpacking.eof or len(pixels) > most or len(pixels) < height * (width * bits // 8):
        raise ValueError("other pixels than the header says")


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at, name = len(PNG), b""
    while name != b"IEND":
        size, name = struct.unpack(">I4s", data[at : at + 8])
        body, (check,) = data[at + 8 : at + 8 + size], struct.unpack(">I", data[at + 8 + size : at + 12 + size])
        if len(body) != size or zlib.crc32(name + body) != check:
            raise ValueError("a chunk does not add up")
        yield name, body
        at += 12 + size


def _png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), name) + body + struct.pack(">I", zlib.crc32(name + body))


def _jpeg(data: bytes) -> Picture:
    parts = [(mark, part) for mark, part in _jpeg_parts(data) if mark in JPEG_KEPT]
    sizes = [struct.unpack(">HH", part[5:9]) for mark, part in parts if mark in JPEG_SIZES]
    if len(sizes) != 1 or JPEG_SCAN not in {mark for mark, _part in parts}:
        raise ValueError("no size or no pixels")
    height, width = sizes[0]
    return Picture("jpg", width, height, b"\xff\xd8" + b"".join(part for _mark, part in parts) + b"\xff\xd9")


def _jpeg_parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 2
    while data[at : at + 2] != bytes([0xFF, JPEG_END]):
        mark, (size,) = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])
        end = at + 2 + size
        if data[at] != 0xFF or size < 2 or end > len(data):
            raise ValueError("no part where one is due, or longer than the file")
        end = _after_scan(data, end) if mark == JPEG_SCAN else end
        yield mark, data[at:end]
        at = end


def _after_scan(data: bytes, at: int) -> int:
    """Find where the pixels of a scan end: at the next marker that is no restart."""
    while True:
        at = data.index(b"\xff", at)
        if data[at + 1] and not 0xD0 <= data[at + 1] <= 0xD7:
            return at
        at += 2


def _webp(data: bytes) -> Picture:
    chunks = [(name, body) for name, body in _webp_chunks(data) if name in WEBP_KEPT]
    names = [name for name, _body in chunks]
    if names.count(b"VP8 ") + names.count(b"VP8L") != 1 or names.count(b"VP8X") > 1 or b"VP8X" in names[1:]:
        raise ValueError("not one picture")
    sides = _webp_sides(*next(chunk for chunk in chunks if chunk[0] != b"ALPH" and chunk[0] != b"VP8X"))
    bodies = [(name, bytes([body[0] & WEBP_ALPHA]) + body[1:] if name == b"VP8X" else body) for name, body in chunks]
    inner = b"WEBP" + b"".join(_webp_chunk(name, body) for name, body in bodies)
    return Picture("webp", *sides, b"RIFF" + struct.pack("<I", len(inner)) + inner)


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    (size,) = struct.unpack("<I", data[4:8])
    at, end = 12, 8 + size
    if end > len(data):
        raise ValueError("cut off")
    while at < end:
        name, long = struct.unpack("<4sI", data[at : at + 8])
        if at + 8 + long > end:
            raise ValueError("a chunk is longer than the file")
        yield name, data[at + 8 : at + 8 + long]
        at += 8 + long + long % 2


def _webp_sides(name: bytes, body: bytes) -> tuple[int, int]:
    if name == b"VP8L":
        bits = struct.unpack("<I", body[1:5])[0]
        if body[0] != 0x2F:
            raise ValueError("no lossless picture")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if body[3:6] != b"\x9d\x01\x2a":
        raise ValueError("no picture")
    width, height = struct.unpack("<HH", body[6:10])
    return width & 0x3FFF, height & 0x3FFF


def _webp_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack("<4sI", name, len(body)) + body + b"\0" * (len(body) % 2)
