"""A delimited text as a table: its encoding, its layout, its frames."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from django.conf import settings

from guanxi.guard import dialect
from guanxi.guard.delimited import Block, Records, Reject, Shape, lines
from guanxi.guard.dialect import WHITESPACE, Layout
from guanxi.guard.encodings import Text, checked
from guanxi.guard.filetype import Kind

SAMPLE_BYTES = 1 << 18


class TextSource:
    """One text file, opened."""

    sheets: tuple[str, ...] = ()

    def __init__(self, path: Path, kind: Kind, name: str, layout: Layout) -> None:
        self.text = Text(path, kind, name=name, limit=settings.IMPORT_MAX_BYTES)
        given, parts = layout.get("encoding"), layout.get("delimiter")
        self.encoding = checked(given) if given else self.text.detect()
        sample, whole = self._sample()
        self.delimiter = dialect.checked_delimiter(parts) if parts else dialect.guess_delimiter(sample)
        if self.delimiter == WHITESPACE:
            sample = "\n".join("\t".join(line.split()) for line in sample.split("\n"))
        self.rejects: list[Reject] = []
        self._lay_out(sample, layout, whole=whole)

    def frames(self) -> Iterator[pl.DataFrame]:
        """Read block by block."""
        reader = Records(self.shape, row=self.plan.skip + 1, skip_lines=self.skip_lines)
        self.rejects = reader.rejects
        for block in self._blocks():
            yield from reader.feed(block)

    def close(self) -> None:
        """Do nothing: no file is held open between readings."""

    def _blocks(self) -> Iterator[Block]:
        utf8 = self.text.utf8(self.encoding)
        return lines(utf8, name=self.text.name, whitespace=self.delimiter == WHITESPACE)

    def _sample(self) -> tuple[str, bool]:
        """Read the first lines, and whether they are all there are."""
        block = next(lines(self.text.utf8(self.encoding), name=self.text.name))
        text = block.data[:SAMPLE_BYTES].decode("utf-8", "replace").replace("\r\n", "\n")
        if block.final and len(block.data) <= SAMPLE_BYTES:
            return text, True
        return text[: text.rfind("\n") + 1] or text, False

    def _lay_out(self, sample: str, layout: Layout, *, whole: bool) -> None:
        """Settle the columns, the cells of a line, and how many lines the header takes."""
        separator = Shape((), 0, self.delimiter).separator
        header, columns = layout.get("header", True), layout.get("columns")
        rows = dialect.records(sample, separator)
        self.plan = dialect.plan(rows, name=self.text.name, header=header, columns=columns, whole=whole)
        self.shape = Shape(self.plan.columns, self.plan.cells, self.delimiter)
        self.columns, self.header_likely = self.plan.columns, self.plan.header_likely
        self.skip_lines = dialect.lines_taken(sample, separator, self.plan.skip)
