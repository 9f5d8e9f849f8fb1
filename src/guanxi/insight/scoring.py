"""Scoring every customer by RFM: the mart is computed on one moment of the lake, then the book's scores follow it."""

import datetime as dt
from collections.abc import Callable
from time import monotonic
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop

from guanxi.core.jobs.lease import lease
from guanxi.core.time import day_in, now
from guanxi.insight.census import MART
from guanxi.insight.models import RfmRun, RfmScheme
from guanxi.insight.scheme import ALL_TIME_DAYS, BANDS, Dimension, Scheme
from guanxi.insight.writeback import write_back
from guanxi.orders.models import Company, Order
from guanxi.warehouse import marts
from guanxi.warehouse.models import Moment
from guanxi.warehouse.reading import Lake, snapshot

READS = ("orders", "profiles")  # the tables the mart reads: where both stand still, so does the result
QUIET = dt.timedelta(days=31)
LEASE = gettext_noop("the scoring of customers")
NOT_AT_ALL = dt.timedelta(0)
Seen = Callable[[int], None]

CELLS = """
    select r, f, m, class, cast(count(*) as bigint) as customers, cast(sum(monetary_minor) as bigint) as net_minor
    from customer_rfm group by r, f, m, class order by r, f, m
"""
SIDES = {  # the largest value on each side of a limit, 1 the first side
    "recency": "select 6 - r as side, max(recency_days) as top from customer_rfm where recency_days < $days group by r",
    "frequency": "select f as side, max(frequency) as top from customer_rfm where recency_days < $days group by f",
    "monetary": "select m as side, max(monetary_minor) as top from customer_rfm where recency_days < $days group by m",
}


def score_customers(
    as_of: dt.date | None = None, *, wait: dt.timedelta | None = None, seen: Seen = lambda _customers: None
) -> RfmRun:
    """Compute RFM as of a day, the present one unless told, and write it back to the customers' scores.

    One process at a time; others wait `wait` (None: as long as it takes), then meet LeaseTaken. `seen` is told how
    many customers were gone through so far; what it raises ends the work.
    """
    with lease(LEASE, wait=wait) as held:
        begun = monotonic()
        version, basis, as_of = RfmScheme.current(), basis_now(), as_of or present_day()
        marts.run(MART, **version.scheme.parameters(as_of))
        held.check()
        with snapshot() as lake:
            write_back(lake, as_of=as_of, scheme_version=version.version, check=held.check, seen=seen)
            found = _summary(lake, version.scheme)
        found |= {"scheme": version, "basis": basis, "finished_at": timezone.now(), "seconds": monotonic() - begun}
        return RfmRun.objects.update_or_create(as_of=as_of, defaults=found)[0]


def present_day() -> dt.date:
    """The day up to which a shop is observed: the company's today, or the last day of trade of one that has closed.

    An archive has no today: a year's file that ended long ago is read as of its last order, else nobody in it
    would have bought in the window.
    """
    company = Company.current()
    today = day_in(company.time_zone if company else "UTC", now())
    past = Order.objects.paid().filter(placed_on__lte=today)
    last = past.newest_first().values_list("placed_on", flat=True).first()
    return last if last is not None and today - last > QUIET else today


def is_due() -> bool:
    """Tell whether scores would change: another day, other rules, or other figures; and not all the time."""
    return RfmRun.is_due(basis_now(), present_day)


def basis_now() -> dict[str, int]:
    """The snapshots of the tables that scores are computed from, as they stand."""
    return Moment.objects.heads(READS)


def _summary(lake: Lake, scheme: Scheme) -> dict[str, Any]:
    cells = lake.sql(CELLS).to_pylist()
    return {
        "customers": sum(cell["customers"] for cell in cells),
        "classes": _classes(scheme, cells),
        "cells": [[cell[name] for name in ("r", "f", "m", "customers", "net_minor")] for cell in cells],
        "limits": {
            name: list(each.limits) if each.limits else _quintiles(lake, name, each)
            for name, each in scheme.dimensions.items()
        },
    }


def _classes(scheme: Scheme, cells: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Add the combinations of bands up to their classes: all with the same bands are in the same class."""
    classes = {each.key: {"customers": 0, "net_minor": 0} for each in scheme.classes}
    for cell in cells:
        for name in ("customers", "net_minor"):
            classes[cell["class"]][name] += cell[name]
    return classes


def _quintiles(lake: Lake, name: str, dimension: Dimension) -> list[int] | None:
    """Read the limits between the fifths back from the bands; None where nobody bought in the window."""
    rows = lake.sql(SIDES[name], days=dimension.window_days or ALL_TIME_DAYS).to_pylist()
    return [max(row["top"] for row in rows if row["side"] <= nth) for nth in range(1, BANDS)] if rows else None
