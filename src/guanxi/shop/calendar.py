"""The calendar of a shop: what everybody knows, without what it hides, with what it added. One question a page."""

import datetime as dt
from collections.abc import Iterable, Iterator

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.core.doctor import Finding, check, good, note
from guanxi.pages import home
from guanxi.pages.components import Tone
from guanxi.pages.once import once
from guanxi.shop.given import HOLIDAY, Window, announced, given
from guanxi.shop.models import CalendarEntry

AHEAD_FROM_MONTH = 11  # the State Council announces the next year's days off in October or November


@once
def entries() -> list[CalendarEntry]:
    """Give what the shop decided about the calendar."""
    return list(CalendarEntry.objects.in_force())


def hidden() -> set[str]:
    """Name the given days that this shop hides."""
    return {each.given for each in entries() if each.given}


def windows(year: int) -> list[Window]:
    """List the days of a year that have a name here, in their order."""
    shown = [each for each in given(year) if each.key not in hidden()]
    own = (each for entry in entries() for each in entry.windows(year))
    return sorted([*shown, *own], key=lambda each: (each.start, each.key))


def marks(days: Iterable[dt.date]) -> dict[dt.date, str]:
    """Name those of some days on which charts and timelines say what day it is."""
    wanted = set(days)
    found: dict[dt.date, list[str]] = {}
    for each in _of_years({day.year for day in wanted}):
        if each.mark in wanted and str(each.name) not in found.setdefault(each.mark, []):
            found[each.mark].append(str(each.name))
    return {day: " · ".join(found[day]) for day in sorted(found)}


def last_great(upto: dt.date, *, within_days: int) -> tuple[dt.date, str] | None:
    """Find the newest day worth opening with, where there was one lately."""
    since = upto - dt.timedelta(days=within_days - 1)
    great = [each for each in _of_years({since.year, upto.year}) if each.great and since <= each.mark <= upto]
    return max(((each.mark, str(each.name)) for each in great), default=None)


def _of_years(years: Iterable[int]) -> Iterator[Window]:
    for year in sorted(years):
        yield from windows(year)


def missing(today: dt.date | None = None) -> int | None:
    """Name the year whose days off nobody told us: this one, or from November on the next.

    A shop that typed in a holiday of that year looks after it by itself.
    """
    today = today or timezone.localdate()
    years = [today.year, *([today.year + 1] if today.month >= AHEAD_FROM_MONTH else [])]
    return next((year for year in years if not announced(year) and not _typed_in(year)), None)


def _typed_in(year: int) -> bool:
    own = (each for entry in entries() if not entry.repeats for each in entry.windows(year))
    return any(each.kind == HOLIDAY for each in own)


def look(_request: HttpRequest) -> home.Waiting | None:
    """Have somebody see to the calendar, where a year of it is missing."""
    year = missing()
    if year is None:
        return None
    return home.Waiting(
        title=_("The days off of %(year)s are missing") % {"year": year},
        reason=_("Weekends that are worked for them are not known either"),
        verb=_("See to them"),
        href=f"{reverse('shop:calendar')}?year={year}",
        icon="calendar",
        tone=Tone.WARN,
    )


QUEUE = home.Queue(name="calendar", look=look, permission="rules.change")


@check("calendar")
def calendar() -> Iterator[Finding]:
    """Look whether the days off of this year, or of the next when it is near, are known."""
    year = missing()
    if year is None:
        yield good("The days off are known for as long as they can be.")
    else:
        yield note(
            f"The days off of {year} are missing from the calendar.",
            "Update Guanxi once they are announced, or type them in under Settings, Calendar.",
        )
