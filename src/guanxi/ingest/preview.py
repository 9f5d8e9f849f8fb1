"""A look into the files of an import before anything is read as orders: what they are, and their first rows.

What was found is kept sealed in the import's folder, so that a page does not open a large file again.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from guanxi.guard.dialect import WHITESPACE
from guanxi.guard.filein import TableFile, open_table
from guanxi.guard.filetype import Kind
from guanxi.guard.sealing import context, seal, unseal
from guanxi.ingest.models import Import

ROWS = 5
SAMPLE_ROWS = 1_000


@dataclass(frozen=True, kw_only=True)
class Preview:
    """One file: its name and size, how it is written, its columns and first rows.

    `row_count` is exact where `counted`, else estimated from the size of the first rows; 0 where nothing is known.
    """

    name: str
    size_bytes: int
    encoding: str
    delimiter: str
    columns: list[str]
    cells: list[list[str]]
    row_count: int
    counted: bool
    sheets: int = 0
    header_likely: bool = True

    @property
    def parted_by(self) -> str:
        """Name what parts the cells."""
        names = {",": _("commas"), ";": _("semicolons"), "\t": _("tabs"), "|": _("bars"), WHITESPACE: _("blanks")}
        return names.get(self.delimiter, self.delimiter)

    def sample(self, column: str) -> str:
        """Give the first cell of a column that holds something."""
        place = self.columns.index(column)
        return next((row[place] for row in self.cells if row[place]), "")


def kept(batch: Import) -> list[Preview]:
    """Give what was found before, without opening a file; nothing where nobody looked."""
    path = _path(batch)
    if not path.exists():
        return []
    found = json.loads(unseal(b64decode(path.read_bytes()), _place(batch)))
    return [Preview(**each) for each in found]


def look_into(batch: Import, *, layout: Mapping[str, Any] | None = None) -> list[Preview]:
    """Look into each file, as `layout` (header, delimiter, encoding) says or as it can be detected."""
    if not layout and (found := kept(batch)):
        return found
    found = [_open(Path(file["path"]), file["name"], layout or {}) for file in batch.files]
    if not layout:
        told = json.dumps([asdict(each) for each in found], ensure_ascii=False)
        _path(batch).write_bytes(b64encode(seal(told, _place(batch))))
    return found


def _path(batch: Import) -> Path:
    return batch.folder / "preview.sealed"


def _place(batch: Import) -> str:
    return context("import", batch.pk, "preview")


def _open(path: Path, name: str, layout: Mapping[str, Any]) -> Preview:
    with open_table(path, name=name, **layout) as table:
        first: list[list[str]] = []
        rows, octets = 0, 0
        for frame in table.batches(SAMPLE_ROWS):
            rows += frame.height
            if not first:
                first = [["" if cell is None else cell for cell in row] for row in frame.drop("_row").rows()]
                octets = sum(len(",".join(row).encode(table.encoding or "utf-8", "replace")) + 1 for row in first)
            if table.kind is not Kind.XLSX and rows >= SAMPLE_ROWS:
                break
        counted = table.kind is Kind.XLSX or rows < SAMPLE_ROWS
        return Preview(
            name=name,
            size_bytes=path.stat().st_size,
            encoding=table.encoding or "",
            delimiter=table.delimiter or "",
            columns=list(table.columns),
            cells=first[:ROWS],
            row_count=rows if counted else _estimate(path, table, len(first) / octets),
            counted=counted,
            sheets=len(table.sheets),
            header_likely=table.header_likely,
        )


def _estimate(path: Path, table: TableFile, rows_per_octet: float) -> int:
    """Guess the rows of a text from its size; a gzipped one ends with the size of what it holds (modulo 4 GB)."""
    size = path.stat().st_size
    if table.kind is Kind.CSV_GZ:
        with path.open("rb") as file:
            file.seek(-4, 2)
            size = int.from_bytes(file.read(4), "little")
    rows = int(size * rows_per_octet)
    return round(rows, -max(0, len(str(rows)) - 2))
