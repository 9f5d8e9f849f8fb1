"""With which seven days of the year before a week compares: those as far from its festival, else the same week."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from guanxi.pages import moments
from guanxi.pages.festivals import MOVING
from guanxi.shop import calendar
from guanxi.shop.given import Window

DAY, WEEK, YEAR = dt.timedelta(days=1), dt.timedelta(days=7), dt.timedelta(days=364)
REACH = dict(zip(("spring-festival", "mid-autumn"), (each[2:] for each in MOVING), strict=True))  # days around its day


@dataclass(frozen=True)
class YearBefore:
    """Seven days from `first` on; `festival` is what they are as far from as the week is, empty: the same week."""

    first: dt.date
    festival: str = ""
    holds: bool = False

    @property
    def last(self) -> dt.date:
        """The last of the days."""
        return self.first + 6 * DAY

    @property
    def dates(self) -> str:
        """The days, written."""
        return f"{moments.full_day(self.first)} – {moments.full_day(self.last)}"

    @property
    def title(self) -> str:
        """What a column of its figures is headed by."""
        if not self.festival:
            return _("The same week last year")
        return _("Same distance from %(festival)s last year") % {"festival": self.festival}

    @property
    def words(self) -> str:
        """With what the week compares and why, where that is not the same week; else nothing."""
        said = {"festival": self.festival, "days": self.dates}
        if not self.festival:
            return ""
        if self.holds:
            holds = _("This week holds days of %(festival)s. Last year’s days at the same distance from it: %(days)s.")
            return holds % said
        return _("This week lies near %(festival)s. Last year’s days at the same distance from it: %(days)s.") % said


def year_before(monday: dt.date) -> YearBefore:
    """Find them for the week that begins on a Monday, by the calendar of the shop.

    A festival whose days the week holds decides; else one that draws people in before or after: a great one within a
    week, Spring Festival and Mid-Autumn as far as the figures of a day reach. Of several a great one, then the nearest.
    """
    pairs = list(_pairs(monday))
    if not pairs:
        return YearBefore(monday - YEAR)
    now, then = min(pairs, key=lambda pair: _rank(pair[0], monday))
    return YearBefore(monday - (now.mark - then.mark), str(now.name), _holds(now, monday))


def _pairs(monday: dt.date) -> Iterator[tuple[Window, Window]]:
    """Give the festivals that matter to a week, each with the one of the year before."""
    for year in sorted({(monday - 30 * DAY).year, (monday + 37 * DAY).year}):
        matter = [each for each in calendar.windows(year) if _holds(each, monday) or _is_near(each, monday)]
        before = {each.key: each for each in calendar.windows(year - 1)} if matter else {}
        yield from ((each, before[each.key]) for each in matter if each.key in before)


def _holds(window: Window, monday: dt.date) -> bool:
    return window.start < monday + WEEK and window.end >= monday


def _is_near(window: Window, monday: dt.date) -> bool:
    if window.key in REACH:
        before, after = REACH[window.key]
        return window.mark - before * DAY < monday + WEEK and window.mark + after * DAY >= monday
    return window.great and window.start - WEEK < monday + WEEK and window.end + WEEK >= monday


def _rank(window: Window, monday: dt.date) -> tuple[bool, bool, int, str]:
    middle = monday + 3 * DAY
    return not _holds(window, monday), not window.great, abs((window.mark - middle).days), window.key
