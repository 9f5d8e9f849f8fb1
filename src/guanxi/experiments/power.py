"""How many rows an experiment needs, and how small a difference one with so many rows could have seen.

"Seen" means found by a two-sided test at 5 % in four of five such experiments. Source: Cohen (1988), Statistical Power
Analysis for the Behavioral Sciences, chapters 2 and 6, by the normal curve.
"""

import math

from scipy.special import ndtri

from guanxi.experiments.comparison import LEVEL
from guanxi.experiments.moments import Moments

POWER = 0.8
REACH = float(ndtri((1 + LEVEL) / 2) + ndtri(POWER))
MOST_ROWS = 1e12


def smallest_effect(arm: Moments, other: Moments) -> float | None:
    """Give the smallest difference of means that two arms like these would show; None where no row differs."""
    first, second = arm.error, other.error
    if first is None or second is None or not first + second:
        return None
    return REACH * math.sqrt(first + second)


def rows_needed(effect: float, variance: float, other_variance: float) -> int | None:
    """Count the rows each of two equal arms needs to show `effect`, in the metric's unit; None beyond any shop.

    >>> rows_needed(0.5, 1, 1)
    63
    """
    rows = (variance + other_variance) * (REACH / effect) * (REACH / effect) if effect else math.inf
    return math.ceil(rows) if rows < MOST_ROWS else None


def rows_needed_for_share(share: float, effect: float) -> int | None:
    """Count the rows each of two equal arms needs to show that a share changes by `effect`.

    >>> rows_needed_for_share(0.20, 0.05)
    1091
    """
    changed = min(max(share + effect, 0.0), 1.0)
    return rows_needed(effect, share * (1 - share), changed * (1 - changed))
