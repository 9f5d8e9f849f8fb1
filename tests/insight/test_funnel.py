"""Funnels count what a plain reading of everybody's events counts, and refuse what is no funnel."""

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from guanxi.insight.funnel import PROPERTIES, Filter, Funnel, NoFunnel, Step
from guanxi.insight.funnel_query import counting, people
from guanxi.warehouse import dialect, queries, registry
from guanxi.warehouse.engine import connect

START = dt.datetime(2024, 6, 1)  # noqa: DTZ001 - the lake's instants are UTC without saying so
HOUR = dt.timedelta(hours=1)
NAMES = ("Product Viewed", "Product Added", "Order Completed")
Seen = tuple[int, str, int]


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    with connect() as connection:
        yield connection


def told(engine: Any, funnel: Funnel, events: Sequence[dict[str, Any]], by: str = "") -> list[dict[str, Any]]:
    whole = [{"event_id": nth, "profile_id": 1, "properties": "{}"} | each for nth, each in enumerate(events)]
    engine.register("told", pa.Table.from_pylist(whole, registry.tables()["events"].shown))
    engine.execute(
        "create or replace temp view events as select * replace (cast(properties as json) as properties) from told"
    )
    days = {"since": START, "until": START + 240 * HOUR, "last": START + 480 * HOUR}
    return engine.sql(counting(funnel, by), params=funnel.values | days).to_arrow_table().to_pylist()  # type: ignore[no-any-return]


def of(*names: str, window: str = "1d") -> Funnel:
    return Funnel(tuple(map(Step, names)), window)


def event(who: int, name: str, hours: float, **more: Any) -> dict[str, Any]:
    return {"customer_id": who, "name": name, "occurred_at": START + hours * HOUR} | more


def furthest(seen: Sequence[Seen], steps: Sequence[str], within: int) -> int:
    """Read a person's events beginning by beginning: how many steps can be reached."""
    return max((_from(nth, seen, steps, within) for nth, each in enumerate(seen) if each[1] == steps[0]), default=0)


def _from(nth: int, seen: Sequence[Seen], steps: Sequence[str], within: int) -> int:
    began, at, used, reached = seen[nth][2], seen[nth][2], nth, 1
    for before, step in itertools.pairwise(steps):
        later = [
            (each[2], place)
            for place, each in enumerate(seen)
            if each[1] == step and at <= each[2] <= began + within and (before != step or place > used)
        ]
        if not later:
            break
        (at, used), reached = min(later), reached + 1
    return reached


@given(
    seen=st.lists(st.tuples(st.integers(1, 3), st.sampled_from(NAMES), st.integers(0, 60)), max_size=25),
    steps=st.lists(st.sampled_from(NAMES), min_size=2, max_size=4),
)
@example(  # all at once, and what came third in the funnel was written down first
    seen=[(1, "Product Added", 1), (1, "Product Viewed", 1), (1, "Product Viewed", 1)],
    steps=["Product Viewed", "Product Viewed", "Product Added"],
)
def test_a_funnel_counts_what_reading_every_beginning_counts(engine: Any, seen: list[Seen], steps: list[str]) -> None:
    seen = sorted(seen, key=lambda each: each[2])
    found = told(engine, of(*steps), [event(*each) for each in seen])
    reached = [furthest([each for each in seen if each[0] == who], steps, 24) for who in (1, 2, 3)]
    wanted = [sum(each >= k for each in reached) for k in range(1, len(steps) + 1)]
    assert [found[0][f"step_{k}"] if found else 0 for k in range(1, len(steps) + 1)] == wanted


def test_a_later_beginning_counts_and_the_time_between_is_from_the_step_before(engine: Any) -> None:
    events = [
        event(1, "Product Viewed", 0), event(1, "Product Viewed", 40), event(1, "Product Added", 41),
        event(1, "Order Completed", 43.5), event(2, "Product Viewed", 0), event(2, "Order Completed", 1),
    ]  # fmt: skip
    [row] = told(engine, of(*NAMES), events)
    assert (row["step_1"], row["step_2"], row["step_3"], row["seconds_2"], row["seconds_3"]) == (2, 1, 1, 3600, 9000)


def test_devices_count_and_are_no_customers_and_the_breakdown_is_that_of_the_beginning(engine: Any) -> None:
    events = [
        event(1, "Product Viewed", 0, properties='{"device": "phone"}'),
        event(1, "Product Added", 1, properties='{"device": "desktop"}'),
        {"name": "Product Viewed", "occurred_at": START, "profile_id": 9, "properties": "{}"},
        {"name": "Product Viewed", "occurred_at": START, "profile_id": None, "properties": "{}"},
    ]
    found = told(engine, of(*NAMES[:2]), events, "device")
    assert {(row["part"], row["step_1"], row["known_1"], row["step_2"]) for row in found} == {
        ("phone", 1, 1, 1), ("", 1, 0, 0),
    }  # fmt: skip


def test_filters_take_values_as_they_are(engine: Any) -> None:
    hostile = "tea' or 1=1 --"
    events = [event(1, "Product Viewed", 0, category=hostile), event(2, "Product Viewed", 0, category="tea")]
    funnel = Funnel((Step("Product Viewed", (Filter("category", "is", hostile),)), Step("Product Added")))
    assert told(engine, funnel, events)[0]["step_1"] == 1


@pytest.mark.parametrize("nth", range(2, 7))
def test_every_funnel_is_spelled_by_what_both_engines_mean_alike(nth: int) -> None:
    held = tuple(Filter(name, "starts", "x") for name in PROPERTIES)
    for funnel in (of(*NAMES[:1] * nth), Funnel(tuple(Step(f"Event {k}", held) for k in range(nth)), "1h")):
        for sql in (counting(funnel, "device"), people(funnel, nth - 1, dropped=True)):
            assert list(dialect.strays(queries.parsed(sql))) == []


@pytest.mark.parametrize("asked", [
    lambda: of("A"), lambda: of(*"ABCDEFG"), lambda: of("A", ""), lambda: of("A", "x" * 101),
    lambda: of("A", "B", window="9d"), lambda: Filter("properties", "is", "x"), lambda: Filter("sku", "like", "x"),
    lambda: Filter("sku", "is", "\0"),
])  # fmt: skip
def test_what_is_no_funnel_is_refused_in_words(asked: Any) -> None:
    with pytest.raises(NoFunnel, match=r"\.$"):
        asked()
