"""Gamma-Gamma: what a purchase of a customer is worth on average, whatever they happened to spend so far.

Source: Fader, Hardie (2013), The Gamma-Gamma Model of Monetary Value.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.special import digamma, gammaln

from guanxi.insight.lifetime.fitting import climb
from guanxi.insight.lifetime.histories import Floats

STARTS = ((1.0, 1.0, 1.0), (6.0, 4.0, 15.0))


@dataclass(frozen=True)
class GammaGamma:
    """The model with its parameters: `p` and `q` without unit, `v` in units of money."""

    p: float
    q: float
    v: float
    log_likelihood: float
    is_flat: bool = True

    @classmethod
    def fit(cls, repeats: Floats, mean: Floats) -> "GammaGamma":
        """Fit it by maximum likelihood to customers who bought again.

        Parameters
        ----------
        repeats, mean
            **Shape**: one number per customer with at least one repeat, whose purchases after the first were worth
            more than nothing. **Unit**: purchases after the first; money per such purchase.
        """
        scale = float(np.median(mean))  # so that the starts lie near whatever the currency
        found = climb(partial(_slope, repeats, mean / scale), STARTS, customers=len(mean))
        p, q, v = map(float, found.parameters)
        height = found.log_likelihood - len(mean) * float(np.log(scale))
        return cls(p, q, v * scale, height, found.is_flat)

    def expected(self, repeats: Floats, mean: Floats) -> Floats:
        """Give what the next purchase of each customer is worth on average; who never bought again is like all."""
        known = self.p * repeats + self.q - 1
        return self.p * (self.v + repeats * np.where(repeats > 0, mean, 0)) / known


def _slope(x: Floats, m: Floats, parameters: Floats) -> tuple[float, Floats]:
    """Give the logarithm of the likelihood, and its derivatives by p, q and v."""
    p, q, v = parameters
    both, rest = p * x + q, np.log(x * m + v)
    height = gammaln(both) - gammaln(p * x) - gammaln(q) + q * np.log(v) + (p * x - 1) * np.log(m)
    height += p * x * np.log(x) - both * rest
    by = (
        x * (digamma(both) - digamma(p * x) + np.log(m) + np.log(x) - rest),
        digamma(both) - digamma(q) + np.log(v) - rest,
        q / v - both / (x * m + v),
    )
    return float(height.sum()), np.array([each.sum() for each in by])
