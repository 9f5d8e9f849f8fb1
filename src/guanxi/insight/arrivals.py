"""Arrivals: by which way visits came, and which orders followed.

A visit is told by its first page: its campaign, the page before, the page it came to. An order belongs to the last
visit of its customer in the `WITHIN_DAYS` days before it, so that every order counts once.
"""

# ruff: noqa: S608 - what stands in the SQL are expressions of our own; values are parameters

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guanxi.customers.dynamics.taking import ORDERS
from guanxi.insight import sheets
from guanxi.insight.told import instants
from guanxi.insight.visits import seen
from guanxi.orders.figures import base_currency
from guanxi.pages import formats
from guanxi.pages.charts import Chart, Column, Table
from guanxi.pages.components import Tab
from guanxi.pages.period import Period
from guanxi.warehouse.plans import text
from guanxi.warehouse.reading import snapshot

WITHIN_DAYS, SHOWN, DRAWN = 7, 50, 8
HOST = "case when contains(referrer, '/') then substring(referrer, 1, strpos(referrer, '/') - 1) else referrer end"
WAYS: dict[str, tuple[str, Promise]] = {
    "source": (f"coalesce(nullif(utm_source, ''), nullif({HOST}, ''), '')", gettext_lazy("Source")),
    "campaign": ("coalesce(utm_campaign, '')", gettext_lazy("Campaign")),
    "medium": ("coalesce(utm_medium, '')", gettext_lazy("Medium")),
    "referrer": (f"coalesce({HOST}, '')", gettext_lazy("Page before")),
    "landing": ("coalesce(path, '')", gettext_lazy("Landing page")),
}
TOLD = ("utm_source", "utm_medium", "utm_campaign", "referrer", "path")


def query(by: str) -> str:
    """Spell the query: one row a way by which visits came (`way`, empty where nothing is told), with `visits`,
    `people`, `customers`, `orders`, and `net_minor` in the company's currency. Parameters are `since`, `until` and
    `last`, when orders end.
    """
    words = ", ".join(f"properties ->> '$.{name}' as {name}" for name in TOLD)
    orders = ", ".join(map(text, sorted(ORDERS)))
    first = ", ".join(f"arg_min({name}, event_id) as {name}" for name in TOLD)
    return (
        f"with {seen('name', 'properties')},\n"
        "begun as (select who, visit, min(occurred_at) as occurred_at from seen "
        f"where name not in ({orders}) and visit < $until group by who, visit),\n"
        f"landed as (select seen.who, seen.visit, seen.event_id, {words} from seen join begun "
        "on begun.who = seen.who and begun.visit = seen.visit and begun.occurred_at = seen.occurred_at),\n"
        f"visits as (select who, visit, {first} from landed group by who, visit),\n"
        f"came as (select who, visit, {WAYS[by][0]} as way from visits),\n"
        "bought as (select order_id, customer_id, placed_at, net_base_minor from orders "
        "where is_paid and kind = 'sale' and placed_at >= $since and placed_at < $last and customer_id is not null),\n"
        "followed as (select bought.order_id, arg_max(came.way, came.visit) as way, "
        "max(bought.net_base_minor) as net_minor from bought join came on came.who = bought.customer_id "
        f"and came.visit <= bought.placed_at and bought.placed_at <= came.visit + interval '{WITHIN_DAYS}' day "
        "group by bought.order_id),\n"
        "counted as (select way, count(*) as visits, count(distinct who) as people, "
        "count(distinct case when who > 0 then who end) as customers from came group by way),\n"
        "earned as (select way, count(*) as orders, sum(net_minor) as net_minor from followed group by way)\n"
        "select counted.way, visits, people, customers, coalesce(orders, 0) as orders, "
        "cast(coalesce(net_minor, 0) as bigint) as net_minor from counted left join earned on earned.way = counted.way "
        "order by visits desc, counted.way"
    )


@dataclass(frozen=True)
class ArrivalsPage:
    """The ways by which visits of some days came."""

    by: str
    rows: list[dict[str, Any]]
    currency: str

    @classmethod
    def read(cls, told: Mapping[str, str], period: Period) -> "ArrivalsPage":
        """Count them on one moment of the lake; `by` says what tells a way."""
        by = told.get("by", "") if told.get("by") in WAYS else next(iter(WAYS))
        since, until = instants(period)
        last = until + dt.timedelta(days=WITHIN_DAYS)
        with snapshot() as lake:
            rows = lake.sql(query(by), since=since, until=until, last=last).to_pylist()
        return cls(by, rows, base_currency())

    @property
    def tabs(self) -> list[Tab]:
        """By what ways are told apart."""
        return [Tab(words, f"?{urlencode({'by': key})}", active=self.by == key) for key, (_s, words) in WAYS.items()]

    @property
    def title(self) -> str:
        """What a way is called here."""
        return str(WAYS[self.by][1])

    @cached_property
    def sums(self) -> dict[str, int]:
        """All of them together; people and customers who came by several ways stand in each of them."""
        return {name: sum(row[name] for row in self.rows) for name in ("visits", "orders", "net_minor")}

    @cached_property
    def shown(self) -> list[dict[str, Any]]:
        """The first of them, with orders of a hundred visits."""
        return [
            row | {"name": row["way"] or self._nothing, "rate": row["orders"] / row["visits"], "words": _words(row)}
            for row in self.rows[:SHOWN]
        ]

    @property
    def _nothing(self) -> str:
        return _("Came directly") if self.by in {"source", "referrer"} else _("Nothing told")

    @property
    def sheet(self) -> Table:
        """The ways as a file."""
        return sheets.arrivals(self.shown, self.title, self.currency)

    @property
    def finding(self) -> str:
        """Which way brought most money, and from how few visits."""
        best = max(self.shown, key=lambda row: (row["net_minor"], row["visits"]))
        told = {
            "way": best["name"], "visits": formats.percent(best["visits"] / (self.sums["visits"] or 1), 0),
            "money": formats.percent(best["net_minor"] / (self.sums["net_minor"] or 1), 0),
        }  # fmt: skip
        if not self.sums["net_minor"]:
            text = ngettext("%(count)s visit, and no order followed yet", "%(count)s visits, and no order followed yet",
                self.sums["visits"])  # fmt: skip
            return text % {"count": formats.count(self.sums["visits"])}
        return _("“%(way)s” brought %(money)s of the sales that followed, from %(visits)s of the visits") % told

    @property
    def chart(self) -> Chart:
        """What followed from each way, the most first."""
        best = sorted(self.shown, key=lambda row: (-row["net_minor"], -row["visits"]))[:DRAWN]
        columns = [
            Column("name", self.title), Column("net_minor", _("Net sales that followed"), form="money", series=1),
            Column("visits", _("Visits"), form="count"), Column("orders", _("Orders"), form="count"),
        ]  # fmt: skip
        return Chart(
            name="arrivals", kind="horizontal", finding=self.finding, columns=columns, rows=best, currency=self.currency
        )


def _words(row: Mapping[str, Any]) -> str:
    """Say how many visits there were and how many orders followed."""
    visits = ngettext("%(count)s visit", "%(count)s visits", row["visits"]) % {"count": formats.count(row["visits"])}
    orders = ngettext("%(count)s order", "%(count)s orders", row["orders"]) % {"count": formats.count(row["orders"])}
    return f"{visits} · {orders}"
