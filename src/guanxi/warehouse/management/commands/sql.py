"""Ask the lake a question in SQL: one SELECT over its tables and marts, read-only."""

import csv
import datetime as dt
import io
import json
from decimal import Decimal
from typing import Any

import pyarrow as pa
from django.core.management.base import CommandParser

from guanxi.core.commands import Command as OurCommand
from guanxi.guard.fileout import guarded
from guanxi.warehouse import analyst, engines

SHOWN_WIDTH = 60


class Command(OurCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("query", help="one SELECT")
        parser.add_argument(
            "--format", choices=["table", "csv", "json"], default="table", help="how the rows are printed"
        )
        parser.add_argument("--engine", default=engines.DUCKDB, help="who computes: duckdb, or sc://host:port")
        parser.add_argument("--limit", type=int, default=analyst.ROWS, help="print at most so many rows")

    def run(self, *, query: str, engine: str, limit: int, **options: Any) -> Any:
        most = min(max(limit, 0), analyst.ROWS)
        answer = analyst.ask(query, rows=most, engine=engines.chosen(engine))
        if answer.truncated:
            self.note(
                f"Only the first {answer.rows.num_rows} rows are shown: the result has more than the limits allow."
            )
        if options["json"]:
            return _plain(answer.rows)
        self.stdout.write({"table": _table, "csv": _csv, "json": _json}[options["format"]](answer.rows), ending="")
        return None


def _plain(rows: pa.Table) -> list[dict[str, Any]]:
    return [{name: _value(value) for name, value in row.items()} for row in _read(rows)]


def _read(rows: pa.Table | pa.RecordBatch) -> list[dict[str, Any]]:
    """Read rows; a day that no calendar of Python holds is missing, as infinity is."""
    try:
        return list(rows.to_pylist())
    except (OverflowError, ValueError):
        columns = {name: [_known(value) for value in rows.column(name)] for name in rows.column_names}
        return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _known(scalar: pa.Scalar) -> Any:
    try:
        return scalar.as_py()
    except (OverflowError, ValueError):
        return None


def _value(value: Any) -> Any:
    """Give a value as JSON knows it."""
    if isinstance(value, Decimal):
        return int(value) if value.as_tuple().exponent == 0 else float(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return value


def _json(rows: pa.Table) -> str:
    return json.dumps(_plain(rows), ensure_ascii=False, default=str) + "\n"


def _csv(rows: pa.Table) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(guarded(name) for name in rows.column_names)
    for batch in rows.to_batches(max_chunksize=10_000):
        writer.writerows([guarded(_exact(value)) for value in row.values()] for row in _read(batch))
    return out.getvalue()


def _exact(value: Any) -> Any:
    return value.isoformat(" ") if isinstance(value, dt.datetime) else value


def _table(rows: pa.Table) -> str:
    lines = [rows.column_names, *([_short(value) for value in row.values()] for row in _read(rows))]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([text[0], "  ".join("-" * width for width in widths), *text[1:]]) + "\n"


def _short(value: Any) -> str:
    text = "" if value is None else str(_exact(value)).replace("\n", " ")
    return text if len(text) <= SHOWN_WIDTH else f"{text[: SHOWN_WIDTH - 1]}…"
