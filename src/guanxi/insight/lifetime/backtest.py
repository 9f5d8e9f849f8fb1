"""How well the models would have done: fitted on what was known on a day, held against what was bought since."""

from dataclasses import dataclass

import numpy as np

from guanxi.insight.lifetime.bg_nbd import BgNbd
from guanxi.insight.lifetime.histories import Floats, Histories, Whole
from guanxi.insight.lifetime.pareto_nbd import ParetoNbd
from guanxi.insight.lifetime.purchases import Purchases

Model = BgNbd | ParetoNbd
MODELS: dict[str, type[BgNbd] | type[ParetoNbd]] = {"bg-nbd": BgNbd, "pareto-nbd": ParetoNbd}
USUAL = "bg-nbd"
SURE = 2.0  # standard errors by which another model has to be better than the usual one
STEPS = 26


@dataclass(frozen=True)
class Held:
    """What was known of customers on a day, alike ones together, and what they bought since.

    `before` and `made` are purchases of a customer of each group in as many days before the day and after it;
    `seen` are those of all of them up to each of `days` after it. `known` is in units of the model.
    """

    known: Histories
    before: Floats
    made: Floats
    days: Whole
    seen: Whole
    span_days: int


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

    @property
    def best(self) -> Tried:
        """The forecast of the chosen model."""
        return next(each for each in self.tried if each.name == self.chosen)


def backtest(purchases: Purchases, *, cut: int, end: int, unit_days: int = 7) -> Backtest:
    """Fit every model on purchases up to `cut`, and hold it against those up to `end`, both inclusive."""
    known, span = purchases.known(cut, unit_days=unit_days), end - cut
    counted = [purchases.made(known.customers, *days).astype(np.int64) for days in ((cut - span, cut), (cut, end))]
    days = steps(span)
    seen = [int(purchases.made(known.customers, cut, cut + int(day)).sum()) for day in days]
    each, group = known.histories, known.histories.group
    rows = (each.repeats[group], each.recency[group] * unit_days, each.age[group] * unit_days)
    told = np.stack([*(row.round().astype(np.int64) for row in rows), *counted])
    (repeats, recency, age, before, made), counts = np.unique(told, axis=1, return_counts=True)
    histories = Histories.grouped(repeats, recency, age, counts, unit_days=unit_days)
    return hold(Held(histories, before.astype(float), made.astype(float), days, np.array(seen), span))


def steps(span_days: int) -> Whole:
    """Give the days at which a forecast is compared with what was seen."""
    return np.unique(np.linspace(0, span_days, STEPS).round().astype(np.int64))


def hold(held: Held) -> Backtest:
    """Fit every model on what was known, and hold it against what was made since.

    The chosen model is the one whose forecasts of single customers have the smaller squared errors, which expectations
    make small; Pareto/NBD takes the place of the simpler BG/NBD only where chance alone would not make it so much
    better.
    """
    known, span = held.known, held.span_days / held.known.unit_days
    models = {name: model.fit(known) for name, model in MODELS.items()}
    forecasts = {name: model.expected(known, span) for name, model in models.items()}
    chosen = _chosen(held, forecasts)
    naive = {"same-rate": _at_the_same_rate(known, span), "same-again": held.before}
    tried = tuple(_tried(held, name, forecast) for name, forecast in {**forecasts, **naive}.items())
    by_day = [float(known.counts @ models[chosen].expected(known, day / known.unit_days)) for day in held.days]
    return Backtest(tried, chosen, held.days, np.array(by_day), held.seen)


def _chosen(held: Held, forecasts: dict[str, Floats]) -> str:
    errors = {name: (forecast - held.made) ** 2 for name, forecast in forecasts.items()}
    customers = max(held.known.customers, 1)
    best = USUAL
    for name, error in errors.items():
        gained = errors[best] - error
        mean = float(held.known.counts @ gained) / customers
        square = float(held.known.counts @ gained**2) / customers
        if mean > SURE * (max(square - mean**2, 0) / customers) ** 0.5:
            best = name
    return best


def _tried(held: Held, name: str, forecast: Floats) -> Tried:
    counts = held.known.counts
    off = float(counts @ np.abs(forecast - held.made)) / max(held.known.customers, 1)
    return Tried(name, float(counts @ forecast), int(counts @ held.made), off)


def _at_the_same_rate(known: Histories, span: float) -> Floats:
    """Forecast that every customer goes on buying again as often as so far; who came on the last day has no rate."""
    return np.where(known.age > 0, known.repeats / np.maximum(known.age, 1e-9), 0) * span
