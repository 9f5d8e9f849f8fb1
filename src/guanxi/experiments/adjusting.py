"""A difference with what was known before taken into account, which makes its interval narrower and leaves it unbiased.

Source: Deng, Xu, Kohavi, Walker (2013), Improving the Sensitivity of Online Controlled Experiments by Utilizing
Pre-Experiment Data, WSDM (CUPED).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from guanxi.experiments.comparison import Difference, of_means
from guanxi.experiments.moments import Moments, Pairs

ROUNDING = 1e-12


@dataclass(frozen=True)
class Adjusted:
    """The adjusted difference, and the share of the metric's variance that is gone.

    `balance` is the p-value of the covariate's own difference: where it is small, the arms did not begin alike, or the
    covariate was not known before. `n` counts the rows of the arm in which both are known.
    """

    n: int
    difference: Difference
    saved: float
    balance: float | None


def adjusted(arms: Mapping[str, Pairs], arm: str, control: str) -> Adjusted | None:
    """Compare two arms by the slope of all of them; None where the covariate or the metric does not vary."""
    xx, xy, yy = (sum(getattr(pairs, name) for pairs in arms.values()) for name in ("xx", "xy", "yy"))
    if not xx or not yy or not (arms[arm].n and arms[control].n):
        return None
    before = [Moments(arms[name].n, arms[name].x, arms[name].xx) for name in (arm, control)]
    slope = xy / xx
    left = {name: _left(pairs, slope) for name, pairs in arms.items()}
    saved = 1 - sum(moments.squares for moments in left.values()) / yy
    found = of_means(left[arm], left[control])
    return Adjusted(arms[arm].n, found, min(max(saved, 0.0), 1.0), of_means(*before).p)


def _left(pairs: Pairs, slope: float) -> Moments:
    """Take out of a metric what its covariate tells."""
    squares = pairs.yy - 2 * slope * pairs.xy + slope * slope * pairs.xx
    mean = pairs.y - slope * pairs.x
    return Moments(pairs.n, mean, squares if squares > ROUNDING * pairs.yy else 0.0)
