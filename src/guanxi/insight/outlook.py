"""What customers will do within a year, and how sure that is: all of them together, and each.

Expectations are the fitted models'. Intervals hold the middle 80 % of futures, drawn from models that the data hold
nearly as likely: those of a small shop are wide.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.random import default_rng
from numpy.typing import NDArray

from guanxi.insight.lifetime.backtest import Model
from guanxi.insight.lifetime.gamma_gamma import GammaGamma
from guanxi.insight.lifetime.histories import Floats, Histories
from guanxi.insight.lifetime.spread import SEED, Spread, spread
from guanxi.insight.valuation import Valuation
from guanxi.warehouse.reading import Lake

Flags = NDArray[np.bool_]
DOUBTS = 20  # models drawn beside the fitted one
ALL_GROUPS, EACH_GROUPS = 4_000, 40_000  # how finely customers are told apart: for sums, and for themselves
EDGES = (0.1, 0.9)
NOISES = 50
COSTED = 0.8  # the share of sales whose cost has to be known before anything is said of margins
EACH = """
    select p.customer_id, p.repeats, p.recency_days, p.age_days,
           case when p.priced > 0 then cast(p.later_minor as double) * p.repeats / p.priced end as later_minor,
           cast(p.first_minor + p.later_minor as bigint) as so_far_minor,
           cast(coalesce(m.sold_minor, 0) as double) as sold_minor,
           cast(coalesce(m.cost_minor, 0) as double) as cost_minor
    from customer_purchases p left join customer_margin m on m.customer_id = p.customer_id
    order by p.customer_id
"""
COSTS = """
    select cast(sum(sold_minor) as double) as sold, cast(sum(cost_minor) as double) as cost,
           cast(sum(unknown_minor) as double) as unknown, cast(count(*) as double) as customers from customer_margin
"""


@dataclass(frozen=True)
class Amount:
    """An expectation, and the ends of the middle 80 % of what may come."""

    expected: float
    low: float
    high: float


@dataclass(frozen=True)
class Outlook:
    """The year ahead by one valuation that has a model."""

    valuation: Valuation
    model: Model

    @cached_property
    def _rough(self) -> Histories:
        return self.valuation.histories.coarse(ALL_GROUPS)

    @cached_property
    def doubts(self) -> tuple[list[Model], list[GammaGamma]]:
        """Models of purchases and of money that the data hold nearly as likely as the fitted ones."""
        chance, money = default_rng(SEED), self.valuation.money
        models: list[Model] = [*self.model.doubted(self._rough, DOUBTS, chance)]
        return models, money.doubted(*self.valuation.spent, DOUBTS, chance) if money else []

    @cached_property
    def _drawn(self) -> Spread:
        return spread(*self.doubts, self._rough, self.valuation.year)

    @property
    def orders(self) -> Amount:
        """What all customers will buy within a year."""
        sums = [float(self._rough.counts @ each.expected(self._rough, self.valuation.year)) for each in self.doubts[0]]
        noise = float(self._rough.counts @ self._drawn.made_variance)
        return _amount(float(self.valuation.histories.counts @ self.valuation.orders), sums, noise)

    @property
    def alive(self) -> Amount:
        """How many of all customers have not left."""
        return self._there(self.valuation.histories.repeats >= 0, self._rough.repeats >= 0)

    @property
    def alive_again(self) -> Amount:
        """How many of those who bought again have not left."""
        return self._there(self.valuation.histories.repeats > 0, self._rough.repeats > 0)

    def _there(self, some: Flags, roughly: Flags) -> Amount:
        counts, rough = self.valuation.histories.counts * some, self._rough.counts * roughly
        shares = [each.alive(self._rough) for each in self.doubts[0]]
        noise = float(rough @ (shares[0] * (1 - shares[0])))
        found = _amount(float(counts @ self.valuation.alive), [float(rough @ share) for share in shares], noise)
        return Amount(found.expected, found.low, min(found.high, float(counts.sum())))

    @property
    def revenue(self) -> Amount | None:
        """What all customers will bring within a year, in minor units; None where no amounts are known."""
        money, expected, rough = self.valuation.money, self.valuation.equity_minor, self._rough
        if money is None or expected is None:
            return None
        later = _sums(self.valuation, rough, self.valuation.later)
        sums = [
            float((model.expected(rough, self.valuation.year) * spend.each_worth(rough.repeats))
                  @ (rough.counts * spend.v + later))
            for model, spend in zip(*self.doubts, strict=True)
        ]  # fmt: skip
        noise = float((rough.counts * self._drawn.variance) @ (money.v + later / rough.counts) ** 2)
        return _amount(expected, sums, noise)

    @cached_property
    def groups(self) -> pl.DataFrame:
        """What customers of each group have before them; money for each unit of what speaks for a customer."""
        histories, unit = self.valuation.histories, self.valuation.histories.unit_days
        rough = histories.coarse(EACH_GROUPS)
        place = rough.group if rough is not histories else slice(None)
        drawn, shares = spread(*self.doubts, rough, self.valuation.year), self._shares(rough)
        alive, money = self.valuation.alive, self.valuation.money
        columns = {
            "repeats": histories.repeats, "recency_days": histories.recency * unit, "age_days": histories.age * unit,
        }  # fmt: skip
        found = pl.DataFrame({name: each.round().astype(np.int32) for name, each in columns.items()})
        return found.with_columns(
            orders=self.valuation.orders,
            orders_least=drawn.least[place].astype(np.int32),
            orders_most=drawn.most[place].astype(np.int32),
            each=self.valuation.orders * money.each_worth(histories.repeats) if money else None,
            each_low=drawn.low[place],
            each_high=drawn.high[place],
            alive=alive,
            alive_low=np.minimum(shares[0][place], alive),
            alive_high=np.maximum(shares[1][place], alive),
        )

    def _shares(self, rough: Histories) -> Floats:
        ends: Floats = np.quantile([each.alive(rough) for each in self.doubts[0]], EDGES, axis=0)
        return ends

    def customers(self, lake: Lake) -> Iterator[pl.DataFrame]:
        """Tell of every customer, some thousands at a time and by their keys, what they have before them."""
        margin = margin_of_all(lake)
        keys = ["repeats", "recency_days", "age_days"]
        for batch in lake.batches(EACH):
            rows = pl.DataFrame(pl.from_arrow(pa.Table.from_batches([batch])))
            joined = rows.join(self.groups, on=keys, how="left", maintain_order="left")
            yield (
                joined.with_columns(_behind(self.valuation.money))
                .with_columns(
                    revenue_minor=_whole("each"),
                    revenue_low_minor=_whole("each_low"),
                    revenue_high_minor=_whole("each_high"),
                )
                .with_columns(margin_minor=_margin(margin))
            )


@dataclass(frozen=True)
class Margin:
    """What of all sales is margin, and what a customer brought on average, in minor units."""

    share: float
    usual_minor: float

    def share_of(self, sold: pl.Expr, cost: pl.Expr) -> pl.Expr:
        """Give a customer's own share: the less they bought so far, the more like that of all."""
        return (sold - cost + self.usual_minor * self.share) / (sold + self.usual_minor)


def margin_of_all(lake: Lake) -> Margin | None:
    """Give the share of sales that is margin; None where the costs of too many goods are unknown."""
    found = lake.sql(COSTS).to_pylist()[0]
    sold, unknown = found["sold"] or 0.0, found["unknown"] or 0.0
    if sold <= 0 or sold < COSTED * (sold + unknown):
        return None
    return Margin(float(1 - found["cost"] / sold), sold / found["customers"])


def _behind(money: GammaGamma | None) -> pl.Expr:
    """Give the money that speaks for a customer; repeats without a known amount are worth what all are worth."""
    if money is None:
        return pl.lit(None, pl.Float64).alias("behind")
    usual = float(money.expected(np.zeros(1), np.zeros(1))[0])
    return (money.v + pl.col("later_minor").fill_null(pl.col("repeats") * usual)).alias("behind")


def _whole(name: str) -> pl.Expr:
    return (pl.col(name) * pl.col("behind")).round().cast(pl.Int64)


def _margin(of_all: Margin | None) -> pl.Expr:
    if of_all is None:
        return pl.lit(None, pl.Int64)
    share = of_all.share_of(pl.col("sold_minor").clip(0), pl.col("cost_minor").clip(0))
    return (pl.col("revenue_minor") * share).round().cast(pl.Int64)


def _sums(valuation: Valuation, rough: Histories, of: Floats) -> Floats:
    if rough is valuation.histories:
        return of
    return np.bincount(rough.group, of, minlength=len(rough.counts)).astype(float)


def _amount(expected: float, sums: list[float], variance: float) -> Amount:
    """Put together what is not known of the models, and what chance does with the customers."""
    noise = default_rng(SEED).standard_normal((len(sums), NOISES)) * max(variance, 0.0) ** 0.5
    low, high = np.quantile(np.array(sums)[:, None] + noise, EDGES)
    return Amount(expected, max(min(float(low), expected), 0.0), max(float(high), expected))
