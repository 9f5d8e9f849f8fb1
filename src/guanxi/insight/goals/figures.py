"""The figures that goals may be set for, read day by day from the small tables that the daily marts leave."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.core.money import to_minor
from guanxi.orders.figures import base_currency
from guanxi.pages import formats

Days = dict[dt.date, tuple[float, float]]  # of each day: the figure, and what it is divided by (1 if nothing)


@dataclass(frozen=True)
class Figure:
    """One figure: `form` money, count or share; `kind` flow (days add up), ratio (of sums) or level (it stands)."""

    key: str
    title: str | Promise
    form: str
    kind: str
    read: Callable[[dt.date, dt.date, str], Days]
    by_channel: bool = False

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


def _traded(pick: Callable[[dict[str, int]], tuple[float, float]]) -> Callable[[dt.date, dt.date, str], Days]:
    def read(first: dt.date, last: dt.date, channel: str) -> Days:
        from guanxi.insight.models import TradingDay  # noqa: PLC0415 - models are not there when apps load

        since = TradingDay.objects.order_by("day").values_list("day", flat=True).first()
        if since is None:
            return {}
        rows = TradingDay.objects.between(first, last)
        found = (rows.filter(channel=channel) if channel else rows).summed()
        start = max(first, since)
        days = [start + dt.timedelta(days=nth) for nth in range((last - start).days + 1)]
        return {day: pick(found[day]) if day in found else (0.0, 0.0) for day in days}

    return read


def _net(row: dict[str, int]) -> int:
    return row["new_net_minor"] + row["returning_net_minor"] + row["guest_net_minor"]


def _repurchase(first: dt.date, last: dt.date, _channel: str) -> Days:
    from guanxi.insight.models import CustomerDay  # noqa: PLC0415 - as above

    rows = CustomerDay.objects.filter(day__range=(first, last), buyers__gt=0).order_by("day")
    return {day: (again / buyers, 1) for day, again, buyers in rows.values_list("day", "repeat_buyers", "buyers")}


def _reachable(first: dt.date, last: dt.date, _channel: str) -> Days:
    from guanxi.insight.models import CustomerDay  # noqa: PLC0415 - as above

    rows = CustomerDay.objects.filter(day__range=(first, last), reachable__isnull=False).order_by("day")
    return {day: (float(count or 0), 1) for day, count in rows.values_list("day", "reachable")}


def _moved(keep: Callable[[str], bool]) -> Callable[[dt.date, dt.date, str], Days]:
    def read(first: dt.date, last: dt.date, _channel: str) -> Days:
        from guanxi.insight.models import ShopRun  # noqa: PLC0415 - as above

        rows = ShopRun.objects.filter(as_of__range=(first, last)).order_by("as_of").values_list("as_of", "moves")
        return {day: (float(sum(count for way, count in moves.items() if keep(way))), 1) for day, moves in rows}

    return read


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
