"""Maximum likelihood of positive parameters: climbed in their logarithms, from several starts, until flat.

Where few customers bought again the likelihood alone would promise what nobody can know, so what is known of shops in
general stands beside it, the less the more customers bought again, and from `ENOUGH` of them on not at all.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.optimize import minimize

from guanxi.insight.lifetime.histories import Floats, Histories

Climb = Callable[[Floats], tuple[float, Floats]]
SlopeOf = Callable[[Histories], Climb]
REACH = 5.0  # of a parameter's logarithm around what is usual: what lies beyond says that the data do not bound it
TOLERANCE = 1e-10
ENOUGH = 200
SAMPLE = 4_000  # customers; of more, so many are climbed first
STEPS, SMALL = 20, 1e-6
WIDEST = 1.0  # standard deviation of a parameter's logarithm


@dataclass(frozen=True)
class Prior:
    """What is known of parameters before any data: their logarithms are normal around those of `centres`.

    Where the fit is of few customers, whose purchases say little of a parameter, it stays near its centre; a spread
    of 1 holds a factor of 7 to either side possible.
    """

    centres: tuple[float, ...]
    spreads: tuple[float, ...]

    def beside(self, slope: Climb, weight: float) -> Climb:
        """Add it to a likelihood."""
        centres, spreads = np.log(self.centres), np.array(self.spreads)

        def both(parameters: Floats) -> tuple[float, Floats]:
            height, by = slope(parameters)
            off = (np.log(parameters) - centres) / spreads
            return height - weight * float(off @ off) / 2, by - weight * off / spreads / parameters

        return both if weight else slope


@dataclass(frozen=True)
class Summit:
    """Where the likelihood is highest: the parameters, its logarithm, the prior's weight,
    and whether the data say between which sizes the parameters lie.
    """

    parameters: Floats
    log_likelihood: float
    is_flat: bool
    prior_weight: float = 0.0
    is_bounded: bool = True


def fit(slope_of: SlopeOf, starts: Sequence[Sequence[float]], prior: Prior, known: Histories) -> Summit:
    """Fit a model of purchases: by likelihood alone where that is well determined, else with the prior beside it."""
    weight, slope = weight_at(known.repeaters), slope_of(known)
    if known.customers > SAMPLE and not weight and (found := _from_sample(slope_of, known, starts, prior)):
        return found
    found = _weighed(slope, starts[:1], prior, weight)
    if not found.is_flat:
        found = _weighed(slope, starts, prior, weight)
    return found if found.is_bounded or weight == 1 else _weighed(slope, starts, prior, 1.0)


def _from_sample(slope_of: SlopeOf, known: Histories, starts: Sequence[Sequence[float]], prior: Prior) -> Summit | None:
    """Climb for a sample, then go the rest of the way by the curvature found there; None where that leads nowhere."""
    some = known.sample(SAMPLE)
    rough, slope = slope_of(some), slope_of(known)
    climbed = (climb(rough, [start], usual=prior.centres) for start in starts)
    begun = next((each for each in climbed if each.is_bounded), None)
    if begun is None:
        return None
    logs, curvature = np.log(begun.parameters), _curvature(rough, begun.parameters) * known.customers / some.customers
    height, by = _log_slope(slope, logs)
    for _nth in range(STEPS):
        step = np.linalg.solve(curvature, by)
        if not np.isfinite(step).all() or np.abs(step).max() > 1:
            return None
        if np.abs(step).max() < SMALL:
            return Summit(np.exp(logs), height, is_flat=True)
        logs, before = logs + step, by
        height, by = _log_slope(slope, logs)
        curvature = _learned(curvature, step, before - by)
    return None


def _learned(curvature: Floats, step: NDArray[Any], fall: Floats) -> Floats:
    """Correct a curvature by how much the slope fell along a step (Broyden, Fletcher, Goldfarb, Shanno 1970)."""
    along, told = curvature @ step, float(fall @ step)
    if told <= 0:
        return curvature
    better: Floats = curvature + np.outer(fall, fall) / told - np.outer(along, along) / float(step @ along)
    return better


def weight_at(repeaters: int) -> float:
    """Give what the prior weighs: 1 where nobody bought again, 0 from ENOUGH on."""
    return max(0.0, 1.0 - repeaters / ENOUGH)


def _weighed(slope: Climb, starts: Sequence[Sequence[float]], prior: Prior, weight: float) -> Summit:
    found = climb(prior.beside(slope, weight), [prior.centres] if weight else starts, usual=prior.centres)
    return replace(found, log_likelihood=slope(found.parameters)[0], prior_weight=weight)


def climb(slope: Climb, starts: Iterable[Iterable[float]], *, usual: Sequence[float]) -> Summit:
    """Find the highest likelihood.

    Parameters
    ----------
    slope
        Gives the logarithm of the likelihood of parameters, and its derivative by each of them.
    starts
        Parameters to begin from; the best summit of all is given.
    usual
        What the parameters are elsewhere: they are looked for around it, as far as REACH.
    """
    found = [_climb(slope, np.log(np.fromiter(start, float)), np.log(usual)) for start in starts]
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


def plausible(slope: Climb, parameters: Floats, count: int, chance: Generator) -> Floats:
    """Draw parameters that are about as likely as the fitted ones: normal in their logarithms, as the curvature says.

    **Shape**: `count` rows of parameters. Directions in which the likelihood hardly falls are cut at WIDEST.
    """
    sizes, directions = np.linalg.eigh(_curvature(slope, parameters))
    spread = 1 / np.sqrt(np.maximum(sizes, 1 / WIDEST**2))
    drawn: Floats = np.exp(
        np.log(parameters) + (chance.standard_normal((count, len(parameters))) * spread) @ directions.T
    )
    return drawn


def _curvature(slope: Climb, parameters: Floats) -> Floats:
    """Give by how much the slope falls in each direction of the logarithms."""
    logs, step = np.log(parameters), 1e-2
    found = np.empty((len(logs), len(logs)))
    for place in range(len(logs)):
        nudge = np.zeros(len(logs))
        nudge[place] = step
        above, below = (_log_slope(slope, logs + sign * nudge)[1] for sign in (1, -1))
        found[place] = (below - above) / (2 * step)
    curved: Floats = (found + found.T) / 2
    return curved


def _log_slope(slope: Climb, logs: Floats) -> tuple[float, Floats]:
    parameters = np.exp(logs)
    height, by = slope(parameters)
    return height, by * parameters


def _climb(slope: Climb, start: Floats, usual: Floats) -> Summit:
    height, _by = slope(np.exp(start))
    scale = max(abs(height), 1.0)  # so that tolerances mean the same for all sizes

    def down(logs: Floats) -> tuple[float, Floats]:
        height, by = _log_slope(slope, logs)
        return -height / scale, -by / scale

    done = minimize(
        down, start, jac=True, method="L-BFGS-B", bounds=[(each - REACH, each + REACH) for each in usual],
        options={"ftol": TOLERANCE * 1e-3, "gtol": TOLERANCE * 1e2, "maxiter": 300},
    )  # fmt: skip
    bounded = bool(np.abs(done.x - usual).max() < REACH - 0.1)
    flat = bool(np.abs(done.jac).max() < 1e-5)
    return Summit(np.exp(done.x), float(-done.fun * scale), flat, is_bounded=bounded and flat)
