"""Tables on their way out, so that no spreadsheet takes a customer's text for a formula.

Text cells are guarded; numbers, dates and truth values that the caller passes as such stay what they are.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import xlsxwriter

Cell = str | int | float | Decimal | date | datetime | time | None
BOM = "\ufeff"
INVISIBLE = (
    r"[\x00-\x08\x0b\x0c\x0e-\x20\x7f-\xa0\xad\u1680\u180e\u2000-\u200f"
    r"\u2028-\u202f\u205f-\u2064\u2066-\u206f\u3000\ufeff]*"
)
FORMULA = re.compile(INVISIBLE + "[=+\\-@|%\t\r\n＝＋－＠｜％\u2212\ufe62\ufe63\ufe66\ufe6b\ufe6a]")
XLSX_TEXT_MAX = 32_767
SHEET_NAME_BAD = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


def guarded(cell: Cell) -> Cell:
    """Put `'` before a text that a spreadsheet could take for a formula; it may hide behind blanks or full-width signs.

    >>> guarded("=1+1"), guarded("　＝1"), guarded("-12.50"), guarded(-12.5), guarded("tea")
    ("'=1+1", "'　＝1", "'-12.50", -12.5, 'tea')
    """
    return f"'{cell}" if isinstance(cell, str) and FORMULA.match(cell) else cell


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, mark: bool = False) -> Iterator[str]:
    """Write a table as lines of CSV, one by one; `mark` puts a byte order mark first, for Excel."""
    writer = csv.writer(_Echo())
    yield (BOM if mark else "") + writer.writerow([guarded(name) for name in columns])
    for row in rows:
        yield writer.writerow([guarded(_spelled(cell)) for cell in row])


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, mark: bool = False) -> int:
    """Write a table to a CSV file; return the number of its rows."""
    written = -1
    with path.open("w", encoding="utf-8", newline="") as file:
        for line in csv_lines(columns, rows, mark=mark):
            file.write(line)
            written += 1
    return written


def write_xlsx(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, sheet: str = "Data") -> int:
    """Write a table to a workbook row by row, in constant memory; texts are texts, never formulas or links."""
    number = 0
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "remove_timezone": True}) as book:
        page = book.add_worksheet(SHEET_NAME_BAD.sub(" ", sheet)[:31] or "Data")
        formats = {
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            time: book.add_format({"num_format": "hh:mm:ss"}),
        }
        _write_row(page, 0, columns, formats)
        for number, row in enumerate(rows, start=1):
            _write_row(page, number, row, formats)
    return number


class _Echo:
    """A file that hands back what is written to it, so that rows can be streamed."""

    def write(self, line: str) -> str:
        return line


def _spelled(cell: Cell) -> Cell:
    """Spell times as ISO; a number or a text is left to the writer."""
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    return cell.isoformat() if isinstance(cell, date | time) else cell


def _write_row(
    page: xlsxwriter.worksheet.Worksheet, number: int, row: Sequence[Cell], formats: dict[type, object]
) -> None:
    for column, cell in enumerate(row):
        if isinstance(cell, str):
            page.write_string(number, column, cell[:XLSX_TEXT_MAX])
        elif isinstance(cell, bool):
            page.write_boolean(number, column, cell)
        elif isinstance(cell, datetime | date | time):
            page.write_datetime(number, column, cell, formats[type(cell)])
        elif isinstance(cell, int | float | Decimal):
            _write_number(page, number, column, cell)


def _write_number(page: xlsxwriter.worksheet.Worksheet, number: int, column: int, cell: int | float | Decimal) -> None:
    """Write a number, as text where a workbook cannot hold it exactly (more than 15 digits, no number at all)."""
    if not abs(float(cell)) < 10**15:
        page.write_string(number, column, str(cell))
    else:
        page.write_number(number, column, cell)
