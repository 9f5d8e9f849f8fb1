"""How dates and times are written: relative up to seven days, exact beyond and on hover; always in the active zone."""

import datetime as dt
from functools import lru_cache
from typing import Literal

from babel.dates import format_date, format_datetime, get_day_names
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.pages.formats import chinese, decimal, locale

RELATIVE_DAYS = 7


def day(value: dt.date, *, today: dt.date | None = None) -> str:
    """Write a date, with its year only where it is another one.

    >>> day(dt.date(2025, 11, 20), today=dt.date(2026, 3, 1)), day(dt.date(2026, 2, 3), today=dt.date(2026, 3, 1))
    ('20 Nov 2025', '3 Feb')
    """
    today = today or timezone.localdate()
    return full_day(value) if value.year != today.year else _pattern(value, "M月d日", "d MMM")


def full_day(value: dt.date) -> str:
    """Write a date with its year."""
    return _pattern(value, "y年M月d日", "d MMM y")


def month_day(value: dt.date) -> str:
    """Write a day of every year, such as a birthday.

    >>> month_day(dt.date(1988, 3, 14))
    '14 March'
    """
    return _pattern(value, "M月d日", "d MMMM")


def month(value: dt.date) -> str:
    """Write a month with its year.

    >>> month(dt.date(2026, 11, 1))
    'Nov 2026'
    """
    return _pattern(value, "y年M月", "MMM y")


def month_alone(value: dt.date) -> str:
    """Write a month where its year is known.

    >>> month_alone(dt.date(2026, 11, 1))
    'Nov'
    """
    return _pattern(value, "M月", "MMM")


def day_heading(value: dt.date, *, today: dt.date | None = None) -> str:
    """Write a date with its weekday, as the days of a timeline are headed.

    >>> day_heading(dt.date(2026, 11, 18), today=dt.date(2026, 11, 21))
    'Wednesday 18 November'
    """
    today = today or timezone.localdate()
    year = "" if value.year == today.year else " y"
    if value == today:
        return _("Today") + (" " if chinese() else ", ") + _pattern(value, "M月d日", "d MMMM")
    return _pattern(value, ("y年" if year else "") + "M月d日 EEEE", "EEEE d MMMM" + year)


def weekday(nth: int, *, short: bool = False) -> str:
    """Name a day of the week, Monday = 0.

    >>> weekday(6), weekday(6, short=True)
    ('Sunday', 'Sun')
    """
    width: Literal["wide", "narrow", "abbreviated"] = "wide" if not short else "narrow" if chinese() else "abbreviated"
    return str(get_day_names(width, locale=locale())[nth])


def dated(value: dt.date) -> str:
    """Write a date with weekday and year, as a page of one day is headed.

    >>> dated(dt.date(2026, 11, 21))
    'Saturday 21 November 2026'
    """
    return _pattern(value, "y年M月d日 EEEE", "EEEE d MMMM y")


def clock(value: dt.datetime) -> str:
    """Write the time of a day.

    >>> clock(dt.datetime(2026, 11, 21, 9, 48, tzinfo=dt.UTC))
    '09:48'
    """
    return format(_local(value), "%H:%M")


def exact(value: dt.datetime) -> str:
    """Write an instant in full."""
    return f"{full_day(_local(value).date())} {clock(value)}"


def ago(value: dt.date, *, today: dt.date | None = None) -> str:
    """Write a date as the days since, up to seven, then as a date."""
    today = today or timezone.localdate()
    days = (today - value).days
    if days == 0:
        return _("today")
    if days == 1:
        return _("yesterday")
    return days_ago(days) if 1 < days <= RELATIVE_DAYS else day(value, today=today)


def days_ago(days: int) -> str:
    """Write how many days something lies back."""
    return ngettext("%(count)s day ago", "%(count)s days ago", days) % {"count": decimal(days)}


def since(value: dt.datetime, *, now: dt.datetime | None = None) -> str:
    """Write an instant as people say it: 09:48, yesterday 20:41, 3 days ago, 20 Nov."""
    local, today = _local(value), _local(now or timezone.now()).date()
    days = (today - local.date()).days
    if days == 0:
        return clock(value)
    if days == 1:
        return _("yesterday %(time)s") % {"time": clock(value)}
    return ago(local.date(), today=today)


def time_tag(value: dt.datetime, zone: dt.tzinfo | None = None, *, now: dt.datetime | None = None) -> SafeString:
    """Write an instant relatively, with the exact one on hover, on focus and for machines.

    `zone` is where it happened: the clock there stands on hover too, where it shows another time.
    """
    said = exact(value) if zone is None else _exact_there(value, zone)
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), said, since(value, now=now))


def _exact_there(value: dt.datetime, zone: dt.tzinfo) -> str:
    here, there = exact(value), exact(value.astimezone(zone).replace(tzinfo=None))
    return here if here == there else f"{here} ({zone} {there})"


def date_tag(value: dt.date, *, today: dt.date | None = None) -> SafeString:
    """Write a date relatively, with the exact one on hover and for machines."""
    return _date_tag(value, today or timezone.localdate(), locale())


@lru_cache(maxsize=4_000)
def _date_tag(value: dt.date, today: dt.date, _language: str) -> SafeString:
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', value.isoformat(), full_day(value), ago(value, today=today)
    )


def duration(length: dt.timedelta) -> str:
    """Write how long something takes, in one unit, rounded up: 6 seconds, 4 minutes, 2 hours."""
    seconds = max(0, -(-length // dt.timedelta(seconds=1)))
    if seconds < 60:
        return ngettext("%(count)s second", "%(count)s seconds", seconds) % {"count": seconds}
    if seconds < 3600:
        minutes = -(-seconds // 60)
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    hours = -(-seconds // 3600)
    return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}


def _pattern(value: dt.date, zh: str, en: str) -> str:
    """Write a date by the pattern of the page's language."""
    return _written(value, zh if chinese() else en, locale())


@lru_cache(maxsize=4_000)  # a list writes the same days again and again
def _written(value: dt.date, pattern: str, language: str) -> str:
    write = format_datetime if isinstance(value, dt.datetime) else format_date
    return str(write(value, pattern, locale=language))


def _local(value: dt.datetime) -> dt.datetime:
    """Move an instant into the active zone; one without a zone is already there."""
    return timezone.localtime(value) if timezone.is_aware(value) else value
