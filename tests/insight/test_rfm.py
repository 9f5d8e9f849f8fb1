"""The mart and its plain twin give the same, whatever was bought and whatever the rules are."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.insight.rfm import PaidOrder, quintile_limits, rfm
from guanxi.insight.scheme import DEFAULT, Dimension, RfmClass, Scheme
from guanxi.warehouse import marts, registry
from guanxi.warehouse.engine import connect

AS_OF = dt.date(2024, 11, 11)


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    with connect() as connection:
        yield connection


def by_mart(engine: Any, orders: list[PaidOrder], scheme: Scheme) -> list[tuple[Any, ...]]:
    rows = pa.table(
        {
            "customer_id": pa.array([order.customer_id for order in orders], pa.int64()),
            "placed_on": pa.array([order.placed_on for order in orders], pa.date32()),
            "net_base_minor": pa.array([order.net_base_minor for order in orders], pa.int64()),
            "is_paid": pa.array([True] * len(orders), pa.bool_()),
        }
    )
    engine.register("orders", rows)
    found = engine.sql(registry.marts()["customer_rfm"].sql, params=scheme.parameters(AS_OF))
    return sorted(found.fetchall())


def by_twin(orders: list[PaidOrder], scheme: Scheme) -> list[tuple[Any, ...]]:
    return [
        (
            row.customer_id,
            row.figures.recency_days,
            row.figures.frequency,
            row.figures.monetary_minor,
            *row.bands,
            row.points / 100,
            row.class_key,
        )
        for row in rfm(orders, as_of=AS_OF, scheme=scheme)
    ]


limits = st.none() | st.lists(st.integers(0, 400), min_size=4, max_size=4, unique=True).map(sorted).map(tuple)
windows = st.none() | st.integers(1, 400)


@st.composite
def schemes(draw: st.DrawFn) -> Scheme:
    first = draw(st.integers(0, 100))
    second = draw(st.integers(0, 100 - first))
    weights = (first, second, 100 - first - second)
    recency, frequency, monetary = (
        Dimension(weight_percent=weight, window_days=draw(windows), limits=draw(limits)) for weight in weights
    )
    points = sorted(draw(st.sets(st.integers(1, 500), min_size=1, max_size=5)), reverse=True)
    classes = [
        RfmClass(key=f"c{each}", from_points=each, name_zh=f"类 {each}", name_en=f"Class {each}")
        for each in [*points, 0]
    ]
    return Scheme(recency=recency, frequency=frequency, monetary=monetary, classes=tuple(classes))


orders_of_many = st.lists(
    st.builds(
        PaidOrder,
        st.integers(1, 12),
        st.integers(-5, 420).map(lambda days: AS_OF - dt.timedelta(days=days)),
        st.none() | st.integers(-50, 400),
    ),
    max_size=40,
)


@given(orders=orders_of_many, scheme=schemes())
def test_the_mart_and_its_twin_agree(engine: Any, orders: list[PaidOrder], scheme: Scheme) -> None:
    assert list(scheme.faults()) == []
    assert [(*row[:7], float(row[7]), row[8]) for row in by_mart(engine, orders, scheme)] == by_twin(orders, scheme)


@given(orders=orders_of_many)
def test_equal_figures_have_equal_bands_and_larger_ones_no_smaller(orders: list[PaidOrder]) -> None:
    rows = rfm(orders, as_of=AS_OF, scheme=DEFAULT)
    for one in rows:
        for other in rows:
            if one.figures.frequency <= other.figures.frequency and other.figures.frequency > 0:
                assert one.bands[1] <= other.bands[1]
            if one.figures.recency_days <= other.figures.recency_days:
                assert one.bands[0] >= other.bands[0]


@given(st.lists(st.integers(-20, 20), min_size=1, max_size=60))
def test_a_band_counts_the_quintile_limits_a_value_exceeds(values: list[int]) -> None:
    orders = [PaidOrder(nth, AS_OF, value) for nth, value in enumerate(values)]
    found = quintile_limits(values)
    assert found is not None
    for row in rfm(orders, as_of=AS_OF, scheme=DEFAULT):
        assert row.bands[2] == 1 + sum(row.figures.monetary_minor > limit for limit in found)


@pytest.mark.parametrize(
    ("days", "band"), [(0, 5), (1, 5), (7, 5), (8, 4), (30, 4), (31, 3), (90, 3), (91, 2), (180, 2), (181, 1)]
)
def test_the_usual_recency_bands_end_after_7_30_90_and_180_days(days: int, band: int, engine: Any) -> None:
    order = PaidOrder(1, AS_OF - dt.timedelta(days=days), 100)
    assert rfm([order], as_of=AS_OF, scheme=DEFAULT)[0].bands[0] == band
    assert by_mart(engine, [order], DEFAULT)[0][4] == band


def test_a_score_of_exactly_four_is_high_value(engine: Any) -> None:
    bands = {"recency": (0, 1, 2, 3), "frequency": (0, 1, 2, 3), "monetary": (0, 1, 2, 3)}
    rules = replace(
        DEFAULT,
        **{name: replace(each, limits=bands[name], window_days=None) for name, each in DEFAULT.dimensions.items()},
    )
    orders = [PaidOrder(1, AS_OF - dt.timedelta(days=1), 1) for _ in range(3)]  # R 4, F 4, M 4: 1.2 + 1.2 + 1.6
    assert [row[4:] for row in by_mart(engine, orders, rules)] == [(4, 4, 4, 4, "high_value")]


def test_an_order_on_the_first_day_of_the_window_counts_and_one_before_it_does_not(engine: Any) -> None:
    orders = [PaidOrder(1, AS_OF - dt.timedelta(days=days), 100) for days in (364, 365)]
    assert by_mart(engine, orders, DEFAULT)[0][1:4] == (364, 1, 100)


def test_orders_after_the_day_observed_do_not_count(engine: Any) -> None:
    assert by_mart(engine, [PaidOrder(1, AS_OF + dt.timedelta(days=1), 100)], DEFAULT) == []


def test_the_mart_fits_its_header_and_the_lake() -> None:
    marts.check(registry.marts()["customer_rfm"])
