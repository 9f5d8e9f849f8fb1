"""The course of one goal as its page draws it: what was, what the path asks for, and where it will go."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from guanxi.accounts.models import AuditEntry
from guanxi.insight.goals.page import Row
from guanxi.insight.goals.projection import Projection
from guanxi.insight.goals.standing import DAY, Standing, chance_said, odds, value_of
from guanxi.insight.goals.words import WORDS
from guanxi.orders.figures import base_currency
from guanxi.pages import formats, moments
from guanxi.pages.charts import Chart, Column, Form
from guanxi.pages.components import Metric

POINTS = 60  # days that are drawn at most
KEPT = 50
FORMS: dict[str, Form] = {"money": "money", "count": "count", "share": "percent"}


@dataclass(frozen=True)
class Course:
    """One goal from its first day to its last."""

    row: Row

    @property
    def standing(self) -> Standing:
        """How it stands."""
        return self.row.standing

    @property
    def metrics(self) -> list[Metric]:
        """What is done, what is wanted, where it will end, and how likely that is enough."""
        goal, figure = self.row.goal, self.standing.figure
        found = [
            Metric(_("So far"), self.row.now, note=self.row.path or _("as of %(day)s") % self._today),
            Metric(_("Target"), figure.said(goal.target), note=self._until),
        ]
        forecast = None if self.standing.status in {"reached", "missed"} else self.standing.forecast
        if forecast:
            low, high = (figure.said(each) for each in forecast.interval)
            chance = forecast.chance(goal.target)
            within = _("8 in 10: %(low)s to %(high)s") % {"low": low, "high": high}
            found.append(Metric(_("Forecast"), figure.said(forecast.point), note=within))
            found.append(Metric(_("Chance"), chance_said(chance), note=odds(chance).capitalize()))
        return found

    @property
    def chart(self) -> Chart:
        """Draw it; a table of the same stands beside it."""
        form = FORMS[self.standing.figure.form]
        columns = [
            Column("day", _("Day"), form="day"),
            Column("seen", _("So far"), form=form, series=1),
            Column("path", _("Path"), form=form, series="past"),
            Column("expected", _("Forecast"), form=form, series=2),
            Column("low", _("8 in 10 from"), form=form, series="low"),
            Column("high", _("8 in 10 to"), form=form, series="high"),
        ]
        days = self._days()
        ahead = self.standing.ahead([day for day in days if day >= self.standing.today])
        rows = [self._point(day, ahead.get(day)) for day in days]
        finding = self.row.outlook or self.row.path or str(self.row.status[0])
        return Chart("goal-course", "line", finding, columns, rows, currency=base_currency(), height="m")

    @property
    def _today(self) -> dict[str, str]:
        return {"day": moments.full_day(self.standing.today)}

    @property
    def _until(self) -> str:
        told = {"day": moments.full_day(self.row.goal.ends_on), "left": formats.count(self.standing.left)}
        return _("by %(day)s, %(left)s days to go") % told if self.standing.left else _("by %(day)s") % told

    def _days(self) -> list[dt.date]:
        """Choose the days that are drawn: evenly spaced from the last day known, back and ahead."""
        goal, today = self.row.goal, self.standing.today
        turn = min(max(today, goal.starts_on), goal.ends_on)
        step = -(-goal.days // POINTS)
        back, ahead = (turn - goal.starts_on).days // step, (goal.ends_on - turn).days // step
        return sorted({turn + nth * step * DAY for nth in range(-back, ahead + 1)} | {goal.ends_on})

    def _point(self, day: dt.date, ahead: Projection | None) -> dict[str, Any]:
        found: dict[str, Any] = {"day": day, "seen": None, "expected": None, "low": None, "high": None}
        found["path"] = self._drawn(self.standing.expected_on(day))
        if day <= self.standing.today:
            found["seen"] = self._drawn(self._seen(day))
        if ahead:
            ends = (ahead.point, *ahead.interval)
            found |= {name: self._drawn(value) for name, value in zip(("expected", "low", "high"), ends, strict=True)}
        return found

    def _seen(self, day: dt.date) -> float | None:
        first = self.row.goal.starts_on
        return value_of(
            self.standing.figure, {each: told for each, told in self.standing.days.items() if first <= each <= day}
        )

    def _drawn(self, value: float | None) -> float | int | None:
        return value if value is None or self.standing.figure.form == "share" else round(value)


class Past(NamedTuple):
    """One thing that was done to a goal: when, by whom, what, and each field with what it was and is."""

    at: dt.datetime
    by: Any
    act: Any
    changes: list[tuple[Any, str, str]]


def history(row: Row) -> list[Past]:
    """Read what was done to a goal, the latest first."""
    entries = AuditEntry.objects.filter(subject=f"goal:{row.goal.pk}").select_related("by").order_by("-pk")[:KEPT]
    return [
        Past(
            entry.at, entry.by, WORDS.acts.get(entry.act, entry.act),
            [
                (WORDS.fields.get(name, name), *(_value(row, name, each) for each in pair))
                for name, pair in entry.told["changes"].items()
            ],
        )
        for entry in AuditEntry.objects.opened(entries)
    ]  # fmt: skip


def _value(row: Row, name: str, value: Any) -> str:
    """Write a value as people read it; the trail keeps it as it is stored."""
    if value in (None, ""):
        return ""
    if name == "target":
        return row.standing.figure.said(float(value))
    return moments.full_day(dt.date.fromisoformat(value)) if name == "ends_on" else str(value)
