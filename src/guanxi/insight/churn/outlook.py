"""How probably everybody comes back, by a model fitted to the window that is over; nothing is written down."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from guanxi.insight.churn import trial
from guanxi.insight.churn.features import NAMES, READ, Floats, matrix
from guanxi.insight.churn.model import Model, half_by
from guanxi.warehouse.reading import Lake

FEATURES = "customer_churn_features"
FARTHEST_DAYS = 730
FEW_CAME = 20
HALF = 0.5
KNOWN = f"""
    select {", ".join(READ)}, came from {FEATURES} where step = $step order by customer_id
"""  # noqa: S608 - names of our own
MIDDLE = f"select {', '.join(READ)} from {FEATURES} where step = 0 order by customer_id"  # noqa: S608 - as above
FIRST = f"""
    with since as (
        select customer_id, min(date_diff('day', $cut, placed_on)) as first_days from sold_orders
        where is_purchase and placed_on > $cut and placed_on <= $as_of
        group by customer_id
    )
    select cast(first_days as double) as first_days from {FEATURES} left join since using (customer_id)
    where step = 1 order by customer_id
"""  # noqa: S608 - as above
NOW = f"""
    select customer_id, {", ".join(READ)}, year_minor from {FEATURES} where step = 0 order by customer_id
"""  # noqa: S608 - as above


@dataclass(frozen=True)
class Outlook:
    """The model of one shop as of a day, how it was tried, and whom it rests on."""

    as_of: dt.date
    window_days: int
    customers: int
    model: Model
    middle: Floats
    fitted: int
    came: int
    trial: dict[str, Any] | str
    chances: Floats

    @classmethod
    def read(cls, lake: Lake, as_of: dt.date) -> "Outlook":
        """Fit to what the mart of features says."""
        before, after = (_known(lake, step) for step in (2, 1))
        now = _columns(lake.sql(MIDDLE))
        rows, model = matrix(now), Model.fit(*after)
        window = int(now["window_days"][0]) if len(rows) else 0
        first = lake.sql(FIRST, as_of=as_of, cut=as_of - dt.timedelta(days=window))["first_days"]
        return cls(
            as_of,
            window,
            len(rows),
            model,
            rows.mean(axis=0) if len(rows) else np.zeros(len(NAMES)),
            fitted=len(after[1]),
            came=int(after[1].sum()),
            trial=trial.tried(before, after, first.to_numpy(), window_days=window),
            chances=model.probability(rows),
        )

    @property
    def told(self) -> dict[str, Any]:
        """What is said of all of them together."""
        is_tried = isinstance(self.trial, dict)
        return {
            "as_of": self.as_of.isoformat(), "window_days": self.window_days, "customers": self.customers,
            "expected": float(self.chances.sum()), "fitted": self.fitted, "came": self.came,
            "is_few": self.came < FEW_CAME,
            "coefficients": dict(zip(NAMES, self.model.weights.round(6).tolist(), strict=True)),
            "trial": self.trial if is_tried else None, "untried": "" if is_tried else self.trial,
        }  # fmt: skip

    def customers_of(self, lake: Lake) -> Iterator[pl.DataFrame]:
        """Give what is said of each customer, piece by piece, as the mart `customer_churn` names it."""
        for batch in lake.batches(NOW):
            yield self._said(pl.DataFrame(pl.from_arrow(batch)))

    def _said(self, frame: pl.DataFrame) -> pl.DataFrame:
        rows = matrix({name: frame[name].to_numpy() for name in READ})
        chance, (low, high) = self.model.probability(rows), self.model.ends(rows)
        days = np.ceil(half_by(chance, self.window_days))
        reasons = self.model.reasons(rows, self.middle)
        near = pl.col("half_days").clip(upper_bound=FARTHEST_DAYS).cast(pl.Int64)
        return frame.with_columns(
            as_of=pl.lit(self.as_of), probability=pl.Series(chance), low=pl.Series(low), high=pl.Series(high),
            half_days=pl.Series(days), **{name: pl.Series(values) for name, values in reasons.items()},
        ).with_columns(
            next_on=pl.when(pl.col("half_days") <= FARTHEST_DAYS).then(
                pl.lit(self.as_of) + pl.duration(days=near)
            ),
            at_stake_minor=(pl.col("year_minor") * (1 - pl.col("probability"))).round().cast(pl.Int64),
            is_at_risk=(pl.col("days") > 1) & (pl.col("silent_days") > pl.col("gap_days"))
            & (pl.col("probability") < HALF) & (pl.col("year_minor") > 0),
        )  # fmt: skip


def _known(lake: Lake, step: int) -> tuple[Floats, Floats]:
    found = _columns(lake.sql(KNOWN, step=step))
    return matrix(found), found["came"].astype(float)


def _columns(table: Any) -> dict[str, Any]:
    return {name: table[name].to_numpy() for name in table.column_names}
