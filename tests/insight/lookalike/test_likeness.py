"""Look-alikes are learned as a slow twin learns, tried on a hold-out, and refused where there are too few."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from guanxi.insight.lookalike import words
from guanxi.insight.lookalike.likeness import Likeness, lifts
from guanxi.insight.lookalike.resembling import TooFew, resembling
from guanxi.insight.lookalike.traits import Trait, Traits


def people(size: int, *, inside: int, bought: int, seed: int = 1) -> tuple[Traits, set[int]]:
    """Make people of whom those in the set look at tea much more often."""
    chance = np.random.default_rng(seed)
    is_in = np.arange(size) < inside
    figures = np.column_stack([chance.random(size) < np.where(is_in, 0.8, 0.2), chance.random(size) < 0.5]).astype(
        float
    )
    has_bought = np.arange(size) < bought
    names = [Trait("category", "绿茶"), Trait("city", "杭州市")]
    return Traits(np.arange(1, size + 1), has_bought, names, figures), set(range(1, inside + 1))


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000))
def test_newtons_method_finds_what_a_general_optimiser_finds(seed: int) -> None:
    chance = np.random.default_rng(seed)
    traits, inside = chance.normal(size=(60, 3)), np.arange(60) % 3 == 0
    found = Likeness.fit(traits, inside)
    known = (traits - traits.mean(axis=0)) / traits.std(axis=0)

    def loss(weights: np.ndarray) -> float:  # type: ignore[type-arg]
        odds = weights[0] + known @ weights[1:]
        return float(np.logaddexp(0, odds).sum() - odds[inside].sum() + (weights[1:] ** 2).sum() / 2)

    wanted = minimize(loss, np.zeros(4), tol=1e-10).x
    np.testing.assert_allclose([found.constant, *found.weights], wanted, atol=2e-4)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=20, max_size=200).filter(
        lambda x: any(b for _a, b in x)
    )
)
def test_the_lifts_of_all_tenths_average_to_one(rows: list[tuple[float, bool]]) -> None:
    chances, inside = (np.array(each) for each in zip(*rows, strict=True))
    found = lifts(chances, inside.astype(bool))
    sizes = [len(part) for part in np.array_split(np.arange(len(rows)), 10)]
    assert abs(sum(lift * size for lift, size in zip(found, sizes, strict=True)) / len(rows) - 1) < 1e-3


def test_those_who_look_at_the_same_come_first_and_have_not_bought() -> None:
    traits, ids = people(2_000, inside=400, bought=900)
    found = resembling(traits, ids)
    assert found.lifts[0] > 1.5
    assert found.lifts[-1] < 0.8
    assert found.prospects == 1_100
    keys = [key for key, _times, _why in found.people]
    assert min(keys) > 900
    assert traits.figures[[key - 1 for key in keys[:100]], 0].all()
    _key, times, why = found.people[0]
    assert times > 1
    assert why[0] == 0
    told = found.facts(traits)
    assert words.traits_of(told, why).startswith("looked at 绿茶")
    assert "resemble them" in words.finding(told)


def test_a_set_like_any_other_is_said_to_be_none() -> None:
    traits, _ids = people(2_000, inside=400, bought=900)
    anybody = {int(each) for each in np.random.default_rng(3).choice(2_000, 300, replace=False)}
    found = resembling(traits, anybody)
    assert "Nobody resembles them clearly" in words.finding(found.facts(traits))


@pytest.mark.parametrize(
    ("size", "inside", "bought", "says"),
    [
        (500, 3, 100, "The set has 3 customers; it takes 50"),
        (500, 0, 100, "The set has 0 customers"),
        (100, 90, 90, "Only 10 people are not in the set"),
        (200, 100, 200, "there is nobody left"),
    ],
)
def test_too_few_are_told_what_is_missing(size: int, inside: int, bought: int, says: str) -> None:
    traits, ids = people(size, inside=inside, bought=bought)
    with pytest.raises(TooFew, match=says):
        resembling(traits, ids)


def test_people_of_whom_nothing_is_known_cannot_be_compared() -> None:
    traits = Traits(np.arange(200), np.zeros(200, bool), [], np.zeros((200, 0)))
    with pytest.raises(TooFew, match="Nothing is known of people"):
        resembling(traits, set(range(100)))
