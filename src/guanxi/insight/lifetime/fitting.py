"""Maximum likelihood of positive parameters: climbed in their logarithms, from several starts, until flat."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from guanxi.insight.lifetime.histories import Floats

Climb = Callable[[Floats], tuple[float, Floats]]
LARGEST = 12.0  # of a parameter's logarithm either way: what lies beyond says that the data do not bound it
TOLERANCE = 1e-10


@dataclass(frozen=True)
class Summit:
    """Where the likelihood is highest: the parameters, its logarithm, and whether it is flat there."""

    parameters: Floats
    log_likelihood: float
    is_flat: bool


def climb(slope: Climb, starts: Iterable[Iterable[float]], *, customers: float) -> Summit:
    """Find the highest likelihood.

    Parameters
    ----------
    slope
        Gives the logarithm of the likelihood of parameters, and its derivative by each of them.
    starts
        Parameters to begin from; the best summit of all is given.
    customers
        How many there are; the likelihood is climbed per customer, so that tolerances mean the same for all sizes.
    """
    found = [_climb(slope, np.log(np.fromiter(start, float)), customers) for start in starts]
    return max(found, key=lambda each: each.log_likelihood)


def by_differences(height: Callable[[Floats], float], *, step: float = 1e-5) -> Climb:
    """Make a slope of a height alone: each parameter a little more and a little less."""

    def slope(parameters: Floats) -> tuple[float, Floats]:
        by = np.empty_like(parameters)
        for place, value in enumerate(parameters):
            more, less = parameters.copy(), parameters.copy()
            more[place], less[place] = value * (1 + step), value * (1 - step)
            by[place] = (height(more) - height(less)) / (2 * step * value)
        return height(parameters), by

    return slope


def _climb(slope: Climb, start: Floats, customers: float) -> Summit:
    def down(logs: Floats) -> tuple[float, Floats]:
        parameters = np.exp(logs)
        height, by = slope(parameters)
        return -height / customers, -by * parameters / customers

    bounds = [(-LARGEST, LARGEST)] * len(start)
    done = minimize(
        down, start, jac=True, method="L-BFGS-B", bounds=bounds,
        options={"ftol": TOLERANCE * 1e-3, "gtol": TOLERANCE * 1e2, "maxiter": 1_000},
    )  # fmt: skip
    return Summit(np.exp(done.x), float(-done.fun * customers), bool(np.abs(done.jac).max() < 1e-5))
