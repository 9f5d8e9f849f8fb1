"""The records of a delimited text, in frames of text cells, with the malformed ones set apart.

Polars reads blocks of whole lines. Where it refuses a block, or a row of it may lack cells, Python's csv module reads
the same block record by record, so that the bad row is found exactly and the good ones around it are kept.

A row's number is that of a spreadsheet: records are counted, the header is row 1, a blank line is a row, and a cell of
several lines is still one row. In a file without such cells it is also the line number of an editor.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl
from django.utils.translation import gettext as _

from guanxi.guard.dialect import RESERVED, WHITESPACE
from guanxi.guard.errors import BadFile
from guanxi.guard.records import Record, is_strict, records_of

BLOCK_BYTES = 4 << 20
PIECE_BYTES = 1 << 17
REJECT_TEXT = 500
UNDECODED = re.compile("[\udc80-\udcff]")
OUTER_BLANKS = re.compile(rb"(?m)^[ \t]+|[ \t\r]+$")
MANY_RETURNS = re.compile(rb"\r+\n")
STRAY_RETURN = re.compile(rb"\r(?!\n)")
BLANKS = re.compile(rb"[ \t]+")


class Reject(NamedTuple):
    """A row that could not be read: its number, why, and how it begins."""

    row: int
    reason: str
    text: str


class Block(NamedTuple):
    """Whole lines of a text."""

    data: bytes
    final: bool


@dataclass(frozen=True)
class Shape:
    """What every record should look like: its columns, the cells a line may have, and what parts them."""

    columns: tuple[str, ...]
    cells: int
    delimiter: str

    @property
    def separator(self) -> str:
        """The character that parts cells once blanks have been folded."""
        return "\t" if self.delimiter == WHITESPACE else self.delimiter


def lines(chunks: Iterator[bytes], *, name: str, whitespace: bool = False) -> Iterator[Block]:
    """Cut a stream of UTF-8 into blocks of whole lines, where it can be seen between records."""
    rest = b""
    for chunk in _plain(chunks):
        rest += chunk
        if len(rest) < BLOCK_BYTES:
            continue
        cut = _cut(rest)
        if not cut:
            raise _endless(name)
        yield Block(_folded(rest[:cut], whitespace=whitespace), final=False)
        rest = rest[cut:]
    yield Block(_folded(rest, whitespace=whitespace), final=True)


class Records:
    """The reader of one text: feed it blocks, take frames, and the rejects since the last time."""

    def __init__(self, shape: Shape, *, row: int, skip_lines: int) -> None:
        self.shape, self.row = shape, row
        self.skip_lines = skip_lines
        self.rejects: list[Reject] = []
        self.carried = b""
        parts = re.escape(shape.separator.encode())
        self.doubled = re.compile(rb'""(?:(?<![\n%s]"")|(?![\r\n%s]))' % (parts, parts))  # but no empty cell
        self.schema = {f"c{number}": pl.String for number in range(shape.cells)}
        self.names = dict(zip(self.schema, shape.columns, strict=False))

    def feed(self, block: Block) -> Iterator[pl.DataFrame]:
        """Read a block; an unfinished record at its end waits for the next one."""
        data = self.carried + block.data
        self.carried = b""
        for _number in range(self.skip_lines):
            data = data[data.find(b"\n") + 1 :] if b"\n" in data else b""
        self.skip_lines = 0
        frame = self._fast(data) if data else None
        if frame is not None:
            yield frame
        else:
            yield from self._piecewise(data, final=block.final)

    def _piecewise(self, data: bytes, *, final: bool) -> Iterator[pl.DataFrame]:
        """Read a block that Polars refused in small pieces, so that few rows take the slow way."""
        while data:
            cut = _cut(data[:PIECE_BYTES]) if len(data) > PIECE_BYTES else len(data)
            cut = cut or data.find(b"\n", PIECE_BYTES) + 1 or len(data)
            piece, data = self.carried + data[:cut], data[cut:]
            self.carried = b""
            frame = self._fast(piece)
            yield self._careful(piece, final=final and not data) if frame is None else frame

    def _fast(self, data: bytes) -> pl.DataFrame | None:
        """Let Polars read the block, or answer None where anything about it is odd."""
        try:
            frame = pl.read_csv(
                data,
                has_header=False,
                separator=self.shape.separator,
                schema=self.schema,
                quote_char='"' if self._quoted(data) else None,
            )
        except pl.exceptions.PolarsError:
            return None
        if not (self._is_flat(frame, data) and self._is_whole(frame, data) and self._is_strict(data)):
            return None
        if b'""' in data:
            frame = frame.with_columns(map(_nulled, self.schema))
        first, self.row = self.row, self.row + frame.height
        return self._frame(frame, range(first, self.row))

    def _quoted(self, data: bytes) -> bool:
        """Whether any quote begins a cell; others, as in `="123"` or `5" pipe`, are letters like any."""
        opening = self.shape.separator.encode() + b'"'
        return b'"' in data and (data.startswith(b'"') or b'\n"' in data or opening in data)

    def _is_flat(self, frame: pl.DataFrame, data: bytes) -> bool:
        """Whether every line is a row: between two stray quotes Polars takes all rows for one cell."""
        return frame.height == data.count(b"\n") + (not data.endswith(b"\n")) or b'"' not in data

    def _is_strict(self, data: bytes) -> bool:
        """Whether the lines with doubled quotes pass a strict reader: Polars forgives `""tea""` and the like."""
        done = -1
        for found in self.doubled.finditer(data):
            if found.end() <= done:
                continue
            start = data.rfind(b"\n", 0, found.start()) + 1
            done = data.find(b"\n", found.end()) + 1 or len(data)
            if not is_strict(data[start:done].decode("latin-1"), self.shape.separator):
                return False
        return True

    def _is_whole(self, frame: pl.DataFrame, data: bytes) -> bool:
        """Whether no row lacks cells, which Polars fills silently: its delimiters are counted."""
        last = frame.columns[-1]
        lacking = frame.filter(pl.col(last).is_null())
        if lacking.is_empty() or frame.width == 1:
            return True
        blank = lacking.filter(pl.all_horizontal(pl.all().is_null())).height
        mark = self.shape.separator
        found = data.count(mark.encode())
        if self._quoted(data):
            found -= sum(frame.select(pl.all().str.count_matches(mark, literal=True).sum()).row(0))
        return found in {(frame.width - 1) * (frame.height - blank), (frame.width - 1) * frame.height}

    def _careful(self, data: bytes, *, final: bool) -> pl.DataFrame:
        """Read record by record; what is malformed becomes a reject of its own row."""
        text = [line + "\n" for line in data.decode("utf-8", "surrogateescape").split("\n")]
        if text[-1] == "\n":
            text.pop()
        rows: list[list[str]] = []
        numbers: list[int] = []
        start = 0
        for record in records_of(text, self.shape.separator, patient=not final):
            cells, reason = self._fitted(record)
            if reason:
                self._reject("".join(text[start : start + record.lines]), reason)
            elif cells:
                rows.append(cells)
                numbers.append(self.row)
            self.row += 1
            start += record.lines
        self.carried = "".join(text[start:]).encode("utf-8", "surrogateescape")
        columns = dict(zip(self.schema, zip(*rows, strict=True), strict=True)) if rows else {}
        frame = pl.DataFrame(columns, schema=self.schema)
        return self._frame(frame.with_columns(map(_nulled, self.schema)), numbers)

    def _fitted(self, record: Record) -> tuple[list[str], str]:
        """Return the cells of a record, none for a blank one, or what is wrong with it."""
        cells = record.cells
        if record.reason or not any(cells):
            return [], record.reason
        if UNDECODED.search("".join(cells)):
            return [], _("the row holds bytes that are not text in the file's encoding; save the file as UTF-8")
        wanted, most = len(self.shape.columns), self.shape.cells
        if len(cells) < wanted or any(cells[most:]):
            reason = _("the row has another number of cells than the header: %(found)d, not %(wanted)d")
            return [], reason % {"found": len(cells), "wanted": wanted}
        return (cells + [""] * (most - len(cells)))[:most] if len(cells) != most else cells, ""

    def _reject(self, text: str, reason: str) -> None:
        shown = text[:REJECT_TEXT].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        self.rejects.append(Reject(self.row, reason, shown.rstrip("\r\n")))

    def _frame(self, frame: pl.DataFrame, numbers: range | list[int]) -> pl.DataFrame:
        """Name the columns and number the rows; blank rows and nameless last columns go."""
        count = pl.Series(RESERVED, numbers, dtype=pl.Int64)
        named = pl.DataFrame({name: frame[column] for column, name in self.names.items()})
        numbered = named.with_columns(count)
        blank = pl.all_horizontal(pl.all().exclude(RESERVED).is_null())
        return numbered.filter(~blank)


def _nulled(name: str) -> pl.Expr:
    return pl.when(pl.col(name) != "").then(pl.col(name))


def _plain(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Drop NULs, which no database stores; turn the line ends of old Macs into ours, decided at the first chunk."""
    mac: bool | None = None
    for chunk in chunks:
        if mac is None and chunk:
            mac = b"\r" in chunk[:-1] and b"\n" not in chunk
        clean = chunk.replace(b"\x00", b"") if b"\x00" in chunk else chunk
        yield clean.replace(b"\r", b"\n") if mac else clean


def _cut(data: bytes) -> int:
    """Find the end of the last line that closes every quote, else of the last line."""
    end = last = data.rfind(b"\n")
    quotes = data.count(b'"', 0, end) if end > 0 else 0
    while end > 0 and quotes % 2:
        earlier = data.rfind(b"\n", 0, end)
        quotes -= data.count(b'"', max(earlier, 0), end)
        end = earlier
    return (end if end > 0 else last) + 1


def _folded(data: bytes, *, whitespace: bool) -> bytes:
    """Fold blanks where they part cells; a carriage return that ends no line is a blank, for both readers alike."""
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        data = STRAY_RETURN.sub(b" ", MANY_RETURNS.sub(b"\r\n", data))
    return BLANKS.sub(b"\t", OUTER_BLANKS.sub(b"", data)) if whitespace else data


def _endless(name: str) -> BadFile:
    return BadFile(
        _("%(name)s has a line of more than %(most)d MB, so it is no table of rows. Export it again.")
        % {"name": name, "most": BLOCK_BYTES // 1024**2}
    )
