"""Charts are declared once and read as a table, as a file and as a drawing."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.template import Context, Template
from django.utils.translation import override

from guanxi.pages.charts import Chart, Column, sheet, twin

DAY = dt.date(2026, 11, 11)
COLUMNS = (
    Column("day", "Day", form="day"),
    Column("returning", "Returning", form="money", series=1),
    Column("new", "New", form="money", series=2),
)
ROWS: list[dict[str, Any]] = [
    {"day": DAY, "returning": 124_947_37, "new": 76_580_65},
    {"day": DAY + dt.timedelta(days=1), "returning": None, "new": 0},
]


def sales(**given: Any) -> Chart:
    return Chart(
        **{"name": "sales", "kind": "stacked", "finding": "It sold.", "columns": COLUMNS, "rows": ROWS} | given
    )


def test_the_table_says_what_the_chart_shows_and_a_gap_is_no_zero() -> None:
    texts = [[cell.text for cell in row] for row in twin(sales())]
    assert texts == [["11 Nov 2026", "¥124,947.37", "¥76,580.65"], ["12 Nov 2026", "—", "¥0.00"]]


def test_the_table_leads_where_the_mark_leads() -> None:
    first = twin(sales(hrefs="/orders/?day={day}&new={new}"))[0]
    assert [cell.href for cell in first] == ["/orders/?day=2026-11-11&new=7658065", "", ""]


def test_a_row_that_has_nothing_behind_it_leads_nowhere() -> None:
    rows = [{"day": DAY, "new": 1, "first": None}, {"day": DAY, "new": 1}, {"day": DAY, "new": 1, "first": DAY}]
    chart = sales(rows=rows, hrefs="/orders/?placed={first}..{first}")
    assert [chart.href(row) for row in rows] == ["", "", "/orders/?placed=2026-11-11..2026-11-11"]


def test_an_address_takes_no_parts_from_the_data() -> None:
    columns = (Column("tea", "Tea"), Column("net", "Net", form="money", series=1))
    chart = sales(kind="horizontal", columns=columns, rows=[{"tea": "a&b=c #/?", "net": 1}], hrefs="?tea={tea}")
    assert chart.href(chart.rows[0]) == "?tea=a%26b%3Dc%20%23%2F%3F"


def test_a_file_holds_exact_amounts_and_days() -> None:
    headings, rows = sheet(sales())
    assert headings == ["Day", "Returning (CNY)", "New (CNY)"]
    assert rows[0] == [DAY, Decimal("124947.37"), Decimal("76580.65")]
    assert rows[1] == [DAY + dt.timedelta(days=1), None, Decimal("0.00")]


def test_a_chart_of_gaps_alone_is_empty_and_one_of_zeros_is_not() -> None:
    assert sales(rows=[]).empty
    assert sales(rows=[{"day": DAY, "returning": None}]).empty
    assert not sales(rows=[{"day": DAY, "returning": 0}]).empty


def test_a_legend_names_what_no_label_names() -> None:
    assert [column.title for column in sales().legend] == ["Returning", "New"]
    assert sales(kind="line").legend == []
    assert sales(columns=COLUMNS[:2]).legend == []
    ends = (Column("low", "Low", form="money", series="low"), Column("high", "High", form="money", series="high"))
    assert sales(kind="line", columns=(*COLUMNS, *ends)).legend == []


@pytest.mark.parametrize(
    "given",
    [{"kind": "pie"}, {"name": "Net sales"}, {"columns": COLUMNS[1:]}, {"columns": COLUMNS[:1]}, {"kind": "heat"}],
)
def test_what_cannot_be_drawn_is_refused_where_it_is_declared(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="chart"):
        sales(**given)


def drawn(chart: Chart) -> str:
    return Template("{% load gx %}{% chart chart %}").render(Context({"chart": chart, "csrf_token": "x"}))


def test_the_name_of_a_chart_is_its_finding_and_the_table_stands_beside_it() -> None:
    html = drawn(sales(finding="Regulars <b>carried</b> it."))
    assert 'role="img" aria-label="Regulars &lt;b&gt;carried&lt;/b&gt; it."' in html
    assert "<td>¥124,947.37</td>" in html
    assert "<b>carried" not in html


def test_only_heat_and_flows_ask_for_the_whole_library() -> None:
    columns = (Column("from", "From"), Column("to", "To"), Column("people", "People", form="count", series=1))
    flows = sales(kind="sankey", columns=columns, rows=[{"from": "a", "to": "b", "people": 3}])
    assert "vendor/echarts-full.js" in drawn(flows)
    assert "vendor/echarts.js" in drawn(sales())


def test_data_cannot_break_out_of_the_page() -> None:
    columns = (Column("tea", "Tea"), Column("net", "Net", form="money", series=1))
    hostile = "</script><script>alert(1)</script>"
    html = drawn(sales(kind="horizontal", columns=columns, rows=[{"tea": hostile, "net": 1}]))
    assert "<script>alert" not in html


def test_an_empty_chart_says_so_in_its_place() -> None:
    with override("zh-hans"):
        html = drawn(sales(rows=[]))
    assert "这段时间没有数字。" in html
    assert "data-gx-chart" not in html
