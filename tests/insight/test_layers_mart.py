"""The mart of layers says what a plain twin says of any small shop, and what one adds up by hand."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.warehouse.engine import connect
from tests.insight.computed import computed, hold
from tests.insight.layers_twin import Row, layers
from tests.insight.test_retention_marts import AS_OF, order, some_orders

some_lines = st.lists(
    st.builds(
        dict,
        order_id=st.integers(1, 25),
        category=st.sampled_from(["tea", "cups", "茶", "", None]),
        quantity=st.sampled_from([Decimal(1), Decimal(2), Decimal(-1)]),
        unit_price=st.sampled_from([Decimal(0), Decimal(5), Decimal(8), Decimal(20), Decimal(99)]),
    ),
    max_size=30,
).map(lambda rows: [row | {"line_number": nth} for nth, row in enumerate(rows, 1)])


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    with connect() as connection:
        yield connection


def compute(engine: Any, orders: list[Row], lines: list[Row], fewest: int = 30) -> dict[int, tuple[Any, ...]]:
    hold(engine, orders=orders, order_lines=lines)
    params = {"as_of": AS_OF, "top_percent": 5, "fewest_gaps": fewest, "dormant_days": 90, "lost_days": 180}
    rows = [tuple(row.values()) for row in computed(engine, "customer_layers", **params)["customer_layers"]]
    return {row[0]: row[1:] for row in rows}


@given(some_orders, some_lines, st.sampled_from([1, 3, 30]))
def test_any_small_shop_has_the_layers_of_the_twin(
    engine: Any, orders: list[Row], lines: list[Row], fewest: int
) -> None:
    assert compute(engine, orders, lines, fewest) == layers(orders, lines, AS_OF, fewest=fewest)


def test_of_forty_the_two_who_spent_most_are_of_top_value(engine: Any) -> None:
    found = compute(engine, [order(nth, nth, 10, goods=100 * nth) for nth in range(1, 41)], [])
    assert {who for who, row in found.items() if row[2]} == {39, 40}


def test_who_spent_as_much_as_the_last_of_top_value_is_of_it_too(engine: Any) -> None:
    found = compute(engine, [order(nth, nth, 10, goods=500 if nth < 4 else 100) for nth in range(1, 21)], [])
    assert {who for who, row in found.items() if row[2]} == {1, 2, 3}


def test_a_shop_without_repurchases_keeps_the_fixed_limits(engine: Any) -> None:
    found = compute(engine, [order(1, 1, 90), order(2, 2, 91), order(3, 3, 181)], [])
    assert {who: (row[7], row[9]) for who, row in found.items()} == {
        1: ("fixed", "new"), 2: ("fixed", "dormant"), 3: ("fixed", "lost"),
    }  # fmt: skip


def test_a_shop_that_sells_weekly_calls_dormant_who_is_silent_for_a_month(engine: Any) -> None:
    weekly = [order(nth, 1, 7 * nth) for nth in range(1, 41)]
    found = compute(engine, [*weekly, order(99, 2, 30)], [])
    assert found[1][5:] == (7, 14, "shop", 7, "active")
    assert found[2][5:] == (7, 14, "shop", 30, "lost")


def test_nobody_is_of_top_value_where_everything_went_back(engine: Any) -> None:
    found = compute(engine, [order(1, 1, 3, net_base_minor=0), order(2, 2, 3, net_base_minor=-50)], [])
    assert [row[2] for row in found.values()] == [False, False]


def test_no_orders_give_no_layers(engine: Any) -> None:
    assert compute(engine, [], []) == {}


def test_who_buys_a_hundred_thousand_times_is_one_row(engine: Any) -> None:
    many = [dict(order(nth, 1, nth % 400)) for nth in range(100_000)]
    assert len(compute(engine, many, [])) == 1
