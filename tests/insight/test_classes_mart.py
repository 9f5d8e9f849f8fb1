"""The mart of classes says of every day what a plain twin of RFM says of it, whatever was bought and by any rules."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.insight.given import months_before
from guanxi.insight.rfm import PaidOrder, rfm
from guanxi.insight.scheme import DEFAULT, Scheme
from guanxi.warehouse import marts, registry
from guanxi.warehouse.engine import connect
from tests.insight.test_rfm import AS_OF, orders_of_many, schemes

DAYS = [months_before(AS_OF, months) for months in (0, 1, 3, 12)]
Classes = dict[int, tuple[str | int | None, ...]]


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    with connect() as connection:
        yield connection


def by_mart(engine: Any, orders: list[PaidOrder], scheme: Scheme, *, paid: bool = True) -> Classes:
    rows = pa.table(
        {
            "customer_id": pa.array([order.customer_id for order in orders], pa.int64()),
            "placed_on": pa.array([order.placed_on for order in orders], pa.date32()),
            "net_base_minor": pa.array([order.net_base_minor for order in orders], pa.int64()),
            "is_paid": pa.array([paid] * len(orders), pa.bool_()),
        }
    )
    engine.register("orders", rows)
    ago = dict(zip(("month_ago", "quarter_ago", "year_ago"), DAYS[1:], strict=True))
    found = engine.sql(registry.marts()["customer_classes"].sql, params=scheme.parameters(AS_OF) | ago)
    return {row[0]: row[1:] for row in found.fetchall()}


def by_twin(orders: list[PaidOrder], scheme: Scheme) -> Classes:
    """Score everybody anew on each day, as if it were the last there is."""
    now, *before = [{row.customer_id: row for row in rfm(orders, as_of=day, scheme=scheme)} for day in DAYS]
    return {
        who: (
            row.class_key,
            *(day[who].class_key if who in day else None for day in before),
            row.figures.recency_days,
            row.figures.monetary_minor,
        )
        for who, row in now.items()
    }


@given(orders=orders_of_many, scheme=schemes())
def test_the_mart_and_its_twin_agree(engine: Any, orders: list[PaidOrder], scheme: Scheme) -> None:
    assert by_mart(engine, orders, scheme) == by_twin(orders, scheme)


def test_who_bought_first_last_week_was_no_customer_a_month_ago(engine: Any) -> None:
    order = PaidOrder(1, AS_OF - dt.timedelta(days=7), 100)
    assert by_mart(engine, [order], DEFAULT) == {1: ("ordinary", None, None, None, 7, 100)}


def test_who_stays_away_falls_from_class_to_class(engine: Any) -> None:
    lapsed = [PaidOrder(1, DAYS[3] - dt.timedelta(days=days), 900) for days in range(1, 8)]
    steady = [PaidOrder(2, AS_OF - dt.timedelta(days=30 * nth), 100) for nth in range(20)]
    found = by_mart(engine, [*lapsed, *steady], DEFAULT)
    assert found == by_twin([*lapsed, *steady], DEFAULT)
    assert found[1][:4] == ("lost", "lost", "lost", "potential")


def test_orders_that_nobody_paid_make_no_customer(engine: Any) -> None:
    assert by_mart(engine, [PaidOrder(1, AS_OF, 100)], DEFAULT, paid=False) == {}
    assert by_mart(engine, [], DEFAULT) == {}


def test_a_hundred_thousand_orders_and_a_negative_sum_are_one_row(engine: Any) -> None:
    many = [PaidOrder(1, AS_OF - dt.timedelta(days=nth % 500), -1) for nth in range(100_000)]
    assert list(by_mart(engine, many, DEFAULT)) == [1]


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.integers(1, 24))
def test_so_many_months_before_is_that_month_and_no_later_day(day: dt.date, months: int) -> None:
    before = months_before(day, months)
    assert (day.year - before.year) * 12 + day.month - before.month == months
    assert before.day == day.day or (before.day < day.day and (before + dt.timedelta(days=1)).day == 1)


def test_the_file_says_what_it_does() -> None:
    marts.check(registry.marts()["customer_classes"])
