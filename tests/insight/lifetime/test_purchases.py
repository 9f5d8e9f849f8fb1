"""Purchases as of a day against a plain reading of the same orders, and the models against what came after."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.insight.lifetime.backtest import backtest
from guanxi.insight.lifetime.purchases import Purchases
from tests.insight.lifetime.conftest import CUT, Cdnow

Order = tuple[int, int, float]
ORDERS = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 60), st.integers(1, 900).map(float)), max_size=40)


def bought(orders: list[Order]) -> Purchases:
    who, days, values = (np.array(column) for column in zip(*orders, strict=True)) if orders else (np.empty(0),) * 3
    return Purchases.of(who.astype(np.int64), days.astype(np.int64), values.astype(float))


def slowly(orders: list[Order], as_of: int) -> dict[int, tuple[int, int, int, float]]:
    """Read repeats, recency, age and the mean of the repeats of each customer, in plain Python."""
    by: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for who, day, value in orders:
        if day <= as_of:
            by[who][day] += value
    found = {}
    for who, days in by.items():
        first, last = min(days), max(days)
        again = [value for day, value in days.items() if day != first]
        found[who] = (len(again), last - first, as_of - first, sum(again) / len(again) if again else 0.0)
    return found


@given(ORDERS, st.integers(0, 60))
def test_customers_are_known_as_a_plain_reading_knows_them(orders: list[Order], as_of: int) -> None:
    known = bought(orders).known(as_of, unit_days=1)
    group, each = known.histories.group, known.histories
    told = zip(each.repeats[group], each.recency[group], each.age[group], known.mean, strict=True)
    assert {int(who): tuple(row) for who, row in zip(known.customers, told, strict=True)} == {
        who: pytest.approx(row) for who, row in slowly(orders, as_of).items()
    }


@given(ORDERS, st.integers(0, 60), st.integers(0, 60))
def test_what_was_made_after_a_day_is_counted_by_days(orders: list[Order], after: int, until: int) -> None:
    asked = np.array([2, 3, 9])
    days = {(who, day) for who, day, _value in orders if after < day <= until}
    assert bought(orders).made(asked, after, until).tolist() == [
        sum(who == each for who, _day in days) for each in asked
    ]


@pytest.mark.realdata
def test_the_models_beat_going_on_as_before_on_cdnow(cdnow: Cdnow) -> None:
    end = CUT.toordinal() + 273
    found = backtest(cdnow.purchases, cut=CUT.toordinal(), end=end)
    by = {each.name: each for each in found.tried}
    assert {each.seen for each in found.tried} == {1_882}
    assert by["bg-nbd"].error < by["same-rate"].error
    assert by["pareto-nbd"].error < by["same-again"].error
    assert abs(by[found.chosen].bias) < 0.13
    assert found.seen[0] == 0
    assert found.seen[-1] == 1_882
    assert found.expected[-1] == pytest.approx(by[found.chosen].total)
