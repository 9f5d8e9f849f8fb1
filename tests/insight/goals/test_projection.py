"""Where figures end: what holds of every projection."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.insight.goals import projection

amounts = st.lists(st.floats(-1e9, 1e9), max_size=500)


@settings(max_examples=40, deadline=None)
@given(amounts, st.integers(0, 60), st.floats(-1e9, 1e9))
def test_every_projection_is_finite_and_its_interval_holds_the_point(
    history: list[float], days: int, done: float
) -> None:
    for found in (
        projection.flow(history, days, done=done, factors=projection.seasonal(history, days)),
        projection.level(history, days),
        projection.ratio(history, [abs(each) for each in history], days),
    ):
        low, high = found.interval
        assert np.isfinite([low, found.point, high]).all()
        assert low <= found.point <= high
        assert found.chance(low - 1) >= found.chance(high + 1)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=100), st.integers(0, 40))
def test_a_higher_target_is_never_likelier_and_more_done_never_ends_lower(history: list[float], days: int) -> None:
    found, more = projection.flow(history, days), projection.flow(history, days, done=10)
    assert more.point >= found.point
    chances = [found.chance(target) for target in (0, 1e3, 1e6, 1e9)]
    assert chances == sorted(chances, reverse=True)


def test_weekdays_come_again_as_they_were() -> None:
    week = [0.0, 1, 2, 3, 4, 5, 6]
    assert projection.flow(week * 4, 2).interval == (1, 1)
    assert projection.flow(week * 4, 7).point == 21


def test_a_year_ago_tells_the_season_and_less_than_a_year_tells_nothing() -> None:
    days = np.full(400, 10.0)
    days[400 - 364 : 400 - 364 + 30] = 20
    factors = projection.seasonal(days, 20)
    assert factors is not None
    assert abs(factors[10] - 2) < 1e-9
    assert projection.seasonal(days[:300], 20) is None


def test_the_share_of_nobody_stays_between_nothing_and_all() -> None:
    low, high = projection.level(np.linspace(0.1, 0.95, 60), 300, most=1).interval
    assert 0 <= low <= high <= 1
