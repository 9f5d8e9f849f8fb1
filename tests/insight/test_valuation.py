"""What customers will still buy: the marts against a plain twin, and any shop, however odd, gets a sensible answer."""

import datetime as dt
import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.insight.outlook import Outlook
from guanxi.insight.report import banded, report
from guanxi.insight.valuation import MART, Valuation, cut_of, fitted
from guanxi.insight.value_words import sentence, table
from guanxi.warehouse import registry
from guanxi.warehouse.engine import connect
from tests.insight import twins
from tests.insight.computed import computed, hold
from tests.insight.twins import Bought

AS_OF = dt.date(2024, 11, 11)
Sale = tuple[int, int, int]  # a customer, days ago, minor units


class Shop:
    """A lake in memory."""

    def __init__(self, engine: Any, orders: pa.Table, costs: pa.Table | None = None) -> None:
        self.engine = engine
        engine.register("orders", orders)
        computed(engine, "sold_orders", as_of=AS_OF)
        engine.register("customer_margin", costs or registry.marts()["customer_margin"].schema.empty_table())

    def sql(self, query: str, **params: Any) -> pa.Table:
        return self.engine.sql(query, params=params).to_arrow_table()

    def batches(self, query: str, **params: Any) -> Iterator[pa.RecordBatch]:
        yield from self.sql(query, **params).to_batches()

    def value(self, *, model: str | None = None, unit_days: int = 7) -> Valuation:
        cut = cut_of(self, AS_OF)  # type: ignore[arg-type]
        params = {"as_of": AS_OF, "cut": cut or AS_OF}
        self.engine.register("customer_purchases", self.sql(registry.marts()[MART].sql, **params))
        return fitted(self, AS_OF, cut, unit_days=unit_days, model=model)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    with connect() as connection:
        yield connection


def table_of(orders: list[Bought], *, priced: bool = True) -> pa.Table:
    rows = [
        {
            "order_id": each.order_id, "customer_id": each.customer_id, "placed_on": each.placed_at.date(),
            "is_paid": each.is_paid, "kind": each.kind, "refunded_minor": each.undated_minor,
            "net_minor": (net := each.goods_minor - each.discount_minor - each.undated_minor),
            "net_base_minor": net if priced else None,
        }
        for each in orders
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, registry.tables()["orders"].shown)


def sold(sales: list[Sale], **how: Any) -> pa.Table:
    noons = [dt.datetime.combine(AS_OF - dt.timedelta(days=ago), dt.time(4)) for _who, ago, _minor in sales]
    both = zip(sales, noons, strict=True)
    return table_of(
        [Bought(nth, "tea", who, noon, minor) for nth, ((who, _ago, minor), noon) in enumerate(both)], **how
    )


def drawn(customers: int, *, days: int = 700, leaving: float | None = None) -> list[Sale]:
    """A shop whose customers buy at rates of their own, and leave likewise unless told all alike."""
    chance = np.random.default_rng(1)
    rows: list[Sale] = []
    for who in range(1, customers + 1):
        ago, rate = int(chance.integers(1, days)), chance.gamma(0.8) / 60
        leaves = leaving or chance.beta(0.8, 2.5)
        while ago > 0:
            rows.append((who, ago, int(chance.gamma(6, 2_000))))
            if chance.random() < leaves:
                break
            ago -= 1 + int(chance.exponential(1 / max(rate, 1e-4)))
    return rows


any_orders = st.lists(
    st.builds(
        dict,
        store=st.just("tea"),
        customer_id=st.none() | st.integers(1, 6),
        placed_at=st.integers(-3, 400).map(lambda ago: dt.datetime.combine(AS_OF - dt.timedelta(days=ago), dt.time(4))),
        goods_minor=st.integers(0, 500) | st.just(0),
        discount_minor=st.integers(0, 50),
        undated_minor=st.sampled_from([0, 0, 0, 30, 600]),
        is_paid=st.sampled_from([True, True, True, False]),
        kind=st.sampled_from(["sale", "sale", "sale", "adjustment"]),
    ),
    max_size=40,
).map(lambda rows: [Bought(order_id=nth, **row) for nth, row in enumerate(rows, 1)])


@given(orders=any_orders, back=st.integers(0, 300))
def test_purchases_are_those_of_the_twin(engine: Any, orders: list[Bought], back: int) -> None:
    cut = AS_OF - dt.timedelta(days=back)
    shop = Shop(engine, table_of(orders))
    found = shop.sql(registry.marts()[MART].sql, as_of=AS_OF, cut=cut).to_pylist()
    assert {row.pop("customer_id"): tuple(row.values()) for row in found} == twins.purchases(orders, AS_OF, cut)


@given(orders=any_orders)
@settings(max_examples=15, deadline=None)
def test_any_shop_is_answered_with_numbers_that_are_numbers(engine: Any, orders: list[Bought]) -> None:
    shop = Shop(engine, table_of(orders))
    found = shop.value()
    assert found.customers == len(twins.purchases(orders, AS_OF, AS_OF))
    is_sound(shop, found)


ODD: dict[str, list[Sale]] = {
    "nobody": [],
    "one customer who bought once today": [(1, 0, 5_000)],
    "one customer who bought twice": [(1, 90, 5_000), (1, 30, 7_000)],
    "all bought once": [(who, who % 300, 5_000) for who in range(1, 200)],
    "three weeks of history": [(who, ago, 4_000) for who in range(1, 30) for ago in (20, 20 - who % 19)],
    "nobody for a year": [(who, 365 + who + ago, 4_000) for who in range(1, 60) for ago in (300, 90, 0)],
    "everything was free": [(who, ago, 0) for who in range(1, 40) for ago in (200, 100, who)],
    "everybody pays the same": [(who, ago + who, 9_900) for who in range(1, 60) for ago in (200, 100, 1)],
    "a customer of every day": [*((1, ago, 100) for ago in range(3_600)), *drawn(50)],
    "all leave with one probability": drawn(300, leaving=0.15),
    "everybody comes every month": [(who, ago, 100 * who) for who in range(1, 50) for ago in range(0, 600, 30)],
}


@pytest.mark.parametrize("sales", ODD.values(), ids=list(ODD))
@pytest.mark.parametrize("model", [None, "pareto-nbd"])
def test_odd_shops_get_a_sensible_answer(engine: Any, sales: list[Sale], model: str | None) -> None:
    shop = Shop(engine, sold(sales))
    is_sound(shop, shop.value(model=model))


def test_a_customer_of_a_hundred_thousand_orders_counts_by_days(engine: Any) -> None:
    shop = Shop(engine, sold([(1, nth % 300, 100) for nth in range(100_000)]))
    found = shop.value()
    assert found.histories.repeats.tolist() == [299.0]
    assert 150 < is_sound(shop, found)["next_year"]["orders"]["expected"] < 400


def is_sound(shop: Shop, found: Valuation) -> dict[str, Any]:
    """Spell the answer as strict JSON and as words, and look at every customer."""
    told = report(found, "CNY")
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    words = table(told) + sentence(told)
    assert "nan" not in words.lower().split()
    assert not {"inf", "none", "−"} & set(words.lower().split())
    if found.model is None:
        assert (told["customers"], told["next_year"], told["parameters"]) == (0, None, {})
        assert "nothing to estimate yet" in words
        return told
    for frame in Outlook(found, found.model).customers(shop):  # type: ignore[arg-type]
        for name in ("orders", "alive", "alive_low", "alive_high"):
            assert frame[name].is_finite().all()
        assert (frame["alive"].is_between(0, 1) & (frame["alive_low"] <= frame["alive_high"])).all()
        assert ((frame["orders"] >= 0) & (frame["orders"] < 800)).all()
        assert (frame["orders_least"] <= frame["orders_most"]).all()
        if found.money:
            assert frame["revenue_minor"].null_count() == 0
            assert (frame["revenue_minor"] >= 0).all()
    return told


def test_money_without_an_exchange_rate_is_not_guessed(engine: Any) -> None:
    shop = Shop(engine, sold(drawn(80), priced=False))
    told = is_sound(shop, shop.value())
    assert told["gamma_gamma"] is None
    assert told["next_year"]["revenue_minor"] is None
    assert told["next_year"]["orders"]["expected"] > 0


def test_few_customers_are_answered_widely_and_many_narrowly(engine: Any) -> None:
    widths = []
    for customers in (8, 80, 1_500):
        ahead = report(Shop(engine, sold(drawn(customers))).value(model="bg-nbd"), "CNY")["next_year"]["orders"]
        widths.append((ahead["high"] - ahead["low"]) / ahead["expected"])
    assert widths[0] > 2 * widths[2]
    assert widths[1] > widths[2]


def test_what_shops_in_general_see_counts_the_less_the_more_buy_again(engine: Any) -> None:
    weights = [
        report(Shop(engine, sold(drawn(n))).value(model="bg-nbd"), "CNY")["prior_weight"] for n in (20, 200, 900)
    ]
    assert 1 > weights[0] > weights[1] > weights[2] == 0


def test_the_same_shop_gives_the_same_answer(engine: Any) -> None:
    first, second = (report(Shop(engine, sold(drawn(60))).value(), "CNY") for _nth in range(2))
    assert first | {"seconds": 0} == second | {"seconds": 0}


def test_days_and_weeks_tell_the_same_of_customers(engine: Any) -> None:
    shop = Shop(engine, sold(drawn(600)))
    days, weeks = (shop.value(model="bg-nbd", unit_days=each) for each in (1, 7))
    assert days.model is not None
    assert weeks.model is not None
    assert days.model.alpha == pytest.approx(7 * weeks.model.alpha, rel=1e-3)
    assert days.orders == pytest.approx(weeks.orders, rel=1e-3)


def test_a_hold_out_needs_time_and_people_and_says_which_is_missing(engine: Any) -> None:
    for sales, why in ((ODD["three weeks of history"], "short"), (ODD["all bought once"], "few"), ([], "short")):
        told = report(Shop(engine, sold(sales)).value(), "CNY")
        assert (told["chosen_by"], told["hold_out"]) == (why, None)
    told = report(Shop(engine, sold(drawn(500))).value(), "CNY")
    assert told["chosen_by"] == "hold-out"
    assert {each["seen"] for each in told["hold_out"]["forecasts"]} == {told["hold_out"]["curve"][-1][2]}


def test_customers_and_their_sum_agree(engine: Any) -> None:
    shop = Shop(engine, sold(drawn(300)))
    found = shop.value(model="bg-nbd")
    assert found.model is not None
    frames = list(Outlook(found, found.model).customers(shop))  # type: ignore[arg-type]
    whole = sum(frame["revenue_minor"].sum() for frame in frames)
    assert whole == pytest.approx(found.equity_minor, rel=1e-4)
    assert sum(frame["margin_minor"].null_count() for frame in frames) == found.customers


def test_margins_add_up_lines_whose_cost_is_known(engine: Any) -> None:
    common = {"kind": "sale", "placed_on": AS_OF}
    orders = [(1, 7, "CNY", True), (2, 7, "USD", True), (3, 8, "CNY", True), (4, 8, "CNY", False)]
    lines = [
        (1, 7, "tea", 2, 5_000, 500), (1, 7, "cup", 1, 3_000, 0), (2, 7, "tea", 1, 900, 0), (3, 8, "tea", 1, 100, 0),
        (4, 8, "tea", 9, 9_999, 0),
    ]  # fmt: skip
    goods = [("tea", 1_200, "CNY"), ("cup", None, "CNY")]
    named = {
        "orders": (("order_id", "customer_id", "currency", "is_paid"), orders, common),
        "order_lines": (
            ("order_id", "customer_id", "sku", "quantity", "amount_minor", "discount_minor"), lines, {},
        ),
        "products": (("sku", "cost_minor", "currency"), goods, {}),
    }  # fmt: skip
    hold(
        engine,
        **{
            name: [dict(zip(columns, row, strict=True)) | more for row in rows]
            for name, (columns, rows, more) in named.items()
        },
    )
    found = [tuple(row.values()) for row in computed(engine, "customer_margin", as_of=AS_OF)["customer_margin"]]
    assert sorted(found) == [(7, 4_500, 2_400, 3_000), (8, 100, 1_200, 0)]


def test_margins_are_told_where_costs_are_known(engine: Any) -> None:
    sales = drawn(100)
    rows = [
        {"customer_id": who, "sold_minor": 10_000, "cost_minor": 6_000, "unknown_minor": 500} for who in range(1, 101)
    ]
    shop = Shop(engine, sold(sales), pa.Table.from_pylist(rows, registry.marts()["customer_margin"].schema))
    found = shop.value(model="bg-nbd")
    assert found.model is not None
    (frame,) = Outlook(found, found.model).customers(shop)  # type: ignore[arg-type]
    assert frame["margin_minor"].to_list() == pytest.approx((frame["revenue_minor"] * 0.4).to_list(), abs=1)


def test_bands_hold_everybody_and_all_of_the_money() -> None:
    values = np.array([0, 5, 90, 4_000, 120, 33])
    found = banded([values[:3], values[3:]])
    assert sum(found["customers"]) == len(values)
    assert sum(found["revenue_minor"]) == values.sum()
    assert math.isclose(found["best_tenth"], 4_000 / values.sum())
    assert banded([np.zeros(3, np.int64)])["edges"] == banded([])["edges"] == []
