"""Net sales by day: what the best day sold, how the days since compare, and the days themselves."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from guanxi.insight.addresses import placed
from guanxi.insight.trading import Sums, Trade, growth
from guanxi.pages import formats, moments
from guanxi.pages.charts import Chart, Column
from guanxi.shop import calendar

MOST_DAYS = 92


@dataclass(frozen=True)
class SalesByDay:
    """The days of a span, as the home page draws them."""

    trade: Trade
    currency: str

    @property
    def finding(self) -> str:
        """What one day sold, against its day last year, and whether the days since stayed ahead."""
        best = self.trade.best
        if best is None:
            return _("Nothing was sold in these days.")
        moved = self._growth(best)
        told = {
            "day": moments.day(self.trade.span.days[best], today=self.trade.span.end),
            "net": str(formats.money_large(self.trade.days[best].net_minor, self.currency)),
            "percent": formats.percent(abs(moved or 0), 0),
        }
        if moved is None:
            return _("%(day)s sold most: %(net)s.") % told
        if moved <= 0:
            return _("%(day)s sold most: %(net)s, %(percent)s less than a year before.") % told
        if self._stayed_ahead(best):
            text = _("%(day)s alone sold %(net)s, %(percent)s more than a year before; every day since stayed ahead.")
            return text % told
        return _("%(day)s alone sold %(net)s, %(percent)s more than a year before.") % told

    @property
    def chart(self) -> Chart:
        """The days as stacked bars, with those they compare with behind them."""
        columns = [
            Column("day", _("Month"), form="month") if self.by_month else Column("day", _("Day"), form="day"),
            Column("returning", pgettext("customers", "Returning"), form="money", series=1),
            Column("new", pgettext("customers", "New"), form="money", series=2),
        ]
        if any(sums.guest_net_minor for sums in self.trade.days):
            columns.append(Column("guest", _("Guests"), form="money", series=6))
        if self.trade.then is not None:
            columns.append(Column("before", self._compared, form="money", series="past"))
        return Chart(
            name="net-sales-by-day",
            kind="stacked",
            finding=self.finding,
            columns=columns,
            rows=self.rows,
            currency=self.currency,
            marks=self.marks,
            hrefs=placed("{first}", "{last}"),
            unfinished=self._unfinished,
        )

    @property
    def _compared(self) -> str:
        return _("Last year, total") if self.trade.span.by_year else _("The days before, total")

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One row a day, or a month; what it compares with is left out where the shop did not trade yet."""
        before = self.trade.before if self.trade.then is not None else [None] * len(self.trade.days)
        days = list(zip(self.trade.span.days, self.trade.days, before, strict=True))
        parts = groupby(days, key=lambda row: row[0].replace(day=1) if self.by_month else row[0])
        return [_row(first, list(part)) for first, part in parts]

    @property
    def by_month(self) -> bool:
        """Whether there are too many days to draw each."""
        return len(self.trade.days) > MOST_DAYS

    @property
    def marks(self) -> dict[Any, Any]:
        """The days among them that have a name."""
        return {} if self.by_month else {**calendar.marks(self.trade.span.days)}

    @property
    def _unfinished(self) -> dt.date | None:
        day = self.trade.span.period.unfinished
        return day.replace(day=1) if day and self.by_month else day

    def _growth(self, nth: int) -> float | None:
        if self.trade.then is None or not self.trade.span.by_year:
            return None
        return growth(self.trade.days[nth].net_minor, self.trade.before[nth].net_minor)

    def _stayed_ahead(self, best: int) -> bool:
        """Tell whether every whole day after the best one sold more than a year before."""
        pairs = list(zip(self.trade.days, self.trade.before, strict=True))[best + 1 :]
        running = self.trade.span.period.unfinished == self.trade.span.end
        whole: list[tuple[Sums, Sums]] = pairs[:-1] if running else pairs
        return len(whole) >= 3 and all(now.net_minor > then.net_minor for now, then in whole)


def _row(first: dt.date, part: Sequence[tuple[dt.date, Sums, Sums | None]]) -> dict[str, Any]:
    """Add up the days of one bar."""
    now = Sums.of(sums for _day, sums, _then in part)
    bought = [day for day, sums, _then in part if sums.orders]
    then = [then for _day, _sums, then in part if then is not None]
    return {
        "day": first,
        "returning": now.returning_net_minor,
        "new": now.new_net_minor,
        "guest": now.guest_net_minor,
        "before": Sums.of(then).net_minor if then else None,
        "first": part[0][0] if bought else None,
        "last": part[-1][0] if bought else None,
    }
