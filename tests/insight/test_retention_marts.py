"""The marts of retention say what small shops add up to by hand, and what a plain twin says of any shop."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.warehouse import marts, registry
from guanxi.warehouse.engine import connect
from tests.insight import retention_twins as twins
from tests.insight.computed import computed, hold
from tests.insight.retention_twins import BASE, Row, Trade

AS_OF = dt.date(2024, 11, 11)
GROUPS = 2
NAMES = ("customer_months", "customer_firsts", "cohort_months", "repurchase_rates", "repurchase_gaps")
Computed = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    with connect() as connection:
        yield connection


def compute(engine: Any, trade: Trade, as_of: dt.date = AS_OF, groups: int = GROUPS) -> Computed:
    """Compute the five on what the lake would hold, each on those before it."""
    products = [{"sku": sku, "product_id": product} for sku, product in trade.products.items()]
    hold(engine, orders=trade.orders, refunds=trade.refunds, order_lines=trade.lines, products=products)
    return computed(engine, *NAMES, as_of=as_of, base_currency=BASE, groups=groups)


def keyed(rows: list[dict[str, Any]], keys: int) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    return {tuple(row.values())[:keys]: tuple(row.values())[keys:] for row in rows}


def day(days_ago: int) -> dt.date:
    return AS_OF - dt.timedelta(days=days_ago)


def order(number: int, customer: int | None, days_ago: int, goods: int = 1_000, **more: Any) -> Row:
    placed = day(days_ago)
    return {
        "order_id": number, "customer_id": customer, "channel": "own", "placed_on": placed, "is_paid": True,
        "placed_at": dt.datetime.combine(placed, dt.time(4)), "kind": "sale", "currency": BASE, "goods_minor": goods,
        "discount_minor": 0, "refunded_minor": 0, "net_minor": goods, "net_base_minor": goods, "base_rate": None,
    } | more  # fmt: skip


def refund(number: int, order_id: int | None, customer: int | None, days_ago: int, amount: int, **more: Any) -> Row:
    made = day(days_ago)
    return {
        "refund_id": number, "order_id": order_id, "customer_id": customer, "refunded_on": made, "currency": BASE,
        "refunded_at": dt.datetime.combine(made, dt.time(5)), "amount_minor": amount,
    } | more  # fmt: skip


days_back = st.integers(-20, 800)
some_orders = st.lists(
    st.builds(
        dict,
        customer=st.none() | st.integers(1, 6),
        days_ago=days_back | st.integers(0, 60),
        goods=st.sampled_from([0, 0, 300, 1_000, 5_000]),
        discount_minor=st.sampled_from([0, 0, 200]),
        refunded_minor=st.sampled_from([0, 0, 0, 150, 9_000]),
        channel=st.sampled_from(["own", "mall", "counter"]),
        is_paid=st.sampled_from([True, True, True, False]),
        kind=st.sampled_from(["sale", "sale", "sale", "adjustment"]),
        money=st.sampled_from(
            [
                {},
                {},
                {"currency": "USD", "net_minor": 100, "net_base_minor": 700},
                {"currency": "USD", "net_minor": 0, "net_base_minor": 0, "base_rate": 7.0},
                {"currency": "EUR", "net_base_minor": None},
            ]
        ),
    ),
    max_size=25,
).map(lambda rows: [order(nth, **row.pop("money"), **row) for nth, row in enumerate(rows, 1)])
some_refunds = st.lists(
    st.builds(
        dict,
        order_id=st.none() | st.integers(1, 10),
        customer=st.none() | st.integers(1, 7),
        days_ago=days_back,
        amount=st.integers(1, 1_500),
        currency=st.sampled_from([BASE, BASE, "USD"]),
    ),
    max_size=10,
).map(lambda rows: [refund(nth, **row) for nth, row in enumerate(rows, 1)])
some_lines = st.lists(
    st.builds(
        dict,
        order_id=st.integers(1, 25),
        sku=st.sampled_from(["a1", "a2", "b", "c", "d", "none"]),
        category=st.sampled_from(["tea", "cups", "gifts", "", None]),
        amount_minor=st.sampled_from([100, 100, 400, 900]),
        discount_minor=st.sampled_from([0, 0, 50]),
    ),
    max_size=30,
).map(lambda rows: [row | {"line_number": nth} for nth, row in enumerate(rows, 1)])
PRODUCTS = {"a1": 11, "a2": 11, "b": 12, "c": 13, "d": None}


@st.composite
def trades(draw: st.DrawFn) -> Trade:
    """A shop in which every refund and line that names an order has it, as in the book."""
    orders = draw(some_orders)
    ids = {each["order_id"] for each in orders}
    refunds = [each for each in draw(some_refunds) if each["order_id"] in {None, *ids}]
    return Trade(orders, refunds, [each for each in draw(some_lines) if each["order_id"] in ids], PRODUCTS)


@given(trade=trades())
def test_months_and_beginnings_of_customers_are_those_of_the_twin(engine: Any, trade: Trade) -> None:
    found = compute(engine, trade)
    assert keyed(found["customer_months"], 2) == twins.customer_months(trade, AS_OF)
    began = {row["customer_id"]: row for row in found["customer_firsts"]}
    expected = twins.firsts(trade, AS_OF)
    assert began.keys() == expected.keys()
    for who, first in expected.items():
        row, days = began[who], first.days
        assert (row["first_month"], row["first_document_month"]) == (first.month, first.document_month)
        assert [row["first_on"], row["second_on"]] == [*days[:2], None, None][:2]
        assert (row["purchases"], row["channel"], row["category"]) == (len(days), first.channel, first.category)
        assert row["product_id"] == first.product_id


@given(trade=trades(), groups=st.integers(0, 3))
def test_cohorts_are_those_of_the_twin(engine: Any, trade: Trade, groups: int) -> None:
    found = compute(engine, trade, groups=groups)["cohort_months"]
    assert keyed(found, 5) == twins.cohort_months(trade, AS_OF, groups)


@given(trade=trades(), groups=st.integers(0, 3))
def test_repurchase_and_its_intervals_are_those_of_the_twin(engine: Any, trade: Trade, groups: int) -> None:
    found = compute(engine, trade, groups=groups)
    assert keyed(found["repurchase_rates"], 4) == twins.repurchase_rates(trade, AS_OF, groups)
    assert keyed(found["repurchase_gaps"], 2) == twins.repurchase_gaps(trade, AS_OF, groups)


@given(trade=trades())
def test_every_dimension_adds_up_to_the_whole_and_nobody_comes_before_they_began(engine: Any, trade: Trade) -> None:
    rows = compute(engine, trade)["cohort_months"]
    sums: dict[Any, dict[str, int]] = {}
    for row in rows:
        key = (row["basis"], row["cohort_month"], row["months_since"])
        by = sums.setdefault(key, {})
        by[row["dimension"]] = by.get(row["dimension"], 0) + row["customers"]
        assert 0 <= row["customers"] <= row["members"]
        assert row["months_since"] > 0 or row["customers"] == row["members"]
    assert all(len({*by.values()}) == 1 and len(by) == 4 for by in sums.values())


@given(trade=trades())
def test_net_sales_of_all_cohorts_are_those_of_the_known_customers_days(engine: Any, trade: Trade) -> None:
    """Computed another way, `sales_by_day` adds up to the same; there foreign refunds count whole by their order."""
    known = {each["order_id"] for each in trade.orders if each["customer_id"] is not None}
    orders = [each for each in trade.orders if each["order_id"] in known and each["currency"] == BASE]
    ids = {each["order_id"] for each in orders}
    refunds = [each for each in trade.refunds if each["order_id"] in ids]
    found = compute(engine, Trade(orders, refunds), as_of=dt.date(2100, 1, 1))["cohort_months"]
    cohorts = sum(row["net_minor"] for row in found if (row["basis"], row["dimension"]) == ("documents", "all"))
    mart = registry.marts()["sales_by_day"]
    params = {"time_zone": "UTC", "base_currency": BASE, **mart.unbounded}
    days = engine.sql(mart.sql, params=params).to_arrow_table().to_pylist()
    assert cohorts == sum(row["new_net_minor"] + row["returning_net_minor"] for row in days)


def test_a_cancellation_makes_a_customer_active_among_documents_alone(engine: Any) -> None:
    trade = Trade([order(1, 7, 100), order(2, 8, 100)], [refund(1, 1, 7, 60, 400), refund(2, None, 9, 60, 50)])
    rows = [row for row in compute(engine, trade)["cohort_months"] if row["dimension"] == "all"]
    told = [tuple(row[name] for name in ("basis", "months_since", "customers", "net_minor")) for row in rows]
    assert told == [("documents", 0, 2, 2_000), ("documents", 1, 1, -400), ("documents", 0, 1, -50),
                    ("purchases", 0, 2, 2_000), ("purchases", 1, 0, -400)]  # fmt: skip


def test_an_order_of_gifts_alone_is_no_purchase(engine: Any) -> None:
    found = compute(engine, Trade([order(1, 7, 100, 0), order(2, 7, 40)], []))
    assert [(row["first_on"], row["purchases"]) for row in found["customer_firsts"]] == [(day(40), 1)]


def test_only_customers_watched_long_enough_count(engine: Any) -> None:
    trade = Trade([order(1, 7, 95), order(2, 7, 6), order(3, 8, 89), order(4, 8, 89)], [])
    rows = [row for row in compute(engine, trade)["repurchase_rates"] if row["dimension"] == "all"]
    by_length: dict[int, list[int]] = {}
    for row in rows:
        by_length.setdefault(row["within_days"], [0, 0])[0] += row["customers"]
        by_length[row["within_days"]][1] += row["returned"]
    assert by_length == {0: [2, 2], 30: [2, 1], 60: [2, 1], 90: [1, 1]}


def test_the_good_that_cost_most_is_the_first_product_in_whichever_variant(engine: Any) -> None:
    lines = [
        {"order_id": 1, "line_number": 1, "sku": "b", "category": "cups", "amount_minor": 400, "discount_minor": 0},
        {"order_id": 1, "line_number": 2, "sku": "a2", "category": "tea", "amount_minor": 600, "discount_minor": 0},
    ]
    found = compute(engine, Trade([order(1, 7, 9)], [], lines, PRODUCTS))["customer_firsts"]
    assert [(row["product_id"], row["category"], row["product_place"]) for row in found] == [(11, "tea", 1)]


@pytest.mark.parametrize(
    "trade", [Trade([], []), Trade([], [refund(1, None, 7, 9, 100)]), Trade([order(1, None, 9)], [])]
)
def test_shops_without_a_purchase_have_no_cohort_of_purchases(engine: Any, trade: Trade) -> None:
    found = compute(engine, trade)
    assert [row for row in found["cohort_months"] if row["basis"] == "purchases"] == []
    assert found["repurchase_rates"] == found["repurchase_gaps"] == []


@pytest.mark.parametrize("name", NAMES)
def test_each_mart_fits_its_header_and_the_lake(name: str) -> None:
    marts.check(registry.marts()[name])
