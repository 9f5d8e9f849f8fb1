"""One arm beside the one it is compared with: the difference, its interval, and how often chance alone gives such."""

import math
from dataclasses import dataclass

from scipy.special import ndtr, ndtri, stdtr, stdtrit

from guanxi.experiments.moments import Moments

LEVEL = 0.95
FEW = 10  # yes or no in an arm, below which the normal curve is a rough guide


@dataclass(frozen=True)
class Difference:
    """An arm's mean less that of the arm it is compared with, in the metric's unit.

    What cannot be said is None. `statistic` is z or Welch's t, `p` two-sided, `freedom` that of t.
    """

    value: float | None = None
    interval: tuple[float, float] | None = None
    statistic: float | None = None
    p: float | None = None
    freedom: float | None = None


def of_proportions(arm: Moments, other: Moments) -> Difference:
    """Compare two shares of yes: the z-test with one variance for both, beside Newcombe's interval.

    The interval stands on Wilson's for each arm, so it is sound near 0 and 1 and never of no width; it may disagree
    with the test by a hair. Source: Newcombe (1998), Interval Estimation for the Difference Between Independent
    Proportions, Statistics in Medicine 17, method 10.
    """
    value = arm.mean - other.mean
    pooled = (arm.n * arm.mean + other.n * other.mean) / (arm.n + other.n)
    error = math.sqrt(max(pooled * (1 - pooled), 0) * (1 / arm.n + 1 / other.n))
    (low, high), (other_low, other_high) = wilson(arm), wilson(other)
    below = math.hypot(arm.mean - low, other_high - other.mean)
    above = math.hypot(high - arm.mean, other.mean - other_low)
    interval = (max(value - below, -1.0), min(value + above, 1.0))
    if not error:
        return Difference(value, interval)
    z = value / error
    return Difference(value, interval, z, 2 * float(ndtr(-abs(z))))


def wilson(share: Moments) -> tuple[float, float]:
    """Give the interval of one share.

    Source: Wilson (1927), Probable Inference, the Law of Succession, and Statistical Inference, JASA 22.

    >>> low, high = wilson(Moments(263, 81 / 263))
    >>> round(low, 4), round(high, 4)
    (0.2553, 0.3662)
    """
    n, p, z = share.n, share.mean, float(ndtri((1 + LEVEL) / 2))
    middle = (2 * n * p + z * z) / (2 * (n + z * z))
    half = z * math.sqrt(z * z + 4 * n * max(p * (1 - p), 0)) / (2 * (n + z * z))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def of_means(arm: Moments, other: Moments) -> Difference:
    """Compare two means by Welch's t-test, which lets the arms vary differently.

    Source: Welch (1947), The Generalization of "Student's" Problem, Biometrika 34.

    >>> found = of_means(Moments.of([3, 4, 5, 6]), Moments.of([1, 2, 3]))
    >>> round(found.statistic, 4), round(found.freedom, 4)
    (2.8868, 4.9592)
    """
    value = arm.mean - other.mean
    first, second = arm.error, other.error
    if first is None or second is None or not first + second:
        return Difference(value)
    error, part = math.sqrt(first + second), first / (first + second)
    freedom = 1 / (part * part / (arm.n - 1) + (1 - part) * (1 - part) / (other.n - 1))
    half, t = error * float(stdtrit(freedom, (1 + LEVEL) / 2)), value / error
    return Difference(value, (value - half, value + half), t, 2 * float(stdtr(freedom, -abs(t))), freedom)


def holm(found: list[float | None]) -> list[float | None]:
    """Correct p-values for their number, so that all of them together err no more often than one would alone.

    Source: Holm (1979), A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of Statistics 6.

    >>> holm([0.01, None, 0.04, 0.03])
    [0.03, None, 0.06, 0.06]
    """
    order = sorted((p, place) for place, p in enumerate(found) if p is not None)
    corrected: list[float | None] = [None] * len(found)
    floor = 0.0
    for rank, (p, place) in enumerate(order):
        floor = max(floor, min(1.0, (len(order) - rank) * p))
        corrected[place] = floor
    return corrected
