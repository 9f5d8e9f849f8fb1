"""The days a page looks at, and the day that each of them compares with."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest
from django.utils.translation import gettext as _

from guanxi.core.time import day_in, now
from guanxi.insight.models import ShopRun
from guanxi.orders.models import Company
from guanxi.pages import formats, moments
from guanxi.pages.festivals import a_year_before

USUAL_DAYS = 30


@dataclass(frozen=True)
class Span:
    """Days from `start` to `end`, both among them.

    `compared` says with which days: those before ("previous"), those a year ago ("year"), or none ("none"). A shop whose trade has ended is seen from its last day: `moved` says that the span is not the one asked for.
    """

    start: dt.date
    end: dt.date
    compared: str = "year"
    moved: bool = False
    today: dt.date | None = None

    @classmethod
    def asked(cls, request: HttpRequest, run: ShopRun | None) -> "Span":
        """Read which days the reader looks at."""
        company = Company.current()
        today = day_in(company.time_zone if company else "UTC", now())
        span = cls(today - dt.timedelta(days=USUAL_DAYS - 1), today, "year", today=today)
        return span.moved_to(run.as_of) if run and run.as_of < span.start else span

    def moved_to(self, end: dt.date) -> "Span":
        """Look at as many days up to another one."""
        start = end - dt.timedelta(days=len(self.days) - 1)
        return Span(start, end, self.compared, moved=True, today=self.today)

    @cached_property
    def days(self) -> list[dt.date]:
        """Every day of it."""
        return [self.start + dt.timedelta(days=nth) for nth in range((self.end - self.start).days + 1)]

    @cached_property
    def before(self) -> list[dt.date]:
        """The day each day compares with; none where nothing is compared."""
        if self.compared == "none":
            return []
        if self.compared == "year":
            return [a_year_before(day) for day in self.days]
        return [day - dt.timedelta(days=len(self.days)) for day in self.days]

    @property
    def unfinished(self) -> dt.date | None:
        """The day that is still running."""
        return self.today if self.end == self.today else None

    @property
    def words(self) -> str:
        """Write which days these are."""
        if self.moved:
            return f"{moments.full_day(self.start)} – {moments.full_day(self.end)}"
        return _("Last %(days)s days") % {"days": formats.count(len(self.days))}

    @property
    def against(self) -> str:
        """Write what it is compared with, as it stands beside a change."""
        return _("vs last year") if self.compared == "year" else _("vs the days before")
