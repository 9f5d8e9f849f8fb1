"""The figures of a chart as a file. The page carries them signed, so that the file says what the page said."""

import datetime as dt
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from guanxi.guard import fileout, tokens
from guanxi.guard.fileout import Cell
from guanxi.pages.charts import Chart, Table, sheet

Listener = Callable[[Any, str, str], object]

PURPOSE = "chart-file"
LIFETIME = dt.timedelta(days=7)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


_listeners: list[Listener] = []


def on_leaving(listener: Listener) -> None:
    """Have it told, with the request, which chart leaves as which kind of file; called in `AppConfig.ready()`."""
    _listeners.append(listener)


def seal(chart: Chart | Table) -> str:
    """Sign a chart's or table's name, headings and cells; figures of many people together, never a person's."""
    headings, rows = sheet(chart)
    packed = [[_packed(cell) for cell in row] for row in rows]
    return tokens.issue([chart.name, headings, packed], purpose=PURPOSE, lifetime=LIFETIME)


def answer(token: str, form: str, *, to: HttpRequest | None = None) -> HttpResponse:
    """Write the file of a sealed chart, as `csv` or `xlsx`; raises BadToken where the seal is not ours."""
    name, headings, packed = tokens.read(token, purpose=PURPOSE)
    if form not in {"csv", "xlsx"}:
        raise Http404
    for listener in _listeners if to else ():
        listener(to, name, form)
    rows = [[_unpacked(cell) for cell in row] for row in packed]
    if form == "csv":
        text = "".join(fileout.csv_lines(headings, rows, mark=True))
        return _attached(text.encode(), "text/csv; charset=utf-8", f"{name}.csv")
    return _attached(_workbook(name, headings, rows), XLSX, f"{name}.xlsx")


def _workbook(name: str, headings: list[str], rows: list[list[Cell]]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chart.xlsx"
        fileout.write_xlsx(path, headings, rows, sheet=name)
        return path.read_bytes()


def _attached(content: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _packed(cell: Cell) -> Any:
    """Keep the type of a cell in JSON: an exact number or a day becomes a pair."""
    if isinstance(cell, Decimal):
        return ["n", str(cell)]
    return ["d", cell.isoformat()] if isinstance(cell, dt.date) else cell


def _unpacked(cell: Any) -> Cell:
    if isinstance(cell, list):
        return Decimal(cell[1]) if cell[0] == "n" else dt.date.fromisoformat(cell[1])
    read: Cell = cell
    return read
