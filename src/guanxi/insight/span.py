"""The days a page of insight looks at: those the reader chose, or those a shop that has closed can be seen in."""

import datetime as dt
from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.utils.translation import gettext as _

from guanxi.insight.models import ShopRun
from guanxi.pages.period import Period


@dataclass(frozen=True)
class Span:
    """The days looked at; `moved` says that they are not those of the reader's choice."""

    period: Period
    moved: bool = False

    @classmethod
    def asked(cls, request: HttpRequest, run: ShopRun | None) -> "Span":
        """Read which days the reader looks at; a preset ends with the last day of trade where that lies before it."""
        period = Period.of(request)
        if run is None or not period.preset or run.as_of >= period.start:
            return cls(period)
        length = dt.timedelta(days=len(period.days) - 1)
        return cls(replace(period, start=run.as_of - length, end=run.as_of, preset=""), moved=True)

    @property
    def start(self) -> dt.date:
        """The first day."""
        return self.period.start

    @property
    def end(self) -> dt.date:
        """The last day."""
        return self.period.end

    @property
    def days(self) -> list[dt.date]:
        """Every day."""
        return self.period.days

    @property
    def before(self) -> list[dt.date]:
        """The day each day compares with; none where nothing is compared."""
        return self.period.before

    @property
    def by_year(self) -> bool:
        """Whether it is compared with last year."""
        return self.period.compared == "year"

    @property
    def against(self) -> str:
        """Write what it is compared with, as short as a metric has room for."""
        return against(self.period)


def against(period: Period) -> str:
    """Write what a period is compared with, as short as a metric has room for."""
    return _("vs last year") if period.compared == "year" else _("vs the days before")
