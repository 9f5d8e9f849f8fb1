"""Channels: which ways brought visits, orders and new customers, by several rules of attribution, and at what cost.

Read from marts of visits, contacts and what new customers bought since, all kept by day; costs are entered by the shop.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from guanxi.insight.attribution import markov, rules
from guanxi.insight.attribution.contacts import Contacts, Credit, Credits
from guanxi.insight.attribution.rules import RULES
from guanxi.insight.models import MarketingCost
from guanxi.pages.period import Period
from guanxi.warehouse.reading import Lake

WAYS: dict[str, Promise] = {"source": gettext_lazy("Source"), "campaign": gettext_lazy("Campaign")}
MODELS: dict[str, Promise] = {
    "last": gettext_lazy("Last contact"),
    "first": gettext_lazy("First contact"),
    "linear": gettext_lazy("All alike"),
    "position": gettext_lazy("First and last most"),
    "data": gettext_lazy("By the data"),
}
MARTS = ("channel_visits", "channel_contacts", "channel_earnings")

CAME = """
    select way, sum(times) as times,
           coalesce(sum(times) filter (where before_on is null or before_on < $first), 0) as people
    from channel_visits where told_by = $by and visited_on between $first and $last group by way
"""
CONTACTS = """
    select way, case when next_on <= $last then next_way end as after, is_order, is_first, sum(contacts) as counted,
           sum(last_orders) as last_orders, sum(last_minor) as last_minor,
           sum(first_orders) as first_orders, sum(first_minor) as first_minor,
           sum(linear_orders) as linear_orders, sum(linear_minor) as linear_minor,
           sum(position_orders) as position_orders, sum(position_minor) as position_minor
    from channel_contacts
    where told_by = $by and contacted_on between $first and $last and (over_on is null or over_on > $last)
    group by 1, 2, 3, 4 order by 1, 2, 3, 4
"""
EARNED = """
    select way, after_days, sum(net_minor) as net_minor
    from channel_earnings where told_by = $by and met_on between $first and $last group by 1, 2 order by 1, 2
"""


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
    """All ways of some days, and the contacts by which orders are parted among them."""

    lines: Mapping[str, Line]
    contacts: Sequence[Contacts]

    @classmethod
    def read(cls, lake: Lake, period: Period, *, by: str, model: str) -> "Channels":
        """Read what there is of some days; `by` is one of `WAYS`, `model` one of `MODELS`."""
        asked = {"by": by, "first": period.start, "last": period.end}
        rows = lake.sql(CONTACTS, **asked).to_pylist()
        told, first = contacts(rows), contacts(row for row in rows if row["is_first"])
        spent, brought, met = costs(period.start, period.end, by=by), credit(told, model), credit(first, model)
        came, earned = _came(lake, asked), _earned(lake, asked)
        ways = sorted({*came, *brought, *spent})
        lines = {
            way: Line(way, *came.get(way, (0, 0)), spent.get(way), brought.get(way, Credit()), met.get(way, Credit()),
                      earned.get(way, ()))
            for way in ways
        }  # fmt: skip
        return cls(lines, told)

    def side_by_side(self) -> dict[str, Credits]:
        """Part the orders by every model."""
        return {name: credit(self.contacts, name) for name in MODELS}


def _came(lake: Lake, asked: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Count visits and people of each way."""
    return {row["way"]: (int(row["times"]), int(row["people"])) for row in lake.sql(CAME, **asked).to_pylist()}


def _earned(lake: Lake, asked: Mapping[str, Any]) -> dict[str, list[tuple[int, int]]]:
    """Add up what those first met by each way have bought since, by days after they first bought."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row in lake.sql(EARNED, **asked).to_pylist():
        found[row["way"]].append((row["after_days"], int(row["net_minor"])))
    return found


def credit(told: Sequence[Contacts], model: str) -> Credits:
    """Part orders among the ways by one of `MODELS`."""
    return rules.credit(told, model) if model in RULES else markov.credit(told)


def contacts(rows: Iterable[Mapping[str, Any]]) -> list[Contacts]:
    """Make contacts of rows that have the columns of `CONTACTS`."""
    return [
        Contacts(
            row["way"], row["after"], int(row["counted"]), is_order=row["is_order"],
            credits={rule: Credit(row[f"{rule}_orders"], row[f"{rule}_minor"]) for rule in RULES if row["is_order"]},
        )
        for row in rows
    ]  # fmt: skip


def costs(first: dt.date, last: dt.date, *, by: str) -> dict[str, float]:
    """Add up what each way cost from one day to another; of campaigns those alone whose cost was entered by name."""
    found: dict[str, float] = defaultdict(float)
    for each in MarketingCost.objects.between(first, last):
        if way := (each.campaign if by == "campaign" else each.source):
            found[way] += each.within(first, last)
    return dict(found)
