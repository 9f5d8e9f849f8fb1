"""Published figures, an oracle, and the laws of a comparison."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from guanxi.experiments.comparison import holm, of_means, of_proportions, wilson
from guanxi.experiments.moments import Moments
from guanxi.experiments.ratio import gaps, sample_ratio

COUNTS = st.integers(1, 5_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
SAMPLES = st.lists(st.integers(-1_000, 1_000).map(float), min_size=2, max_size=20)


def share(yes: int, n: int) -> Moments:
    return Moments(n, yes / n, yes * (n - yes) / n, float(yes == n), float(yes > 0))


# Newcombe (1998), Statistics in Medicine 17, table II, method 10.
NEWCOMBE = [
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
    (0, 10, 0, 20, -0.1611, 0.2775),
    (0, 10, 0, 10, -0.2775, 0.2775),
    (10, 10, 0, 20, 0.6791, 1.0000),
    (10, 10, 0, 10, 0.6075, 1.0000),
]


@pytest.mark.parametrize(("yes", "n", "other", "m", "low", "high"), NEWCOMBE)
def test_the_interval_of_two_shares_is_newcombes(yes: int, n: int, other: int, m: int, low: float, high: float) -> None:
    found = of_proportions(share(yes, n), share(other, m)).interval
    assert found == pytest.approx((low, high), abs=6e-5)


def test_the_test_of_two_shares_is_the_square_root_of_pearsons() -> None:
    found = of_proportions(share(30, 200), share(50, 210))
    chi2, p, *_ = stats.chi2_contingency([[30, 170], [50, 160]], correction=False)
    assert found.statistic == pytest.approx(-math.sqrt(chi2))
    assert found.p == pytest.approx(p)


def test_two_means_are_compared_as_welch_did() -> None:
    """Student's sleep data: ten patients a drug; R's documentation gives t = -1.8608, df = 17.776, p = 0.07939."""
    first = Moments.of([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
    second = Moments.of([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
    found = of_means(first, second)
    assert (found.statistic, found.freedom, found.p) == pytest.approx((-1.8608, 17.776, 0.07939), rel=1e-4)
    assert found.interval == pytest.approx((-3.3654832, 0.2054832), abs=1e-6)


@given(first=SAMPLES, second=SAMPLES)
def test_two_means_are_compared_as_the_oracle_does(first: list[float], second: list[float]) -> None:
    found = of_means(Moments.of(first), Moments.of(second))
    if len(set(first)) == len(set(second)) == 1:
        assert found.p is found.interval is None
        return
    with warnings.catch_warnings(action="ignore"):  # it warns of an arm whose numbers are all the same
        wanted = stats.ttest_ind(first, second, equal_var=False)
    assert found.statistic == pytest.approx(wanted.statistic, rel=1e-6, abs=1e-9)
    assert found.p == pytest.approx(wanted.pvalue, rel=1e-5, abs=1e-12)


@given(first=COUNTS, second=COUNTS)
def test_a_comparison_turned_round_says_the_same_with_the_other_sign(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    here, there = of_proportions(share(*first), share(*second)), of_proportions(share(*second), share(*first))
    assert here.value == -(there.value or 0.0)
    assert here.p == there.p
    low, high = here.interval or (0, 0)
    assert (-high, -low) == pytest.approx(there.interval, abs=1e-12)
    assert -1 <= low <= here.value <= high <= 1
    assert low < high


@given(first=COUNTS)
def test_a_share_lies_inside_its_interval(first: tuple[int, int]) -> None:
    low, high = wilson(share(*first))
    assert 0 <= low <= first[0] / first[1] + 1e-12
    assert first[0] / first[1] - 1e-12 <= high <= 1


def test_where_nothing_varies_nothing_is_said_of_chance() -> None:
    assert of_proportions(share(0, 50), share(0, 40)).p is None
    assert of_means(Moments.of([5, 5]), Moments.of([7, 7])).p is None
    assert of_means(Moments.of([5]), Moments.of([7, 8])).interval is None


def test_without_a_difference_one_in_twenty_experiments_seems_to_show_one() -> None:
    drawn = np.random.default_rng(7).binomial(2_000, 0.2, size=(2_000, 2))
    shown = sum((of_proportions(share(a, 2_000), share(b, 2_000)).p or 1) < 0.05 for a, b in drawn.tolist())
    assert 0.035 < shown / 2_000 < 0.065  # three standard errors


@given(found=st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=12))
def test_the_correction_keeps_the_order_and_never_makes_a_p_value_smaller(found: list[float | None]) -> None:
    corrected = holm(found)
    assert [p is None for p in corrected] == [p is None for p in found]
    pairs = sorted((p, q) for p, q in zip(found, corrected, strict=True) if p is not None and q is not None)
    assert all(p <= q <= 1 for p, q in pairs)
    assert [q for _, q in pairs] == sorted(q for _, q in pairs)
    if pairs:
        assert pairs[0][1] == min(1.0, len(pairs) * pairs[0][0])


def test_arms_of_unequal_size_are_measured_against_their_plan() -> None:
    found = sample_ratio({"a": 812, "b": 188}, {"a": 80, "b": 20})
    wanted = stats.chisquare([812, 188], [800, 200])
    assert (found.chi2, found.p) == pytest.approx((wanted.statistic, wanted.pvalue))
    assert not found.is_mismatch
    assert sample_ratio({"a": 812, "b": 188}).is_mismatch


def test_what_is_missing_in_one_arm_alone_is_noticed() -> None:
    table = [[990, 10], [950, 50], [985, 15]]
    wanted = stats.chi2_contingency(table, correction=False).pvalue
    assert gaps({"a": 990, "b": 950, "c": 985}, {"a": 1000, "b": 1000, "c": 1000}) == pytest.approx(wanted)
    assert gaps({"a": 5, "b": 7}, {"a": 5, "b": 7}) is gaps({}, {"a": 5, "b": 7}) is None
