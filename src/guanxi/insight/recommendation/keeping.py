"""Recommendations are computed once a night, kept in the lake, and read from there by pages and programs."""

import datetime as dt
from collections.abc import Iterator
from time import monotonic

import numpy as np
import polars as pl
import pyarrow as pa
from django.utils import timezone
from django.utils.translation import gettext_noop

from guanxi.core.jobs.lease import lease
from guanxi.insight import given
from guanxi.insight.kept_run import HOUR
from guanxi.insight.models import RecommendationRun
from guanxi.insight.recommendation.neighbours import Neighbours
from guanxi.insight.recommendation.purchases import Flags
from guanxi.insight.recommendation.recommender import Recommender
from guanxi.insight.scoring import present_day
from guanxi.warehouse import parts
from guanxi.warehouse.models import Moment
from guanxi.warehouse.reading import snapshot
from guanxi.warehouse.registry import marts as registered

PRODUCTS, CUSTOMERS, POPULAR = "product_neighbours", "customer_recommendations", "product_popularity"
READS = ("orders", "order_lines", "profiles", "products")
LEASE = gettext_noop("the recommendations")
NEWEST = 0  # the one part that is kept: yesterday's recommendations are of no use
NEAREST = 10
AT_ONCE = 50_000  # customers


def compute(as_of: dt.date | None = None, *, wait: dt.timedelta | None = None) -> RecommendationRun:
    """Compute what to recommend as of a day, the present one unless told, and keep it in place of what was there.

    One process at a time; others wait `wait` (None: as long as it takes), then meet LeaseTaken.
    """
    with lease(LEASE, wait=wait) as held:
        begun, basis, as_of = monotonic(), Moment.objects.heads(READS), as_of or present_day()
        given.compute((POPULAR,), as_of, held.check)
        with snapshot() as lake:
            found = Recommender.read(lake, as_of)
        parts.keep(PRODUCTS, NEWEST, _typed(PRODUCTS, _of_products(found)))
        held.check()
        parts.keep(CUSTOMERS, NEWEST, _typed(CUSTOMERS, _of_customers(found)))
        kept = {"customers": len(found.bought.customers), "told": found.report, "basis": basis}
        kept |= {"finished_at": timezone.now(), "seconds": monotonic() - begun}
        return RecommendationRun.objects.update_or_create(as_of=as_of, defaults=kept)[0]


def is_due() -> bool:
    """Tell whether recommendations would change: another day, or other facts in the lake; and not all the time."""
    return RecommendationRun.is_due(Moment.objects.heads(READS), present_day, rests=60, least=HOUR)


def _of_products(found: Recommender) -> Iterator[pl.DataFrame]:
    offered = found.offered
    frames = [
        _relation(found, near, name, offered)
        for name, near in (("similar", found.similar), ("accessory", found.accessories))
    ]
    yield pl.concat(frames).sort("product_id", "relation", "place")


def _relation(found: Recommender, near: Neighbours, name: str, offered: Flags) -> pl.DataFrame:
    """Lay the neighbours out as rows, without what is no longer to be had."""
    kept = (near.goods >= 0) & offered[near.goods]
    place = kept.cumsum(axis=1)
    good, at = np.nonzero(kept & (place <= NEAREST))
    return pl.DataFrame(
        {
            "product_id": found.bought.goods[good],
            "relation": pl.repeat(name, len(good), dtype=pl.String, eager=True),
            "place": place[good, at],
            "other_product_id": found.bought.goods[near.goods[good, at]],
            "score": near.scores[good, at].astype(np.float64),
            "customers": near.both[good, at],
            "buyers": found.bought.buyers[good],
        }
    )


def _of_customers(found: Recommender) -> Iterator[pl.DataFrame]:
    ranked, bought = found.ranked, found.bought
    for first in range(0, len(bought.customers), AT_ONCE):
        some = slice(first, first + AT_ONCE)
        who, at = np.nonzero(ranked.goods[some] >= 0)
        because = ranked.because[some][who, at]
        yield pl.DataFrame(
            {
                "customer_id": bought.customers[some][who],
                "place": at + 1,
                "product_id": bought.goods[ranked.goods[some][who, at]],
                "score": ranked.scores[some][who, at].astype(np.float64),
                "because_product_id": bought.goods[because],
                "known": because >= 0,
            }
        ).with_columns(because_product_id=pl.when("known").then("because_product_id"))


def _typed(mart: str, frames: Iterator[pl.DataFrame]) -> Iterator[pa.RecordBatch]:
    wanted = registered()[mart].schema
    for frame in frames:
        yield from frame.select(wanted.names).to_arrow().cast(wanted).to_batches()
