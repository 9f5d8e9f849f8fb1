"""Where figures end: what holds of every projection."""

import numpy as np
import pytest
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


SHOPS = 120
FAIR = (0.65, 0.95)  # of intervals that should hold 80 of 100; within three standard errors, and a little more


def days_sold(chance: np.random.Generator, days: int, level: float, wander: float) -> projection.Values:
    """A made-up shop: weekdays, days that are better than others, and a level that wanders by so much a day."""
    week = 1 + 0.4 * np.sin(np.arange(days) * 2 * np.pi / 7 + chance.uniform(0, 6))
    mean = level * week * np.exp(np.cumsum(chance.normal(0, wander, days)))
    return chance.poisson(chance.gamma(5, mean / 5)).astype(float)


@pytest.mark.parametrize("known", [21, 84])
@pytest.mark.parametrize("ahead", [14, 45, 90])
@pytest.mark.parametrize(("level", "wander"), [(3.0, 0.0), (30.0, 0.0), (30.0, 0.005)])
def test_intervals_hold_about_as_often_as_they_say(known: int, ahead: int, level: float, wander: float) -> None:
    held = {"flow": 0, "ratio": 0, "level": 0}
    for nth in range(SHOPS):
        chance = np.random.default_rng(nth)
        sold = days_sold(chance, known + ahead, level, wander)
        again = chance.binomial(sold.astype(int), 0.3).astype(float)
        share = np.clip(0.4 + np.cumsum(chance.normal(0, 0.004, known + ahead)), 0, 1)
        seen = {
            "flow": (projection.flow(sold[:known], ahead), sold[known:].sum()),
            "ratio": (projection.ratio(again[:known], sold[:known], ahead), again[known:].sum() / sold[known:].sum()),
            "level": (projection.level(share[:known], ahead, most=1), share[-1]),
        }
        for name, (found, came) in seen.items():
            low, high = found.interval
            held[name] += bool(low <= came <= high)
    for name, count in held.items():
        assert FAIR[0] <= count / SHOPS <= FAIR[1], name


def test_what_never_fell_below_nothing_is_not_expected_to() -> None:
    sold = np.array([0.0] * 13 + [90.0])
    assert projection.flow(sold, 30, done=5).interval[0] >= 5
    low, high = projection.ratio(sold / 2, sold, 30).interval
    assert 0 <= low <= high <= 1
