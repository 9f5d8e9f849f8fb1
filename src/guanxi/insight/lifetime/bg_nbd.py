"""BG/NBD: customers buy at rates of their own and may leave after any purchase.

Source: Fader, Hardie, Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2). Its hypergeometric
function is transformed by Euler's formula, so that nothing is raised to the number of purchases.
"""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np
from numpy.random import Generator
from scipy.special import betaln, digamma, expit, gammaln, hyp2f1

from guanxi.insight.lifetime.fitting import Climb, Prior, fit, plausible
from guanxi.insight.lifetime.histories import Floats, Histories, Whole

STARTS = ((1.0, 5.0, 1.0, 2.0), (0.3, 5.0, 0.3, 3.0), (2.0, 20.0, 2.0, 10.0))
PER_WEEK = 7
FEW = 50  # purchases, up to which the function is used as printed
AT_ONE = 1e-6  # so far from 1 `a` is held, where the expectation is a limit


@dataclass(frozen=True)
class BgNbd:
    """The model with its parameters.

    Purchase rates spread as a Gamma of shape `r` and rate `alpha` (units of time); the probability to leave after a
    purchase as a Beta of `a` and `b`.
    """

    NAMES: ClassVar = ("r", "alpha", "a", "b")

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    is_flat: bool = True
    prior_weight: float = 0.0

    @classmethod
    def fit(cls, known: Histories) -> "BgNbd":
        """Fit it by maximum likelihood; of few who bought again, with the prior beside it."""
        found = fit(cls.slope, _in_units(STARTS, known), cls.prior(known), known)
        r, alpha, a, b = map(float, found.parameters)
        return cls(r, alpha, a, b, found.log_likelihood, found.is_flat, found.prior_weight)

    @staticmethod
    def slope(known: Histories) -> Climb:
        """Give what is climbed."""
        return partial(_slope, known)

    @staticmethod
    def prior(known: Histories) -> Prior:
        """Give what is known of shops in general.

        Two purchases a year or so, most customers between one in two years and one a fortnight; after a purchase about
        a quarter leave. The centres lie between what was published of records, groceries and gifts.
        """
        return Prior((0.5, 12.0 * PER_WEEK / known.unit_days, 0.8, 2.5), (0.8, 1.2, 0.8, 0.8))

    def doubted(self, known: Histories, count: int, chance: Generator) -> "list[BgNbd]":
        """Draw models that the data hold nearly as likely."""
        slope = self.prior(known).beside(self.slope(known), self.prior_weight)
        centre = np.array([self.r, self.alpha, self.a, self.b])
        drawn = plausible(slope, centre, count, chance).tolist()
        return [BgNbd(r, alpha, a, b, np.nan) for r, alpha, a, b in drawn]

    def alive(self, known: Histories) -> Floats:
        """Give the probability that a customer of each group has not left."""
        odds = self._log_odds_of_leaving(known)
        return np.where(known.repeats > 0, expit(-odds), 1.0)

    def expected(self, known: Histories, span: float) -> Floats:
        """Give how many purchases a customer of each group is expected to make in the next `span` units."""
        (x, age), place = known.by_repeats_and_age
        there = self._while_there(x, (self.alpha + age) / (self.alpha + age + span))
        most = (self.r + x) / (self.alpha + age) * span
        last = (self.a + self.b + x) / self.a  # how many more until somebody leaves: between both lies what is meant
        there = np.where(np.isfinite(there), there, most * last / (most + last))
        return np.clip(there, 0, most)[place] * self.alive(known)

    def _while_there(self, x: Floats, rest: Floats) -> Floats:
        """Give what is expected of customers who have not left; not a number where parameters are too large for it."""
        a = self.a if abs(self.a - 1) > AT_ONE else 1 + AT_ONE
        top, z = a + self.b + x - 1, 1 - rest
        with np.errstate(all="ignore"):
            few = rest ** (self.r + x) * hyp2f1(self.r + x, self.b + x, top, z)
            many = rest ** (a - 1) * hyp2f1(a + self.b - 1 - self.r, a - 1, top, z)
            found: Floats = top / (a - 1) * (1 - np.where(x < FEW, few, many))
        return found

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


def _in_units(starts: tuple[tuple[float, ...], ...], known: Histories) -> list[tuple[float, ...]]:
    return [(r, alpha * PER_WEEK / known.unit_days, a, b) for r, alpha, a, b in starts]


def _slope(known: Histories, parameters: Floats) -> tuple[float, Floats]:
    """Give the logarithm of the likelihood, and its derivatives by r, alpha, a and b."""
    r, alpha, a, b = parameters
    (times,), place = known.by_repeats
    x, n, again = known.repeats, known.counts, known.repeats > 0
    customers = np.bincount(place, n)
    least = np.maximum(b + times - 1, 1e-300)
    (age,), of_age = known.by_age
    (recency,), of_recency = known.by_recency
    stayed, left = np.log(alpha + age)[of_age], np.log(alpha + recency)[of_recency]
    there = -(r + x) * stayed
    going = np.where(again, (np.log(a) - np.log(least))[place] - (r + x) * left, -np.inf)
    either = np.logaddexp(there, going)
    w = n * np.exp(going - either)
    height = gammaln(r + times) - gammaln(r) + r * np.log(alpha) + betaln(a, b + times) - betaln(a, b)
    both = digamma(a + b) - digamma(a + b + times)
    leaving = np.bincount(place, w)
    since_age, since_recency = (1 / (alpha + age))[of_age], (1 / (alpha + recency))[of_recency]
    by = (
        customers @ (digamma(r + times) - digamma(r) + np.log(alpha)) - (n - w) @ stayed - w @ left,
        n.sum() * r / alpha - (r + x) @ ((n - w) * since_age + w * since_recency),
        customers @ both + leaving.sum() / a,
        customers @ (both + digamma(b + times) - digamma(b)) - np.where(times > 0, leaving / least, 0).sum(),
    )
    return float(customers @ height + n @ either), np.array(by)
