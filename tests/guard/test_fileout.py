"""What we export is data in every spreadsheet."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.guard.filein import open_table, unwrap
from guanxi.guard.fileout import csv_lines, guarded, write_csv, write_xlsx

HOSTILE = [
    "=1+1", "+1", "-1", "@SUM(A1)", "|calc", "%0a=1", "\t=1", "\r=1", "\n=1", "  =1", "\u3000=1", "\u200b=1",
    "\ufeff=1", "＝1", "＋1", "－1", "＠SUM", "\x00=1", "\u00a0-1", "\u2062@x", "-12.50", "=cmd|' /C calc'!A0",
]  # fmt: skip


@pytest.mark.parametrize("cell", HOSTILE)
def test_a_text_that_could_be_a_formula_is_guarded(cell: str) -> None:
    assert guarded(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["tea", "a=b", "12.50", "", "'=1", "林", "“=1”", None, -12.5, Decimal("-12.50"), True])
def test_what_is_no_formula_stays_as_it_is(cell: object) -> None:
    assert guarded(cell) == cell  # type: ignore[arg-type]


@given(st.text())
def test_no_written_cell_begins_with_a_sign(cell: str) -> None:
    (_header, row) = csv.reader(io.StringIO("".join(csv_lines(["note"], [["x", cell]])), newline=""))
    assert not row[1].lstrip(" \u3000\u200b\ufeff\x00").startswith(("=", "+", "-", "@", "|", "%", "\t", "\r"))


def test_numbers_stay_numbers_and_texts_are_guarded_in_csv() -> None:
    lines = list(csv_lines(["sku", "=price"], [["-12.50", Decimal("-12.50")], ["a,b", None]], mark=True))
    assert lines == ["\ufeffsku,'=price\r\n", "'-12.50,-12.50\r\n", '"a,b",\r\n']


def test_what_is_exported_can_be_imported_again(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    rows = [["=1+1", "两行\n茶", "2026-03-01"], ["-5", 'said "yes"', "2026-03-02"]]
    assert write_csv(path, ["note", "text", "day"], rows, mark=True) == 2
    with open_table(path) as table:
        (frame,) = table.batches()
    assert frame.select(unwrap(pl.col("note")))["note"].to_list() == ["=1+1", "-5"]
    assert frame["text"].to_list() == ["两行\n茶", 'said "yes"']


def test_a_workbook_holds_texts_numbers_and_dates_but_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    at = datetime(2026, 3, 1, 8, 26, tzinfo=UTC)
    midnight = at.replace(hour=0, minute=0, tzinfo=None)
    row = ["=1+1", -12.5, 10**17, at.date(), at, True, None, "https://x.example"]
    assert write_xlsx(path, list("abcdefgh"), [row], sheet="Orders: [2026]") == 1
    sheet = openpyxl.load_workbook(path).active
    cells = next(sheet.iter_rows(min_row=2))
    assert [cell.value for cell in cells] == [
        "=1+1", -12.5, str(10**17), midnight, at.replace(tzinfo=None), True, None, "https://x.example",
    ]  # fmt: skip
    assert cells[0].data_type == "s"
    assert cells[7].hyperlink is None
