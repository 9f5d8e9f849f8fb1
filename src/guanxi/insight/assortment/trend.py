"""Orders, units and net sales day by day, beside the days of last year that lay as near to their festival."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.insight.addresses import placed
from guanxi.insight.assortment.asked import EVER, FIGURES, Asked
from guanxi.insight.trading import growth
from guanxi.pages import formats, moments
from guanxi.pages.charts import Chart, Column
from guanxi.pages.components import Metric
from guanxi.pages.festivals import a_year_before
from guanxi.pages.period import COMPARISONS
from guanxi.shop import calendar
from guanxi.warehouse.reading import Lake

MART = "sales_by_part"
DAYS = "select day, net_minor, orders, units from sales_by_part where part = 'all' and day <= $as_of order by day"
DAY = dt.timedelta(days=1)
STEPS = {30: 1, 90: 7}  # days that one mark of the chart stands for; months where there are more
Sums = dict[str, float]


@dataclass(frozen=True)
class Trend:
    """The days of a span, up to the last day observed; amounts in the company's currency."""

    asked: Asked
    as_of: dt.date
    days: Mapping[dt.date, Sums]
    currency: str

    @classmethod
    def read(cls, lake: Lake, asked: Asked, as_of: dt.date, currency: str) -> "Trend":
        """Read every day there is."""
        rows = lake.sql(DAYS, as_of=as_of).to_pylist()
        return cls(asked, as_of, {row.pop("day"): row for row in rows}, currency)

    @property
    def first(self) -> dt.date:
        """The first day of the span."""
        if self.asked.days == EVER:
            return min(self.days, default=self.as_of)
        return self.as_of - (self.asked.days - 1) * DAY

    @cached_property
    def now(self) -> Sums:
        """What the span came to."""
        return self._sum(self._dates(self.first, self.as_of))

    @cached_property
    def before(self) -> Sums | None:
        """What as many days before it came to; None of all time, and where the shop did not trade through all of it."""
        start = self.first - self.asked.days * DAY
        if self.asked.days == EVER or not self.days or min(self.days) > start:
            return None
        return self._sum(self._dates(start, self.first - DAY))

    @property
    def finding(self) -> str:
        """What was sold, and how that compares with the days before."""
        orders = int(self.now["orders"])
        said = {
            "count": formats.count(orders),
            "net": str(formats.money_large(int(self.now["net_minor"]), self.currency)),
        }
        if not orders:
            return _("Nothing was sold in these days")
        moved = growth(int(self.now["net_minor"]), int(self.before["net_minor"])) if self.before else None
        if moved is None:
            return ngettext("%(count)s order for %(net)s", "%(count)s orders for %(net)s", orders) % said
        said["share"] = formats.percent(abs(moved))
        if moved < 0:
            less = ngettext(
                "%(count)s order for %(net)s: %(share)s less than in the days before",
                "%(count)s orders for %(net)s: %(share)s less than in the days before",
                orders,
            )
            return less % said
        more = ngettext(
            "%(count)s order for %(net)s: %(share)s more than in the days before",
            "%(count)s orders for %(net)s: %(share)s more than in the days before",
            orders,
        )
        return more % said

    @property
    def beside(self) -> str:
        """How the figure drawn compares with last year, over the marks known of both; else the first sentence."""
        both = [point for point in self.points if point["past"] is not None]
        now, past = (sum(point[name] for point in both) for name in ("now", "past"))
        moved = growth(int(now), int(past))
        if moved is None:
            return self.finding
        said = {
            "title": str(FIGURES[self.asked.figure][0]),
            "share": formats.percent(abs(moved)),
            "now": self._written(now),
        }
        if moved < 0:
            return _("%(title)s %(now)s: %(share)s less than last year, over the days known of both years") % said
        return _("%(title)s %(now)s: %(share)s more than last year, over the days known of both years") % said

    def _written(self, value: float) -> str:
        if self.asked.figure == "net_minor":
            return str(formats.money_large(int(value), self.currency))
        return str(formats.number_large(value))

    @property
    def metrics(self) -> list[Metric]:
        """The sums, and how each moved."""
        net, orders, units = (self.now[name] for name in FIGURES)
        return [
            self._metric(_("Net sales"), formats.money_large(int(net), self.currency), net, "net_minor"),
            self._metric(_("Orders"), formats.number_large(int(orders)), orders, "orders"),
            self._metric(_("Units sold"), formats.number_large(units), units, "units"),
            Metric(
                _("Average order value"),
                formats.money(round(net / orders), self.currency) if orders else formats.missing(applies=False),
                note=_("net sales by order"),
            ),
        ]

    def _metric(self, label: str, value: formats.Figure, figure: float, name: str) -> Metric:
        moved = growth(int(figure), int(self.before[name])) if self.before else None
        if moved is None:
            return Metric(
                label, value, note=_("nothing to compare with yet") if self.asked.days else str(self.asked.span)
            )
        return Metric(label, value, formats.change(moved), _("vs the days before"))

    @property
    def chart(self) -> Chart:
        """The figure chosen over the span, with last year behind it where the shop traded then."""
        title, form = FIGURES[self.asked.figure]
        columns = [self._axis, Column("now", str(title), form=form, series=1)]
        if any(point["past"] is not None for point in self.points):
            columns.append(Column("past", capfirst(str(COMPARISONS["year"])), form=form, series="past"))
        return Chart(
            name="goods-trend", kind="bars", finding=self.beside, columns=columns, rows=self.points,
            currency=self.currency, marks=self._marks, hrefs=placed("{first}", "{last}"),
        )  # fmt: skip

    @property
    def _axis(self) -> Column:
        if self.asked.days in STEPS:
            return Column("day", _("Day") if STEPS[self.asked.days] == 1 else _("Week from"), form="day")
        return Column("day", _("Month"), form="month")

    @property
    def _marks(self) -> dict[Any, Any]:
        return {**calendar.marks(point["day"] for point in self.points)} if STEPS.get(self.asked.days) == 1 else {}

    @cached_property
    def points(self) -> list[dict[str, Any]]:
        """One row a mark: the figure, and that of the days a year before, by festival and not by date."""
        return [self._point(dates) for dates in self._parts()]

    def _point(self, dates: list[dt.date]) -> dict[str, Any]:
        name, since = self.asked.figure, min(self.days, default=self.as_of)
        past = [a_year_before(day) for day in dates]
        orders = sum(self.days[day]["orders"] for day in dates if day in self.days)
        return {
            "day": dates[0] if self.asked.days in STEPS else dates[0].replace(day=1),
            "now": _told(sum(self.days[day][name] for day in dates if day in self.days)),
            "past": None if min(past) < since else _told(sum(self.days[day][name] for day in past if day in self.days)),
            "first": dates[0] if orders else None,
            "last": dates[-1] if orders else None,
        }

    def _parts(self) -> Iterator[list[dt.date]]:
        dates = [*self._dates(self.first, self.as_of)]
        step = STEPS.get(self.asked.days)
        if step:
            ends = range(len(dates), 0, -step)
            yield from reversed([dates[max(end - step, 0) : end] for end in ends])
            return
        months: dict[tuple[int, int], list[dt.date]] = {}
        for day in dates:
            months.setdefault((day.year, day.month), []).append(day)
        yield from months.values()

    def _sum(self, dates: Iterable[dt.date]) -> Sums:
        known = [self.days[day] for day in dates if day in self.days]
        return {name: sum(row[name] for row in known) for name in FIGURES}

    @staticmethod
    def _dates(first: dt.date, last: dt.date) -> Iterator[dt.date]:
        return (first + nth * DAY for nth in range((last - first).days + 1))

    @property
    def dates(self) -> str:
        """Write the first and the last day."""
        return f"{moments.full_day(self.first)} – {moments.full_day(self.as_of)}"


def _told(value: float) -> float | int:
    """Give a whole number as one."""
    return int(value) if value == int(value) else value
