"""Who will come back, computed on one moment of the lake, kept there with its past, followed by the book's scores."""

import datetime as dt
from collections.abc import Iterator
from time import monotonic
from typing import Any

import polars as pl
import pyarrow as pa
from django.utils import timezone
from django.utils.translation import gettext_noop

from guanxi.core.jobs.lease import lease
from guanxi.insight import given
from guanxi.insight.churn.outlook import FEATURES, Outlook
from guanxi.insight.churn.scores import follow
from guanxi.insight.kept_run import HOUR
from guanxi.insight.models import ChurnRun
from guanxi.insight.scoring import present_day
from guanxi.warehouse import parts
from guanxi.warehouse.models import Moment
from guanxi.warehouse.reading import Lake, snapshot
from guanxi.warehouse.registry import marts as registered

MART, NEXT, LAYERS = "customer_churn", "customer_category_next", "customer_layers"
READS = ("orders", "order_lines", "profiles", "products")
LEASE = gettext_noop("who will come back")
ERASED = """
    select distinct customer_id from customer_churn inner join customers using (customer_id) where customers.is_erased
"""


def compute(as_of: dt.date | None = None, *, wait: dt.timedelta | None = None) -> ChurnRun:
    """Compute how probably everybody comes back after a day, the present one unless told, and keep it.

    One process at a time; others wait `wait` (None: as long as it takes), then meet LeaseTaken.
    """
    with lease(LEASE, wait=wait) as held:
        begun, basis, as_of = monotonic(), Moment.objects.heads(READS), as_of or present_day()
        given.compute((FEATURES, NEXT, LAYERS), as_of, held.check)
        with snapshot() as lake:
            found = Outlook.read(lake, as_of)
            told = found.told | _keep(lake, found)
        held.check()
        with snapshot() as lake:
            follow(lake, as_of, held.check)
        kept = {"customers": found.customers, "told": told, "basis": basis, "finished_at": timezone.now()}
        return ChurnRun.objects.update_or_create(as_of=as_of, defaults={**kept, "seconds": monotonic() - begun})[0]


def ask(as_of: dt.date | None) -> dict[str, Any]:
    """Say of all customers together how many come back; of each nothing is kept."""
    with lease(LEASE) as held:
        as_of = as_of or present_day()
        given.compute((FEATURES,), as_of, held.check)
        with snapshot() as lake:
            found = Outlook.read(lake, as_of)
            sums = _Sums()
            for frame in found.customers_of(lake):
                sums.add(frame)
        return found.told | sums.told


def is_due() -> bool:
    """Tell whether probabilities would change: another day, or other facts in the lake; and not all the time."""
    return ChurnRun.is_due(Moment.objects.heads(READS), present_day, rests=60, least=HOUR)


class _Sums:
    """Who is at risk, counted piece by piece."""

    def __init__(self) -> None:
        self.told = {"at_risk": 0, "at_stake_minor": 0}

    def add(self, frame: pl.DataFrame) -> None:
        """Count some more."""
        risky = frame.filter("is_at_risk")
        self.told["at_risk"] += risky.height
        self.told["at_stake_minor"] += int(risky["at_stake_minor"].sum())


def _keep(lake: Lake, found: Outlook) -> dict[str, Any]:
    """Keep what the month says of each, earlier months staying, and count who is at risk."""
    sums, wanted = _Sums(), registered()[MART].schema

    def told() -> Iterator[pa.RecordBatch]:
        for frame in found.customers_of(lake):
            sums.add(frame)
            yield from frame.select(wanted.names).to_arrow().cast(wanted).to_batches()

    erased = [row["customer_id"] for row in lake.sql(ERASED).to_pylist()]
    parts.keep(MART, found.as_of.year * 100 + found.as_of.month, told(), without=erased)
    return dict(sums.told)
