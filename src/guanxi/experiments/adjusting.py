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
    """The adjusted difference, and the share of the metric's variance that is gone."""

    difference: Difference
    saved: float


def adjusted(arms: Mapping[str, Pairs], arm: str, control: str) -> Adjusted | None:
    """Compare two arms by the slope of all of them; None where the covariate or the metric does not vary."""
    xx, xy, yy = (sum(getattr(pairs, name) for pairs in arms.values()) for name in ("xx", "xy", "yy"))
    if not xx or not yy or not (arms[arm].n and arms[control].n):
        return None
    slope = xy / xx
    left = {name: _left(pairs, slope) for name, pairs in arms.items()}
    saved = 1 - sum(moments.squares for moments in left.values()) / yy
    return Adjusted(of_means(left[arm], left[control]), min(max(saved, 0.0), 1.0))


def _left(pairs: Pairs, slope: float) -> Moments:
    """Take out of a metric what its covariate tells."""
    squares = pairs.yy - 2 * slope * pairs.xy + slope * slope * pairs.xx
    mean = pairs.y - slope * pairs.x
    return Moments(pairs.n, mean, squares if squares > ROUNDING * pairs.yy else 0.0)
