"""A selection of a list as a file: CSV row by row, or a workbook."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from guanxi.guard.fileout import Cell, csv_lines, write_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_csv(name: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> HttpResponseBase:
    """Send rows as CSV; however many they are, the memory it takes does not grow."""
    headers = {"Content-Disposition": f'attachment; filename="{_dated(name, "csv")}"'}
    lines = csv_lines(columns, rows, mark=True)
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def as_xlsx(name: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, sheet: str) -> HttpResponseBase:
    """Send rows as a workbook; the file is gone once it is sent."""
    file = NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the response closes it
    write_xlsx(Path(file.name), columns, rows, sheet=sheet)
    return FileResponse(file, content_type=XLSX, as_attachment=True, filename=_dated(name, "xlsx"))


def _dated(name: str, kind: str) -> str:
    """Name the file after the day it was made."""
    return f"{name}-{timezone.localdate():%Y-%m-%d}.{kind}"
