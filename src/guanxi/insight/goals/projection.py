"""Where a figure will end: days to come are drawn from days that were, week by week, and counted.

A path first draws which weeks it believes in, then the days to come from those. Few weeks look more alike than more of
them would, so paths are spread as Student's t is wider than the normal distribution: a short history gives a wide
answer. The interval holds 80 paths of 100.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t

PATHS, WEEK, WEEKS, SEED = 1_000, 7, 12, 7
LOW, HIGH = 10, 90  # percent of the paths
MOST_FACTOR = 4.0
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Projection:
    """Where each path ends, in the figure's unit; `course` holds where it stands after so many days, as asked for."""

    ends: Values
    course: Mapping[int, Values] = field(default_factory=dict)

    def after(self, days: int) -> "Projection":
        """Give where the same paths stand after so many days, one of those that were asked for."""
        return Projection(self.course[days])

    @property
    def point(self) -> float:
        """The middle path."""
        return float(np.median(self.ends))

    @property
    def interval(self) -> tuple[float, float]:
        """Between which values 80 of 100 paths end."""
        low, high = np.percentile(self.ends, [LOW, HIGH])
        return float(low), float(high)

    def chance(self, target: float) -> float:
        """Which share of the paths reaches a target."""
        return float(np.mean(self.ends >= target))


def flow(history: Any, days: int, *, done: float = 0, factors: Any = None, course: Sequence[int] = ()) -> Projection:
    """Add the days to come to what is done.

    Parameters
    ----------
    history : values of the last days, the newest last; the day after it is the first to come
    days : how many are to come
    factors : by how much each of them is larger or smaller than the days of the history, by season
    course : after how many days the paths are looked at as well

    >>> flow([10.0] * 28, 10, done=50).point
    150.0
    """
    known = np.asarray(history, float)[-WEEK * WEEKS :]
    drawn, wider = _drawn(known, days), _wider(len(known))
    scaled = drawn if factors is None else drawn * np.clip(np.asarray(factors, float)[:days], 0, MOST_FACTOR)
    least = 0.0 if (known >= 0).all() else -np.inf

    def stands(after: int) -> Values:
        return done + np.maximum(_spread(scaled[:, :after].sum(axis=1), wider), least)

    return _seen(stands, days, course)


def ratio(
    above: Any, below: Any, days: int, *, done: tuple[float, float] = (0, 0), course: Sequence[int] = ()
) -> Projection:
    """Divide sums of days, both drawn together; paths without anything to divide by end at nothing."""
    pairs = np.column_stack([np.asarray(above, float), np.asarray(below, float)])[-WEEK * WEEKS :]
    drawn, wider = _drawn(pairs, days), _wider(len(pairs))
    least = 0.0 if (pairs >= 0).all() else -np.inf
    most = 1.0 if (pairs[:, 0] <= pairs[:, 1]).all() and done[0] <= done[1] else np.inf

    def stands(after: int) -> Values:
        sums = drawn[:, :after].sum(axis=1) + np.asarray(done, float)
        found: Values = np.divide(sums[:, 0], sums[:, 1], out=np.zeros(len(sums)), where=sums[:, 1] > 0)
        return np.clip(_spread(found, wider), least, most)

    return _seen(stands, days, course)


def level(history: Any, days: int, *, most: float | None = None, course: Sequence[int] = ()) -> Projection:
    """Let a figure that stands, as a share does, go on by the steps it made; never below nothing, nor above `most`.

    >>> level([0.2] * 30, 40).interval
    (0.2, 0.2)
    """
    values = np.asarray(history, float)[-WEEK * WEEKS - 1 :]
    now = values[-1] if len(values) else 0.0
    steps = np.diff(values)
    drawn = _drawn(steps - steps.mean() / 2 if len(steps) else steps, days)  # half of a trend goes on: trends fade
    wider = _wider(len(steps))

    def stands(after: int) -> Values:
        return np.clip(_spread(now + drawn[:, :after].sum(axis=1), wider), 0, most)

    return _seen(stands, days, course)


def seasonal(year: Any, days: int) -> Values | None:
    """Say how the days to come differ from the last four weeks, as they did a year ago; None without that year.

    `year` ends with the last day known; 364 days before it, weekdays are the same.
    """
    values = np.asarray(year, float)
    if len(values) < 364 + 28 or days > 364:
        return None
    then = len(values) - 364
    base = values[then - 28 : then].mean()
    if base <= 0:
        return None
    smooth = np.convolve(np.pad(values, WEEK // 2, mode="edge"), np.ones(WEEK) / WEEK, mode="valid")
    factors: Values = np.clip(smooth[then : then + days] / base, 1 / MOST_FACTOR, MOST_FACTOR)
    return factors


def _seen(stands: Callable[[int], Values], days: int, course: Sequence[int]) -> Projection:
    return Projection(stands(max(days, 0)), {after: stands(after) for after in course})


def _size(days: int) -> int:
    return WEEK if days >= 2 * WEEK else 1


def _wider(days: int) -> float:
    """Say by how much the spread of a few weeks has to be larger than what they show of it.

    >>> round(_wider(84), 2), round(_wider(21), 2)
    (1.11, 1.8)
    """
    count = days // _size(days)
    if count < 2:  # nothing shows a spread
        return 1.0
    share = HIGH / 100
    return float(t.ppf(share, count - 1) / norm.ppf(share) * np.sqrt(count / (count - 1)))


def _spread(values: Values, wider: float) -> Values:
    """Move values away from their middle."""
    middle = np.median(values)
    found: Values = middle + wider * (values - middle)
    return found


def _drawn(history: Values, days: int) -> Values:
    """Draw the days to come of every path: whole weeks by their weekday, single days below two weeks."""
    rest = history.shape[1:]
    if not len(history) or days <= 0:
        return np.zeros((PATHS, max(days, 0), *rest))
    size = _size(len(history))
    blocks = history[len(history) % size :].reshape(-1, size, *rest)
    needed, count = -(-days // size), len(blocks)
    chance = np.random.default_rng(SEED)
    believed = chance.integers(count, size=(PATHS, count))
    chosen = np.take_along_axis(believed, chance.integers(count, size=(PATHS, needed)), axis=1)
    return blocks[chosen].reshape(PATHS, needed * size, *rest)[:, :days]
