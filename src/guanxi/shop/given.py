"""The days off and the weeks of trade that every shop in China knows, by year, before a shop decides about them.

Days off are as the State Council announced them (`chinesecalendar`) where they are, else those the law leads one to
expect (`holidays`), without the weekends that are worked for them.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from chinese_calendar import constants
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from holidays import country_holidays

from guanxi.pages.festivals import AUTUMN, SPRING

HOLIDAY, CAMPAIGN = "holiday", "campaign"
FIRST_YEAR, LAST_YEAR = 2004, 2100
DAY = dt.timedelta(days=1)
NEAR = 10 * DAY  # how far from a festival the days off for it may begin
# Seventh day of the seventh lunar month: computed from new moons that agree with every day of SPRING and AUTUMN.
QIXI = """
    2009-08-26 2010-08-16 2011-08-06 2012-08-23 2013-08-13 2014-08-02 2015-08-20 2016-08-09 2017-08-28 2018-08-17
    2019-08-07 2020-08-25 2021-08-14 2022-08-04 2023-08-22 2024-08-10 2025-08-29 2026-08-19 2027-08-08 2028-08-26
    2029-08-16 2030-08-05 2031-08-24 2032-08-12 2033-08-01 2034-08-20 2035-08-10
"""
Text = str | Promise
Days = tuple[dt.date, dt.date]


@dataclass(frozen=True)
class Window:
    """Days that are known by a name: `mark` is the one that charts name, `worked` the weekends worked for it.

    `great` opens the sentence of the day; `expected` days off are not announced yet; `own` is the key of an entry.
    """

    key: str
    name: Text
    kind: str
    start: dt.date
    end: dt.date
    mark: dt.date
    worked: tuple[dt.date, ...] = ()
    great: bool = False
    expected: bool = False
    own: int | None = None


@dataclass(frozen=True)
class Festival:
    """A public holiday: what the libraries call it, and its very day where that is the same each year."""

    key: str
    name: Text
    announced: str
    lawful: str
    fixed: tuple[int, int] | None = None
    great: bool = False


FESTIVALS = (
    Festival("new-year", _("New Year"), "New Year's Day", "元旦", (1, 1)),
    Festival("spring-festival", _("Spring Festival"), "Spring Festival", "春节", great=True),
    Festival("qingming", _("Qingming"), "Tomb-sweeping Day", "清明节"),
    Festival("labour-day", _("Labour Day"), "Labour Day", "劳动节", (5, 1)),
    Festival("dragon-boat", _("Dragon Boat"), "Dragon Boat Festival", "端午节"),
    Festival("mid-autumn", _("Mid-Autumn"), "Mid-autumn Festival", "中秋节", great=True),
    Festival("national-day", _("National Day"), "National Day", "国庆节", (10, 1)),
)


def _fixed(first: tuple[int, int], last: tuple[int, int]) -> Callable[[int], Days]:
    return lambda year: (dt.date(year, *first), dt.date(year, *last))


def _black_friday(year: int) -> Days:
    """The day after the fourth Thursday of November, and the weekend with its Monday."""
    november = dt.date(year, 11, 1)
    friday = november + dt.timedelta(days=(3 - november.weekday()) % 7 + 22)
    return friday, friday + dt.timedelta(days=3)


def _qixi(year: int) -> Days | None:
    day = _of_year(QIXI, year)
    return (day, day) if day else None


# Key, name, its days of a year, whether charts name the first of them or the last, and whether it is great.
CAMPAIGNS: tuple[tuple[str, Text, Callable[[int], Days | None], bool, bool], ...] = (
    ("valentine", _("Valentine’s Day"), _fixed((2, 14), (2, 14)), True, False),
    ("womens-day", _("Women’s Day 3.8"), _fixed((3, 1), (3, 8)), False, False),
    ("618", _("618"), _fixed((6, 1), (6, 18)), False, True),
    ("qixi", _("Qixi"), _qixi, True, False),
    ("double11", _("Double 11"), _fixed((10, 20), (11, 11)), False, True),
    ("black-friday", _("Black Friday"), _black_friday, True, False),
    ("double12", _("Double 12"), _fixed((12, 10), (12, 12)), False, True),
    ("christmas", _("Christmas"), _fixed((12, 24), (12, 25)), False, True),
)
NAMES: dict[str, Text] = {**{each.key: each.name for each in FESTIVALS}, **{key: name for key, name, *_ in CAMPAIGNS}}


@lru_cache(maxsize=64)
def given(year: int) -> tuple[Window, ...]:
    """List what is known of a year, in the order of its days.

    >>> [(str(each.name), f"{each.start}", f"{each.end}") for each in given(2026) if each.key == "national-day"]
    [('National Day', '2026-10-01', '2026-10-07')]
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return ()
    return tuple(sorted([*_holidays(year), *_campaigns(year)], key=lambda each: (each.start, each.key)))


def announced(year: int) -> bool:
    """Tell whether the days off of a year are known as they were announced."""
    return year in {day.year for day in constants.workdays} | {day.year for day in constants.holidays}


def _campaigns(year: int) -> Iterable[Window]:
    for key, name, days_of, first, great in CAMPAIGNS:
        days = days_of(year)
        if days:
            yield Window(key, name, CAMPAIGN, *days, mark=days[0] if first else days[1], great=great)


def _holidays(year: int) -> Iterable[Window]:
    lawful = _lawful(year)
    for each in FESTIVALS:
        mark = _mark(each, year, lawful.get(each.lawful, []))
        if mark is None:
            continue
        runs = _runs(each.announced) if announced(year) else _joined(lawful.get(each.lawful, []))
        start, end = next((run for run in runs if run[0] - NEAR <= mark <= run[1] + NEAR), (mark, mark))
        worked = (day for day, name in constants.workdays.items() if name == each.announced and _near(day, start, end))
        yield Window(
            each.key, each.name, HOLIDAY, start, end, mark, tuple(sorted(worked)), each.great,
            expected=not announced(year),
        )  # fmt: skip


def _mark(festival: Festival, year: int, lawful: list[dt.date]) -> dt.date | None:
    """Find the very day of a festival."""
    if festival.fixed:
        return dt.date(year, *festival.fixed)
    tables = {"spring-festival": SPRING, "mid-autumn": AUTUMN}
    known = _of_year(tables[festival.key], year) if festival.key in tables else None
    return known or (lawful[0] if lawful else None)


def _lawful(year: int) -> dict[str, list[dt.date]]:
    """List the days off by law, by the Chinese name of what they are for."""
    found: dict[str, list[dt.date]] = defaultdict(list)
    for day, names in sorted(country_holidays("CN", years=year, language="zh_CN").items()):
        for name in names.split("; "):
            found[name.partition("（")[0].replace("农历除夕", "春节")].append(day)
    return found


@cache
def _runs(name: str) -> list[Days]:
    return _joined(sorted(day for day, called in constants.holidays.items() if called == name))


def _joined(days: list[dt.date]) -> list[Days]:
    """Join days that follow each other, also where another festival lies between them."""
    found: list[Days] = []
    for day in days:
        follows = bool(found) and (day == found[-1][1] + DAY or _off_between(found[-1][1], day))
        found[-1:] = [(found[-1][0], day)] if follows else [*found[-1:], (day, day)]
    return found


def _off_between(one: dt.date, other: dt.date) -> bool:
    between = [one + nth * DAY for nth in range(1, min(5, (other - one).days))]
    return other - one < 5 * DAY and all(day in constants.holidays for day in between)


def _near(day: dt.date, start: dt.date, end: dt.date) -> bool:
    return start - 3 * NEAR <= day <= end + 3 * NEAR


def _of_year(days: str, year: int) -> dt.date | None:
    return next((dt.date.fromisoformat(day) for day in days.split() if day.startswith(str(year))), None)
