"""What the classes were on earlier days by the rules in force now: only so can two days be compared.

The last days of the twelve months before, and the day 30 days before, are counted once for each version of the rules;
once a day they are counted anew where orders of the past have come in since.
"""

import datetime as dt
from collections.abc import Callable, Iterator

from django.utils import timezone

from guanxi.insight import census
from guanxi.insight.models import RfmPast, RfmRun
from guanxi.warehouse.reading import Lake, snapshot

MONTHS = 12
EARLIER = dt.timedelta(days=30)
STANDS = dt.timedelta(hours=20)
FIRST = "select min(placed_on) as day from orders where is_paid and customer_id is not null"


def days(as_of: dt.date) -> list[dt.date]:
    """List the days compared with, oldest first.

    >>> [str(day) for day in days(dt.date(2024, 11, 11))][-3:]
    ['2024-09-30', '2024-10-12', '2024-10-31']
    """
    return sorted({*month_ends(as_of), as_of - EARLIER})


def month_ends(as_of: dt.date) -> Iterator[dt.date]:
    """Give the last days of the months before a day, newest first."""
    day = as_of
    for _month in range(MONTHS):
        day = day.replace(day=1) - dt.timedelta(days=1)
        yield day


def remember(run: RfmRun, check: Callable[[], None] = lambda: None) -> int:
    """Count what is not counted yet of the days a run is compared with; gives how many days that were."""
    kept = {each.as_of: each for each in RfmPast.objects.filter(scheme=run.scheme_id, as_of__in=days(run.as_of))}
    missing = [day for day in days(run.as_of) if day not in kept or _is_stale(kept[day], run)]
    if not missing:
        return 0
    with snapshot() as lake:
        first = lake.sql(FIRST).to_pylist()[0]["day"]
        wanted = [day for day in missing if first is not None and day >= first]
        for day in wanted:
            check()
            _count(lake, run, day)
    return len(wanted)


def _count(lake: Lake, run: RfmRun, day: dt.date) -> None:
    found = {"classes": census.classes_on(lake, run.scheme.scheme, day), "basis": run.basis}
    RfmPast.objects.update_or_create(scheme=run.scheme, as_of=day, defaults={**found, "computed_at": timezone.now()})


def _is_stale(kept: RfmPast, run: RfmRun) -> bool:
    return kept.basis != run.basis and timezone.now() - kept.computed_at >= STANDS
