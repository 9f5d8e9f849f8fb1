"""What each product sold lately, for the list of products: one read of the mart of its days a computation of it.

The mart changes with a run and at no other time, so that what was read of a run is kept until the next.
"""

import datetime as dt
from collections import defaultdict
from functools import lru_cache
from typing import Any

from guanxi.catalog.models import Variant
from guanxi.catalog.selling import DAYS, Sales, Sold
from guanxi.insight.models import GoodsRun
from guanxi.warehouse.reading import snapshot

SUMS = """
    select sku, currency, min(placed_on) as first_on,
           max(case when quantity > 0 then placed_on end) as last_on,
           cast(sum(case when placed_on >= $first then quantity else 0 end) as double) as units,
           cast(sum(case when placed_on >= $first then sales_minor else 0 end) as bigint) as sales_minor,
           cast(sum(case when placed_on >= $first then returned_minor else 0 end) as bigint) as returned_minor
    from product_days where sku <> '' and placed_on <= $as_of group by sku, currency
"""
Rows = list[dict[str, Any]]


class GoodsSold:
    """Insight, as the one who knows what was sold."""

    def lately(self) -> Sales | None:
        """Say what was sold in the last 90 days of the newest run; None before the first."""
        run = GoodsRun.latest()
        return _read(run.as_of, (run.finished_at, *sorted(run.basis.items()))) if run else None


@lru_cache(maxsize=1)
def _read(as_of: dt.date, _run: tuple[Any, ...]) -> Sales | None:
    """Read the figures of one run; None where nothing was ever sold."""
    first = as_of - dt.timedelta(days=DAYS - 1)
    with snapshot() as lake:
        rows: Rows = lake.sql(SUMS, first=first, as_of=as_of).to_pylist()
    if not rows:
        return None
    since = min(row["first_on"] for row in rows)
    return Sales(max(first, since), as_of, {pk: _sold(each) for pk, each in _by_product(rows).items()})


def _by_product(rows: Rows) -> dict[int, Rows]:
    """Gather the rows of each product; a good that no variant stands for any more is left out."""
    products = dict(Variant.objects.values_list("sku", "product"))
    found: dict[int, Rows] = defaultdict(list)
    for row in rows:
        if row["sku"] in products:
            found[products[row["sku"]]].append(row)
    return found


def _sold(rows: Rows) -> Sold:
    """Add up the variants of one product, amounts in the currency that it sold most in."""
    moved = [row for row in rows if row["sales_minor"] or row["returned_minor"]]
    worth = {row["currency"]: 0 for row in moved}
    for row in moved:
        worth[row["currency"]] += row["sales_minor"]
    currency = max(worth, key=lambda each: (worth[each], each), default="")
    return Sold(
        units=sum(row["units"] for row in rows),
        net_minor=sum(row["sales_minor"] - row["returned_minor"] for row in moved if row["currency"] == currency),
        currency=currency,
        mixed=len(worth) > 1,
        last_on=max((row["last_on"] for row in rows if row["last_on"]), default=None),
    )
