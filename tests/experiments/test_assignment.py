import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.experiments.assignment import BadExperiment, HoldOut, Trial, chance

UNITS = [f"cus_{number}" for number in range(20_000)]
NAMES = st.text(min_size=1, max_size=12)
WEIGHTS = st.dictionaries(NAMES, st.floats(0.1, 10), min_size=1, max_size=5)


def counted(trial: Trial) -> dict[str | None, int]:
    arms = [trial.arm_of(unit) for unit in UNITS]
    return {arm: arms.count(arm) for arm in set(arms)}


@pytest.mark.parametrize("weights", [{"a": 1, "b": 1}, {"a": 9, "b": 1}, {"a": 2, "b": 3, "c": 5}])
def test_every_arm_gets_its_share(weights: dict[str, float]) -> None:
    found, whole = counted(Trial("free shipping", weights)), sum(weights.values())
    chi2 = sum((found[arm] - len(UNITS) * w / whole) ** 2 / (len(UNITS) * w / whole) for arm, w in weights.items())
    assert chi2 < 13.8  # once in a thousand, with two degrees of freedom


@given(name=NAMES, weights=WEIGHTS, unit=NAMES)
def test_a_unit_keeps_its_arm_whatever_the_order_of_the_arms_and_the_scale_of_their_weights(
    name: str, weights: dict[str, float], unit: str
) -> None:
    arm = Trial(name, weights).arm_of(unit)
    assert arm in weights
    turned = {name: weight * 2 for name, weight in reversed(weights.items())}
    assert Trial(name, turned).arm_of(unit) == arm


@given(weights=WEIGHTS, unit=NAMES, more=NAMES, weight=st.floats(0.1, 10))
def test_an_arm_that_is_added_or_gains_takes_units_and_moves_no_other(
    weights: dict[str, float], unit: str, more: str, weight: float
) -> None:
    before = Trial("copy", weights).arm_of(unit)
    after = Trial("copy", {**weights, more: weights.get(more, 0) + weight}).arm_of(unit)
    assert after in {before, more}


@given(unit=NAMES, small=st.floats(0.01, 1), great=st.floats(0.01, 1))
def test_an_experiment_that_grows_keeps_whom_it_had(unit: str, small: float, great: float) -> None:
    small, great = sorted((small, great))
    before = Trial("copy", {"a": 1, "b": 1}, share=small).arm_of(unit)
    assert before is None or Trial("copy", {"a": 1, "b": 1}, share=great).arm_of(unit) == before


def test_experiments_of_two_names_assign_independently() -> None:
    one, two = Trial("copy", {"a": 1, "b": 1}), Trial("colour", {"a": 1, "b": 1})
    same = sum(one.arm_of(unit) == two.arm_of(unit) for unit in UNITS)
    assert abs(same / len(UNITS) - 0.5) < 0.012  # three standard errors and a bit


def test_the_share_in_an_experiment_does_not_decide_the_arm() -> None:
    found = counted(Trial("copy", {"a": 1, "b": 1}, share=0.3))
    assert abs(found[None] / len(UNITS) - 0.7) < 0.011
    assert abs(found["a"] / (found["a"] + found["b"]) - 0.5) < 0.022


def test_who_is_held_out_is_in_no_experiment_that_honours_it() -> None:
    held = HoldOut("2026", 0.1)
    trials = [Trial(name, {"a": 1, "b": 1}, hold_out=held) for name in ("copy", "colour")]
    out = {unit for unit in UNITS if held.holds(unit)}
    assert abs(len(out) / len(UNITS) - 0.1) < 0.008
    assert all((trial.arm_of(unit) is None) == (unit in out) for trial in trials for unit in UNITS)


@given(unit=NAMES, small=st.floats(0, 0.99), great=st.floats(0, 0.99))
def test_a_hold_out_that_grows_keeps_whom_it_had(unit: str, small: float, great: float) -> None:
    small, great = sorted((small, great))
    assert HoldOut("2026", great).holds(unit) or not HoldOut("2026", small).holds(unit)


@given(names=st.lists(NAMES, min_size=1, max_size=4))
def test_chance_is_a_number_between_nought_and_one_and_stays_the_same(names: list[str]) -> None:
    assert 0 < chance(*names) < 1
    assert chance(*names) == chance(*names)


def test_names_are_not_run_together() -> None:
    assert chance("a", "bc") != chance("ab", "c")


def test_the_assignment_is_the_same_in_every_version() -> None:
    arms = "".join(Trial("free shipping", {"a": 1, "b": 1, "c": 1}).arm_of(unit) or "" for unit in UNITS[:24])
    assert arms == "cbcabbbaabbcbccbaccabacc"


@pytest.mark.parametrize(
    ("weights", "share"), [({}, 1.0), ({"a": 0}, 1.0), ({"a": float("inf")}, 1.0), ({"a": 1}, 0.0), ({"a": 1}, 1.5)]
)
def test_an_experiment_that_cannot_be_is_refused(weights: dict[str, float], share: float) -> None:
    with pytest.raises(BadExperiment):
        Trial("copy", weights, share=share)


def test_nobody_can_be_held_out_of_everything() -> None:
    with pytest.raises(BadExperiment):
        HoldOut("2026", 1.0)
