"""How a goal stands on a day: what is done, what the path asks for, where it will end, what it takes from here."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from guanxi.insight.goals import projection
from guanxi.insight.goals.figures import Days, Figure, Source, figures
from guanxi.insight.goals.models import Goal
from guanxi.insight.goals.projection import Projection
from guanxi.pages import formats

ON_TRACK, AT_RISK = 0.6, 0.25  # the chance from which on these words are said
LEAST = 7  # days of figures below which a forecast would be made up
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
    source: Source

    @classmethod
    def read(cls, goal: Goal, today: dt.date, source: Source | None = None) -> "Standing":
        """Read the figure's days of the goal, and of the year before today; of many goals from one source."""
        source = source or cls.source_of([goal], today)
        first, figure = min(goal.starts_on, today - REMEMBERED), figures()[goal.figure]
        days = figure.read(first, min(today, goal.ends_on), goal.channel, source=source)
        return cls(goal, today, days, source)

    @staticmethod
    def source_of(goals: Iterable[Goal], today: dt.date) -> Source:
        """Give what tells of all these goals, the year before each of them among it."""
        starts = min((goal.starts_on for goal in goals), default=today)
        return Source(min(starts - 364 * DAY, today - REMEMBERED), today)

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
        return self._days_to(self.goal.ends_on)

    @property
    def share(self) -> float:
        """How much of the way from nothing, or for a level from the baseline, is done: 0 to 1."""
        start = (self.goal.baseline or 0) if self.figure.kind != "flow" else 0
        whole = self.goal.target - start
        done = (self.now or 0) - start
        return min(max(done / whole, 0), 1) if whole > 0 else float((self.now or 0) >= self.goal.target)

    @property
    def expected(self) -> float | None:
        """What the path asks for by today."""
        return self.expected_on(self.today)

    def expected_on(self, day: dt.date) -> float | None:
        """What the path asks for by a day: a straight line, or for a flow last year's course where it is known.

        None for other figures without a baseline: there is nowhere a path could begin.
        """
        gone = min(max((day - self.goal.starts_on).days + 1, 0) / self.goal.days, 1)
        if self.figure.kind == "flow":
            return self.goal.target * (gone if gone in {0, 1} or not self._course else self._course_by(day))
        start = self.goal.baseline
        return None if start is None else start + (self.goal.target - start) * gone

    @cached_property
    def forecast(self) -> Projection | None:
        """Where it will end; None where too few days are known."""
        return self._project()

    def ahead(self, days: Sequence[dt.date]) -> dict[dt.date, Projection]:
        """Say where it will stand on days to come, each of the same paths; nothing where too few days are known."""
        before = max((self.goal.starts_on - self.today).days - 1, 0) if self.figure.kind == "level" else 0
        after = {day: self._days_to(day) + before for day in days}
        found = self._project(sorted(set(after.values())))
        return {day: found.after(nth) for day, nth in after.items()} if found else {}

    def _project(self, course: Sequence[int] = ()) -> Projection | None:
        if len(self.days) < LEAST:
            return None
        told, left = [self.days[each] for each in sorted(self.days)], self.left
        above, below = [each[0] for each in told], [each[1] for each in told]
        if self.figure.kind == "level":
            left += max((self.goal.starts_on - self.today).days - 1, 0)  # it moves before it begins as well
            return projection.level(above, left, most=1.0 if self.figure.form == "share" else None, course=course)
        if self.figure.kind == "ratio":
            since = [told for day, told in self.days.items() if day >= self.goal.starts_on]
            done = (sum(each[0] for each in since), sum(each[1] for each in since))
            return projection.ratio(above, below, left, done=done, course=course)
        factors = projection.seasonal(above, left)
        return projection.flow(above, left, done=self.now or 0, factors=factors, course=course)

    @property
    def chance(self) -> float | None:
        """How likely it is reached, 0 to 1."""
        return self.forecast.chance(self.goal.target) if self.forecast else None

    @property
    def status(self) -> str:
        """The word for it: reached, missed, on_track, at_risk, behind, early (too few days), or unknown."""
        if not self.days:
            return "unknown"
        ended = self.today >= self.goal.ends_on
        if (self.now or 0) >= self.goal.target and (ended or self.figure.kind == "flow"):
            return "reached"
        if ended:
            return "missed"
        if self.chance is None:
            return "early"
        chance = self.chance
        return "on_track" if chance >= ON_TRACK else "at_risk" if chance >= AT_RISK else "behind"

    @property
    def needed(self) -> tuple[float, float] | None:
        """What each day to come must bring, and what the last 28 brought; None where days do not add up."""
        if self.figure.kind != "flow" or not self.left or not self.days:
            return None
        last = [self.days[day][0] for day in sorted(self.days)[-LATELY:]]
        return max(self.goal.target - (self.now or 0), 0) / self.left, sum(last) / len(last)

    def _days_to(self, day: dt.date) -> int:
        return max((day - max(self.today, self.goal.starts_on - DAY)).days, 0)

    @cached_property
    def _course(self) -> Days:
        """The same days a year before; empty where they are not all known, or brought nothing."""
        first, last = self.goal.starts_on - 364 * DAY, self.goal.ends_on - 364 * DAY
        if last > self.today:
            return {}
        then = self.figure.read(first, last, self.goal.channel, source=self.source)
        return then if len(then) == self.goal.days and sum(each[0] for each in then.values()) > 0 else {}

    def _course_by(self, day: dt.date) -> float:
        whole = sum(each[0] for each in self._course.values())
        return sum(told[0] for then, told in self._course.items() if then <= day - 364 * DAY) / whole


def chance_said(chance: float) -> str:
    """Say a probability in percent: none of what is drawn is impossible or certain."""
    return formats.percent(min(max(chance, 0.01), 0.99), 0)


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
