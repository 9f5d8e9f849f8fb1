"""What is kept of channels, day by day, adds up in any span of days to what visits and orders say in plain Python."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.insight import channels
from guanxi.insight.attribution import markov
from guanxi.insight.attribution.contacts import Credit, Credits
from guanxi.insight.channels import MARTS, MODELS, Channels
from guanxi.pages.period import Period
from guanxi.warehouse import registry
from guanxi.warehouse.engine import connect
from tests.insight.attribution.journeys import Journey, contacts, credit
from tests.insight.test_visits import NOON, Bought, Did, many_bought, many_done
from tests.insight.test_visits import ask as ask_visits

ZONE, DAY = ZoneInfo("Asia/Shanghai"), dt.timedelta(days=1)
PLACES = {"source": 2, "campaign": 4}
FIRST = NOON.date()
spans = st.tuples(st.integers(-25, 70), st.integers(0, 60)).map(
    lambda told: Period(FIRST + told[0] * DAY, FIRST + (told[0] + told[1]) * DAY)
)


class Held:
    """An engine that holds the marts of a small shop, asked as the lake is."""

    def __init__(self, engine: Any, did: Sequence[Did], bought: Sequence[Bought]) -> None:
        self.engine, self.visits = engine, ask_visits(engine, did, bought)
        names = registry.marts()["visits"].schema.names
        rows = [dict(zip(names, row, strict=True)) for row in self.visits]
        engine.register("visits", pa.Table.from_pylist(rows, registry.marts()["visits"].schema))
        for name in MARTS:
            engine.register(name, self.sql(registry.marts()[name].sql, time_zone=ZONE.key))

    def sql(self, query: str, **params: Any) -> pa.Table:
        return self.engine.sql(query, params=params).to_arrow_table()


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    with connect() as connection, pytest.MonkeyPatch.context() as patched:
        patched.setattr(channels, "costs", lambda *_days, by: {})
        yield connection


def day_of(instant: dt.datetime) -> dt.date:
    return instant.replace(tzinfo=dt.UTC).astimezone(ZONE).date()


def twin(visits: list[Any], period: Period, by: str) -> tuple[list[Journey], list[Journey]]:
    """Walk every journey of some days: those to orders placed in them, and those of visits in them that led to none."""
    bought, away = defaultdict(list), defaultdict(list)
    for visit in sorted(visits, key=lambda each: each[1]):
        if visit[5] is not None and period.start <= day_of(visit[6]) <= period.end:
            bought[visit[5]].append(visit)
        elif visit[5] is None and period.start <= day_of(visit[1]) <= period.end:
            away[visit[0]].append(visit)
    ordered = [(rows[0], Journey(ways(rows, by), 1, rows[0][8])) for rows in bought.values()]
    lost = [Journey(ways(rows, by), lost=1) for rows in away.values()]
    return [*(each for _row, each in ordered), *lost], [each for row, each in ordered if row[7]]


def ways(visits: list[Any], by: str) -> tuple[str, ...]:
    return tuple(visit[PLACES[by]] for visit in visits[-20:])


def parted(journeys: list[Journey], model: str) -> Credits:
    return markov.credit(contacts(journeys)) if model == "data" else credit(journeys, model)


def earned(visits: list[Any], bought: Sequence[Bought], period: Period, by: str) -> dict[str, dict[int, int]]:
    found: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    firsts = {visit[5]: visit for visit in sorted(visits, key=lambda each: each[1], reverse=True) if visit[7]}
    for visit in firsts.values():
        for order in bought if period.start <= day_of(visit[6]) <= period.end else ():
            if order.customer == visit[0] and order.is_paid and order.kind == "sale" and order.at >= visit[6]:
                found[visit[PLACES[by]]][(order.at.date() - visit[6].date()).days] += order.net_minor or 0
    return {way: dict(told) for way, told in found.items()}


def agree(found: Channels, held: Held, bought: Sequence[Bought], period: Period, by: str, model: str) -> None:
    told, first = twin(held.visits, period, by)
    here = [visit for visit in held.visits if period.start <= day_of(visit[1]) <= period.end]
    brought, met, since = parted(told, model), parted(first, model), earned(held.visits, bought, period, by)
    assert found.lines.keys() == {visit[PLACES[by]] for visit in here} | brought.keys()
    for way, line in found.lines.items():
        own = [visit for visit in here if visit[PLACES[by]] == way]
        assert (line.visits, line.people) == (len(own), len({visit[0] for visit in own}))
        assert dict(line.earned) == since.get(way, {})
        for credited, expected in ((line.brought, brought), (line.met, met)):
            assert vars(credited) == pytest.approx(vars(expected.get(way, Credit())), abs=1e-6)
    for name, each in found.side_by_side().items():
        for way, credited in each.items():
            assert vars(credited) == pytest.approx(vars(parted(told, name).get(way, Credit())), abs=1e-6)


@given(many_done, many_bought, spans, st.sampled_from(["source", "campaign"]), st.sampled_from([*MODELS]))
def test_kept_days_add_up_to_what_every_journey_says(
    engine: Any, did: list[Did], bought: list[Bought], period: Period, by: str, model: str
) -> None:
    held = Held(engine, did, bought)
    found = Channels.read(held, period, by=by, model=model)  # type: ignore[arg-type]
    agree(found, held, bought, period, by, model)


@pytest.mark.parametrize("model", MODELS)
def test_of_many_contacts_the_last_twenty_count(engine: Any, model: str) -> None:
    sources = ["ad", "mail", "ad", "ad", "wechat"]
    did = [
        Did(who, who, NOON + nth * dt.timedelta(hours=15), "Page Viewed", {"utm_source": sources[nth % 5 - who % 2]})
        for nth in range(43)
        for who in (1, 2)
    ]
    bought = [Bought(1, NOON + 20 * DAY, 5_000), Bought(1, NOON + 35 * DAY, 900), Bought(3, NOON, 77)]
    held = Held(engine, did, bought)
    for period in (Period(FIRST, FIRST + 40 * DAY), Period(FIRST + 3 * DAY, FIRST + 21 * DAY)):
        found = Channels.read(held, period, by="source", model=model)  # type: ignore[arg-type]
        agree(found, held, bought, period, "source", model)
        assert max(len(each.ways) for each in twin(held.visits, period, "source")[0]) == 20


def test_a_shop_without_visits_has_no_channels(engine: Any) -> None:
    held = Held(engine, [], [Bought(1, NOON, 500)])
    found = Channels.read(held, Period(FIRST, FIRST), by="source", model="data")  # type: ignore[arg-type]
    assert (found.lines, found.side_by_side()["data"]) == ({}, {})
