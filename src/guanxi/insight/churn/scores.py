"""The book's scores of who will come back follow the mart: only those are written that say something else.

As with the value of customers: who does not come is a day older every day, and what nobody would see is not written.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import polars as pl
import pyarrow as pa

from guanxi.insight.churn.run import AT_RISK, CHURN
from guanxi.insight.writeback import LAST_ID, add, change, drop, in_pieces, standing_scores
from guanxi.warehouse.reading import Lake

VERSION = 1  # of what the parts mean
SEEN, SEEN_OF_MONEY, LEAST_MONEY = 0.02, 0.05, 5_000  # what has to differ to be written: points, a share, minor units
REASONS = ("silence", "rhythm", "often", "recent", "age")
REALS = ("probability", "low", "high", "gap_days", *REASONS)
WHOLES = ("days", "silent_days", "recent_days", "window_days", "monetary_minor")
WHOLE = pl.Struct({**dict.fromkeys(REALS, pl.Float64), **dict.fromkeys(WHOLES, pl.Int64), "risk": pl.Boolean})
PARTS = [field.name for field in WHOLE.fields]
MADE = """
    select c.customer_id, c.probability, c.low, c.high, f.gap_days, c.silence, c.rhythm, c.often, c.recent, c.age,
           cast(f.days as bigint) as days, cast(f.silent_days as bigint) as silent_days,
           cast(f.recent_days as bigint) as recent_days, cast(c.window_days as bigint) as window_days,
           c.at_stake_minor as monetary_minor, c.is_at_risk as risk
    from customer_churn c inner join customer_churn_features f on f.customer_id = c.customer_id and f.step = 0
    where c.as_of = $as_of order by c.customer_id
"""
Write = Callable[[Sequence[tuple[Any, ...]]], None]


def follow(lake: Lake, as_of: dt.date, check: Callable[[], None] = lambda: None) -> int:
    """Make the book's scores those of the mart as of a day, and say how many rows that touched."""
    touched = 0
    for made, standing in _pieces(lake, as_of):
        for write, rows in _differences(made, standing, as_of):
            touched += len(rows)
            in_pieces(write, rows, check)
    return touched


def _pieces(lake: Lake, as_of: dt.date) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Walk mart and book side by side, by customer."""
    after, nothing = 0, pl.DataFrame(schema={"customer_id": pl.Int64, **{f.name: f.dtype for f in WHOLE.fields}})
    for batch in lake.batches(MADE, as_of=as_of):
        made = pl.DataFrame(pl.from_arrow(pa.Table.from_batches([batch]))).cast(nothing.schema)
        until = int(made.get_column("customer_id").max() or after)  # type: ignore[arg-type]  # a column of integers
        yield made, standing_scores(after, until, name=CHURN, parts_of=WHOLE)
        after = until
    yield nothing, standing_scores(after, LAST_ID, name=CHURN, parts_of=WHOLE)


def _differences(
    wanted: pl.DataFrame, standing: pl.DataFrame, as_of: dt.date
) -> Iterator[tuple[Write, list[tuple[Any, ...]]]]:
    """Tell which scores are new, which say something else now, and which are gone."""
    both = wanted.join(standing, on="customer_id", how="inner")
    yield partial(add, CHURN), _rows(both.filter(pl.col("score_id").is_null()), as_of, "customer_id")
    yield change, _rows(both.filter(pl.col("score_id").is_not_null() & ~_unseen(as_of)), as_of, "score_id")
    gone = standing.filter(pl.col("score_id").is_not_null()).join(wanted, on="customer_id", how="anti")
    yield drop, gone.select("score_id").rows()


def _unseen(as_of: dt.date) -> pl.Expr:
    """Tell whether nobody would see the difference."""
    last = pl.lit(as_of) - pl.duration(days="silent_days")
    last_was = pl.col("as_of") - pl.duration(days="silent_days_was")
    same = [pl.col(name).eq_missing(pl.col(f"{name}_was")) for name in ("days", "window_days", "risk")]
    near = [(pl.col(name) - pl.col(f"{name}_was")).abs() <= SEEN for name in ("probability", "low", "high")]
    money, was = pl.col("monetary_minor"), pl.col("monetary_minor_was")
    near.append((money - was).abs() <= SEEN_OF_MONEY * pl.max_horizontal(was.abs(), LEAST_MONEY))
    return pl.all_horizontal(last.eq_missing(last_was), *same, *near).fill_null(value=False)


def _rows(scores: pl.DataFrame, as_of: dt.date, key: str) -> list[tuple[Any, ...]]:
    """Spell scores as stored values, each ending with a key."""
    rounded = scores.with_columns(pl.col(name).round(4) for name in REALS)
    parts = map(json.dumps, rounded.select(PARTS).iter_rows(named=True))
    rest = scores.select(pl.col("monetary_minor").cast(pl.Float64), "risk", key).iter_rows()
    return [
        (value, AT_RISK if risk else "", part, as_of.isoformat(), VERSION, ending)
        for part, (value, risk, ending) in zip(parts, rest, strict=True)
    ]
