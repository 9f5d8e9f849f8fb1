"""Goals as their page tells them, and what it suggests where there is none."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guanxi.core.money import to_major
from guanxi.insight.goals.figures import Source, figures
from guanxi.insight.goals.models import Goal
from guanxi.insight.goals.standing import LEAST, REMEMBERED, Standing, chance_said, odds, value_of
from guanxi.orders.figures import base_currency
from guanxi.orders.models import Store
from guanxi.pages import formats, moments
from guanxi.pages.components import Tone

SHOWN, AWAY = 50, 20
STATUS = {
    "reached": (gettext_lazy("Reached"), Tone.GOOD, "check"),
    "on_track": (gettext_lazy("On track"), Tone.GOOD, "check"),
    "at_risk": (gettext_lazy("At risk"), Tone.WARN, "alert-triangle"),
    "behind": (gettext_lazy("Off track"), Tone.DANGER, "alert-circle"),
    "missed": (gettext_lazy("Missed"), Tone.DANGER, "alert-circle"),
    "early": (gettext_lazy("Too early to say"), "", ""),
    "unknown": (gettext_lazy("No figures yet"), "", ""),
}
SUGGESTED = (("net_sales", 10), ("repurchase", 10), ("new_customers", 15))


@dataclass(frozen=True)
class Row:
    """One goal in words."""

    standing: Standing

    @property
    def goal(self) -> Goal:
        """Which one."""
        return self.standing.goal

    @property
    def title(self) -> str:
        """What is to be reached: figure, target, and where."""
        told = {"figure": self.standing.figure.title, "target": self.standing.figure.said(self.goal.target)}
        words = _("%(figure)s: %(target)s") % told
        channel = dict(Store.Channel.choices).get(self.goal.channel, self.goal.channel)
        return f"{words} · {channel}" if channel else words

    @property
    def status(self) -> tuple[Any, str, str]:
        """How it stands: words, tone and icon."""
        return STATUS[self.standing.status]

    @property
    def now(self) -> str:
        """The value so far."""
        value = self.standing.now
        if value is not None:
            return self.standing.figure.said(value)
        return _("has not begun") if self.goal.starts_on > self.standing.today else _("nothing measured yet")

    @property
    def baseline(self) -> str:
        """What it started from, and the rise asked for."""
        if self.goal.baseline is None:
            return _("not known when it was set")
        start = self.standing.figure.said(self.goal.baseline)
        return f"{start} ({formats.signed(100 * self.goal.raised_by)}%)" if self.goal.raised_by else start

    @property
    def path(self) -> str:
        """How far ahead of or behind its path it is; nothing before it begins, or where it has no path."""
        expected = self.standing.expected
        if self.standing.now is None or expected is None or self.goal.starts_on > self.standing.today:
            return ""
        gap = self.standing.now - expected
        share = self.standing.figure.form == "share"
        points = _("%(points)s points") % {"points": formats.decimal(abs(gap) * 100, 1)}
        told = {"gap": points if share else self.standing.figure.said(abs(gap))}
        return _("%(gap)s ahead of its path") % told if gap >= 0 else _("%(gap)s behind its path") % told

    @property
    def outlook(self) -> str:
        """Where it will end, and how likely that is enough."""
        forecast, known = self.standing.forecast, len(self.standing.days)
        if self.standing.status in ("reached", "missed", "unknown"):
            return ""
        if forecast is None:
            words = ngettext(
                "A forecast takes %(least)s days of figures; %(known)s day is known so far",
                "A forecast takes %(least)s days of figures; %(known)s days are known so far",
                known,
            )
            return words % {"least": LEAST, "known": known}
        low, high = (self.standing.figure.said(each) for each in forecast.interval)
        chance = forecast.chance(self.goal.target)
        told = {
            "point": self.standing.figure.said(forecast.point), "low": low, "high": high,
            "odds": odds(chance), "chance": chance_said(chance),
        }  # fmt: skip
        return _("Ends at %(point)s (%(low)s to %(high)s): reaching it is %(odds)s (%(chance)s)") % told

    @property
    def needed(self) -> str:
        """What it takes from here."""
        if self.standing.needed is None or self.standing.status == "reached":
            return ""
        each, lately = (self._daily(value) for value in self.standing.needed)
        return _("%(each)s a day from here on, %(lately)s in the last 28 days") % {"each": each, "lately": lately}

    def _daily(self, value: float) -> str:
        return self.standing.figure.said(value) if self.standing.figure.form == "money" else formats.decimal(value, 1)


@dataclass(frozen=True)
class Suggestion:
    """A goal that could be set, from the shop's own figures."""

    title: str
    words: str
    query: str


def columns() -> list[str]:
    """Name the columns of the goals as a file."""
    return [
        _("Figure"), _("Channel"), _("Who owns it"), _("From"), _("Reached by"), _("Baseline"), _("Target"),
        _("So far"), _("Path"), _("Forecast"), _("Forecast, low"), _("Forecast, high"), _("Chance"), _("Status"),
    ]  # fmt: skip


def cells(row: Row) -> list[Any]:
    """Write one goal for a file, its values in the figure's unit, money in minor units."""
    goal, forecast = row.goal, row.standing.forecast
    ends = [forecast.point, *forecast.interval] if forecast else [None] * 3
    values = [None if each is None else round(each, 6) for each in (row.standing.now, row.standing.expected, *ends)]
    return [
        str(row.standing.figure.title), goal.channel, str(goal.owner), goal.starts_on, goal.ends_on, goal.baseline,
        goal.target, *values, row.standing.chance, str(row.status[0]),
    ]  # fmt: skip


def read(today: dt.date) -> list[Row]:
    """Read the goals that are shown, as of a day."""
    known = figures()
    goals = [goal for goal in Goal.objects.shown()[:SHOWN] if goal.figure in known]
    source = Standing.source_of(goals, today)
    return [Row(Standing.read(goal, today, source)) for goal in goals]


def away(today: dt.date) -> list[tuple[Row, str]]:
    """Read the goals that were put away, the latest first, and how; nothing is asked of their figures."""
    known, source = figures(), Standing.source_of((), today)
    gone = Goal.objects.exclude(archived_at=None, removed_at=None).select_related("owner").order_by("-pk")[:AWAY]
    return [
        (Row(Standing(goal, today, {}, source)), _("removed") if goal.removed_at else _("archived"))
        for goal in gone
        if goal.figure in known
    ]


def begun(today: dt.date) -> list[Row]:
    """Read the goals that had begun by a day."""
    return [row for row in read(today) if row.goal.starts_on <= today]


def finding(rows: Sequence[Row]) -> str:
    """Say in a sentence how the goals stand."""
    well = sum(1 for row in rows if row.standing.status in ("on_track", "reached"))
    words = ngettext("%(well)s of %(all)s goal is on track", "%(well)s of %(all)s goals are on track", len(rows))
    return words % {"well": formats.count(well), "all": formats.count(len(rows))}


def suggestions(today: dt.date) -> list[Suggestion]:
    """Suggest three goals for the next 90 days: a little more than the shop did in the last 90."""
    ends, source = today + dt.timedelta(days=90), Source(today - REMEMBERED, today)
    made = []
    for key, rise in SUGGESTED:
        figure = figures()[key]
        first = today - (REMEMBERED if figure.kind == "level" else dt.timedelta(days=89))
        base = value_of(figure, figure.read(first, today, source=source))
        if not base or base <= 0:
            continue
        target = min(base * (1 + rise / 100), 1.0) if figure.form == "share" else base * (1 + rise / 100)
        scale = to_major(round(target), base_currency()) if figure.form == "money" else target
        amount = round(target * 100, 1) if figure.form == "share" else round(float(scale))
        told: dict[str, Any] = {
            "figure": key,
            "way": "to",
            "amount": amount,
            "starts_on": today + dt.timedelta(days=1),
            "ends_on": ends,
        }
        title = _("%(figure)s: %(target)s") % {"figure": figure.title, "target": figure.said(target)}
        words = _("by %(day)s · %(base)s now, +%(rise)s%%") % {
            "day": moments.full_day(ends), "base": figure.said(base), "rise": rise,
        }  # fmt: skip
        made.append(Suggestion(title, words, urlencode(told)))
    return made
