"""An interval that may be looked at every day is wrong at any look in no more than one experiment of twenty."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng

from guanxi.experiments import always as lasting
from guanxi.experiments.always import LEAST, SPREAD, always
from guanxi.experiments.comparison import of_means
from guanxi.experiments.moments import Moments

RUNS, ROWS = 400, 6_000
LOOKS = [*range(LEAST, 600, 30), *range(600, ROWS + 1, 200)]


def drawn(kind: str) -> np.ndarray:
    """Draw two arms without a difference, for every run."""
    chance = default_rng(11)
    shape = (2, RUNS, ROWS)
    return chance.lognormal(0, 1, shape) if kind == "amounts" else (chance.random(shape) < 0.1).astype(float)


def looks(kind: str) -> "list[list[tuple[Moments, Moments]]]":
    """Cut every run at every look."""
    values = drawn(kind)
    sums, squares = values.cumsum(axis=2), (values * values).cumsum(axis=2)
    return [[(at(sums, squares, 0, run, n), at(sums, squares, 1, run, n)) for n in LOOKS] for run in range(RUNS)]


def at(sums: np.ndarray, squares: np.ndarray, arm: int, run: int, n: int) -> Moments:
    mean = float(sums[arm, run, n - 1]) / n
    return Moments(n, mean, float(squares[arm, run, n - 1]) - n * mean * mean)


@pytest.mark.parametrize("kind", ["shares", "amounts"])
def test_without_a_difference_daily_looks_see_one_in_at_most_one_of_twenty_experiments(kind: str) -> None:
    runs = looks(kind)
    daily = sum(any((found := always(*pair)) and found.p < 0.05 for pair in run) for run in runs)
    plain = sum(any((of_means(*pair).p or 1) < 0.05 for pair in run) for run in runs)
    assert daily / RUNS <= 0.05
    assert plain / RUNS > 0.2  # which is why it is needed


MEANS = st.floats(-5, 5)
SIZES = st.integers(LEAST, 10**6)


@given(mean=MEANS, spread=st.floats(0.1, 10), n=SIZES, m=SIZES)
def test_the_interval_leaves_no_difference_out_exactly_where_the_p_value_is_small(
    mean: float, spread: float, n: int, m: int
) -> None:
    found = always(Moments(n, mean, spread * n), Moments(m, 0.0, spread * m))
    assert found is not None
    low, high = found.interval
    assert 0 <= found.p <= 1
    if abs(found.p - 0.05) > 1e-9:
        assert (found.p < 0.05) == (low > 0 or high < 0)


@given(n=SIZES, m=SIZES)
def test_the_interval_is_wider_than_that_of_one_look(n: int, m: int) -> None:
    arms = Moments(n, 1.0, float(n)), Moments(m, 0.0, float(m))
    at_all, once = always(*arms), of_means(*arms)
    assert at_all is not None
    assert once.interval is not None
    assert at_all.interval[0] < once.interval[0] < once.interval[1] < at_all.interval[1]


def test_the_p_value_is_one_over_the_likelihood_ratio_of_the_mixture() -> None:
    """With effects spread as a normal of variance tau², 1/Λ = sqrt((V+tau²)/V) exp(-tau² d² / (2 V (V+tau²)))."""
    first, second = Moments(4_000, 0.13, 4_000.0), Moments(5_000, 0.0, 5_000.0)
    error = (first.error or 0) + (second.error or 0)
    tau = error * 9_000 * SPREAD
    ratio = math.sqrt((error + tau) / error) * math.exp(-tau * 0.13**2 / (2 * error * (error + tau)))
    found = always(first, second)
    assert found is not None
    assert found.p == pytest.approx(ratio)


def test_the_interval_is_narrowest_at_the_rows_it_is_tuned_for(monkeypatch: pytest.MonkeyPatch) -> None:
    half = lasting.TUNED_FOR // 2
    arms = Moments(half, 0.0, float(half)), Moments(half, 0.0, float(half))
    widths = []
    for factor in (0.7, 1, 1.4):
        with monkeypatch.context() as patch:
            patch.setattr(lasting, "SPREAD", SPREAD * factor)
            found = always(*arms)
        assert found is not None
        widths.append(found.interval[1])
    assert min(widths) == widths[1]


def test_too_few_rows_say_nothing_yet() -> None:
    assert always(Moments(29, 1.0, 29.0), Moments(500, 0.0, 500.0)) is None
    assert always(Moments(50, 1.0, 0.0), Moments(50, 0.0, 0.0)) is None
