"""A reading that may be looked at every day: its interval holds at all looks together, however often one looks.

The interval is the asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas (2024), Time-Uniform
Central Limit Theory and Asymptotic Confidence Sequences, Annals of Statistics 52(6), theorem 2.2, on the difference of
two means; the p-value is the level at which it just excludes 0, which is that of the mixture sequential probability
ratio test of Johari, Koomen, Pekelis, Walsh (2022), Always Valid Inference, Operations Research 70(3). Both are
asymptotic: under `LEAST` rows in an arm nothing is said.
"""

import math
from dataclasses import dataclass

from guanxi.experiments.comparison import LEVEL
from guanxi.experiments.moments import Moments

LEAST = 30
TUNED_FOR = 10_000  # rows of both arms at which the interval is narrowest; it has to be settled before any look
_LOST = -2 * math.log(1 - LEVEL)
SPREAD = (_LOST + math.log(_LOST + 1)) / TUNED_FOR  # the square of the paper's rho, by its closed approximation


@dataclass(frozen=True)
class Always:
    """The interval and the p-value that hold at every look."""

    interval: tuple[float, float]
    p: float


def always(arm: Moments, other: Moments) -> Always | None:
    """Read two arms as they stand now; None under LEAST rows in either, or where no row differs."""
    first, second = arm.error, other.error
    if min(arm.n, other.n) < LEAST or first is None or second is None or not first + second:
        return None
    value, error = arm.mean - other.mean, math.sqrt(first + second)
    grown = (arm.n + other.n) * SPREAD
    shrunk = grown / (grown + 1)
    half = error * math.sqrt(2 / shrunk * math.log(math.sqrt(grown + 1) / (1 - LEVEL)))
    z = value / error
    p = math.sqrt(grown + 1) * math.exp(-0.5 * min(z * z * shrunk, 1e4))
    return Always((value - half, value + half), min(1.0, p))
