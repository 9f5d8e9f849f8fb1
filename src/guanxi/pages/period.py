"""The days a reader looks at, and what they are compared with: one choice for every page.

The address says it and wins, so that a view can be sent to a colleague; the session keeps it between pages.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, cast

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.pages import moments
from guanxi.pages.festivals import a_year_before

Compared = Literal["previous", "year", "none"]
FIELDS = ("range", "from", "to", "compare")
KEPT = "period"
USUAL: dict[str, str] = {"range": "30d", "compare": "year"}
FIRST = dt.date(2000, 1, 1)
PRESETS: dict[str, Promise] = {
    "today": gettext_lazy("Today"),
    "7d": gettext_lazy("Last 7 days"),
    "30d": gettext_lazy("Last 30 days"),
    "90d": gettext_lazy("Last 90 days"),
    "month": gettext_lazy("This month"),
    "12m": gettext_lazy("Last 12 months"),
    "double11": gettext_lazy("Double 11 weeks"),
}
COMPARISONS: dict[Compared, Promise] = {
    "previous": gettext_lazy("the days before"),
    "year": gettext_lazy("last year, festival-aligned"),
    "none": pgettext_lazy("comparison", "Nothing"),
}


@dataclass(frozen=True)
class Period:
    """Days from `start` to `end`, both among them; `preset` is empty where the reader chose the days themselves."""

    start: dt.date
    end: dt.date
    compared: Compared = "year"
    preset: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> "Period":
        """Read what the address asks for, else what the reader chose last; keep it for the next page."""
        asked = {name: request.GET[name] for name in FIELDS if request.GET.get(name)}
        session = getattr(request, "session", None)
        kept = session.get(KEPT) if session is not None else None
        before: dict[str, str] = kept if isinstance(kept, dict) else {}
        period = cls.read(_joined(before, asked), timezone.localdate())
        if session is not None and asked and before != period.query:
            session[KEPT] = period.query
        return period

    @classmethod
    def read(cls, asked: Mapping[str, str], today: dt.date) -> "Period":
        """Understand `range`, or `from` and `to`, and `compare`; what makes no sense is as if it were not there."""
        compared = cast(Compared, asked.get("compare") if asked.get("compare") in COMPARISONS else USUAL["compare"])
        first, last = _day(asked.get("from"), today), _day(asked.get("to"), today)
        if asked.get("range") not in PRESETS and first and last:
            return cls(min(first, last), max(first, last), compared)
        preset = asked["range"] if asked.get("range") in PRESETS else USUAL["range"]
        start, end = window(preset, today)
        return cls(start, end, compared, preset)

    @cached_property
    def days(self) -> list[dt.date]:
        """Every day of it."""
        return [self.start + dt.timedelta(days=nth) for nth in range((self.end - self.start).days + 1)]

    @cached_property
    def before(self) -> list[dt.date]:
        """The day that each day compares with, in their order; none where nothing is compared."""
        if self.compared == "none":
            return []
        if self.compared == "year":
            return [a_year_before(day) for day in self.days]
        return [day - dt.timedelta(days=len(self.days)) for day in self.days]

    @property
    def previous(self) -> "Period | None":
        """The days compared with, from the first to the last of them; sums are over `before`, which may skip some."""
        return replace(self, start=min(self.before), end=max(self.before), preset="") if self.before else None

    @property
    def unfinished(self) -> dt.date | None:
        """The day that is still running, where it is among them."""
        today = timezone.localdate()
        return today if self.start <= today <= self.end else None

    @property
    def label(self) -> str:
        """Name the days: a preset by its title, others by their first and last."""
        if self.preset:
            return str(PRESETS[self.preset])
        return moments.day(self.start) if self.start == self.end else self.dates

    @property
    def dates(self) -> str:
        """Write the first and the last day."""
        if self.start.year == self.end.year:
            return f"{moments.day(self.start, today=self.end)} – {moments.day(self.end)}"
        return f"{moments.full_day(self.start)} – {moments.full_day(self.end)}"

    @property
    def against(self) -> str:
        """Say what it is compared with, as it stands beside the days and beside a change."""
        return "" if self.compared == "none" else _("vs %(days)s") % {"days": COMPARISONS[self.compared]}

    @property
    def query(self) -> dict[str, str]:
        """The parts of an address that ask for this."""
        days = {"range": self.preset} if self.preset else {"from": f"{self.start}", "to": f"{self.end}"}
        return {**days, "compare": self.compared}

    def asking(self, **changed: str) -> dict[str, str]:
        """The parts of an address that ask for another preset (`range`) or comparison (`compare`)."""
        days = {} if "range" in changed else self.query
        return {**days, "compare": self.compared, **changed}


def window(preset: str, today: dt.date) -> tuple[dt.date, dt.date]:
    """Find the first and last day of a preset; the weeks of Double 11 are the newest that have begun.

    >>> window("double11", dt.date(2026, 6, 1))
    (datetime.date(2025, 10, 20), datetime.date(2025, 11, 12))
    """
    if preset == "month":
        return today.replace(day=1), today
    if preset == "12m":
        return _year_back(today) + dt.timedelta(days=1), today
    if preset == "double11":
        year = today.year if (today.month, today.day) >= (10, 20) else today.year - 1
        return dt.date(year, 10, 20), min(today, dt.date(year, 11, 12))
    days = {"today": 1, "7d": 7, "30d": 30, "90d": 90}[preset]
    return today - dt.timedelta(days=days - 1), today


def _joined(kept: dict[str, str], asked: dict[str, str]) -> dict[str, str]:
    """Let the address change the days, the comparison, or both."""
    days = asked if asked.keys() & {"range", "from", "to"} else kept
    comparison = asked.get("compare") or kept.get("compare", "")
    return {**days, "compare": comparison}


def _day(text: str | None, today: dt.date) -> dt.date | None:
    """Read a day, moved between the first one we count and today; None where it is none."""
    try:
        return max(FIRST, min(dt.date.fromisoformat(text or ""), today))
    except ValueError:
        return None


def _year_back(day: dt.date) -> dt.date:
    leap = (day.month, day.day) == (2, 29)
    return dt.date(day.year - 1, 2, 28) if leap else day.replace(year=day.year - 1)
