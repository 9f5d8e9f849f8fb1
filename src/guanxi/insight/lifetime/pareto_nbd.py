"""Pareto/NBD: customers buy at rates of their own and may leave at any time.

Source: Schmittlein, Morrison, Colombo (1987), Management Science 33(1); the likelihood as in Fader, Hardie (2005), A
Note on Deriving the Pareto/NBD Model and Related Expressions. Its hypergeometric functions are transformed by Euler's
formula, so that what is raised to large powers stands outside of them and is added up as logarithms.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.random import Generator
from scipy.special import gammaln, hyp2f1

from guanxi.insight.lifetime.fitting import by_differences, climb
from guanxi.insight.lifetime.histories import Floats, Histories, Whole

STARTS = ((1.0, 10.0, 1.0, 10.0), (0.5, 10.0, 0.5, 12.0), (2.0, 10.0, 0.5, 30.0))


@dataclass(frozen=True)
class ParetoNbd:
    """The model with its parameters.

    Purchase rates spread as a Gamma of shape `r` and rate `alpha`, the rates of leaving as one of `s` and `beta`;
    `alpha` and `beta` are in units of time.
    """

    r: float
    alpha: float
    s: float
    beta: float
    log_likelihood: float
    is_flat: bool = True

    @classmethod
    def fit(cls, known: Histories) -> "ParetoNbd":
        """Fit it by maximum likelihood."""
        found = climb(by_differences(partial(_height, known)), STARTS, customers=known.customers)
        r, alpha, s, beta = map(float, found.parameters)
        return cls(r, alpha, s, beta, found.log_likelihood, found.is_flat)

    def alive(self, known: Histories) -> Floats:
        """Give the probability that a customer of each group has not left."""
        stayed = -(self.r + known.repeats) * np.log(self.alpha + known.age) - self.s * np.log(self.beta + known.age)
        return np.exp(stayed - _either(known, self.r, self.alpha, self.s, self.beta))

    def expected(self, known: Histories, span: float) -> Floats:
        """Give how many purchases a customer of each group is expected to make in the next `span` units."""
        rate = (self.r + known.repeats) / (self.alpha + known.age)
        before, after = self.beta + known.age, self.beta + known.age + span
        stays = before * np.log(after / before) if self.s == 1 else _staying(self.s, before, after)
        return self.alive(known) * rate * stays

    def draw(self, known: Histories, span: float, chance: Generator) -> Whole:
        """Draw how many purchases one customer of each group makes in the next `span` units."""
        there = chance.random(len(known.counts)) < self.alive(known)
        rates = chance.gamma(self.r + known.repeats) / (self.alpha + known.age)
        leaving = np.maximum(chance.gamma(self.s, size=len(known.counts)) / (self.beta + known.age), 1e-12)
        stays = np.minimum(chance.exponential(1 / leaving), span)
        return np.where(there, chance.poisson(rates * stays), 0)


def _staying(s: float, before: Floats, after: Floats) -> Floats:
    return before / (s - 1) * (1 - (before / after) ** (s - 1))


def _height(known: Histories, parameters: Floats) -> float:
    r, alpha, s, beta = map(float, parameters)
    each = gammaln(r + known.repeats) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    return float(known.counts @ (each + _either(known, r, alpha, s, beta)))


def _either(known: Histories, r: float, alpha: float, s: float, beta: float) -> Floats:
    """Give the logarithm of what follows from having left since the last purchase, or from being there."""
    x, both = known.repeats, r + s + known.repeats
    (left_a, left_b), (here_a, here_b) = ((alpha + t, beta + t) for t in (known.recency, known.age))
    if alpha >= beta:
        left = -(r + x) * np.log(left_a) - s * np.log(left_b) + _series(r + x, both, (alpha - beta) / left_a)
        here = -(r + x + 1) * np.log(here_a) + (1 - s) * np.log(here_b)
        here += _series(r + x + 1, both, (alpha - beta) / here_a)
    else:
        left = (1 - r - x) * np.log(left_a) - (s + 1) * np.log(left_b) + _series(s + 1, both, (beta - alpha) / left_b)
        here = -(r + x) * np.log(here_a) - s * np.log(here_b) + _series(s, both, (beta - alpha) / here_b)
    return np.logaddexp(np.log(s / both) + left, np.log((r + x) / both) + here)


def _series(of: Floats | float, both: Floats, at: Floats) -> Floats:
    found: Floats = np.log(hyp2f1(1.0, of, both + 1, at))
    return found
