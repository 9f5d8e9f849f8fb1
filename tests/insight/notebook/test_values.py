"""Values, charts and forms without a lake."""

import datetime as dt
import math
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from django.http import QueryDict
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from guanxi.insight.notebook import cells, drawing, faults
from guanxi.insight.notebook.cells import Cell, Drawn
from guanxi.insight.notebook.rows import MISSING, Field, Rows, plain, spelled
from guanxi.pages import charts, plotting

DAYS = [dt.date(2026, 11, 9), dt.date(2026, 11, 16)]


def rows_of(**columns: Any) -> Rows:
    found = Rows(SimpleNamespace())  # type: ignore[arg-type]
    found.__dict__["_table"] = pa.table(columns)
    return found


@given(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.dates()
    | st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-10**12, max_value=10**12)
    | st.integers(min_value=-(10**38), max_value=10**38) | st.decimals(-(10**30), 10**30, places=2)
    | st.lists(st.floats())
)  # fmt: skip
def test_whatever_stands_in_a_cell_is_text_of_few_letters_and_no_nan(value: Any) -> None:
    shown = spelled(value, Field(0, "x", "?", is_number=False, is_day=False))
    assert len(shown.text) <= 330
    assert shown.text.lower() not in {"nan", "inf", "-inf"} or isinstance(value, str)
    told = plain(value)
    assert told is None or isinstance(told, bool | int | float | str | list)
    assert not isinstance(told, float) or math.isfinite(told)


def test_a_key_is_not_grouped_like_a_figure() -> None:
    assert spelled(12345, Field(0, "customer_id", "bigint", is_number=True, is_day=False)).text == "12345"
    assert spelled(12345, Field(0, "orders", "bigint", is_number=True, is_day=False)).text == "12,345"
    assert spelled(math.nan, Field(0, "x", "double", is_number=True, is_day=False)).text == MISSING


def test_a_chart_finds_its_columns_by_their_types(db: None) -> None:
    rows = rows_of(day=DAYS, customer_id=[1, 2], net_minor=[500, 700], share=[0.5, math.nan])
    made = drawing.chart(Drawn("line"), rows, "cell-1")
    assert [(column.title, column.form) for column in made.columns] == [
        ("day", "day"), ("net", "money"), ("share", "number"),
    ]  # fmt: skip
    assert made.rows[1]["c3"] is None
    assert "net is highest at 16 Nov 2026: ¥7.00" in str(made.finding)
    assert plotting.plot(made)["series"][0]["values"] == [5.0, 7.0]


def test_the_values_of_a_column_become_series_the_largest_first(db: None) -> None:
    rows = rows_of(month=["a", "a", "b"], channel=["tmall", "own", "own"], orders=[1, 5, 7])
    made = drawing.chart(Drawn("stacked", "month", "orders", "channel"), rows, "cell-1")
    assert [str(column.title) for column in made.series] == ["own", "tmall"]
    assert made.rows == [{"x": "a", "s1": 1, "s0": 5}, {"x": "b", "s0": 7}]
    assert charts.twin(made)[1][2].text == "—"


@pytest.mark.parametrize(
    ("drawn", "words"),
    [
        (Drawn("bars", "moon"), "has no column “moon”"),
        (Drawn("bars", "name", "name"), "holds no numbers"),
        (Drawn("bars"), "takes a column of numbers"),
    ],
)
def test_what_cannot_be_drawn_says_what_would(drawn: Drawn, words: str) -> None:
    with pytest.raises(drawing.NotDrawable, match=words):
        drawing.chart(drawn, rows_of(name=["a", "b"]), "cell-1")


def test_numbers_too_large_for_any_axis_are_not_drawn() -> None:
    for huge in ([Decimal(2**120)], [1e300]):
        with pytest.raises(drawing.NotDrawable, match="too large"):
            drawing.chart(Drawn("bars"), rows_of(x=["a"], n=huge), "cell-1")


@pytest.mark.parametrize("kind", cells.CHARTS)
def test_numbers_of_any_size_and_none_at_all_are_drawn(kind: str, db: None) -> None:
    odd = [None, 2**62, -3]
    rows = rows_of(x=["a", None, "c"], n=odd, d=[Decimal("1.5"), None, Decimal("-2.5")], f=[math.inf, math.nan, 1.0])
    made = drawing.chart(Drawn(kind), rows, "cell-1")
    told = plotting.plot(made)
    assert all(value is None or math.isfinite(value) for each in told["series"] for value in each["values"])


def test_a_form_of_others_making_leaves_nothing_odd_behind() -> None:
    form = QueryDict(mutable=True)
    form.setlist("cell", ["1", "x", "-3", "²", "9" * 40, *map(str, range(2, 60))])
    form.update({"kind-1": "sql", "text-1": "select 1\0", "chart-1": "pie", "x-1": "y" * 999})
    form.update({f"kind-{nth}": "python" for nth in range(2, 60)})
    (cell,) = cells.told(form)
    assert (cell.text, cell.chart.kind, len(cell.chart.x)) == ("select 1", "", 200)


def test_cells_come_move_and_go() -> None:
    line = [Cell(1, "sql"), Cell(2, "text")]
    assert [each.number for each in cells.added(line, "sql")] == [1, 2, 3]
    assert cells.raised(line, 1) == line
    assert [each.number for each in cells.removed(line, 1)] == [2]
    full = [Cell(nth, "sql") for nth in range(1, 17)]
    assert cells.added(full, "sql") == full
    assert Cell.of(Cell(1, "sql", "x", Drawn("line", "a")).kept()) == Cell(1, "sql", "x", Drawn("line", "a"))


def test_words_of_the_engine_that_nobody_knows_are_given_as_they_are() -> None:
    assert faults.sentence({"said": "Weird Error: moon", "text": "Not answered: moon."}) == "Not answered: moon."
    with translation.override("zh-hans"):
        assert faults.sentence({"said": "Timeout"}) == "超过了允许的时间。请缩短日期范围，或加上 limit。"
        assert faults.place({"line": 2, "column": 7}) == "第 2 行第 7 个字符"
