"""Gamma-Gamma: what a purchase of a customer is worth on average, whatever they happened to spend so far.

Source: Fader, Hardie (2013), The Gamma-Gamma Model of Monetary Value.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import numpy as np
from numpy.random import Generator
from scipy.special import digamma, gammaln

from guanxi.insight.lifetime.fitting import Climb, Prior, Summit, climb, plausible, weight_at
from guanxi.insight.lifetime.histories import Floats, Levels, levels

STARTS = ((1.0, 1.0, 1.0), (6.0, 4.0, 15.0))
PRIOR = Prior((6.0, 4.0, 0.5), (0.8, 0.4, 0.8))  # of purchases measured by their median: most customers spend alike
LEAST_Q = 1.2  # below it what an unknown customer's purchase is worth has nearly no bound


@dataclass(frozen=True)
class GammaGamma:
    """The model with its parameters: `p` and `q` without unit, `v` in units of money."""

    NAMES: ClassVar = ("p", "q", "v")

    p: float
    q: float
    v: float
    log_likelihood: float
    is_flat: bool = True
    prior_weight: float = 0.0

    @classmethod
    def fit(cls, repeats: Floats, mean: Floats, *, usual: float | None = None) -> "GammaGamma":
        """Fit it by maximum likelihood to customers who bought again; of few, with the prior beside it.

        Parameters
        ----------
        repeats, mean
            **Shape**: one number per customer with at least one repeat, whose purchases after the first were worth
            more than nothing. **Unit**: purchases after the first; money per such purchase.
        usual
            What a purchase is worth in this shop, for the prior; the median of the means unless given.
        """
        scale = usual or float(np.median(mean))  # so that the starts lie near whatever the currency
        slope = cls.slope(repeats, mean / scale)
        found = _found(slope, len(mean))
        p, q, v = map(float, found.parameters)
        height = found.log_likelihood - len(mean) * float(np.log(scale))
        return cls(p, q, v * scale, height, found.is_flat, found.prior_weight)

    @staticmethod
    def slope(repeats: Floats, mean: Floats) -> Climb:
        """Give what is climbed."""
        sums = float(repeats @ np.log(mean)), float(repeats @ np.log(repeats)), float(np.log(mean).sum())
        return partial(_slope, levels([repeats]), (repeats, repeats * mean), sums)

    def doubted(self, repeats: Floats, mean: Floats, count: int, chance: Generator) -> "list[GammaGamma]":
        """Draw models that the data hold nearly as likely."""
        scale = self.v
        slope = PRIOR.beside(self.slope(repeats, mean / scale), self.prior_weight)
        drawn = plausible(slope, np.array([self.p, self.q, 1.0]), count, chance)
        return [GammaGamma(float(p), float(q), float(v) * scale, np.nan) for p, q, v in drawn]

    def expected(self, repeats: Floats, mean: Floats) -> Floats:
        """Give what the next purchase of each customer is worth on average; who never bought again is like all."""
        return self.each_worth(repeats) * self.behind(repeats, mean)

    def each_worth(self, repeats: Floats) -> Floats:
        """Give by what `behind` is multiplied: what depends on how often somebody bought again alone."""
        return self.p / (self.p * repeats + max(self.q, LEAST_Q) - 1)

    def behind(self, repeats: Floats, mean: Floats) -> Floats:
        """Give the money that speaks for a customer: what all of them bring along, and what their repeats brought."""
        return self.v + repeats * np.where(repeats > 0, mean, 0)


def _found(slope: Climb, customers: int) -> Summit:
    """Climb without the prior where many bought again and the data bound the parameters."""
    weight = weight_at(customers)
    alone = climb(slope, STARTS, usual=PRIOR.centres) if weight == 0 else None
    if alone is not None and alone.is_bounded and alone.parameters[1] > LEAST_Q:
        return alone
    weight = weight or 1.0
    both = climb(PRIOR.beside(slope, weight), [*STARTS, PRIOR.centres], usual=PRIOR.centres)
    return replace(both, log_likelihood=slope(both.parameters)[0], prior_weight=weight)


def _slope(
    known: Levels, each: tuple[Floats, Floats], sums: tuple[float, float, float], parameters: Floats
) -> tuple[float, Floats]:
    """Give the logarithm of the likelihood, and its derivatives by p, q and v."""
    p, q, v = parameters
    ((times,), place), (x, spent), (x_log_mean, x_log_x, log_mean) = known, each, sums
    n, above = np.bincount(place, minlength=len(times)), spent + v
    rest, share = np.log(above), 1 / above
    x_rest, all_rest = float(x @ rest), float(rest.sum())
    both = gammaln(p * times + q) - gammaln(p * times)
    slower = digamma(p * times + q)
    customers = len(x)
    height = n @ both + customers * (q * np.log(v) - gammaln(q)) + p * (x_log_mean + x_log_x - x_rest)
    height -= log_mean + q * all_rest
    by = (
        (n * times) @ (slower - digamma(p * times)) + x_log_mean + x_log_x - x_rest,
        n @ slower + customers * (np.log(v) - digamma(q)) - all_rest,
        customers * q / v - p * (x @ share) - q * share.sum(),
    )
    return float(height), np.array(by)
