"""The figures that goals may be set for, read day by day from the small tables that the daily marts leave."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.db.models import Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.core.money import to_minor
from guanxi.orders.figures import base_currency
from guanxi.pages import formats

Days = dict[dt.date, tuple[float, float]]  # of each day: the figure, and what it is divided by (1 if nothing)
SOLD = ("orders", "new_customers", "new_net_minor", "returning_net_minor", "guest_net_minor")


class Source:
    """The days that figures are read from, one and another among them: each table is asked once for all figures."""

    def __init__(self, first: dt.date, last: dt.date) -> None:
        self.first, self.last = first, last

    def covers(self, first: dt.date, last: dt.date) -> bool:
        """Whether it holds all of these days."""
        return self.first <= first and last <= self.last

    @cached_property
    def since(self) -> dt.date | None:
        """The first day of trade there is; what came before it is unknown, a day without sales after it is zero."""
        from guanxi.insight.models import TradingDay  # noqa: PLC0415 - models are not there when apps load

        return TradingDay.objects.order_by("day").values_list("day", flat=True).first()

    @cached_property
    def trading(self) -> Mapping[str, Mapping[dt.date, Counter[str]]]:
        """What each channel sold by day; all of them together under the empty name."""
        from guanxi.insight.models import TradingDay  # noqa: PLC0415 - as above

        found: dict[str, dict[dt.date, Counter[str]]] = {"": {}}
        sums = {name: Sum(name) for name in SOLD}
        rows = TradingDay.objects.between(self.first, self.last).order_by().values_list("day", "channel")
        for day, channel, *figures in rows.annotate(**sums):
            sold = dict(zip(SOLD, figures, strict=True))
            for key in {"", channel}:
                found.setdefault(key, {}).setdefault(day, Counter()).update(sold)
        return found

    @cached_property
    def customers(self) -> Sequence[tuple[dt.date, int, int, int | None]]:
        """Buyers, repeat buyers and the reachable of each day, the earliest first."""
        from guanxi.insight.models import CustomerDay  # noqa: PLC0415 - as above

        rows = CustomerDay.objects.filter(day__range=(self.first, self.last)).order_by("day")
        return list(rows.values_list("day", "buyers", "repeat_buyers", "reachable"))

    @cached_property
    def moves(self) -> Sequence[tuple[dt.date, Mapping[str, int]]]:
        """Who moved from where to where, as each day's computation counted it, the earliest first."""
        from guanxi.insight.models import ShopRun  # noqa: PLC0415 - as above

        rows = ShopRun.objects.filter(as_of__range=(self.first, self.last)).order_by("as_of")
        return list(rows.values_list("as_of", "moves"))


@dataclass(frozen=True)
class Figure:
    """One figure: `form` money, count or share; `kind` flow (days add up), ratio (of sums) or level (it stands)."""

    key: str
    title: str | Promise
    form: str
    kind: str
    pick: Callable[[Source, str], Days]
    by_channel: bool = False

    def read(self, first: dt.date, last: dt.date, channel: str = "", *, source: Source | None = None) -> Days:
        """Read the days from one to another, from a source that covers them where there is one."""
        if source is None or not source.covers(first, last):
            source = Source(first, last)
        return {day: told for day, told in self.pick(source, channel).items() if first <= day <= last}

    def said(self, value: float) -> str:
        """Write a value for people."""
        if self.form == "share":
            return formats.percent(value)
        return (
            formats.money_whole(round(value), base_currency()) if self.form == "money" else formats.count(round(value))
        )

    def entered(self, value: Decimal) -> float:
        """Read a value as people enter it: whole money, a count, or percent."""
        if self.form == "share":
            return float(value) / 100
        return float(to_minor(value, base_currency()) if self.form == "money" else value)


def figures() -> Mapping[str, Figure]:
    """Give the figures by their keys."""
    return {each.key: each for each in FIGURES}


def _traded(told: Callable[[Mapping[str, int]], tuple[float, float]]) -> Callable[[Source, str], Days]:
    def pick(source: Source, channel: str) -> Days:
        if source.since is None:
            return {}
        found, start = source.trading.get(channel, {}), max(source.first, source.since)
        days = [start + dt.timedelta(days=nth) for nth in range((source.last - start).days + 1)]
        return {day: told(found[day]) if day in found else (0.0, 0.0) for day in days}

    return pick


def _net(row: Mapping[str, int]) -> int:
    return row["new_net_minor"] + row["returning_net_minor"] + row["guest_net_minor"]


def _repurchase(source: Source, _channel: str) -> Days:
    return {day: (again / buyers, 1) for day, buyers, again, _reached in source.customers if buyers > 0}


def _reachable(source: Source, _channel: str) -> Days:
    return {day: (float(reached), 1) for day, _buyers, _again, reached in source.customers if reached is not None}


def _moved(keep: Callable[[str], bool]) -> Callable[[Source, str], Days]:
    def pick(source: Source, _channel: str) -> Days:
        return {day: (float(sum(count for way, count in moves.items() if keep(way))), 1) for day, moves in source.moves}

    return pick


FIGURES = (
    Figure("net_sales", _("Net sales"), "money", "flow", _traded(lambda row: (_net(row), 1)), by_channel=True),
    Figure("orders", _("Orders"), "count", "flow", _traded(lambda row: (row["orders"], 1)), by_channel=True),
    Figure(
        "new_customers", _("New customers"), "count", "flow", _traded(lambda row: (row["new_customers"], 1)),
        by_channel=True,
    ),
    Figure(
        "order_value", _("Average order value"), "money", "ratio", _traded(lambda row: (_net(row), row["orders"])),
        by_channel=True,
    ),
    Figure("repurchase", _("90-day repurchase rate"), "share", "level", _repurchase),
    Figure("reachable", _("Reachable customers"), "count", "level", _reachable),
    Figure("active", _("Active customers"), "count", "level", _moved(lambda way: way.endswith(">active"))),
    Figure("won_back", _("Dormant customers won back in 30 days"), "count", "level",
           _moved(lambda way: way in ("dormant>active", "lost>active"))),
)  # fmt: skip
