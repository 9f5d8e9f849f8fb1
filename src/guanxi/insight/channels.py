"""Channels: which ways brought visits, orders and new customers, by several rules of attribution, and at what cost.

Read from the marts of visits and orders; costs are entered by the shop.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl
import pyarrow as pa
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from guanxi.insight.attribution import markov, rules
from guanxi.insight.attribution.journeys import Credit, Credits, Journey
from guanxi.insight.models import MarketingCost
from guanxi.insight.told import instants
from guanxi.pages.period import Period
from guanxi.warehouse.reading import Lake

WAYS: dict[str, tuple[str, Promise]] = {
    "source": ("source", gettext_lazy("Source")),
    "campaign": ("campaign", gettext_lazy("Campaign")),
}
MODELS: dict[str, tuple[Promise, Callable[[Sequence[Journey]], Credits]]] = {
    "last": (gettext_lazy("Last contact"), lambda told: rules.credit(told, rules.last)),
    "first": (gettext_lazy("First contact"), lambda told: rules.credit(told, rules.first)),
    "linear": (gettext_lazy("All alike"), lambda told: rules.credit(told, rules.linear)),
    "position": (gettext_lazy("First and last most"), lambda told: rules.credit(told, rules.position)),
    "data": (gettext_lazy("By the data"), markov.credit),
}
LONGEST = 20  # contacts of a journey, the last ones
BETWEEN = "\x1f"

CAME = "select {way} as way, count(*) as visits, count(distinct who) as people from visits where {days} group by {way}"
ORDERED = (
    "select order_id, {way} as way, is_first, net_minor from visits "
    "where ordered_at >= $since and ordered_at < $until order by order_id, visit_at"
)
LOST = "select who, {way} as way from visits where order_id is null and {days} order by who, visit_at"
DAYS = "visit_at >= $since and visit_at < $until"
EARNED = (
    "with acquired as (select order_id, arg_min({way}, visit_at) as way from visits "
    "where is_first and ordered_at >= $since and ordered_at < $until group by order_id),\n"
    "people as (select orders.customer_id, acquired.way, orders.placed_at as met_at from acquired "
    "join orders on orders.order_id = acquired.order_id)\n"
    "select people.way, date_diff('day', cast(people.met_at as date), cast(orders.placed_at as date)) as day, "
    "sum(orders.net_base_minor) as net_minor from people join orders on orders.customer_id = people.customer_id "
    "where orders.is_paid and orders.kind = 'sale' and orders.placed_at >= people.met_at group by 1, 2 order by 1, 2"
)


@dataclass(frozen=True)
class Line:
    """What one way did in some days, in minor units of the company's currency.

    `cost_minor` is None where none was entered, `earned` what those first met by it have bought since, by days after
    they first bought.
    """

    way: str
    visits: int
    people: int
    cost_minor: float | None
    brought: Credit
    met: Credit
    earned: Sequence[tuple[int, int]] = ()

    @property
    def conversion(self) -> float | None:
        """Orders of one visit."""
        return self.brought.orders / self.visits if self.visits else None

    @property
    def acquisition_minor(self) -> float | None:
        """What one new customer cost."""
        return self.cost_minor / self.met.orders if self.cost_minor and self.met.orders > 0 else None

    @property
    def returned(self) -> float | None:
        """How much more came in than was spent, of what was spent: 1.5 is two and a half times the cost."""
        return (self.brought.value_minor - self.cost_minor) / self.cost_minor if self.cost_minor else None

    @property
    def paid_back_days(self) -> int | None:
        """After how many days those first met by it had brought in the cost; None where they have not yet."""
        whole = 0
        for day, net_minor in self.earned:
            whole += net_minor
            if self.cost_minor and whole >= self.cost_minor:
                return day
        return None

    @property
    def paid_back(self) -> float | None:
        """Which part of the cost those first met by it have brought in so far."""
        return sum(net for _day, net in self.earned) / self.cost_minor if self.cost_minor else None


@dataclass(frozen=True)
class Channels:
    """All ways of some days, and the journeys by which orders are parted among them."""

    lines: Mapping[str, Line]
    journeys: Sequence[Journey]

    @classmethod
    def read(cls, lake: Lake, period: Period, *, by: str, model: str) -> "Channels":
        """Read what there is of some days; `by` is one of `WAYS`, `model` one of `MODELS`."""
        since, until = instants(period)
        way, ends = WAYS[by][0], {"since": since, "until": until}
        asked = {name: lake.sql(sql.format(way=way, days=DAYS), **ends) for name, sql in _SQL.items()}
        told = journeys(asked["ordered"], asked["lost"])
        first = journeys(asked["ordered"].filter(pa.compute.field("is_first")), asked["lost"].slice(0, 0))
        part = MODELS[model][1]
        found = _lines(asked, costs(period.start, period.end, by=by), part(told), part(first))
        return cls(found, told)

    def side_by_side(self) -> dict[str, Credits]:
        """Part the orders by every model."""
        return {name: part(self.journeys) for name, (_title, part) in MODELS.items()}


_SQL = {"came": CAME, "ordered": ORDERED, "lost": LOST, "earned": EARNED}


def _lines(
    asked: Mapping[str, pa.Table], spent: Mapping[str, float], brought: Credits, met: Credits
) -> dict[str, Line]:
    came = {row["way"]: row for row in asked["came"].to_pylist()}
    earned: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row in asked["earned"].to_pylist():
        earned[row["way"]].append((row["day"], int(row["net_minor"] or 0)))
    return {
        way: Line(
            way, came.get(way, {}).get("visits", 0), came.get(way, {}).get("people", 0), spent.get(way),
            brought.get(way, Credit()), met.get(way, Credit()), earned[way],
        )
        for way in sorted({*came, *brought, *spent})
    }  # fmt: skip


def journeys(ordered: pa.Table, lost: pa.Table) -> list[Journey]:
    """Make journeys of visits that stand in their order: those of each order, and those of each who bought nothing.

    `ordered` has columns order_id, way, net_minor, and `lost` who and way.
    """
    bought = _grouped(ordered, "order_id", pl.col("net_minor").first())
    left = _grouped(lost, "who", pl.lit(0).first().alias("net_minor"))
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for place, rows in ((0, bought), (2, left)):
        for ways, count, net_minor in rows:
            found[ways][place] += count
            found[ways][1] += net_minor
    return [
        Journey(tuple(ways.split(BETWEEN)), orders, net_minor, away)
        for ways, (orders, net_minor, away) in sorted(found.items())
    ]


def _grouped(told: pa.Table, whose: str, value: pl.Expr) -> Iterable[tuple[str, int, int]]:
    rows = pl.DataFrame(told).group_by(whose, maintain_order=True).agg(pl.col("way").tail(LONGEST), value)
    ways = rows.select(pl.col("way").list.join(BETWEEN), pl.col("net_minor").cast(pl.Int64))
    return ways.group_by("way").agg(pl.len(), pl.col("net_minor").sum()).iter_rows()


def costs(first: dt.date, last: dt.date, *, by: str) -> dict[str, float]:
    """Add up what each way cost from one day to another; of campaigns those alone whose cost was entered by name."""
    found: dict[str, float] = defaultdict(float)
    for each in MarketingCost.objects.between(first, last):
        if way := (each.campaign if by == "campaign" else each.source):
            found[way] += each.within(first, last)
    return dict(found)
