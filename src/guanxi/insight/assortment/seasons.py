"""Seasons laid over each other by the festival, not by the date: the days before 11.11 or Spring Festival of two years.

Pure but for the calendar: days of trade and windows of the calendar in, pairs of days out.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from guanxi.insight.assortment.asked import FIGURES, Asked
from guanxi.insight.assortment.trend import DAY, Sums
from guanxi.insight.trading import growth
from guanxi.pages import formats
from guanxi.pages.charts import Chart, Column
from guanxi.pages.components import Tab
from guanxi.shop.given import Window

BEFORE, AFTER = 21, 7
ALWAYS = {"black-friday", "valentine", "qixi"}


@dataclass(frozen=True)
class Season:
    """A festival: the day it fell on last, and the time before."""

    key: str
    name: str
    mark: dt.date
    earlier: dt.date | None

    @property
    def first(self) -> dt.date:
        """The first day looked at."""
        return self.mark - BEFORE * DAY


def seasons(windows: Iterable[Window], since: dt.date, as_of: dt.date) -> list[Season]:
    """List the festivals whose weeks have begun, the one nearest to the last day first.

    Those of which no day was traded are left out.
    """
    marks: dict[str, dict[dt.date, str]] = defaultdict(dict)
    for each in windows:
        if (each.great or each.own is not None or each.key in ALWAYS) and each.mark - BEFORE * DAY <= as_of:
            marks[_key(each)][each.mark] = str(each.name)
    found = [_season(key, days) for key, days in marks.items()]
    return sorted(
        (each for each in found if each.mark + AFTER * DAY >= since),
        key=lambda each: (abs(each.mark - as_of), each.key),
    )


def _key(window: Window) -> str:
    return window.key if window.own is None else f"own-{window.own}"


def _season(key: str, days: Mapping[dt.date, str]) -> Season:
    newest, *older = sorted(days, reverse=True)
    return Season(key, days[newest], newest, older[0] if older else None)


@dataclass(frozen=True)
class Aligned:
    """One festival's days of two years beside each other."""

    asked: Asked
    all: list[Season]
    days: Mapping[dt.date, Sums]
    as_of: dt.date
    currency: str

    @cached_property
    def season(self) -> Season | None:
        """The festival asked for, else the nearest; None where the calendar has none in days of trade."""
        return next((each for each in self.all if each.key == self.asked.season), self.all[0] if self.all else None)

    @property
    def tabs(self) -> list[Tab]:
        """The choice of festivals."""
        return [
            Tab(each.name, f"?{self.asked.query(season=each.key)}#seasons", active=each == self.season)
            for each in self.all
        ]

    @cached_property
    def points(self) -> list[dict[str, Any]]:
        """One row for each day from three weeks before the festival to one after; None what is not known."""
        if self.season is None:
            return []
        return [
            {
                "place": formats.signed(nth) if nth else self.season.name, "nth": nth,
                "day": self.season.mark + nth * DAY, "now": self._figure(self.season.mark, nth),
                "before_day": self.season.earlier and self.season.earlier + nth * DAY,
                "before": self._figure(self.season.earlier, nth),
            }
            for nth in range(-BEFORE, AFTER + 1)
        ]  # fmt: skip

    def _figure(self, mark: dt.date | None, nth: int) -> float | None:
        day = mark and mark + nth * DAY
        if day is None or day > self.as_of or day < min(self.days):
            return None
        value = self.days[day][self.asked.figure] if day in self.days else 0
        return int(value) if value == int(value) else value

    @property
    def pairs(self) -> Iterator[tuple[float, float]]:
        """The days up to the festival that are known of both years."""
        for point in self.points:
            if point["nth"] <= 0 and point["now"] is not None and point["before"] is not None:
                yield point["now"], point["before"]

    @property
    def finding(self) -> str:
        """How the days up to the festival compare with those of the year before."""
        if self.season is None:
            return ""
        now, then = (sum(each) for each in zip(*self.pairs, strict=True)) if any(self.pairs) else (0, 0)
        said = {"name": self.season.name, "now": self._written(now), "then": self._written(then)}
        moved = growth(int(now), int(then))
        if moved is None:
            sold = sum(point["now"] or 0 for point in self.points if point["nth"] <= 0)
            said["now"] = self._written(sold)
            return _("%(now)s in the three weeks up to %(name)s; there is no earlier year to lay beside it") % said
        said["share"] = formats.percent(abs(moved))
        if moved >= 0:
            return _("%(now)s up to %(name)s, %(share)s more than in the same weeks before it a year ago") % said
        return _("%(now)s up to %(name)s, %(share)s less than in the same weeks before it a year ago") % said

    def _written(self, value: float) -> str:
        if self.asked.figure == "net_minor":
            return str(formats.money_large(int(value), self.currency))
        title = str(FIGURES[self.asked.figure][0])
        return _("%(title)s %(value)s") % {"title": title, "value": str(formats.number_large(value))}

    @property
    def chart(self) -> Chart | None:
        """Two lines over the days from the festival."""
        if self.season is None or all(point["now"] is None for point in self.points):
            return None
        form = FIGURES[self.asked.figure][1]
        columns = [
            Column("place", _("Days from it")),
            Column("now", f"{self.season.mark.year}", form=form, series=1),
        ]
        if self.season.earlier and any(point["before"] is not None for point in self.points):
            columns.append(Column("before", f"{self.season.earlier.year}", form=form, series="past"))
        return Chart(
            name="goods-season", kind="line", finding=self.finding, columns=columns, rows=self.points,
            currency=self.currency,
        )  # fmt: skip
