"""How sure models are of customers: between which numbers of purchases, and which sums, most futures lie.

Futures are drawn from several models that the data hold nearly as likely as the best, so that what a small shop cannot
know of its customers makes their intervals wide.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.random import Generator, default_rng

from guanxi.insight.lifetime.gamma_gamma import GammaGamma
from guanxi.insight.lifetime.histories import Floats, Histories, Whole

DRAWS = 400
AT_ONCE = 10_000  # groups, so that a shop of millions fits into memory
RAREST = 10  # times as much as usual may be spent in a future, lest one in millions outweigh all others
SEED = 20250101  # the same customers give the same numbers, or a page would tremble


class Drawing(Protocol):
    """A model that draws futures."""

    def draw(self, known: Histories, span: float, chance: Generator) -> Whole:
        """Draw how many purchases one customer of each group makes."""


@dataclass(frozen=True)
class Spread:
    """Of one customer of each group: the ends of the middle of the futures, and how widely they lie.

    `least` and `most` count purchases, `made_variance` is theirs. `low`, `high`, `mean` and `variance` are what is
    spent, for each unit of the money that speaks for a customer (`GammaGamma.behind`): the rest of it depends on the
    group alone.
    """

    least: Whole
    most: Whole
    made_variance: Floats
    low: Floats
    high: Floats
    mean: Floats
    variance: Floats


def likely(models: Sequence[Drawing], known: Histories, span: float, *, share: float = 0.8) -> tuple[Whole, Whole]:
    """Give the least and the most purchases of the middle `share` of futures, for each group of customers."""
    found = spread(models, (), known, span, share=share)
    return found.least, found.most


def spread(
    models: Sequence[Drawing], spends: Sequence[GammaGamma], known: Histories, span: float, *, share: float = 0.8
) -> Spread:
    """Draw futures by turns from the models, with what is spent in them by the models of money, one for each."""
    chance, edges = default_rng(SEED), ((1 - share) / 2, (1 + share) / 2)
    found = [_spread(_futures(models, spends, some, span, chance), edges) for some in _in_parts(known)]
    columns = zip(*found, strict=True) if found else ([np.empty(0)] for _each in range(7))
    least, most, *rest = (np.concatenate(list(column)) for column in columns)
    return Spread(least.astype(np.int64), most.astype(np.int64), *rest)


def _futures(
    models: Sequence[Drawing], spends: Sequence[GammaGamma], known: Histories, span: float, chance: Generator
) -> tuple[Whole, Floats]:
    made, spent = np.empty((DRAWS, len(known.counts)), np.int64), np.zeros((DRAWS, len(known.counts)))
    for nth in range(DRAWS):
        made[nth] = models[nth % len(models)].draw(known, span, chance)
        if spends:
            money = spends[nth % len(spends)]
            of_all = chance.standard_gamma(money.p * made[nth])
            shape = money.p * known.repeats + money.q
            spent[nth] = of_all / np.maximum(chance.standard_gamma(shape), shape / RAREST)
    return made, spent


def _spread(futures: tuple[Whole, Floats], edges: tuple[float, float]) -> tuple[Floats, ...]:
    made, spent = futures
    least, most = np.quantile(made, edges, axis=0, method="inverted_cdf")
    low, high = np.quantile(spent, edges, axis=0, method="inverted_cdf")
    return least, most, made.var(axis=0), low, high, spent.mean(axis=0), spent.var(axis=0)


def _in_parts(known: Histories) -> list[Histories]:
    places = [slice(first, first + AT_ONCE) for first in range(0, len(known.counts), AT_ONCE)]
    return [
        replace(known, repeats=known.repeats[p], recency=known.recency[p], age=known.age[p], counts=known.counts[p])
        for p in places
    ]
