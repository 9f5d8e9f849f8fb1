"""Visits say what small shops add up to by hand, and what a plain twin says of any shop."""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.customers.dynamics.taking import ORDERS
from guanxi.insight.visits import ELSEWHERE
from guanxi.warehouse import registry
from guanxi.warehouse.engine import connect

NOON = dt.datetime.combine(dt.date(2024, 11, 11), dt.time(4))
AS_OF, SINCE, WINDOW = dt.date(2024, 12, 31), dt.date(2024, 11, 1), 30


class Did(NamedTuple):
    customer: int | None
    profile: int | None
    at: dt.datetime
    name: str
    told: dict[str, str]
    source: str = "web"


class Bought(NamedTuple):
    customer: int | None
    at: dt.datetime
    net_minor: int | None
    is_paid: bool = True
    kind: str = "sale"


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    with connect() as connection:
        yield connection


def ask(engine: Any, did: Sequence[Did], bought: Sequence[Bought]) -> list[Any]:
    events = [
        {"event_id": nth, "name": each.name, "profile_id": each.profile, "customer_id": each.customer,
         "occurred_at": each.at, "source": each.source, "properties": json.dumps(each.told)}
        for nth, each in enumerate(did, 1)
    ]  # fmt: skip
    orders = [
        {"order_id": nth, "customer_id": each.customer, "placed_at": each.at, "placed_on": each.at.date(),
         "is_paid": each.is_paid,
         "kind": each.kind, "net_base_minor": each.net_minor}
        for nth, each in enumerate(bought, 1)
    ]  # fmt: skip
    tables = registry.tables()
    engine.register("events", pa.Table.from_pylist(events, tables["events"].shown))
    engine.register("orders", pa.Table.from_pylist(orders, tables["orders"].shown))
    sold, mart = registry.marts()["sold_orders"], registry.marts()["visits"]
    shop = {"time_zone": "Asia/Shanghai", "base_currency": "CNY"}
    engine.register("sold_orders", engine.sql(sold.sql, params=shop | sold.unbounded).to_arrow_table())
    params = {"as_of": AS_OF, "keep_days": (AS_OF - SINCE).days, "window_days": WINDOW} | mart.unbounded
    return sorted(engine.sql(mart.sql, params=params).fetchall())


def twin(did: Sequence[Did], bought: Sequence[Bought]) -> list[Any]:
    """The mart once more in plain Python, one person at a time."""
    theirs: dict[int, list[tuple[dt.datetime, int, Did]]] = {}
    for nth, each in enumerate(did, 1):
        counts = each.source != "guanxi" and each.name not in ELSEWHERE and each.at.date() >= SINCE
        if each.profile is not None and counts:
            who = each.customer if each.customer is not None else -each.profile
            theirs.setdefault(who, []).append((each.at, nth, each))
    found = []
    for who, things in theirs.items():
        visits: list[list[tuple[dt.datetime, int, Did]]] = []
        for thing in sorted(things, key=lambda each: each[:2]):
            if not visits or thing[0] > visits[-1][-1][0] + dt.timedelta(minutes=30):
                visits.append([])
            visits[-1].append(thing)
        looked = [(visit[0][0], [each for *_when, each in visit if each.name not in ORDERS]) for visit in visits]
        found += [(who, at, *came(some[0].told), *followed(who, at, bought)) for at, some in looked if some]
    return sorted(found)


def came(told: dict[str, str]) -> tuple[str, str, str]:
    source = told.get("utm_source", "") or told.get("referrer", "").partition("/")[0]
    return source, told.get("utm_medium", ""), told.get("utm_campaign", "")


def followed(who: int, at: dt.datetime, bought: Sequence[Bought]) -> tuple[Any, ...]:
    paid = [
        (each.at, nth, each)
        for nth, each in enumerate(bought, 1)
        if each.customer == who and each.is_paid and each.kind == "sale"
    ]
    after = [each for each in sorted(paid, key=lambda each: each[:2]) if each[0] >= at]
    if not after or (after[0][0].date() - at.date()).days > WINDOW:
        return None, None, False, 0
    placed_at, key, order = after[0]
    return key, placed_at, (placed_at, key) == min(each[:2] for each in paid), order.net_minor or 0


def test_a_visit_ends_after_half_an_hour_without_anything_and_leads_to_the_next_order(engine: Any) -> None:
    minute = dt.timedelta(minutes=1)
    did = [
        Did(7, 1, NOON, "Page Viewed", {"utm_source": "wechat", "utm_campaign": "spring"}),
        Did(7, 1, NOON + 30 * minute, "Product Viewed", {}),
        Did(7, 1, NOON + 61 * minute, "Page Viewed", {"referrer": "www.baidu.com/s"}),
        Did(7, 1, NOON + 62 * minute, "Order Completed", {}),
        Did(None, 2, NOON, "Page Viewed", {}),
    ]
    orders = [Bought(7, NOON + 62 * minute, 9_900), Bought(7, NOON + 90 * minute, 100)]
    paid_at = NOON + 62 * minute
    assert ask(engine, did, orders) == [
        (-2, NOON, "", "", "", None, None, False, 0),
        (7, NOON, "wechat", "", "spring", 1, paid_at, True, 9_900),
        (7, NOON + 61 * minute, "www.baidu.com", "", "", 1, paid_at, True, 9_900),
    ]


moments = st.integers(-20 * 24 * 4, 60 * 24 * 4).map(lambda quarters: NOON + quarters * dt.timedelta(minutes=15))
told = st.fixed_dictionaries(
    {},
    optional={
        "utm_source": st.sampled_from(["", "wechat", "mail"]),
        "referrer": st.sampled_from(["a.example/x/y", "b.example", ""]),
        "utm_campaign": st.just("spring"),
    },
)
names = st.sampled_from(["Page Viewed", "Product Viewed", "Order Completed", "Order Refunded", "Consent Given"])
many_done = st.lists(
    st.builds(Did, st.none() | st.integers(1, 3), st.none() | st.integers(1, 3), moments, names, told,
              st.sampled_from(["web", "web", "guanxi"])),
    max_size=25,
)  # fmt: skip
many_bought = st.lists(
    st.builds(Bought, st.none() | st.integers(1, 3), moments, st.none() | st.integers(-500, 500),
              st.booleans(), st.sampled_from(["sale", "adjustment"])),
    max_size=12, unique_by=lambda each: (each.customer, each.at),
)  # fmt: skip


@given(many_done, many_bought)
def test_visits_are_what_a_plain_twin_says_of_any_shop(engine: Any, did: list[Did], bought: list[Bought]) -> None:
    assert ask(engine, did, bought) == twin(did, bought)
