"""The festivals that move through the calendar, and which day of last year a day compares with.

Spring Festival and Mid-Autumn move through the calendar: weeks around them are compared with the same weeks around the
festival a year before. Every other day compares with its own date.
"""

import datetime as dt
from bisect import bisect_left

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# First day of the first lunar month, fifteenth of the eighth (Hong Kong Observatory, Gregorian-lunar tables).
SPRING = """
    2009-01-26 2010-02-14 2011-02-03 2012-01-23 2013-02-10 2014-01-31 2015-02-19 2016-02-08 2017-01-28 2018-02-16
    2019-02-05 2020-01-25 2021-02-12 2022-02-01 2023-01-22 2024-02-10 2025-01-29 2026-02-17 2027-02-06 2028-01-26
    2029-02-13 2030-02-03 2031-01-23 2032-02-11 2033-01-31 2034-02-19 2035-02-08
"""
AUTUMN = """
    2009-10-03 2010-09-22 2011-09-12 2012-09-30 2013-09-19 2014-09-08 2015-09-27 2016-09-15 2017-10-04 2018-09-24
    2019-09-13 2020-10-01 2021-09-21 2022-09-10 2023-09-29 2024-09-17 2025-10-06 2026-09-25 2027-09-15 2028-10-03
    2029-09-22 2030-09-12 2031-10-01 2032-09-19 2033-09-08 2034-09-27 2035-09-16
"""
MOVING: tuple[tuple[str | Promise, tuple[dt.date, ...], int, int], ...] = (
    (_("Spring Festival"), tuple(map(dt.date.fromisoformat, SPRING.split())), 28, 16),
    (_("Mid-Autumn"), tuple(map(dt.date.fromisoformat, AUTUMN.split())), 14, 3),
)


def unknown(year: int) -> list[str | Promise]:
    """Name the moving festivals of which the tables do not say when they are in a year.

    >>> unknown(2027), [str(name) for name in unknown(2036)]
    ([], ['Spring Festival', 'Mid-Autumn'])
    """
    return [name for name, days, _before, _after in MOVING if year not in {day.year for day in days}]


def a_year_before(day: dt.date) -> dt.date:
    """Find the day of last year that a day compares with.

    >>> a_year_before(dt.date(2026, 2, 15)), a_year_before(dt.date(2026, 11, 11)), a_year_before(dt.date(2024, 2, 29))
    (datetime.date(2025, 1, 27), datetime.date(2025, 11, 11), datetime.date(2023, 3, 1))
    """
    for _name, days, before, after in MOVING:
        nth = _near(days, day, before, after)
        if nth:
            return days[nth - 1] + (day - days[nth])
    return _same_date(day)


def _near(days: tuple[dt.date, ...], day: dt.date, before: int, after: int) -> int | None:
    """Find which of a festival's days one is near to."""
    nth = bisect_left(days, day - dt.timedelta(days=after))
    return nth if nth < len(days) and -before <= (day - days[nth]).days <= after else None


def _same_date(day: dt.date) -> dt.date:
    leap = (day.month, day.day) == (2, 29)
    return dt.date(day.year - 1, 3, 1) if leap else day.replace(year=day.year - 1)
