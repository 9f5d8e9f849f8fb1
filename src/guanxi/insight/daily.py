"""The figures of the shop day by day: marts computed on one moment of the lake, small results kept in the book.

Pages read what is kept here; none of them scans orders.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import pairwise
from time import monotonic
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from guanxi.core.jobs.lease import lease
from guanxi.customers.models import Consent, Customer, Purpose, Score
from guanxi.insight import channels, cohorts, given
from guanxi.insight.given import LOST_DAYS
from guanxi.insight.models import CustomerDay, RfmScheme, ShopRun, TradingDay
from guanxi.insight.scoring import present_day
from guanxi.pages.shell import AsOf
from guanxi.warehouse.models import Moment
from guanxi.warehouse.reading import Lake, snapshot

READS = ("orders", "order_lines", "products", "profiles", "refunds", "customer_rfm")
MARTS = (
    "sales_by_day", "repurchase_by_day", "customer_lifecycle", "customer_rhythm", *cohorts.MARTS, *channels.MARTS,
    "customer_classes",
)  # fmt: skip
LEASE = gettext_noop("the figures of the shop")
PROMISED = dt.timedelta(hours=1)
COOLING = "cooling"  # the name of the scores of high-value customers who stay away
COOLING_AT_MOST = 1_000
AT_ONCE = 200  # rows a transaction, so that others write between them on SQLite

MOVES = """
    select coalesce(state_before, '') as before, state as after, count(*) as customers
    from customer_lifecycle group by state_before, state
"""
# Cooling: away for half as long again as they usually are, two weeks at least, and not lost yet.
STAYING_AWAY = """
    select r.customer_id, r.gap_days, r.silent_days, f.monetary_minor
    from customer_rhythm r inner join customer_rfm f on f.customer_id = r.customer_id
    where f.class = $best and 2 * r.silent_days >= 3 * r.gap_days and r.silent_days between 14 and $lost_days - 1
    order by f.monetary_minor desc, r.customer_id
"""


def compute(as_of: dt.date | None = None, *, wait: dt.timedelta | None = None) -> ShopRun:
    """Compute the shop's figures as of a day, the present one unless told, and keep them in the book.

    One process at a time; others wait `wait` (None: as long as it takes), then meet LeaseTaken.
    """
    with lease(LEASE, wait=wait) as held:
        begun, basis, as_of = monotonic(), Moment.objects.heads(READS), as_of or present_day()
        given.compute(MARTS, as_of, held.check)
        with snapshot() as lake:
            _keep_trading_days(lake)
            _keep_customer_days(lake, as_of)
            found: dict[str, Any] = {"moves": _moves(lake), "cooling": _keep_cooling(lake, as_of)}
        found |= {"basis": basis, "seconds": monotonic() - begun, "finished_at": timezone.now()}
        return ShopRun.objects.update_or_create(as_of=as_of, defaults=found)[0]


def is_due() -> bool:
    """Tell whether figures would change: another day, or other facts in the lake; and not all the time."""
    return ShopRun.is_due(Moment.objects.heads(READS), present_day)


def overdue(run: ShopRun) -> AsOf | None:
    """Tell since when figures wait to be computed, where that is too long ago and would change something."""
    age = AsOf(run.finished_at, PROMISED, _("The figures were not computed since. See whether the worker runs."))
    return age if age.stale and is_due() else None


def _keep_trading_days(lake: Lake) -> None:
    keys, figures = ("day", "store"), ("channel", *TradingDay.FIGURES)
    columns = (*keys, *figures)
    found = {(row["day"], row["store"]): row for row in lake.sql("select * from sales_by_day").to_pylist()}
    kept = {row[:2]: row for row in TradingDay.objects.values_list(*columns)}
    changed = [row for key, row in found.items() if kept.get(key) != tuple(row[name] for name in columns)]
    _write([TradingDay(**row) for row in changed], unique=keys, figures=figures)
    gone = [key for key in kept if key not in found]
    for day, store in gone:
        TradingDay.objects.filter(day=day, store=store).delete()


def _keep_customer_days(lake: Lake, as_of: dt.date) -> None:
    figures = ("buyers", "repeat_buyers")
    steps = lake.sql("select * from repurchase_by_day where day <= $as_of order by day", as_of=as_of).to_pylist()
    found = dict(_every_day(steps, as_of))
    kept = {row[0]: row[1:] for row in CustomerDay.objects.values_list("day", *figures)}
    changed = [CustomerDay(day=day, **told) for day, told in found.items() if kept.get(day) != tuple(told.values())]
    _write(changed, unique=("day",), figures=figures)
    CustomerDay.objects.filter(day__in=kept.keys() - found.keys() - {as_of}).delete()
    CustomerDay.objects.update_or_create(day=as_of, defaults=_standing())


def _every_day(steps: Sequence[dict[str, Any]], as_of: dt.date) -> Iterator[tuple[dt.date, dict[str, int]]]:
    """Fill the days between two changes, on which the earlier figures hold."""
    ends = [*(step["day"] for step in steps), as_of + dt.timedelta(days=1)]
    for step, (day, end) in zip(steps, pairwise(ends), strict=True):
        told = {"buyers": step["buyers"], "repeat_buyers": step["repeat_buyers"]}
        for later in range((end - day).days):
            yield day + dt.timedelta(days=later), told


def _standing() -> dict[str, int]:
    """Count what only the book knows, as it stands now."""
    agreed = Consent.objects.in_force(purpose=Purpose.MARKETING).with_address()
    known = Customer.objects.filter(survivor=None, erased_at=None)
    return {"reachable": agreed.values("customer").distinct().count(), "customers": known.count()}


def _moves(lake: Lake) -> dict[str, int]:
    return {f"{row['before']}>{row['after']}": row["customers"] for row in lake.sql(MOVES).to_pylist()}


def _keep_cooling(lake: Lake, as_of: dt.date) -> dict[str, int]:
    """Name the high-value customers who stay away, those who brought most first, and sum them up."""
    version = RfmScheme.current()
    rows = lake.sql(STAYING_AWAY, best=version.scheme.classes[0].key, lost_days=LOST_DAYS).to_pylist()
    here = set(
        Customer.objects.filter(pk__in=[row["customer_id"] for row in rows[:COOLING_AT_MOST]]).values_list(
            "pk", flat=True
        )
    )
    named = [row for row in rows[:COOLING_AT_MOST] if row["customer_id"] in here]
    common = {"name": COOLING, "as_of": as_of, "scheme_version": version.version}
    scores = [
        Score(customer_id=row.pop("customer_id"), value=row["monetary_minor"], parts=row, **common) for row in named
    ]
    _write(scores, unique=("name", "customer"), figures=("value", "parts", "as_of", "scheme_version"))
    Score.objects.filter(name=COOLING, customer__isnull=False, customer__survivor=None).exclude(
        customer__in=here
    ).delete()
    if not rows:
        return {"customers": 0}
    middle = sorted(rows, key=lambda row: row["silent_days"])[len(rows) // 2]
    return {
        "customers": len(rows),
        "gap_days": middle["gap_days"],
        "silent_days": middle["silent_days"],
        "net_minor": sum(row["monetary_minor"] for row in rows),
    }


def _write(rows: Sequence[models.Model], *, unique: Sequence[str], figures: Sequence[str]) -> None:
    """Insert rows or change the ones there, a few at a time."""
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        type(some[0])._default_manager.bulk_create(  # noqa: SLF001 - Django's documented name
            some, update_conflicts=True, unique_fields=unique, update_fields=figures
        )
