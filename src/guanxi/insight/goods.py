"""What is told of goods and places: marts computed on one moment of the lake, read back for a product's page."""

import datetime as dt
from collections.abc import Sequence
from time import monotonic
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop

from guanxi.core.jobs.lease import lease
from guanxi.insight import given
from guanxi.insight.models import GoodsRun
from guanxi.insight.scoring import NOT_AT_ALL, present_day
from guanxi.warehouse.models import Moment
from guanxi.warehouse.reading import snapshot

READS = ("orders", "order_lines", "refunds", "refund_lines", "profiles", "products")
MARTS = (
    "product_days", "product_buyers", "product_pairs", "basket_rules", "goods_sales", "price_bands", "sales_by_place",
    "search_terms",
)  # fmt: skip
LEASE = gettext_noop("the figures of goods")
DAYS = """
    select placed_on, currency, cast(sum(quantity) as double) as quantity,
           cast(sum(product_orders) as bigint) as orders,
           cast(sum(sales_minor) as bigint) as sales_minor, cast(sum(returned_minor) as bigint) as returned_minor
    from product_days where sku in (select unnest($skus)) and placed_on between $first and $last
    group by placed_on, currency order by placed_on
"""
BUYERS = """
    select customer_id, orders, cast(quantity as double) as quantity, last_on, buyers, buyers_again
    from product_buyers where product_id = $product_id order by place limit 10
"""
PAIRS = """
    select other_product_id, together, orders, lift from product_pairs
    where product_id = $product_id order by together desc, lift desc, other_product_id limit 8
"""


def compute(*, wait: dt.timedelta | None = None) -> GoodsRun:
    """Compute the marts of goods as of the present day; one process at a time, else LeaseTaken after `wait`."""
    with lease(LEASE, wait=wait) as held:
        begun, basis, as_of = monotonic(), Moment.objects.heads(READS), present_day()
        given.compute(MARTS, as_of, held.check)
        found = {"basis": basis, "finished_at": timezone.now(), "seconds": monotonic() - begun}
        return GoodsRun.objects.update_or_create(as_of=as_of, defaults=found)[0]


def is_due() -> bool:
    """Tell whether the figures would change: another day or other trade; and not all the time."""
    return GoodsRun.is_due(Moment.objects.heads(READS), present_day)


def sold(skus: Sequence[str], first: dt.date, last: dt.date) -> list[dict[str, Any]]:
    """Read what the variants of a product sold on each day from one to another, both among them."""
    return _read(DAYS, skus=list(skus), first=first, last=last) if skus else []


def buyers(product_id: int) -> list[dict[str, Any]]:
    """Read who bought a product most often, in whichever variant."""
    return _read(BUYERS, product_id=product_id)


def pairs(product_id: int) -> list[dict[str, Any]]:
    """Read which other products lie in the same orders more often than by chance, in whichever variants."""
    return _read(PAIRS, product_id=product_id)


def _read(query: str, **params: Any) -> list[dict[str, Any]]:
    """Ask the lake; before the first run there is nothing to read."""
    if GoodsRun.latest() is None:
        return []
    with snapshot() as lake:
        rows: list[dict[str, Any]] = lake.sql(query, **params).to_pylist()
    return rows


__all__ = ["NOT_AT_ALL", "buyers", "compute", "is_due", "pairs", "sold"]
