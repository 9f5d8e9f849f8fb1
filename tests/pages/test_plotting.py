"""What the browser draws is written in the words of the page before it is sent."""

import datetime as dt
from typing import Any

from django.utils.translation import override

from guanxi.pages.charts import Chart, Column
from guanxi.pages.plotting import plot
from tests.pages.test_charts import DAY, sales


def test_amounts_are_drawn_in_major_units_and_gaps_stay_gaps() -> None:
    returning, new = plot(sales())["series"]
    assert returning["values"] == [124947.37, None]
    assert new["values"] == [76580.65, 0.0]
    assert new["texts"] == ["¥76,580.65", "¥0.00"]


def test_a_festival_stands_at_its_day_with_what_was_reached() -> None:
    chart = sales(marks={DAY: "双11", dt.date(2026, 6, 18): "618"}, unfinished=DAY + dt.timedelta(days=1))
    with override("zh-hans"):
        picture = plot(chart)
    assert picture["marks"] == [{"at": 0, "text": "双11  ¥20.2 万"}]
    assert picture["titles"][0] == "11月11日 星期三 · 双11"
    assert picture["unfinished"] == 1


def test_axes_count_in_the_units_of_the_language() -> None:
    assert plot(sales())["units"][-1] == (1_000, "k")
    with override("zh-hans"):
        assert plot(sales())["units"][-1] == (10_000, " 万")


def test_a_stack_says_its_sum_and_leaves_out_the_year_before() -> None:
    past = Column("past", "Last year", form="money", series="past")
    chart = sales(columns=(*sales().columns, past), rows=[{**sales().rows[0], "past": 999_999_99}])
    assert plot(chart)["totals"] == ["¥201,528.02"]


def stages(kind: Any, **given: Any) -> Chart:
    columns = (Column("stage", "Stage"), Column("people", "People", form="count", series=1))
    rows = [{"stage": "Planned", "people": 8214}, {"stage": "Allowed", "people": 7200}, {"stage": "None", "people": 0}]
    return sales(**{"kind": kind, "columns": columns, "rows": rows} | given)


def test_a_funnel_says_which_share_of_the_stage_before_remains() -> None:
    assert plot(stages("funnel"))["rates"] == ["", "87.7%", "0.0%"]


def test_an_empty_stage_has_no_share_of_nothing() -> None:
    rows = [{"stage": "Planned", "people": 0}, {"stage": "Allowed", "people": 0}]
    assert plot(stages("funnel", rows=rows))["rates"] == ["", ""]


def test_an_interval_that_touches_zero_proves_nothing() -> None:
    columns = (
        Column("campaign", "Campaign"),
        Column("added", "Added", form="money", series=1),
        Column("low", "Low", form="money", series="low"),
        Column("high", "High", form="money", series="high"),
    )
    ends = ((790_000, 2_890_000), (0, 100), (-720_000, 280_000), (-500, -100), (None, None))
    rows = [{"campaign": "c", "added": 1, "low": low, "high": high} for low, high in ends]
    assert plot(sales(kind="interval", columns=columns, rows=rows))["proven"] == [True, False, False, True, False]


def test_months_carry_their_year_where_it_begins() -> None:
    columns = (Column("month", "Month", form="month"), Column("orders", "Orders", form="count", series=1))
    rows = [{"month": dt.date(2025, 11, 1), "orders": 1}, {"month": dt.date(2025, 12, 1), "orders": 2}]
    rows.append({"month": dt.date(2026, 1, 1), "orders": 3})
    assert plot(sales(kind="bars", columns=columns, rows=rows))["categories"] == ["Nov 2025", "Dec", "Jan 2026"]


def test_flows_name_both_ends() -> None:
    columns = (Column("from", "From"), Column("to", "To"), Column("people", "People", form="count", series=1))
    picture = plot(sales(kind="sankey", columns=columns, rows=[{"from": "New", "to": "Active", "people": 684}]))
    assert (picture["categories"], picture["others"]) == (["New"], ["Active"])


def test_addresses_are_told_without_what_they_begin_with() -> None:
    drawn = plot(sales(hrefs="/orders/?placed={day}..{day}"))
    whole = [drawn["stem"] + href for href in drawn["hrefs"]]
    assert whole == ["/orders/?placed=2026-11-11..2026-11-11", "/orders/?placed=2026-11-12..2026-11-12"]
    assert drawn["hrefs"][0].startswith("2026")
    assert plot(sales())["hrefs"] == []
