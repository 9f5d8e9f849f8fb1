"""How a goal stands on a day: what is done, what the path asks for, where it will end, what it takes from here."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from guanxi.insight.goals import projection
from guanxi.insight.goals.figures import Days, Figure, figures
from guanxi.insight.goals.models import Goal
from guanxi.insight.goals.projection import Projection

ON_TRACK, AT_RISK = 0.6, 0.25  # the chance from which on these words are said
LATELY, DAY = 28, dt.timedelta(days=1)
REMEMBERED = dt.timedelta(days=364 + 28 + 7)


def value_of(figure: Figure, days: Days) -> float | None:
    """Put days together as the figure does: their sum, a quotient of sums, or the last of them; None without any."""
    if not days:
        return None
    if figure.kind == "level":
        return days[max(days)][0]
    above = sum(each[0] for each in days.values())
    if figure.kind == "flow":
        return above
    below = sum(each[1] for each in days.values())
    return above / below if below else None


def baseline(figure: Figure, first: dt.date, last: dt.date, channel: str = "") -> float | None:
    """Read what a goal of these days starts from: the same days a year before, else as many just before it."""
    if figure.kind == "level":
        return value_of(figure, figure.read(first - REMEMBERED, first, channel))
    length = last - first
    for end in (last - 364 * DAY, first - DAY):
        days = figure.read(end - length, end, channel)
        if len(days) > length.days:
            return value_of(figure, days)
    return None


@dataclass(frozen=True)
class Standing:
    """A goal as of the last day that is known."""

    goal: Goal
    today: dt.date
    days: Days

    @classmethod
    def read(cls, goal: Goal, today: dt.date) -> "Standing":
        """Read the figure's days of the goal, and of the year before today."""
        first = min(goal.starts_on, today - REMEMBERED)
        return cls(goal, today, figures()[goal.figure].read(first, min(today, goal.ends_on), goal.channel))

    @property
    def figure(self) -> Figure:
        """What it is a goal for."""
        return figures()[self.goal.figure]

    @cached_property
    def now(self) -> float | None:
        """The value so far; a level that was measured before the start counts as well."""
        since = {day: told for day, told in self.days.items() if day >= self.goal.starts_on}
        return value_of(self.figure, self.days if self.figure.kind == "level" else since)

    @property
    def left(self) -> int:
        """How many days are to come."""
        return max((self.goal.ends_on - max(self.today, self.goal.starts_on - DAY)).days, 0)

    @property
    def share(self) -> float:
        """How much of the way from nothing, or for a level from the baseline, is done: 0 to 1."""
        start = (self.goal.baseline or 0) if self.figure.kind != "flow" else 0
        whole = self.goal.target - start
        done = (self.now or 0) - start
        return min(max(done / whole, 0), 1) if whole > 0 else float((self.now or 0) >= self.goal.target)

    @property
    def expected(self) -> float:
        """What the path asks for by today: a straight line, or for a flow last year's course where it is known."""
        gone = min(max((self.today - self.goal.starts_on).days + 1, 0) / self.goal.days, 1)
        if self.figure.kind == "flow":
            return self.goal.target * (self._last_year() or gone)
        start = self.goal.baseline if self.goal.baseline is not None else self.goal.target
        return start + (self.goal.target - start) * gone

    @cached_property
    def forecast(self) -> Projection | None:
        """Where it will end; None without a day of history."""
        lately = [self.days[day] for day in sorted(self.days)]
        if not lately or (self.now is None and self.figure.kind == "level"):
            return None
        above, below = [each[0] for each in lately], [each[1] for each in lately]
        before = max((self.goal.starts_on - self.today).days - 1, 0)  # days until it begins do not count
        if self.figure.kind == "level":
            return projection.level(above, self.left + before, most=1.0 if self.figure.form == "share" else None)
        if self.figure.kind == "ratio":
            since = [told for day, told in self.days.items() if day >= self.goal.starts_on]
            done = (sum(each[0] for each in since), sum(each[1] for each in since))
            return projection.ratio(above, below, self.left, done=done)
        return projection.flow(above, self.left, done=self.now or 0, factors=projection.seasonal(above, self.left))

    @property
    def chance(self) -> float | None:
        """How likely it is reached, 0 to 1."""
        return self.forecast.chance(self.goal.target) if self.forecast else None

    @property
    def status(self) -> str:
        """The word for it: reached, missed, on_track, at_risk, behind, or unknown."""
        if self.now is None and self.forecast is None:
            return "unknown"
        ended = self.today >= self.goal.ends_on
        if (self.now or 0) >= self.goal.target and (ended or self.figure.kind == "flow"):
            return "reached"
        if ended:
            return "missed"
        chance = self.chance or 0
        return "on_track" if chance >= ON_TRACK else "at_risk" if chance >= AT_RISK else "behind"

    @property
    def needed(self) -> tuple[float, float] | None:
        """What each day to come must bring, and what the last 28 brought; None where days do not add up."""
        if self.figure.kind != "flow" or not self.left or not self.days:
            return None
        last = [self.days[day][0] for day in sorted(self.days)[-LATELY:]]
        return max(self.goal.target - (self.now or 0), 0) / self.left, sum(last) / len(last)

    def _last_year(self) -> float | None:
        """Which share of the goal's days last year's course had brought by today."""
        goal = self.goal
        if self.today >= goal.ends_on or self.today < goal.starts_on:
            return None
        then = self.figure.read(goal.starts_on - 364 * DAY, goal.ends_on - 364 * DAY, goal.channel)
        whole = sum(each[0] for each in then.values())
        if len(then) < goal.days or whole <= 0:
            return None
        return sum(told[0] for day, told in then.items() if day <= self.today - 364 * DAY) / whole


def odds(chance: float) -> str:
    """Say a probability in plain words.

    >>> odds(0.97), odds(0.5)
    ('almost certain', 'as likely as not')
    """
    for least, words in (
        (0.95, _("almost certain")), (0.75, _("likely")), (0.6, _("rather likely")), (0.4, _("as likely as not")),
        (0.25, _("rather unlikely")), (0.05, _("unlikely")),
    ):  # fmt: skip
        if chance >= least:
            return words
    return _("very unlikely")
