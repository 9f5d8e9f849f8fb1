"""What a probability rests on: as a plain twin counts it in any small shop, and by hand."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.insight.churn.features import READ, matrix
from guanxi.warehouse.engine import connect
from tests.insight.churn.twin import PARAMS, Row, features
from tests.insight.computed import computed, hold
from tests.insight.test_retention_marts import AS_OF, order, some_orders


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    with connect() as connection:
        yield connection


def compute(engine: Any, orders: list[Row], **params: int) -> dict[tuple[int, int], tuple[Any, ...]]:
    hold(engine, orders=orders)
    names = ("window_days", "days", "silent_days", "age_days", "recent_days", "gap_days", "year_minor", "came")
    rows = computed(engine, "customer_churn_features", as_of=AS_OF, **{**PARAMS, **params})["customer_churn_features"]
    return {(row["step"], row["customer_id"]): tuple(row[name] for name in names) for row in rows}


@given(some_orders, st.sampled_from([1, 3, 30]))
def test_any_small_shop_has_the_features_of_the_twin(engine: Any, orders: list[Row], fewest: int) -> None:
    ours = compute(engine, orders, fewest_gaps=fewest)
    theirs = features(orders, AS_OF, **PARAMS | {"fewest_gaps": fewest})
    assert ours.keys() == theirs.keys()
    for key, row in theirs.items():
        assert (*ours[key][:5], *ours[key][6:]) == (*row[:5], *row[6:])
        assert ours[key][5] == pytest.approx(row[5], rel=1e-12)


def test_a_shop_that_sells_weekly_looks_a_week_ahead(engine: Any) -> None:
    found = compute(engine, [order(nth, 1, 7 * nth) for nth in range(41)])
    assert found[0, 1] == (7, 41, 0, 280, 2, 7.0, 41_000, None)
    assert found[1, 1] == (7, 40, 0, 273, 2, 7.0, 40_000, True)


def test_a_shop_of_few_gaps_looks_thirty_days_ahead_and_a_third_of_its_past_at_most(engine: Any) -> None:
    assert compute(engine, [order(1, 1, 400)])[0, 1][0] == 30
    assert compute(engine, [order(1, 1, 60)])[0, 1][0] == 20
    assert compute(engine, [order(1, 1, 0)])[0, 1][0] == 7


def test_nothing_placed_after_a_step_is_known_at_it(engine: Any) -> None:
    orders = [order(1, 1, 200), order(2, 2, 200), order(3, 2, 5, goods=9_000)]
    found = compute(engine, orders)
    (_window, days, silent, age, recent, _gap, year, came) = found[1, 1]
    assert found[1, 2][1:5] == (days, silent, age, recent)
    assert (found[1, 2][6], found[1, 2][7], came) == (year, True, False)


def test_no_orders_and_a_hundred_thousand_of_one_customer(engine: Any) -> None:
    assert compute(engine, []) == {}
    assert len(compute(engine, [dict(order(nth, 1, nth % 400)) for nth in range(100_000)])) == 3


def test_the_numbers_of_a_row_are_finite_whatever_stands_in_it() -> None:
    extreme = {name: np.array([0, 1, 100_000]) for name in READ}
    assert np.isfinite(matrix(extreme)).all()
