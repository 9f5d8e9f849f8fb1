"""Pareto/NBD: customers buy at rates of their own and may leave at any time.

Source: Schmittlein, Morrison, Colombo (1987), Management Science 33(1); the likelihood as in Fader, Hardie (2005), A
Note on Deriving the Pareto/NBD Model and Related Expressions. Its hypergeometric functions are transformed by Euler's
formula, so that what is raised to large powers stands outside of them and is added up as logarithms.
"""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np
from numpy.random import Generator
from scipy.special import gammaln, hyp2f1

from guanxi.insight.lifetime.fitting import Climb, Prior, by_differences, fit, plausible
from guanxi.insight.lifetime.histories import Floats, Histories, Whole

STARTS = ((1.0, 10.0, 1.0, 10.0), (0.5, 10.0, 0.5, 12.0), (2.0, 10.0, 0.5, 30.0))
PER_WEEK = 7


@dataclass(frozen=True)
class ParetoNbd:
    """The model with its parameters.

    Purchase rates spread as a Gamma of shape `r` and rate `alpha`, the rates of leaving as one of `s` and `beta`;
    `alpha` and `beta` are in units of time.
    """

    NAMES: ClassVar = ("r", "alpha", "s", "beta")

    r: float
    alpha: float
    s: float
    beta: float
    log_likelihood: float
    is_flat: bool = True
    prior_weight: float = 0.0

    @classmethod
    def fit(cls, known: Histories) -> "ParetoNbd":
        """Fit it by maximum likelihood; of few who bought again, with the prior beside it."""
        unit = PER_WEEK / known.unit_days
        starts = [(r, alpha * unit, s, beta * unit) for r, alpha, s, beta in STARTS]
        found = fit(cls.slope, starts, cls.prior(known), known)
        r, alpha, s, beta = map(float, found.parameters)
        return cls(r, alpha, s, beta, found.log_likelihood, found.is_flat, found.prior_weight)

    @staticmethod
    def slope(known: Histories) -> Climb:
        """Give what is climbed."""
        return by_differences(partial(_height, known))

    @staticmethod
    def prior(known: Histories) -> Prior:
        """Give what is known of shops in general: two purchases a year or so, and half of the customers stay a year."""
        unit = PER_WEEK / known.unit_days
        return Prior((0.5, 12.0 * unit, 0.6, 20.0 * unit), (0.8, 1.2, 0.8, 1.2))

    def doubted(self, known: Histories, count: int, chance: Generator) -> "list[ParetoNbd]":
        """Draw models that the data hold nearly as likely."""
        slope = self.prior(known).beside(self.slope(known), self.prior_weight)
        centre = np.array([self.r, self.alpha, self.s, self.beta])
        drawn = plausible(slope, centre, count, chance).tolist()
        return [ParetoNbd(r, alpha, s, beta, np.nan) for r, alpha, s, beta in drawn]

    def alive(self, known: Histories) -> Floats:
        """Give the probability that a customer of each group has not left."""
        stayed = -(self.r + known.repeats) * np.log(self.alpha + known.age) - self.s * np.log(self.beta + known.age)
        return np.minimum(np.exp(stayed - _either(known, self.r, self.alpha, self.s, self.beta)), 1.0)

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
    (times,), place = known.by_repeats
    each = gammaln(r + times) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    either = _either(known, r, alpha, s, beta)
    return float(np.bincount(place, known.counts) @ each + known.counts @ either)


def _either(known: Histories, r: float, alpha: float, s: float, beta: float) -> Floats:
    """Give the logarithm of what follows from having left since the last purchase, or from being there."""
    (x, recency), of_recency = known.by_repeats_and_recency
    left = np.log(s / (r + s + x)) + _left(x, recency, (r, alpha, s, beta))
    (x, age), of_age = known.by_repeats_and_age
    here = np.log((r + x) / (r + s + x)) + _here(x, age, (r, alpha, s, beta))
    return np.logaddexp(left[of_recency], here[of_age])


def _left(x: Floats, recency: Floats, parameters: tuple[float, float, float, float]) -> Floats:
    r, alpha, s, beta = parameters
    both, a, b = r + s + x, alpha + recency, beta + recency
    if alpha >= beta:
        return -(r + x) * np.log(a) - s * np.log(b) + _series(r + x, both, (alpha - beta) / a)
    return (1 - r - x) * np.log(a) - (s + 1) * np.log(b) + _series(s + 1, both, (beta - alpha) / b)


def _here(x: Floats, age: Floats, parameters: tuple[float, float, float, float]) -> Floats:
    r, alpha, s, beta = parameters
    both, a, b = r + s + x, alpha + age, beta + age
    if alpha >= beta:
        return -(r + x + 1) * np.log(a) + (1 - s) * np.log(b) + _series(r + x + 1, both, (alpha - beta) / a)
    return -(r + x) * np.log(a) - s * np.log(b) + _series(s, both, (beta - alpha) / b)


def _series(of: Floats | float, both: Floats, at: Floats) -> Floats:
    """Give the logarithm of 2F1(1, of; both + 1; at), which lies between 1 and 1 / (1 - at).

    Where the library's value is none, its parameters are so large that each term is nearly the last one's share.
    """
    found = hyp2f1(1.0, of, both + 1, at)
    most = 1 / np.maximum(1 - at, 1e-300)
    is_one = (found >= 1) & (found <= most * (1 + 1e-9))
    logs: Floats = np.log(np.where(is_one, found, 1 / (1 - at * of / (both + 1))))
    return logs
