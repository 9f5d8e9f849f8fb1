"""Every paid order once, with what its customer bought before: as a plain twin tells of any small shop."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given

from guanxi.warehouse import marts, registry
from guanxi.warehouse.engine import connect
from tests.insight.computed import Rows, computed, hold
from tests.insight.test_retention_marts import AS_OF, order, some_orders


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    with connect() as connection:
        yield connection


def sold(engine: Any, orders: Rows) -> Rows:
    hold(engine, orders=orders)
    return sorted(computed(engine, "sold_orders", as_of=AS_OF)["sold_orders"], key=lambda row: int(row["order_id"]))


def twin(orders: Rows) -> dict[int, tuple[Any, ...]]:
    """Walk through the paid sales in time, keeping what each customer bought last."""
    last: dict[int, Any] = {}
    found = {}
    paid = [each for each in orders if each["is_paid"] and each["kind"] == "sale"]
    for each in sorted(paid, key=lambda row: (row["placed_on"], row["placed_at"], row["order_id"])):
        who, buys = each["customer_id"], each["goods_minor"] > 0
        before = last.get(who) if who is not None else None
        found[each["order_id"]] = (
            who is not None and who not in last,
            buys,
            before if buys else None,
            buys and who is not None and before != each["placed_on"],
        )
        if who is not None:
            last[who] = each["placed_on"] if buys else before
    return found


@given(some_orders)
def test_any_small_shop_has_the_orders_of_the_twin(engine: Any, orders: Rows) -> None:
    names = ("is_first", "is_purchase", "previous_on", "opens_day")
    assert {row["order_id"]: tuple(row[name] for name in names) for row in sold(engine, orders)} == twin(orders)


def test_two_orders_of_a_day_are_one_day_and_guests_come_from_nowhere(engine: Any) -> None:
    orders = [order(1, 7, 9), order(2, 7, 9), order(3, 7, 2), order(4, None, 2), order(5, None, 1), order(6, 7, 1, 0)]
    found = sold(engine, orders)
    assert [row["opens_day"] for row in found] == [True, False, True, False, False, False]
    assert [row["previous_on"] for row in found] == [
        None, orders[0]["placed_on"], orders[0]["placed_on"], None, None, None
    ]  # fmt: skip
    assert [row["is_first"] for row in found] == [True, False, False, False, False, False]


def test_it_fits_its_header_and_the_lake() -> None:
    marts.check(registry.marts()["sold_orders"])
