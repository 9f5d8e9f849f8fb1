"""BG/NBD: customers buy at rates of their own and may leave after any purchase.

Source: Fader, Hardie, Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2).
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.random import Generator
from scipy.special import betaln, digamma, gammaln, hyp2f1

from guanxi.insight.lifetime.fitting import climb
from guanxi.insight.lifetime.histories import Floats, Histories, Whole

STARTS = ((1.0, 5.0, 1.0, 2.0), (0.3, 5.0, 0.3, 3.0), (2.0, 20.0, 2.0, 10.0))


@dataclass(frozen=True)
class BgNbd:
    """The model with its parameters.

    Purchase rates spread as a Gamma of shape `r` and rate `alpha` (units of time); the probability to leave after a
    purchase as a Beta of `a` and `b`.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    is_flat: bool = True

    @classmethod
    def fit(cls, known: Histories) -> "BgNbd":
        """Fit it by maximum likelihood."""
        found = climb(partial(_slope, known), STARTS, customers=known.customers)
        r, alpha, a, b = map(float, found.parameters)
        return cls(r, alpha, a, b, found.log_likelihood, found.is_flat)

    def alive(self, known: Histories) -> Floats:
        """Give the probability that a customer of each group has not left."""
        odds = np.exp(self._log_odds_of_leaving(known))
        return np.where(known.repeats > 0, 1 / (1 + odds), 1.0)

    def expected(self, known: Histories, span: float) -> Floats:
        """Give how many purchases a customer of each group is expected to make in the next `span` units."""
        x, age = known.repeats, known.age
        power, later = self.r + x, self.alpha + age + span
        series = hyp2f1(power, self.b + x, self.a + self.b + x - 1, span / later)
        kept = ((self.alpha + age) / later) ** power * series
        while_there: Floats = (self.a + self.b + x - 1) / (self.a - 1) * (1 - kept)
        return while_there * self.alive(known)

    def draw(self, known: Histories, span: float, chance: Generator) -> Whole:
        """Draw how many purchases one customer of each group makes in the next `span` units."""
        there = chance.random(len(known.counts)) < self.alive(known)
        rates = chance.gamma(self.r + known.repeats) / (self.alpha + known.age)
        leaves = np.maximum(chance.beta(self.a, self.b + known.repeats), 1e-12)
        wanted, last = chance.poisson(rates * span), chance.geometric(leaves)
        return np.where(there, np.minimum(wanted, last), 0)

    def _log_odds_of_leaving(self, known: Histories) -> Floats:
        x, ago = known.repeats, np.log((self.alpha + known.age) / (self.alpha + known.recency))
        odds: Floats = np.log(self.a) - np.log(np.maximum(self.b + x - 1, 1e-300)) + (self.r + x) * ago
        return odds


def _slope(known: Histories, parameters: Floats) -> tuple[float, Floats]:
    """Give the logarithm of the likelihood, and its derivatives by r, alpha, a and b."""
    r, alpha, a, b = parameters
    x, n, again = known.repeats, known.counts, known.repeats > 0
    stayed, left = np.log(alpha + known.age), np.log(alpha + known.recency)
    going = np.where(again, np.log(a) - np.log(np.maximum(b + x - 1, 1e-300)) - (r + x) * left, -np.inf)
    either = np.logaddexp(-(r + x) * stayed, going)
    height = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b) + either
    w = np.exp(going - either)
    both = digamma(a + b) - digamma(a + b + x)
    by = (
        digamma(r + x) - digamma(r) + np.log(alpha) - (1 - w) * stayed - w * left,
        r / alpha - (r + x) * ((1 - w) / (alpha + known.age) + w / (alpha + known.recency)),
        both + w / a,
        both + digamma(b + x) - digamma(b) - np.where(again, w / np.maximum(b + x - 1, 1e-300), 0),
    )
    return float(n @ height), np.array([n @ each for each in by])
