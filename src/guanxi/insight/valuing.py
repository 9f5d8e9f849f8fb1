"""The value of every customer: computed on one moment of the lake, kept there with its past, followed by the scores.

Pages read what is kept in the book; none of them fits a model.
"""

import datetime as dt
from collections.abc import Iterator
from time import monotonic
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from django.utils import timezone
from django.utils.translation import gettext_noop

from guanxi.core.jobs.lease import lease
from guanxi.insight import given
from guanxi.insight.kept_run import HOUR
from guanxi.insight.models import ValueRun
from guanxi.insight.outlook import Outlook
from guanxi.insight.report import banded, report
from guanxi.insight.scoring import present_day
from guanxi.insight.valuation import Valuation, value
from guanxi.insight.value_scores import follow
from guanxi.orders.figures import base_currency
from guanxi.warehouse import parts
from guanxi.warehouse.models import Moment
from guanxi.warehouse.reading import Lake, snapshot
from guanxi.warehouse.registry import marts as registered

MART, COSTS = "customer_value", "customer_margin"
READS = ("orders", "order_lines", "profiles", "products")
LEASE = gettext_noop("the value of customers")
ERASED = """
    select distinct customer_id from customer_value inner join customers using (customer_id) where customers.is_erased
"""


def compute(
    as_of: dt.date | None = None, *, unit: str = "week", model: str | None = None, wait: dt.timedelta | None = None
) -> ValueRun:
    """Compute what customers will buy within a year of a day, the present one unless told, and keep it.

    One process at a time; others wait `wait` (None: as long as it takes), then meet LeaseTaken.
    """
    with lease(LEASE, wait=wait) as held:
        begun, basis, as_of = monotonic(), Moment.objects.heads(READS), as_of or present_day()
        found = value(as_of, unit=unit, model=model)
        given.compute((COSTS,), as_of, held.check)
        told = report(found, base_currency())
        with snapshot() as lake:
            told |= _keep(lake, found, as_of)
        held.check()
        with snapshot() as lake:
            follow(lake, as_of, held.check)
        kept = {"customers": found.customers, "told": told, "basis": basis, "finished_at": timezone.now()}
        return ValueRun.objects.update_or_create(as_of=as_of, defaults={**kept, "seconds": monotonic() - begun})[0]


def ask(as_of: dt.date | None, *, unit: str, model: str | None) -> dict[str, Any]:
    """Say of all customers together what they will buy; of each nothing is kept."""
    with lease(LEASE):
        return report(value(as_of or present_day(), unit=unit, model=model), base_currency())


def is_due() -> bool:
    """Tell whether values would change: another day, or other facts in the lake; and not all the time."""
    return ValueRun.is_due(Moment.objects.heads(READS), present_day, least=HOUR)


def _keep(lake: Lake, found: Valuation, as_of: dt.date) -> dict[str, Any]:
    """Keep the month's values of all customers, those of earlier months staying, and say how they spread."""
    revenue: list[np.ndarray[Any, Any]] = []
    margins: list[pl.Series] = []

    def told() -> Iterator[pa.RecordBatch]:
        wanted = registered()[MART].schema
        for frame in Outlook(found, found.model).customers(lake) if found.model else ():
            revenue.append(frame["revenue_minor"].fill_null(0).to_numpy())
            margins.append(frame["margin_minor"])
            named = frame.with_columns(as_of=pl.lit(as_of), model=pl.lit(found.name)).select(wanted.names)
            yield from named.to_arrow().cast(wanted).to_batches()

    erased = [row["customer_id"] for row in lake.sql(ERASED).to_pylist()]
    parts.keep(MART, as_of.year * 100 + as_of.month, told(), without=erased)
    known = [int(each.sum()) for each in margins if each.null_count() < len(each)]
    return {"bands": banded(revenue), "margin_minor": sum(known) if known else None}
