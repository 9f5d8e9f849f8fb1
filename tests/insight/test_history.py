"""How the classes share the customers, month by month."""

import datetime as dt
from dataclasses import replace

from guanxi.insight.history import History
from guanxi.insight.scheme import DEFAULT, RfmClass

DAYS = (dt.date(2024, 9, 30), dt.date(2024, 10, 31))


def counted(*customers: int) -> dict[str, dict[str, int]]:
    return {each.key: {"customers": count} for each, count in zip(DEFAULT.classes, customers, strict=True)}


def test_shares_are_stacked_in_the_colours_of_their_classes_with_a_finding() -> None:
    history = History(DEFAULT, ((DAYS[0], counted(1, 1, 1, 1)), (DAYS[1], counted(2, 1, 1, 0))))
    chart = history.chart
    assert chart.finding == "“High-value” went from 25.0% of customers on 30 Sep 2024 to 50.0%."
    assert [column.series for column in chart.series] == [1, 2, 3, 0]
    assert [row["share_1"] for row in chart.rows] == [0.25, 0.5]
    assert [row["customers"] for row in chart.rows] == [4, 4]


def test_a_class_that_was_not_counted_then_holds_nobody() -> None:
    history = History(DEFAULT, ((DAYS[0], {}), (DAYS[1], counted(1, 0, 0, 0))))
    assert [row["share_1"] for row in history.rows] == [0.0, 1.0]


def test_of_more_than_four_classes_three_are_drawn_and_all_stand_in_the_table() -> None:
    more = tuple(RfmClass(key=f"c{nth}", from_points=150 - nth, name_zh=f"c{nth}", name_en=f"c{nth}") for nth in (1, 2))
    many = replace(DEFAULT, classes=(*DEFAULT.classes[:3], *more, DEFAULT.classes[3]))
    chart = History(many, ((DAYS[0], counted(1, 1, 1, 1)), (DAYS[1], counted(1, 1, 1, 1)))).chart
    assert [column.title for column in chart.series] == ["High-value", "Potential", "Ordinary", "Other classes"]
    assert chart.rows[0]["others"] == 0.25
    assert len(chart.columns) == 1 + 6 + 1 + 1
