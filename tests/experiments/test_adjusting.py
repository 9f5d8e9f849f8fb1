import numpy as np
import pytest
from numpy.random import default_rng

from guanxi.experiments.adjusting import adjusted
from guanxi.experiments.moments import Moments, Pairs
from guanxi.experiments.power import rows_needed, rows_needed_for_share, smallest_effect


def pairs(x: np.ndarray, y: np.ndarray) -> Pairs:
    dx, dy = x - x.mean(), y - y.mean()
    return Pairs(len(x), float(x.mean()), float(y.mean()), float(dx @ dx), float(dx @ dy), float(dy @ dy))


def test_what_was_known_before_narrows_the_interval_by_what_it_tells() -> None:
    chance = default_rng(5)
    before = chance.normal(100, 20, (2, 4_000))
    after = before * 0.8 + chance.normal(0, 10, before.shape) + np.array([[0.0], [2.0]])
    arms = {"as it is": pairs(before[0], after[0]), "new": pairs(before[1], after[1])}
    found = adjusted(arms, "new", "as it is")
    assert found is not None
    assert found.difference.value == pytest.approx(2, abs=0.7)  # three standard errors
    assert found.saved == pytest.approx(1 - 100 / (100 + 256), abs=0.03)
    slope = sum(arm.xy for arm in arms.values()) / sum(arm.xx for arm in arms.values())
    residuals = after - slope * before
    assert found.difference.value == pytest.approx(float(residuals[1].mean() - residuals[0].mean()))


def test_a_covariate_that_tells_everything_leaves_nothing_to_chance() -> None:
    x = np.array([1.0, 2, 3, 4])
    found = adjusted({"a": pairs(x, 3 * x), "b": pairs(x + 1, 3 * x + 8)}, "b", "a")
    assert found is not None
    assert found.difference.value == pytest.approx(5)
    assert found.difference.p is None
    assert found.saved == 1


def test_a_covariate_that_is_the_same_for_all_adjusts_nothing() -> None:
    x, y = np.ones(4), np.array([1.0, 2, 3, 4])
    assert adjusted({"a": pairs(x, y), "b": pairs(x, y)}, "b", "a") is None


def test_arms_that_did_not_begin_alike_are_noticed() -> None:
    chance = default_rng(6)
    before, after = chance.normal(0, 1, (2, 500)), chance.normal(0, 1, (2, 500))
    found = adjusted({"a": pairs(before[0], after[0]), "b": pairs(before[1] + 1, after[1])}, "b", "a")
    assert found is not None
    assert found.balance is not None
    assert found.balance < 1e-6


def test_rows_needed_are_those_of_the_books() -> None:
    assert rows_needed(0.2, 1, 1) == 393  # Cohen (1988), table 2.4.1, small effects
    assert rows_needed(0.8, 1, 1) == 25
    assert rows_needed_for_share(0.5, 0.1) == 385
    assert rows_needed(0.0, 1, 1) is rows_needed(1e-200, 1, 1) is None


def test_the_smallest_effect_needs_the_rows_there_are() -> None:
    arms = Moments(400, 3.0, 4.0 * 399), Moments(400, 3.1, 9.0 * 399)
    effect = smallest_effect(*arms)
    assert effect is not None
    assert rows_needed(effect * 1.0001, 4, 9) == 400


def test_in_four_of_five_experiments_the_smallest_effect_is_found() -> None:
    chance, n = default_rng(8), rows_needed_for_share(0.2, 0.05)
    assert n is not None
    drawn = np.stack([chance.binomial(n, 0.2, 2_000), chance.binomial(n, 0.25, 2_000)]) / n
    pooled = drawn.mean(axis=0)
    z = (drawn[1] - drawn[0]) / np.sqrt(pooled * (1 - pooled) * 2 / n)
    assert 0.77 < (np.abs(z) > 1.96).mean() < 0.83
