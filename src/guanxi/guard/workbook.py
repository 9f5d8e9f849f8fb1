"""A worksheet as frames of text cells, read by a child process under limits."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
from django.utils.translation import gettext as _

from guanxi.guard.delimited import Reject
from guanxi.guard.dialect import RESERVED, SAMPLE_ROWS, Layout, plan
from guanxi.guard.errors import BadFile
from guanxi.guard.sheet import CPU_SECONDS
from guanxi.guard.uploads import scratch

ONE_THREAD = {"POLARS_MAX_THREADS": "1", "RAYON_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "ARROW_IO_THREADS": "1"}


class SheetSource:
    """One worksheet, unpacked into an Arrow file of ours that lives as long as this."""

    encoding = delimiter = None

    def __init__(self, path: Path, name: str, layout: Layout) -> None:
        self.target, self.sheets = unpack(path, name=name, sheet=layout.get("sheet"))
        self.rejects: list[Reject] = []
        try:
            first = next(self._numbered(), pl.DataFrame()).drop(RESERVED, strict=False)
            rows = [_row(cells) for cells in first.head(SAMPLE_ROWS).rows()]
            header, columns = layout.get("header", True), layout.get("columns")
            whole = first.height <= SAMPLE_ROWS
            self.plan = plan(rows, name=name, header=header, columns=columns, whole=whole)
        except BaseException:
            self.close()
            raise
        self.columns, self.header_likely = self.plan.columns, self.plan.header_likely

    def frames(self) -> Iterator[pl.DataFrame]:
        """Read the rows below the header, blank ones left out."""
        names = dict(zip((f"c{number}" for number in range(len(self.columns))), self.columns, strict=True))
        for frame in self._numbered():
            rows = frame.filter((pl.col(RESERVED) > self.plan.skip) & ~pl.all_horizontal(pl.col(*names).is_null()))
            yield rows.select(*names, RESERVED).rename(names)

    def close(self) -> None:
        """Delete the Arrow file."""
        self.target.unlink(missing_ok=True)

    def _numbered(self) -> Iterator[pl.DataFrame]:
        """Read the rows as they stand, numbered as in the sheet, empty texts as null."""
        row = 1
        with pa.memory_map(str(self.target)) as source:
            reader = pa.ipc.open_file(source)
            for number in range(reader.num_record_batches):
                frame = pl.DataFrame(pa.Table.from_batches([reader.get_batch(number)]))
                rows = pl.Series(RESERVED, range(row, row + frame.height), dtype=pl.Int64)
                row += frame.height
                texts = [pl.when(pl.col(name) != "").then(pl.col(name)) for name in frame.columns]
                yield frame.select(*texts, rows)


def unpack(path: Path, *, name: str, sheet: str | None = None) -> tuple[Path, tuple[str, ...]]:
    """Have a child process read one worksheet, the first by default; raises BadFile where it cannot."""
    target = scratch(".arrow")
    told = _told(path, target, sheet=sheet or "")
    if told and told["rows"] is not None:
        return target, tuple(told["sheets"])
    target.unlink(missing_ok=True)
    if told:
        raise BadFile(
            _("%(name)s has no sheet called %(sheet)s, but these: %(sheets)s.")
            % {"name": name, "sheet": sheet, "sheets": ", ".join(told["sheets"])}
        )
    raise BadFile(
        _("%(name)s cannot be read as a workbook: it is damaged, locked, or too large. Save the sheet as CSV.")
        % {"name": name}
    )


def _told(path: Path, target: Path, *, sheet: str) -> dict[str, list[str]] | None:
    """Run the child and return what it tells, or None where it crashed or overran its limits."""
    command = [sys.executable, "-m", "guanxi.guard.sheet", str(path), str(target), sheet]
    env = {**os.environ, **ONE_THREAD}
    try:
        done = subprocess.run(command, capture_output=True, timeout=CPU_SECONDS * 2, check=True, env=env)
        told: dict[str, list[str]] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        return None
    return told


def _row(cells: tuple[str | None, ...]) -> list[str]:
    texts = [cell or "" for cell in cells]
    return texts if any(text.strip() for text in texts) else []
