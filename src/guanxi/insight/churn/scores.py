"""The book's scores of who will come back follow the mart: only those are written that say something else.

As with the value of customers: who does not come is a day older every day, and what nobody would see is not written.
"""

import datetime as dt
import json
from typing import Any

import polars as pl

from guanxi.insight.churn.run import AT_RISK, CHURN
from guanxi.insight.following import Following

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


follow = Following(CHURN, MADE, WHOLE, _unseen, _rows).follow
