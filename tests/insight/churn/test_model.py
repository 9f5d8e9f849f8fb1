"""The regression finds what was put in, says how sure it is, and guesses honestly where it knows nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit

from guanxi.insight.churn import trial
from guanxi.insight.churn.drift import moved
from guanxi.insight.churn.features import GUESSED, NAMES, USUAL, Floats, matrix
from guanxi.insight.churn.model import Model, half_by

TRUE = np.array([-0.5, 0.8, -1.6, 0.1, -0.1, 0.9, 0.4, 0.0])
NONE = (np.empty((0, len(NAMES))), np.empty(0))


def people(count: int, seed: int = 7) -> Floats:
    dice = np.random.default_rng(seed)
    days = dice.integers(1, 12, count)
    return matrix(
        {
            "days": days, "silent_days": dice.integers(0, 200, count), "age_days": 200 + dice.integers(0, 400, count),
            "recent_days": dice.integers(0, 3, count), "gap_days": dice.uniform(5, 120, count),
            "window_days": np.full(count, 30),
        }
    )  # fmt: skip


def drawn(rows: Floats, seed: int = 8) -> Floats:
    return (np.random.default_rng(seed).random(len(rows)) < expit(rows @ TRUE)).astype(float)


def test_much_data_outweighs_the_prior() -> None:
    rows = people(60_000)
    model = Model.fit(rows, drawn(rows))
    assert np.abs(model.probability(rows) - expit(rows @ TRUE)).mean() < 0.01
    assert abs(model.weights[2] - TRUE[2]) < 4 * model.covariance[2, 2] ** 0.5


def test_the_fit_is_the_one_a_general_optimiser_finds() -> None:
    rows = people(300)
    came = drawn(rows)

    def loss(weights: Floats) -> float:
        along = rows @ weights
        return float(np.logaddexp(0, along).sum() - came @ along + (((weights - USUAL) / GUESSED) ** 2).sum() / 2)

    found = minimize(loss, USUAL, method="BFGS", options={"gtol": 1e-7})
    assert Model.fit(rows, came).weights == pytest.approx(found.x, abs=1e-4)


def test_without_data_the_prior_speaks_and_the_ends_are_wide() -> None:
    few, rows = people(5), people(400)
    low, high = Model.fit(*NONE).ends(few)
    assert (high - low > 0.25).any()
    narrow_low, narrow_high = Model.fit(rows, drawn(rows)).ends(few)
    assert (narrow_high - narrow_low < high - low).all()
    assert np.isfinite([low, high]).all()


@pytest.mark.parametrize("all_of_them", [0.0, 1.0])
def test_a_shop_where_everybody_or_nobody_came_has_probabilities(all_of_them: float) -> None:
    rows = people(200)
    said = Model.fit(rows, np.full(200, all_of_them)).probability(rows)
    assert np.isfinite(said).all()
    assert abs(said.mean() - all_of_them) < 0.1


def test_reasons_add_up_to_the_difference_from_the_middle() -> None:
    rows = people(50)
    model = Model.fit(*NONE)
    against = rows.mean(axis=0)
    summed = sum(model.reasons(rows, against).values())
    assert summed == pytest.approx(rows @ model.weights - against @ model.weights)


def test_longer_silence_never_makes_a_stranger_likelier() -> None:
    said = Model.fit(*NONE).probability(
        matrix({name: np.array(values) for name, values in {
            "days": [5] * 4, "silent_days": [0, 10, 60, 300], "age_days": [400] * 4, "recent_days": [1] * 4,
            "gap_days": [30.0] * 4, "window_days": [30] * 4,
        }.items()})
    )  # fmt: skip
    assert (np.diff(said) < 0).all()


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=40))
def test_auc_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[float, bool]]) -> None:
    said, came = np.array([row[0] for row in rows]), np.array([float(row[1]) for row in rows])
    if 0 < came.sum() < len(came):
        pairs = [(a > b) + (a == b) / 2 for a in said[came > 0] for b in said[came == 0]]
        assert trial.auc(said, came) == pytest.approx(sum(pairs) / len(pairs))


def test_a_trial_beats_the_base_rate_where_there_is_something_to_find() -> None:
    before, after = people(5_000, 1), people(5_000, 2)
    found = trial.tried((before, drawn(before, 3)), (after, drawn(after, 4)))
    assert isinstance(found, dict)
    assert found["auc"] > 0.7
    assert found["brier"] < found["brier_base"]
    assert moved(found, [found]) == ""
    assert sum(each[2] for each in found["tenths"]) == 5_000
    assert all(abs(said - came) < 0.08 for said, came, _n in found["tenths"])


def test_a_trial_of_too_few_says_so() -> None:
    rows = people(100)
    assert trial.tried(NONE, NONE) == "short"
    assert trial.tried(NONE, (rows[:5], np.ones(5))) == "few"
    assert trial.tried(NONE, (rows, np.zeros(100))) == "few"


def test_calibration_that_moved_away_is_told() -> None:
    now = {"said": 0.2, "came": 0.2, "spread": 0.005, "auc": 0.8}
    assert moved(now | {"came": 0.3}, []) == "more"
    assert moved(now | {"came": 0.1}, []) == "fewer"
    assert moved(now | {"came": 0.21}, []) == ""
    assert moved(now, [now, now | {"auc": 0.95}]) == "worse"
    assert moved(now | {"said": 0.2, "came": 0.3, "spread": 0.05}, []) == "", "a few customers prove nothing"


def test_half_have_come_after_the_window_where_half_come_within_it() -> None:
    assert half_by(np.array([0.5, 0.0, 1.0]), 30)[0] == pytest.approx(30)
    assert np.isfinite(half_by(np.array([0.0, 1.0]), 30)).all()


def test_half_of_those_who_come_at_an_even_rate_have_come_by_their_day() -> None:
    dice, window = np.random.default_rng(3), 30
    said = dice.uniform(0.05, 0.98, 20_000)
    first = np.ceil(dice.exponential(window / -np.log1p(-said)))
    first[first > window] = np.nan
    found = trial.dates(said, window, first)
    assert found is not None
    assert found["due"] == (said >= 0.5).sum()
    assert 0.47 < found["by_then"] < 0.57  # whole days: a purchase of the day itself counts
    assert 2 < found["days_off"] < 12
    assert trial.dates(said, window, np.full(len(said), np.nan)) == {**found, "by_then": 0.0, "days_off": None}


def test_days_are_not_held_against_where_few_were_due() -> None:
    assert trial.dates(np.full(19, 0.9), 30, np.full(19, 1.0)) is None
    assert trial.dates(np.full(400, 0.1), 30, np.full(400, 1.0)) is None
    assert trial.dates(np.empty(0), 0, np.empty(0)) is None
