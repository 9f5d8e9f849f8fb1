"""Orders are parted among the ways before them: nothing is lost, nothing made up, and known examples come out."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.insight.attribution import markov, rules
from guanxi.insight.attribution.contacts import Credit
from tests.insight.attribution.journeys import Journey, contacts, total

WAYS = st.sampled_from(["search", "mail", "wechat", "direct", "ad"])
JOURNEYS = st.lists(
    st.builds(
        Journey,
        ways=st.lists(WAYS, max_size=6).map(tuple),
        orders=st.integers(0, 50),
        value_minor=st.integers(0, 10**9),
        lost=st.integers(0, 500),
    ),
    max_size=12,
).map(lambda some: [each for each in some if each.orders or not each.value_minor])
KNOWN = [
    Journey(("c1", "c2", "c3"), orders=1, value_minor=1_000),
    Journey(("c1",), lost=1),
    Journey(("c2", "c3"), lost=1),
]


def summed(found: dict[str, Credit]) -> list[float]:
    return [sum(each.orders for each in found.values()), sum(each.value_minor for each in found.values())]


@pytest.mark.parametrize(
    ("rule", "shares"),
    [
        ("first", [1, 0, 0, 0]), ("last", [0, 0, 0, 1]), ("linear", [0.25, 0.25, 0.25, 0.25]),
        ("position", [0.4, 0.1, 0.1, 0.4]),
    ],
)  # fmt: skip
def test_a_rule_parts_a_journey_as_it_is_defined(rule: str, shares: list[float]) -> None:
    found = rules.credit(contacts([Journey(("a", "b", "c", "d"), orders=10, value_minor=5_000)]), rule)
    assert [found[way].orders for way in "abcd"] == pytest.approx([10 * share for share in shares])
    assert [found[way].value_minor for way in "abcd"] == pytest.approx([5_000 * share for share in shares])


def test_a_way_that_was_taken_twice_counts_twice() -> None:
    found = rules.credit(contacts([Journey(("ad", "mail", "ad"), orders=3)]), "linear")
    assert [found[way].orders for way in ("ad", "mail")] == pytest.approx([2, 1])


def test_the_example_everybody_computes_by_hand_comes_out() -> None:
    effects = markov.removal_effects(contacts(KNOWN))
    assert effects == {"c1": pytest.approx(0.5), "c2": pytest.approx(1), "c3": pytest.approx(1)}
    found = markov.credit(contacts(KNOWN))
    assert [found[way].orders for way in ("c1", "c2", "c3")] == pytest.approx([0.2, 0.4, 0.4])
    assert [found[way].value_minor for way in ("c1", "c2", "c3")] == pytest.approx([200, 400, 400])


def test_a_way_from_which_nobody_ever_buys_earns_nothing_by_the_data() -> None:
    told = [Journey(("search",), orders=5, value_minor=10), Journey(("banner",), lost=1_000)]
    found = markov.credit(contacts(told))
    assert (found["banner"], found["search"].orders) == (Credit(), 5)


@pytest.mark.parametrize(
    "journeys",
    [[], [Journey(())], [Journey((), orders=4, value_minor=9)], [Journey(("a",), lost=3)], [Journey(("a",))]],
)
def test_without_orders_that_had_a_contact_there_is_nothing_to_part(journeys: list[Journey]) -> None:
    for found in (rules.credit(contacts(journeys), "position"), markov.credit(contacts(journeys))):
        assert summed(found) == [0, 0]


@given(JOURNEYS)
def test_everything_that_was_ordered_is_put_down_to_somebody_and_no_more(journeys: list[Journey]) -> None:
    whole = total(journeys)
    for rule in rules.RULES:
        found = rules.credit(contacts(journeys), rule)
        assert summed(found) == pytest.approx([whole.orders, whole.value_minor])
        assert all(each.orders >= 0 for each in found.values())
    assert summed(markov.credit(contacts(journeys))) == pytest.approx([whole.orders, whole.value_minor])


@given(JOURNEYS)
def test_removal_effects_are_those_of_the_chain_with_the_way_closed(journeys: list[Journey]) -> None:
    effects = markov.removal_effects(contacts(journeys))
    whole = reached(journeys, closed="")
    for way, effect in effects.items():
        expected = 1 - reached(journeys, closed=way) / whole if whole else 0
        assert effect == pytest.approx(expected, abs=1e-6)


def reached(journeys: list[Journey], *, closed: str) -> float:
    """Walk the chain step by step, in plain Python, until next to nobody is under way."""
    moves: dict[str, dict[str, float]] = {}
    for each in journeys:
        count = each.orders + each.lost
        for before, after in pairwise(("begin", *each.ways)) if each.ways else ():
            moves.setdefault(before, {})[after] = moves.get(before, {}).get(after, 0) + count
        for end, ended in (("order", each.orders), ("away", each.lost)) if each.ways else ():
            moves.setdefault(each.ways[-1], {})[end] = moves.get(each.ways[-1], {}).get(end, 0) + ended
    under_way: dict[str, float] = {"begin": 1.0}
    bought = 0.0
    while sum(under_way.values()) > 1e-10:
        after_all: dict[str, float] = {}
        for place, share in under_way.items():
            out = sum(moves.get(place, {}).values())
            for after, share_of in moves.get(place, {}).items() if out and place != closed else ():
                after_all[after] = after_all.get(after, 0) + share * share_of / out
        bought += after_all.pop("order", 0.0)
        after_all.pop("away", None)
        under_way = after_all
    return bought


def test_the_order_in_which_journeys_are_told_changes_nothing() -> None:
    some = [Journey(("a", "b"), 3, 100, 9), Journey(("b", "a", "c"), 1, 70, 2), Journey(("c",), 0, 0, 40), *KNOWN]
    other = Random(3).sample(some, len(some))
    assert markov.removal_effects(contacts(some)) == pytest.approx(markov.removal_effects(contacts(other)))
