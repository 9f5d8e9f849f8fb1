"""How well the models would have done: fitted on what was known on a day, held against what was bought since."""

from dataclasses import dataclass

import numpy as np

from guanxi.insight.lifetime.bg_nbd import BgNbd
from guanxi.insight.lifetime.histories import Floats, Histories, Whole
from guanxi.insight.lifetime.pareto_nbd import ParetoNbd
from guanxi.insight.lifetime.purchases import Purchases

Model = BgNbd | ParetoNbd
MODELS: dict[str, type[BgNbd] | type[ParetoNbd]] = {"bg-nbd": BgNbd, "pareto-nbd": ParetoNbd}
STEPS = 26


@dataclass(frozen=True)
class Tried:
    """One forecast beside what happened.

    `total` and `seen` are purchases of all customers since; `error` is by how many purchases a customer's forecast was
    off on average.
    """

    name: str
    total: float
    seen: int
    error: float

    @property
    def bias(self) -> float:
        """By which share of what was seen the total was too high, or too low."""
        return (self.total - self.seen) / max(self.seen, 1)


@dataclass(frozen=True)
class Backtest:
    """All forecasts of one hold-out, the models' before the naive ones, and how the best one of the models went."""

    tried: tuple[Tried, ...]
    chosen: str
    days: Whole
    expected: Floats
    seen: Whole


def backtest(purchases: Purchases, *, cut: int, end: int, unit_days: int = 7) -> Backtest:
    """Fit every model on purchases up to `cut`, and hold it against those up to `end`, both inclusive.

    The chosen model is the one whose forecasts of single customers were off least.
    """
    known = purchases.known(cut, unit_days=unit_days)
    made, span = purchases.made(known.customers, cut, end), (end - cut) / unit_days
    models = {name: model.fit(known.histories) for name, model in MODELS.items()}
    tried = [
        _tried(name, model.expected(known.histories, span)[known.histories.group], made)
        for name, model in models.items()
    ]
    best = min(tried, key=lambda each: each.error).name
    before = purchases.made(known.customers, cut - (end - cut), cut).astype(float)
    naive = [
        _tried("same-rate", _at_the_same_rate(known.histories, span)[known.histories.group], made),
        _tried("same-again", before, made),
    ]
    days = np.unique(np.linspace(0, end - cut, STEPS).round().astype(np.int64))
    expected = [float(known.histories.counts @ models[best].expected(known.histories, day / unit_days)) for day in days]
    seen = [int(purchases.made(known.customers, cut, cut + int(day)).sum()) for day in days]
    return Backtest((*tried, *naive), best, days, np.array(expected), np.array(seen))


def _tried(name: str, forecast: Floats, made: Whole) -> Tried:
    return Tried(name, float(forecast.sum()), int(made.sum()), float(np.abs(forecast - made).mean()))


def _at_the_same_rate(known: Histories, span: float) -> Floats:
    """Forecast that every customer goes on buying again as often as so far; who came on the last day has no rate."""
    return np.where(known.age > 0, known.repeats / np.maximum(known.age, 1e-9), 0) * span
