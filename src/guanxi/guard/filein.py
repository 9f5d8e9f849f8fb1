"""A table from outside, whatever file it came in, as a stream of text cells.

    with open_table(path, name="orders.csv") as table:
        for frame in table.batches():
            ...                      # polars, every cell text or null, and `_row`
        table.take_rejects()         # the rows that could not be read

Opening reads the whole file once to know its encoding; give `encoding`, as `table.encoding` told it before, to spare
that.
"""

import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, Self, Unpack

import polars as pl
from django.utils.translation import gettext as _

from guanxi.guard.cells import unwrap
from guanxi.guard.delimited import Reject
from guanxi.guard.dialect import RESERVED, Layout, normalise_header
from guanxi.guard.errors import BadFile
from guanxi.guard.filetype import Kind, kind_of
from guanxi.guard.texttable import TextSource
from guanxi.guard.uploads import check_size, shown_name
from guanxi.guard.workbook import SheetSource

BATCH_ROWS = 65_536

__all__ = ["RESERVED", "BadFile", "Layout", "Reject", "TableFile", "normalise_header", "open_table", "unwrap"]


class Source(Protocol):
    """One kind of file, opened: its frames in order, and the rows it could not read."""

    rejects: list[Reject]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, each once."""

    @property
    def header_likely(self) -> bool:
        """Whether the first row reads like a header."""

    @property
    def encoding(self) -> str | None:
        """The encoding of a text."""

    @property
    def delimiter(self) -> str | None:
        """What parts the cells of a text."""

    @property
    def sheets(self) -> tuple[str, ...]:
        """The names of a workbook's sheets."""

    def frames(self) -> Iterator[pl.DataFrame]:
        """Read from the start."""

    def close(self) -> None:
        """Give back what was taken for reading."""


class TableFile:
    """An opened table. `batches` may be asked for again, and starts anew."""

    def __init__(self, path: Path, kind: Kind, source: Source) -> None:
        self.path, self.kind, self._source = path, kind, source
        self.size_bytes = path.stat().st_size
        self.columns, self.header_likely = source.columns, source.header_likely
        self.encoding, self.delimiter, self.sheets = source.encoding, source.delimiter, source.sheets
        self.close = weakref.finalize(self, source.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def batches(self, rows: int = BATCH_ROWS) -> Iterator[pl.DataFrame]:
        """Yield frames of `rows` rows, the last one shorter; blank rows are left out, `_row` keeps counting them.

        A shorter frame comes early once as many rows were rejected, so that the rejects can be taken.
        """
        held = pl.DataFrame()
        for frame in self._source.frames():
            held = pl.concat([held, frame]) if held.height else frame
            while held.height >= rows:
                yield held.head(rows).rechunk()
                held = held.slice(rows)
            if len(self._source.rejects) >= rows:
                yield held
                held = held.clear()
        if held.height:
            yield held.rechunk()

    def take_rejects(self) -> list[Reject]:
        """Return the malformed rows met since the last call."""
        taken = list(self._source.rejects)
        self._source.rejects.clear()
        return taken


def open_table(path: Path, **layout: Unpack[Layout]) -> TableFile:
    """Open a CSV, a gzipped CSV or a workbook; raises BadFile, in a sentence, where it holds no table."""
    name = shown_name(layout.get("name") or path.name)
    if not path.is_file():
        raise BadFile(_("There is no file %(name)s. Check the path.") % {"name": path})
    check_size(path.stat().st_size, name)
    kind = kind_of(path, name)
    source = SheetSource(path, name, layout) if kind is Kind.XLSX else TextSource(path, kind, name, layout)
    return TableFile(path, kind, source)
