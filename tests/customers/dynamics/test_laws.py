"""The law of dynamic facts: they depend on what happened, never on how it was told."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.customers.dynamics import visits
from guanxi.customers.dynamics.habits import habits
from guanxi.customers.dynamics.summary import MOST_ACTS, MOST_TASTES, MOST_VIEWED, Summary, packed, united, unpacked
from guanxi.customers.dynamics.taking import WEIGHTS, take
from guanxi.customers.dynamics.trading import Traded

START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Event:
    """An event, as the book or the lake tells it."""

    pk: int
    name: str
    occurred_at: dt.datetime
    source: str = "web"
    properties: Any = field(default_factory=dict)
    profile_id: int | None = 1


GOODS = st.fixed_dictionaries(
    {"sku": st.sampled_from(["T1", "T2", "C1"]), "category": st.sampled_from(["tea", "cups", "gifts"])},
    optional={
        "price": st.sampled_from([9, 48.5, 128, 1_280.0, -1, float("inf")]), "currency": st.just("CNY"),
        "quantity": st.sampled_from([1, 2, 0.5]), "name": st.sampled_from(["Shoumei", "Gaiwan"]),
        "device": st.sampled_from(["phone", "desktop", "<b>"]), "payment_method": st.sampled_from(["wechat", "card"]),
    },
)  # fmt: skip
NAMES = st.sampled_from([*WEIGHTS, "Page Viewed", "Product Removed", "Cart Viewed", "Order Shipped", "Quiz Finished"])
PROPERTIES = GOODS | st.fixed_dictionaries({"products": st.lists(GOODS, max_size=3)}) | st.none()
MOMENTS = st.one_of(st.integers(0, 300), st.integers(0, 200 * 24 * 60))  # minutes: crowded, and over half a year
HAPPENED = st.builds(
    lambda name, minute, source, told: Event(0, name, START + minute * MINUTE, source, told),
    NAMES, MOMENTS, st.sampled_from(["web", "mini", "guanxi"]), PROPERTIES,
)  # fmt: skip


def numbered(events: Sequence[Event]) -> list[Event]:
    return [replace(each, pk=nth) for nth, each in enumerate(events, 1)]


def told_in(sets: Sequence[Sequence[Event]]) -> Summary:
    """What is kept after some sets were told of, as it stands in the book."""
    kept = packed(Summary())
    for some in sets:
        summary = unpacked(kept)
        for event in some:
            take(summary, event)
        summary.cut()
        kept = packed(summary)
    return unpacked(kept)


@settings(max_examples=150, deadline=None)
@given(st.lists(HAPPENED, min_size=1, max_size=40), st.data())
def test_neither_order_nor_repetition_nor_the_sets_nor_a_merge_change_a_fact(
    happened: list[Event], data: st.DataObject
) -> None:
    events = numbered(happened)
    whole = told_in([events])
    again = data.draw(st.permutations(events + data.draw(st.lists(st.sampled_from(events), max_size=20))))
    size = data.draw(st.integers(1, 7))
    assert told_in([again[start : start + size] for start in range(0, len(again), size)]) == whole
    owners = data.draw(st.lists(st.integers(0, 2), min_size=len(events), max_size=len(events)))
    profiles = [told_in([[e for e, o in zip(events, owners, strict=True) if o == owner]]) for owner in range(3)]
    assert united(profiles) == united([united(profiles[2:]), united(profiles[:2])]) == whole
    assert habits(united(profiles), Traded(), dt.UTC) == habits(whole, Traded(), dt.UTC)


@settings(max_examples=60, deadline=None)
@given(st.lists(HAPPENED, min_size=1, max_size=25), st.randoms(use_true_random=False))
def test_ids_given_by_the_order_of_arrival_mean_nothing(happened: list[Event], by_chance: Any) -> None:
    others = list(happened)
    by_chance.shuffle(others)
    one, other = (habits(told_in([numbered(each)]), Traded(), dt.UTC) for each in (happened, others))
    assert one == other


def test_a_summary_stays_small_and_a_cut_forgets_the_same_in_any_order() -> None:
    events = [
        Event(
            nth, ("Product Viewed", "Product Added")[nth % 2], START + nth * 200 * MINUTE,
            properties={"sku": f"S{nth}", "category": f"c{nth % 300}", "price": nth + 1, "currency": "CNY"},
        )
        for nth in range(900)
    ]  # fmt: skip
    whole, back = told_in([events]), told_in([[each] for each in reversed(events)])
    assert whole == back == united([told_in([events[::2]]), told_in([events[1::2]])])
    assert (len(whole.acts), len(whole.viewed)) == (MOST_ACTS, MOST_VIEWED)
    assert sum(map(len, whole.tastes.values())) == MOST_TASTES
    assert len(packed(whole)) < 40_000


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 3 * visits.DAY), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_visits_are_what_pauses_of_half_an_hour_part(instants: list[int], by_chance: Any) -> None:
    spans: list[int] = []
    shuffled = list(instants)
    by_chance.shuffle(shuffled)
    for each in shuffled:
        visits.add(spans, each)
    order = sorted(instants)
    begins = [
        each for before, each in zip([None, *order], order, strict=False) if before is None or each - before > 1800
    ]
    assert visits.visits(spans)[::2] == begins


def test_what_the_shop_does_is_no_visit_and_orders_of_the_book_are_read_there() -> None:
    ours = Event(1, "Note Added", START, "guanxi")
    shipped = Event(2, "Order Shipped", START, "tmall", {"order_id": "7"})
    kept = Event(3, "Order Completed", START, "tmall", {"order": 7, "store": "tea", "total_minor": 5})
    assert told_in([[ours, shipped, kept]]) == Summary()


@pytest.mark.parametrize(
    "told", [None, [], "x", {"products": [None, 7, {"sku": {}}]}, {"price": 10**400, "sku": "T"}, {"quantity": True},
             {"price": float("nan"), "sku": ["T"], "category": 7, "currency": "XXQ", "device": []}],
)  # fmt: skip
def test_nonsense_in_an_event_is_no_fact(told: Any) -> None:
    events = [Event(nth, name, START, properties=told) for nth, name in enumerate([*WEIGHTS, "Cart Viewed"])]
    kept = told_in([events])
    assert (kept.first, kept.tastes) == (int(START.timestamp()), {})
    json.dumps([each[:4] for each in kept.acts])
