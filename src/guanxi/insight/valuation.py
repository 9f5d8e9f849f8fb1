"""What customers will still buy, by models fitted to what the lake holds of their purchases; nothing is written down.

The mart `customer_purchases` counts each customer once; customers alike are then read together, so that a million of
them are some thousands of rows to a model.
"""

import datetime as dt
from dataclasses import dataclass, replace
from functools import cached_property
from time import monotonic
from typing import Any

import numpy as np

from guanxi.insight import given
from guanxi.insight.lifetime.backtest import MODELS, USUAL, Backtest, Held, Model, hold, steps
from guanxi.insight.lifetime.gamma_gamma import GammaGamma
from guanxi.insight.lifetime.histories import Floats, Histories, Whole
from guanxi.warehouse.reading import Lake, snapshot

MART = "customer_purchases"
UNITS = {"day": 1, "week": 7}
LONGEST_HOLDOUT, SHORTEST_HOLDOUT = 365, 28  # days
FEWEST = 20  # customers who bought again before a hold-out, and purchases in it
TOO_SHORT, TOO_FEW = "short", "few"

FIRST = "select min(placed_on) as day from orders where is_paid and customer_id is not null and placed_on <= $as_of"
ALIKE = """
    select repeats, recency_days, age_days, count(*) as customers, cast(sum(later_minor) as bigint) as later_minor
    from customer_purchases group by repeats, recency_days, age_days order by repeats, recency_days, age_days
"""
HELD = """
    select repeats_before, recency_before, age_before, earlier, made, count(*) as customers
    from customer_purchases where repeats_before is not null
    group by repeats_before, recency_before, age_before, earlier, made
    order by repeats_before, recency_before, age_before, earlier, made
"""
SEEN = """
    select cast(date_diff('day', cast($cut as date), placed_on) as bigint) as day, count(distinct customer_id) as made
    from orders inner join customer_purchases using (customer_id)
    where repeats_before is not null and placed_on > $cut and placed_on <= $as_of and is_paid and kind = 'sale'
        and net_minor >= 0 and (net_minor > 0 or refunded_minor = 0)
    group by placed_on
"""
SPENT = """
    select cast(priced as double) as repeats, cast(later_minor as double) / nullif(priced, 0) as mean
    from customer_purchases where priced > 0 and later_minor > 0 order by repeats, mean
"""
ALL_SPENT = """
    select cast(sum(first_minor) + sum(later_minor) as double) as minor,
           cast(sum(repeats + 1) as double) as days
    from customer_purchases where first_minor + later_minor > 0
"""


@dataclass(frozen=True)
class Valuation:
    """The models of one shop as of a day: of purchases, of money, and how they were tried.

    `later` is what the repeats of all customers of a group were worth, in minor units. Without customers there is no
    model, and no model of money where nothing was worth anything.
    """

    as_of: dt.date
    histories: Histories
    later: Floats
    name: str
    asked: bool
    model: Model | None
    money: GammaGamma | None
    spent: tuple[Floats, Floats]
    backtest: Backtest | None
    cut: dt.date | None
    untried: str
    seconds: float

    @property
    def customers(self) -> int:
        """How many bought at all."""
        return self.histories.customers

    @property
    def year(self) -> float:
        """Twelve months, in units of the model."""
        return 365 / self.histories.unit_days

    @cached_property
    def orders(self) -> Floats:
        """What a customer of each group is expected to buy within a year."""
        return self.model.expected(self.histories, self.year) if self.model else np.empty(0)

    @cached_property
    def alive(self) -> Floats:
        """The probability that a customer of each group has not left."""
        return self.model.alive(self.histories) if self.model else np.empty(0)

    @property
    def equity_minor(self) -> float | None:
        """What all customers together are expected to bring within a year."""
        if self.money is None:
            return None
        behind = self.histories.counts * self.money.v + self.later
        return float((self.orders * self.money.each_worth(self.histories.repeats)) @ behind)


def value(as_of: dt.date, *, unit: str = "week", model: str | None = None) -> Valuation:
    """Count purchases as of a day, choose a model by a hold-out unless it is told, and fit it."""
    begun = monotonic()
    with snapshot() as lake:
        cut = cut_of(lake, as_of)
    given.compute([MART], as_of, cut=cut or as_of)
    with snapshot() as lake:
        found = fitted(lake, as_of, cut, unit_days=UNITS[unit], model=model)
    return replace(found, seconds=monotonic() - begun)


def fitted(lake: Lake, as_of: dt.date, cut: dt.date | None, *, unit_days: int, model: str | None) -> Valuation:
    """Fit models to what the mart has counted as of a day, and of the day from which on they are tried."""
    rows = _columns(lake, ALIKE)
    tried = _tried(lake, cut, as_of, unit_days) if cut else TOO_SHORT
    spent, usual = _spent(lake)
    name = model or (tried.chosen if isinstance(tried, Backtest) else USUAL)
    later = rows.pop("later_minor").astype(float)
    histories = Histories.grouped(*rows.values(), unit_days=unit_days)
    return Valuation(
        as_of, histories, later, name, asked=model is not None,
        model=MODELS[name].fit(histories) if histories.customers else None,
        money=GammaGamma.fit(*spent, usual=usual) if usual else None,
        spent=spent,
        backtest=tried if isinstance(tried, Backtest) else None,
        cut=cut,
        untried=tried if isinstance(tried, str) else "",
        seconds=0,
    )  # fmt: skip


def cut_of(lake: Lake, as_of: dt.date) -> dt.date | None:
    """Put a third of the time seen aside, a year at most; None where that is not even four weeks."""
    first = lake.sql(FIRST, as_of=as_of).to_pylist()[0]["day"]
    held = min((as_of - first).days // 3, LONGEST_HOLDOUT) if first else 0
    return as_of - dt.timedelta(days=held) if held >= SHORTEST_HOLDOUT else None


def _tried(lake: Lake, cut: dt.date, as_of: dt.date, unit_days: int) -> Backtest | str:
    repeats, recency, age, earlier, made, counts = _columns(lake, HELD).values()
    known = Histories.grouped(repeats, recency, age, counts, unit_days=unit_days)
    if known.repeaters < FEWEST or counts @ made < FEWEST:
        return TOO_FEW
    span = (as_of - cut).days
    by_day = np.zeros(span + 1, np.int64)
    seen = _columns(lake, SEEN, cut=cut, as_of=as_of)
    by_day[seen["day"]] = seen["made"]
    days = steps(span)
    return hold(Held(known, earlier.astype(float), made.astype(float), days, by_day.cumsum()[days], span))


def _spent(lake: Lake) -> tuple[tuple[Floats, Floats], float | None]:
    """Read what customers spent on days after their first, and what any such day is worth; None where nothing."""
    found = lake.sql(SPENT)
    repeats, mean = (found[name].to_numpy() for name in ("repeats", "mean"))
    whole = lake.sql(ALL_SPENT).to_pylist()[0]
    usual = float(np.median(mean)) if len(mean) else whole["minor"] and whole["minor"] / whole["days"]
    return (repeats, mean), usual


def _columns(lake: Lake, query: str, **params: Any) -> dict[str, Whole]:
    found = lake.sql(query, **params)
    return {name: found[name].to_numpy().astype(np.int64) for name in found.column_names}
