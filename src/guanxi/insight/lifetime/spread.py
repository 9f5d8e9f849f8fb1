"""How sure a model is of a customer: between which numbers of purchases most futures lie that it holds possible."""

from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.random import Generator, default_rng

from guanxi.insight.lifetime.histories import Histories, Whole

DRAWS = 400
AT_ONCE = 10_000  # groups, so that a shop of millions fits into memory
SEED = 20250101  # the same customers give the same numbers, or a page would tremble


class Drawing(Protocol):
    """A model that draws futures."""

    def draw(self, known: Histories, span: float, chance: Generator) -> Whole:
        """Draw how many purchases one customer of each group makes."""


def likely(model: Drawing, known: Histories, span: float, *, share: float = 0.8) -> tuple[Whole, Whole]:
    """Give the least and the most purchases of the middle `share` of futures, for each group of customers."""
    chance, edges = default_rng(SEED), ((1 - share) / 2, (1 + share) / 2)
    found = [
        np.quantile([model.draw(some, span, chance) for _nth in range(DRAWS)], edges, axis=0, method="inverted_cdf")
        for some in _in_parts(known)
    ]
    least, most = np.concatenate(found, axis=1) if found else np.empty((2, 0), np.int64)
    return least.astype(np.int64), most.astype(np.int64)


def _in_parts(known: Histories) -> list[Histories]:
    places = [slice(first, first + AT_ONCE) for first in range(0, len(known.counts), AT_ONCE)]
    return [
        replace(known, repeats=known.repeats[p], recency=known.recency[p], age=known.age[p], counts=known.counts[p])
        for p in places
    ]
