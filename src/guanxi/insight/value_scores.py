"""The book's scores of what customers will still buy follow the mart: only those are written that say something else.

A score differs from day to day by little, since a customer who does not come is a day older: what nobody would see on
a page is not written. `as_of` is the day it was written; less `silent_days` it is the last order's day, always.
"""

import datetime as dt
import json
from typing import Any

import polars as pl

from guanxi.insight.following import Following
from guanxi.insight.models import SLIPPING, VALUE

VERSION = 1  # of what the parts mean
SEEN, SEEN_OF_ENDS = 0.02, 0.15  # the share by which a number has to be another to be written; ends are drawn
LEAST = {"orders": 0.5, "alive": 0.5, "monetary_minor": 5_000.0}  # the size below which a share would say too little
LEAST_OF_ENDS = {
    "least": 1.0, "most": 1.0, "low_minor": 5_000.0, "high_minor": 5_000.0, "alive_low": 0.5, "alive_high": 0.5,
}  # fmt: skip
WHOLE = pl.Struct(
    {**dict.fromkeys((*LEAST, *LEAST_OF_ENDS), pl.Float64), **dict.fromkeys(("bought", "silent_days"), pl.Int64)}
)
PARTS = [field.name for field in WHOLE.fields]
LEAVING = (0.2, 0.6)  # the probabilities to be there between which somebody is slipping away
MADE = """
    select v.customer_id, v.orders, cast(v.orders_least as bigint) as least, cast(v.orders_most as bigint) as most,
           v.revenue_minor as monetary_minor, v.revenue_low_minor as low_minor, v.revenue_high_minor as high_minor,
           v.alive, v.alive_low, v.alive_high, cast(p.repeats + 1 as bigint) as bought,
           cast(p.age_days - p.recency_days as bigint) as silent_days
    from customer_value v inner join customer_purchases p on p.customer_id = v.customer_id
    where v.as_of = $as_of order by v.customer_id
"""


def _labelled(made: pl.DataFrame) -> pl.DataFrame:
    leaving = _is_leaving("alive", "bought")
    return made.with_columns(
        value=pl.coalesce(pl.col("monetary_minor"), pl.col("orders")),
        label=pl.when(leaving).then(pl.lit(SLIPPING)).otherwise(pl.lit("")),
    )


def _unseen(as_of: dt.date) -> pl.Expr:
    """Tell whether nobody would see the difference."""
    last_order = pl.lit(as_of) - pl.duration(days="silent_days")
    last_order_was = pl.col("as_of") - pl.duration(days="silent_days_was")
    near = [
        *(_is_near(name, SEEN, least) for name, least in LEAST.items()),
        *(_is_near(name, SEEN_OF_ENDS, least) for name, least in LEAST_OF_ENDS.items()),
    ]
    same = [pl.col("bought").eq_missing(pl.col("bought_was"))]
    labels = [_is_leaving("alive", "bought").eq_missing(_is_leaving("alive_was", "bought_was"))]
    return pl.all_horizontal(last_order.eq_missing(last_order_was), *near, *same, *labels).fill_null(value=False)


def _is_near(name: str, share: float, least: float) -> pl.Expr:
    is_now, was = pl.col(name), pl.col(f"{name}_was")
    return ((is_now - was).abs() <= share * pl.max_horizontal(was, least)) | (is_now.is_null() & was.is_null())


def _is_leaving(alive: str, bought: str) -> pl.Expr:
    return (pl.col(bought) > 1) & pl.col(alive).is_between(*LEAVING)


def _rows(scores: pl.DataFrame, as_of: dt.date, key: str) -> list[tuple[Any, ...]]:
    """Spell scores as stored values, each ending with a key."""
    rounded = scores.with_columns(
        *(pl.col(name).round(4) for name in ("orders", "alive", "alive_low", "alive_high")),
        *(pl.col(name).cast(pl.Int64) for name in ("monetary_minor", "low_minor", "high_minor", "least", "most")),
    )
    parts = map(json.dumps, rounded.select(PARTS).iter_rows(named=True))
    rest = scores.select("value", "label", key).iter_rows()
    return [
        (value, label, part, as_of.isoformat(), VERSION, ending)
        for part, (value, label, ending) in zip(parts, rest, strict=True)
    ]


follow = Following(VALUE, MADE, WHOLE, _unseen, _rows, _labelled).follow
