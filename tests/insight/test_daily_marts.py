"""The daily marts say what small shops add up to by hand, and what a plain twin says of any shop."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.warehouse import marts, registry
from guanxi.warehouse.engine import connect
from tests.insight import twins
from tests.insight.computed import computed
from tests.insight.twins import ZONE, Bought, GivenBack

AS_OF = dt.date(2024, 11, 11)
ZONED = {"time_zone": ZONE}
STAGES = {"as_of": AS_OF, "step_days": 30, "new_days": 30, "dormant_days": 90, "lost_days": 180}


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    with connect() as connection:
        yield connection


def noon(days_ago: int) -> dt.datetime:
    return dt.datetime.combine(AS_OF - dt.timedelta(days=days_ago), dt.time(4))


def ask(engine: Any, mart: str, orders: list[Bought], refunds: list[GivenBack] = (), **params: Any) -> list[Any]:  # type: ignore[assignment]
    return _asked(engine, mart, _orders(orders, refunds), _refunds(refunds), **params)


def _asked(engine: Any, mart: str, orders: pa.Table, refunds: pa.Table, **params: Any) -> list[Any]:
    engine.register("orders", orders)
    engine.register("refunds", refunds)
    found = computed(engine, mart, **{"as_of": AS_OF, "base_currency": "CNY"} | ZONED | params)
    return sorted(tuple(row.values()) for row in found[mart])


def _orders(orders: list[Bought], refunds: list[GivenBack]) -> pa.Table:
    documented = {each.order_id: 0 for each in orders}
    for refund in refunds:
        if refund.order_id in documented:
            documented[refund.order_id] += refund.amount_minor
    rows = [
        {
            "order_id": each.order_id, "store": each.store, "channel": "own", "customer_id": each.customer_id,
            "placed_at": each.placed_at, "placed_on": each.placed_at.date(), "is_paid": each.is_paid,
            "kind": each.kind, "currency": "CNY",
            "goods_minor": each.goods_minor, "discount_minor": each.discount_minor,
            "refunded_minor": documented[each.order_id] + each.undated_minor, "net_minor": 0, "net_base_minor": 0,
        }
        for each in orders
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, _schema("orders"))


def _refunds(refunds: list[GivenBack]) -> pa.Table:
    rows = [vars(each) | {"refunded_on": each.refunded_at.date(), "currency": "CNY"} for each in refunds]
    return pa.Table.from_pylist(rows, _schema("refunds"))


def _schema(table: str) -> pa.Schema:
    return registry.tables()[table].shown


orders_of_many = st.lists(
    st.builds(
        dict,
        store=st.sampled_from(["tea", "mall"]),
        customer_id=st.none() | st.integers(1, 6),
        placed_at=st.integers(-3, 400).flatmap(
            lambda days: st.integers(0, 23).map(lambda hour: noon(days) + dt.timedelta(hours=hour))
        ),
        goods_minor=st.integers(0, 500),
        discount_minor=st.integers(0, 50),
        undated_minor=st.sampled_from([0, 0, 0, 30, 600]),
        is_paid=st.sampled_from([True, True, True, False]),
        kind=st.sampled_from(["sale", "sale", "sale", "adjustment"]),
    ),
    max_size=30,
).map(lambda rows: [Bought(order_id=nth, **row) for nth, row in enumerate(rows, 1)])
refunds_of_many = st.lists(
    st.builds(
        dict,
        store=st.just("tea"),
        order_id=st.none() | st.integers(1, 12),
        customer_id=st.none() | st.integers(1, 6),
        refunded_at=st.integers(0, 300).map(noon),
        amount_minor=st.integers(1, 400),
    ),
    max_size=12,
).map(lambda rows: [GivenBack(refund_id=nth, **row) for nth, row in enumerate(rows, 1)])


def known_only(orders: list[Bought], refunds: list[GivenBack]) -> list[GivenBack]:
    """Keep refunds whose order is in the lake, as a foreign key holds in the book."""
    ids = {order.order_id for order in orders}
    return [each for each in refunds if each.order_id is None or each.order_id in ids]


@given(orders=orders_of_many, refunds=refunds_of_many)
def test_sales_by_day_are_those_of_the_twin(engine: Any, orders: list[Bought], refunds: list[GivenBack]) -> None:
    refunds = known_only(orders, refunds)
    found = ask(engine, "sales_by_day", orders, refunds, base_currency="CNY")
    assert {row[:2]: row[3:8] for row in found} == {
        key: tuple(figures.values()) for key, figures in twins.sales_by_day(orders, refunds).items()
    }


@given(orders=orders_of_many, refunds=refunds_of_many)
def test_the_days_add_up_to_what_the_orders_left(engine: Any, orders: list[Bought], refunds: list[GivenBack]) -> None:
    refunds = [each for each in known_only(orders, refunds) if each.order_id]
    rows = _orders(orders, refunds).to_pylist()
    brought = [(row["goods_minor"] - row["discount_minor"], row) for row in rows if row["is_paid"]]
    left = sum(most - min(row["refunded_minor"], max(most, 0)) for most, row in brought if row["kind"] == "sale")
    assert sum(sum(row[5:8]) for row in ask(engine, "sales_by_day", orders, refunds, base_currency="CNY")) == left


@given(orders=orders_of_many, window=st.integers(1, 120))
def test_repurchase_on_every_day_is_that_of_the_twin(engine: Any, orders: list[Bought], window: int) -> None:
    steps = ask(engine, "repurchase_by_day", orders, window_days=window)
    for back in range(-5, 420, 7):
        day = AS_OF - dt.timedelta(days=back)
        held = [row[1:] for row in steps if row[0] <= day]
        assert (held[-1] if held else (0, 0)) == twins.repurchase_on(orders, day, window)


@given(orders=orders_of_many)
def test_lifecycle_and_rhythm_are_those_of_the_twin(engine: Any, orders: list[Bought]) -> None:
    found = ask(engine, "customer_lifecycle", orders, **STAGES)
    assert {row[0]: row[1:] for row in found} == twins.lifecycle(orders, AS_OF)
    found = ask(engine, "customer_rhythm", orders, as_of=AS_OF)
    assert {row[0]: row[1:] for row in found} == twins.rhythm(orders, AS_OF)


def test_a_small_week_added_up_by_hand(engine: Any) -> None:
    orders = [
        Bought(1, "tea", 7, noon(3), 10_000, 1_000),
        Bought(2, "tea", 7, noon(2), 5_000),
        Bought(3, "tea", None, noon(2), 2_000),
        Bought(4, "tea", 8, noon(2), 3_000, is_paid=False),
        Bought(5, "tea", None, noon(2), 9_999, kind="adjustment"),
    ]
    refunds = [GivenBack(1, "tea", 1, 7, noon(1), 4_000), GivenBack(2, "tea", None, 8, noon(1), 500)]
    day = AS_OF - dt.timedelta(days=1)
    assert ask(engine, "sales_by_day", orders, refunds, base_currency="CNY") == [
        (day - dt.timedelta(days=2), "tea", "own", 1, 1, 9_000, 0, 0, 0),
        (day - dt.timedelta(days=1), "tea", "own", 2, 0, 0, 5_000, 2_000, 0),
        (day, "tea", "own", 0, 0, -4_000, -500, 0, 0),
    ]


def test_an_order_late_in_the_evening_belongs_to_the_companys_next_day(engine: Any) -> None:
    late = [Bought(1, "tea", 7, dt.datetime(2024, 11, 10, 16, 30, tzinfo=dt.UTC).replace(tzinfo=None), 100)]
    assert ask(engine, "sales_by_day", late, base_currency="CNY")[0][0] == dt.date(2024, 11, 11)
    assert ask(engine, "sales_by_day", late, base_currency="CNY", time_zone="Europe/London")[0][0].day == 10


def test_a_refund_larger_than_the_goods_takes_back_no_more_than_they_brought(engine: Any) -> None:
    refunds = [GivenBack(1, "tea", 1, 7, noon(1), 800), GivenBack(2, "tea", 1, 7, noon(0), 800)]
    found = ask(engine, "sales_by_day", [Bought(1, "tea", 7, noon(3), 1_000)], refunds, base_currency="CNY")
    assert [row[5] for row in found] == [1_000, -800, -200]


def test_a_foreign_order_counts_at_the_rate_it_was_paid_at_and_one_without_a_rate_not_at_all(engine: Any) -> None:
    common = {"store": "tea", "channel": "own", "customer_id": 7, "placed_at": noon(3), "placed_on": noon(3).date(),
              "is_paid": True, "kind": "sale", "goods_minor": 1_000, "discount_minor": 0, "refunded_minor": 200,
              "net_minor": 800}  # fmt: skip
    rows = [
        common | {"order_id": 1, "currency": "USD", "net_base_minor": 5_600},
        common | {"order_id": 2, "currency": "EUR", "net_base_minor": None, "refunded_minor": 0},
    ]
    back = {
        "refund_id": 1,
        "store": "tea",
        "order_id": 1,
        "refunded_at": noon(1),
        "refunded_on": noon(1).date(),
        "amount_minor": 200,
        "currency": "USD",
    }
    orders = pa.Table.from_pylist(rows, _schema("orders"))
    found = _asked(engine, "sales_by_day", orders, pa.Table.from_pylist([back], _schema("refunds")))
    assert [(row[3], row[5], row[8]) for row in found] == [(2, 7_000, 1), (0, -1_400, 0)]


def test_a_foreign_order_given_back_whole_counts_on_both_its_days_at_the_rate_of_its_day(engine: Any) -> None:
    order = {"order_id": 1, "store": "tea", "channel": "own", "customer_id": 7, "placed_at": noon(3),
             "placed_on": noon(3).date(), "is_paid": True, "kind": "sale", "goods_minor": 1_000,
             "discount_minor": 0, "refunded_minor": 1_000, "net_minor": 0,
             "currency": "USD", "net_base_minor": 0, "base_rate": 7.0}  # fmt: skip
    back = {"refund_id": 1, "store": "tea", "order_id": 1, "refunded_at": noon(1),
            "refunded_on": noon(1).date(), "amount_minor": 1_000, "currency": "USD"}  # fmt: skip
    orders = pa.Table.from_pylist([order], _schema("orders"))
    found = _asked(engine, "sales_by_day", orders, pa.Table.from_pylist([back], _schema("refunds")))
    assert [(row[3], row[5], row[8]) for row in found] == [(1, 7_000, 0), (0, -7_000, 0)]


@pytest.mark.parametrize(
    ("first", "last", "stages"),
    [
        (29, 29, ("new", None)), (30, 0, ("active", "new")), (60, 60, ("active", "active")),
        (300, 89, ("active", "active")), (300, 90, ("dormant", "active")), (300, 179, ("dormant", "dormant")),
        (300, 180, ("lost", "dormant")), (300, 0, ("active", "lost")), (250, 20, ("active", "lost")),
    ],
)  # fmt: skip
def test_a_customer_sleeps_after_ninety_days_and_is_lost_after_a_hundred_and_eighty(
    first: int, last: int, stages: tuple[str, str | None], engine: Any
) -> None:
    orders = [Bought(1, "tea", 1, noon(first), 100), Bought(2, "tea", 1, noon(last), 100)]
    assert ask(engine, "customer_lifecycle", orders, **STAGES) == [(1, *stages)]


@pytest.mark.parametrize("name", ["sales_by_day", "repurchase_by_day", "customer_lifecycle", "customer_rhythm"])
def test_each_mart_fits_its_header_and_the_lake(name: str) -> None:
    marts.check(registry.marts()[name])
