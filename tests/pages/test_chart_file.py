"""The figures of a chart leave as a file that says what the page said."""

import io
from zipfile import ZipFile

import pytest

from guanxi.guard.errors import BadToken
from guanxi.pages import chart_file
from guanxi.pages.charts import Column
from tests.pages.test_charts import sales


def test_a_file_of_text_opens_in_a_spreadsheet_with_exact_amounts() -> None:
    answer = chart_file.answer(chart_file.seal(sales()), "csv")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines == [
        "Day,Returning (CNY),New (CNY)",
        "2026-11-11,124947.37,76580.65",
        "2026-11-12,,0.00",
    ]
    assert answer["Content-Disposition"] == 'attachment; filename="sales.csv"'


def test_a_workbook_holds_numbers_as_numbers() -> None:
    answer = chart_file.answer(chart_file.seal(sales()), "xlsx")
    with ZipFile(io.BytesIO(answer.content)) as book:
        assert b"<v>124947.37</v>" in book.read("xl/worksheets/sheet1.xml")


def test_no_cell_becomes_a_formula() -> None:
    columns = (Column("tea", "=Tea"), Column("net", "Net", form="money", series=1))
    chart = sales(kind="horizontal", columns=columns, rows=[{"tea": "=HYPERLINK(1)", "net": -100}])
    lines = chart_file.answer(chart_file.seal(chart), "csv").content.decode("utf-8-sig").splitlines()
    assert lines == ["'=Tea,Net (CNY)", "'=HYPERLINK(1),-1.00"]


def test_figures_that_we_did_not_write_are_refused() -> None:
    with pytest.raises(BadToken):
        chart_file.answer(chart_file.seal(sales())[:-2] + "xx", "csv")
