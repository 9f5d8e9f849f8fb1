"""When customers buy of a category again: as a plain twin says it of any small shop, and by hand."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from guanxi.warehouse.engine import connect
from tests.insight.computed import computed, hold
from tests.insight.layers_twin import Row
from tests.insight.retention_twins import rounded
from tests.insight.test_layers_mart import some_lines
from tests.insight.test_retention_marts import AS_OF, order, some_orders

PRIOR = 2


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    with connect() as connection:
        yield connection


def compute(engine: Any, orders: list[Row], lines: list[Row]) -> dict[tuple[int, str], tuple[Any, ...]]:
    hold(engine, orders=orders, order_lines=lines)
    found = computed(engine, "customer_category_next", as_of=AS_OF, prior_gaps=PRIOR)["customer_category_next"]
    rows = [tuple(row.values()) for row in found]
    return {row[:2]: row[2:] for row in rows}


def twin(orders: list[Row], lines: list[Row]) -> dict[tuple[int, str], tuple[Any, ...]]:
    by_id = {
        row["order_id"]: row
        for row in orders
        if row["is_paid"] and row["kind"] == "sale" and row["goods_minor"] > 0 and row["customer_id"]
    }
    seen: dict[tuple[int, str], set[dt.date]] = defaultdict(set)
    for line in lines:
        bought = by_id.get(line["order_id"])
        if bought and bought["placed_on"] <= AS_OF and line["category"] and line["quantity"] > 0:
            seen[bought["customer_id"], line["category"]].add(bought["placed_on"])
    return {key: _row(key, seen) for key in seen}


def _row(key: tuple[int, str], seen: dict[tuple[int, str], set[dt.date]]) -> tuple[Any, ...]:
    last, own = max(seen[key]), seen[key]
    mean = _mean([days for (_, category), days in seen.items() if category == key[1]])
    mean = _mean([*seen.values()]) if mean is None else mean
    if mean is None:
        return len(own), last, None, None, None
    gap = rounded(((last - min(own)).days + PRIOR * mean) / (len(own) - 1 + PRIOR))
    return len(own), last, gap, last + dt.timedelta(gap), (AS_OF - last).days - gap


def _mean(groups: list[set[dt.date]]) -> float | None:
    gaps = sum(len(days) - 1 for days in groups)
    return sum((max(days) - min(days)).days for days in groups) / gaps if gaps else None


def line(order_id: int, category: str) -> Row:
    return {"order_id": order_id, "line_number": 1, "category": category, "quantity": Decimal(1)}


@given(some_orders, some_lines)
def test_any_small_shop_expects_what_the_twin_does(engine: Any, orders: list[Row], lines: list[Row]) -> None:
    assert compute(engine, orders, lines) == twin(orders, lines)


def test_who_bought_once_is_expected_after_the_gap_of_the_category(engine: Any) -> None:
    orders = [order(1, 1, 60), order(2, 1, 30), order(3, 2, 10)]
    found = compute(engine, orders, [line(nth, "tea") for nth in (1, 2, 3)])
    assert found[2, "tea"][2:] == (30, AS_OF + dt.timedelta(20), -20)


def test_own_gaps_weigh_more_the_more_there_are(engine: Any) -> None:
    monthly, weekly = (
        [order(nth, 1, 30 * nth) for nth in range(1, 9)],
        [order(50 + nth, 2, 7 * nth) for nth in range(9)],
    )
    lines = [line(row["order_id"], "tea") for row in (*monthly, *weekly)]
    found = compute(engine, [*monthly, *weekly], lines)
    assert found[1, "tea"][2] == 27
    assert found[2, "tea"][2] == 9


def test_where_nobody_came_twice_no_day_is_said(engine: Any) -> None:
    assert compute(engine, [order(1, 1, 5)], [line(1, "tea")])[1, "tea"][2:] == (None, None, None)
    assert compute(engine, [], []) == {}
