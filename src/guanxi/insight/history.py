"""How the classes share the customers among them, month by month by the rules of today."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from guanxi.insight.naming import LAST, series_of
from guanxi.insight.scheme import Scheme
from guanxi.pages import formats, moments
from guanxi.pages.charts import Chart, Column

MOST_PARTS = 4  # of a stack; what is more is drawn as one, and told apart in the table
NOBODY = {"customers": 0}
Counted = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class History:
    """The classes as of some days, oldest first."""

    scheme: Scheme
    days: Sequence[tuple[dt.date, Counted]]

    @property
    def finding(self) -> str:
        """How the share of the best class moved over the days shown."""
        first, last = self.rows[0], self.rows[-1]
        said = {
            "class": self.scheme.classes[0].name,
            "was": formats.percent(first["share_1"]),
            "now": formats.percent(last["share_1"]),
            "day": moments.full_day(first["day"]),
        }
        return _("“%(class)s” went from %(was)s of customers on %(day)s to %(now)s.") % said

    @property
    def chart(self) -> Chart:
        """The shares as one stack a month; the last is the day of the run."""
        return Chart(
            name="class-shares", kind="stacked", finding=self.finding, columns=list(self._columns()), rows=self.rows
        )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One row a day: the share of each class, of those drawn as one, and how many customers there were."""
        return [self._row(day, classes) for day, classes in self.days]

    def _row(self, day: dt.date, classes: Counted) -> dict[str, Any]:
        counts = [classes.get(each.key, NOBODY)["customers"] for each in self.scheme.classes]
        total = sum(counts)
        shares = [count / total if total else 0.0 for count in counts]
        named = {f"share_{nth}": share for nth, share in enumerate(shares, 1)}
        return {"day": day, "customers": total, "others": sum(shares[self._drawn :]), **named}

    @property
    def _drawn(self) -> int:
        count = len(self.scheme.classes)
        return count if count <= MOST_PARTS else MOST_PARTS - 1

    def _columns(self) -> Iterator[Column]:
        yield Column("day", _("As of"), form="day")
        for nth, each in enumerate(self.scheme.classes, 1):
            series = series_of(self.scheme, nth - 1) if nth <= self._drawn else None
            yield Column(f"share_{nth}", each.name, form="percent", series=series)
        if self._drawn < len(self.scheme.classes):
            yield Column("others", _("Other classes"), form="percent", series=LAST)
        yield Column("customers", _("Customers"), form="count")
