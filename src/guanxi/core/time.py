"""Time: instants in UTC, days in the zone of a store, durations in words."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import ngettext

UNITS = ((86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds"))


def now() -> dt.datetime:
    """The present instant, in UTC."""
    return timezone.now()


def day_in(zone: str, instant: dt.datetime) -> dt.date:
    """The calendar day of an instant where the store is.

    >>> day_in("Asia/Shanghai", dt.datetime(2026, 11, 10, 16, 30, tzinfo=dt.UTC))
    datetime.date(2026, 11, 11)
    """
    return instant.astimezone(ZoneInfo(zone)).date()


def start_of(day: dt.date, zone: str) -> dt.datetime:
    """The instant at which a day begins where the store is, in UTC."""
    return dt.datetime.combine(day, dt.time(), ZoneInfo(zone)).astimezone(dt.UTC)


def spell(duration: dt.timedelta) -> str:
    """A duration in its largest whole unit, translated: "3 hours".

    >>> spell(dt.timedelta(minutes=190))
    '3 hours'
    """
    seconds = max(int(duration.total_seconds()), 0)
    size, unit = next((pair for pair in UNITS if seconds >= pair[0]), UNITS[-1])
    return _counted(unit, seconds // size)


def _counted(unit: str, count: int) -> str:
    texts = {
        "days": ngettext("%(count)d day", "%(count)d days", count),
        "hours": ngettext("%(count)d hour", "%(count)d hours", count),
        "minutes": ngettext("%(count)d minute", "%(count)d minutes", count),
        "seconds": ngettext("%(count)d second", "%(count)d seconds", count),
    }
    return texts[unit] % {"count": count}
