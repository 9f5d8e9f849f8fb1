"""Which encoding a text file is in, and its text as a stream of UTF-8.

The whole file is decoded to decide: an export may hold its first Chinese name in its last row. Strict UTF-8 wins, then
strict GB18030. Where neither fits, the one that spoils fewer rows is taken and those rows are rejected, as long as
fewer than half of all rows are spoiled.
"""

import codecs
import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from django.utils.translation import gettext as _

from guanxi.guard.errors import BadFile
from guanxi.guard.filetype import Kind, broken

CHUNK_BYTES = 1 << 20
FAULT = b"\xff"  # stands in our UTF-8 for bytes that could not be decoded: no UTF-8 text contains it
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like UTF-16's, so it is asked first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
FOREIGN = re.compile(r"[^\x00-\x7f]+")
SAMPLE_LETTERS = 4096
LINE_MAX_BYTES = 4 << 20
KNOWN = re.compile(
    r"ascii|big5(hkscs)?|cp(125[0124]|932|949)|euc_(jp|kr)|gb18030|gbk|gb2312|hz|iso8859-(1|2|15)|koi8-r|shift_jis"
    r"|utf-16(-[bl]e)?|utf-32|utf-8(-sig)?"
)
REMEMBERED = 256
_found: dict[tuple[str, int, int, int], str] = {}  # an import opens its files again and again, and they may be large


def _mark_fault(error: UnicodeError) -> tuple[str, int]:
    """Put a lone surrogate in place of what cannot be decoded; it becomes FAULT in UTF-8."""
    assert isinstance(error, UnicodeDecodeError)  # noqa: S101 - registered for decoding alone
    return "\udcff", error.end


codecs.register_error("guanxi.fault", _mark_fault)


class Text:
    """A text file, packed or not, of a known size limit."""

    def __init__(self, path: Path, kind: Kind, *, name: str, limit: int) -> None:
        self.path, self.kind, self.name, self.limit = path, kind, name, limit

    def chunks(self) -> Iterator[bytes]:
        """Read the bytes, unpacked; raises BadFile when they grow past the limit or the file is damaged."""
        total = 0
        try:
            with self._open() as file:
                while chunk := file.read(CHUNK_BYTES):
                    total += len(chunk)
                    if total > self.limit:
                        raise self._too_large()
                    yield chunk
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise broken(self.name) from None

    def utf8(self, encoding: str) -> Iterator[bytes]:
        """Read the text as UTF-8 without a mark; bytes that do not decode become FAULT."""
        if encoding in {"utf-8", "utf-8-sig"}:
            yield from _without_mark(self.chunks())
            return
        decoder = codecs.getincrementaldecoder(encoding)("guanxi.fault")
        for chunk in self.chunks():
            yield decoder.decode(chunk).encode("utf-8", "surrogateescape")
        yield decoder.decode(b"", final=True).encode("utf-8", "surrogateescape")

    def detect(self) -> str:
        """Find the encoding, or raise BadFile with the first row that fits none; an unchanged file is read once."""
        there = self.path.stat()
        file = (str(self.path), there.st_ino, there.st_size, there.st_mtime_ns)
        if file not in _found:
            found = self._detect()
            if len(_found) >= REMEMBERED:
                _found.clear()
            _found[file] = found
        return _found[file]

    def _detect(self) -> str:
        head = next(self.chunks(), b"")
        for mark, encoding in MARKS:
            if head.startswith(mark):
                return encoding
        if unmarked := _unmarked_utf16(head):
            return unmarked
        if self._decodes("utf-8"):
            return "utf-8"
        chinese = self._reads_chinese()
        if chinese and self._decodes("gb18030"):
            return "gb18030"
        return self._least_spoiled(("utf-8", "gb18030") if chinese else ("utf-8",))

    def _open(self) -> IO[bytes]:
        return cast("IO[bytes]", gzip.GzipFile(self.path)) if self.kind is Kind.CSV_GZ else self.path.open("rb")

    def _too_large(self) -> BadFile:
        return BadFile(
            _("%(name)s holds more than %(most)d MB. Split it into smaller files and upload those one by one.")
            % {"name": self.name, "most": self.limit // 1024**2}
        )

    def _decodes(self, encoding: str) -> bool:
        decoder = codecs.getincrementaldecoder(encoding)("strict")
        try:
            for chunk in self.chunks():
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
        return True

    def _reads_chinese(self) -> bool:
        """Whether most of what GB18030 finds are everyday characters: accents of Western texts give rare ones."""
        found = ""
        for chunk in self.utf8("gb18030"):
            found += "".join(FOREIGN.findall(chunk.decode("utf-8", "ignore")))
            if len(found) > SAMPLE_LETTERS:
                break
        return bool(found) and len(found.encode("gb2312", "ignore")) >= len(found)

    def _least_spoiled(self, encodings: tuple[str, ...]) -> str:
        spoiled = {encoding: _spoiled_rows(self.utf8(encoding)) for encoding in encodings}
        encoding = min(spoiled, key=lambda name: spoiled[name][0])
        bad, rows, first = spoiled[encoding]
        if bad * 2 > rows:
            raise BadFile(
                _(
                    "%(name)s is neither UTF-8 nor UTF-16 nor GB18030: row %(row)d is the first that does not read. "
                    "Save it as UTF-8, or name its encoding."
                )
                % {"name": self.name, "row": first}
            )
        return encoding


def checked(encoding: str) -> str:
    """Return an encoding given by a person under the name Python knows, or raise BadFile."""
    try:
        known = codecs.lookup(encoding).name
    except (LookupError, ValueError):
        known = ""
    if not KNOWN.fullmatch(known):
        raise BadFile(
            _("%(encoding)s is no text encoding we read. Write utf-8, gb18030 or utf-16.") % {"encoding": encoding}
        )
    return known


def _without_mark(chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield next(chunks, b"").removeprefix(codecs.BOM_UTF8)
    yield from chunks


def _unmarked_utf16(head: bytes) -> str:
    """Tell UTF-16 without a mark by the NULs beside its Latin letters."""
    sample = head[:4096]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 3 <= len(sample) // 2 or min(even, odd) * 20 > max(even, odd):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _spoiled_rows(chunks: Iterator[bytes]) -> tuple[int, int, int]:
    """Count the lines that do not decode, all lines, and tell the first spoiled one."""
    bad = rows = first = 0
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            rows += 1
            if not _is_utf8(line):
                bad, first = bad + 1, first or rows
        rest = rest if len(rest) <= LINE_MAX_BYTES else b""  # the reader refuses such a line
    if rest:
        rows += 1
        if not _is_utf8(rest):
            bad, first = bad + 1, first or rows
    return bad, rows, first


def _is_utf8(line: bytes) -> bool:
    if line.isascii():
        return True
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
