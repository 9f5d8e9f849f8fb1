"""What most customers buy: as a plain twin says it of any small shop, and by hand."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.warehouse.engine import connect
from tests.insight.computed import computed, hold
from tests.insight.retention_twins import Row
from tests.insight.test_retention_marts import AS_OF, order, some_orders

GOODS = {"a1": (1, "tea"), "a2": (1, "cups"), "b": (2, "tea"), "c": (3, ""), "d": (4, None), "gone": (None, "tea")}
some_lines = st.lists(
    st.builds(
        dict,
        order_id=st.integers(1, 25),
        sku=st.sampled_from([*GOODS, "unknown"]),
        quantity=st.sampled_from([Decimal(1), Decimal(2), Decimal(-1), Decimal(0)]),
    ),
    max_size=40,
).map(lambda rows: [row | {"line_number": nth} for nth, row in enumerate(rows, 1)])


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    with connect() as connection:
        yield connection


def compute(engine: Any, orders: list[Row], lines: list[Row]) -> list[tuple[Any, ...]]:
    products = [{"sku": sku, "product_id": key, "category": category} for sku, (key, category) in GOODS.items()]
    hold(engine, orders=orders, order_lines=lines, products=products)
    return [tuple(row.values()) for row in computed(engine, "product_popularity", as_of=AS_OF)["product_popularity"]]


def twin(orders: list[Row], lines: list[Row]) -> list[tuple[Any, ...]]:
    by_id = {row["order_id"]: row for row in orders if _counts(row)}
    sold: dict[int, list[Row]] = defaultdict(list)
    for line in lines:
        product, _category = GOODS.get(line["sku"], (None, None))
        if product and line["quantity"] > 0 and line["order_id"] in by_id:
            sold[product].append(by_id[line["order_id"]])
    ranked = sorted((_row(product, some) for product, some in sold.items()), key=lambda row: (-row[2], -row[3], row[0]))
    return [
        (*row, place, sum(other[1] == row[1] for other in ranked[:place])) for place, row in enumerate(ranked, start=1)
    ]


def _counts(row: Row) -> bool:
    ago = (AS_OF - row["placed_on"]).days
    kept = row["net_minor"] > 0 or (row["net_minor"] == 0 and row["refunded_minor"] == 0)
    return bool(row["is_paid"] and row["kind"] == "sale" and kept and 0 <= ago < 180)


def _row(product: int, some: list[Row]) -> tuple[Any, ...]:
    late = {each["customer_id"] for each in some if (AS_OF - each["placed_on"]).days < 90} - {None}
    category = min((word for key, word in GOODS.values() if key == product and word is not None), default="")
    last = max(each["placed_on"] for each in some)
    return product, category, len(late), len({each["order_id"] for each in some}), last


def line(number: int, order_id: int, sku: str) -> Row:
    return {"line_number": number, "order_id": order_id, "sku": sku, "quantity": Decimal(1)}


@given(some_orders, some_lines)
def test_any_small_shop_sells_what_the_twin_does(engine: Any, orders: list[Row], lines: list[Row]) -> None:
    assert compute(engine, orders, lines) == twin(orders, lines)


def test_customers_count_and_not_their_orders(engine: Any) -> None:
    orders = [*(order(nth, 1, nth) for nth in range(1, 6)), order(6, 2, 9), order(7, 3, 9)]
    lines = [*(line(nth, nth, "b") for nth in range(1, 6)), line(6, 6, "c"), line(7, 7, "c")]
    assert [row[:4] for row in compute(engine, orders, lines)] == [(3, "", 2, 2), (2, "tea", 1, 5)]


def test_guests_make_no_buyers_and_half_a_year_is_the_end(engine: Any) -> None:
    orders = [order(1, None, 3), order(2, 5, 179), order(3, 6, 180)]
    found = compute(engine, orders, [line(1, 1, "b"), line(2, 2, "c"), line(3, 3, "d")])
    assert [(row[0], row[2], row[4]) for row in found] == [
        (2, 0, AS_OF - dt.timedelta(3)),
        (3, 0, orders[1]["placed_on"]),
    ]


def test_nothing_sold_is_nothing_popular(engine: Any) -> None:
    assert compute(engine, [], []) == []
    assert compute(engine, [order(1, 1, 1, net_minor=-5)], [line(1, 1, "b")]) == []
