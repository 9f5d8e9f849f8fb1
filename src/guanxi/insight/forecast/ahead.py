"""The days to come: what is expected of them, and how far off that may be.

Intervals come from the errors of the trial: the logarithms of what came over what was said, of days, of weeks and of
whole turns. They are those of Student's t, so that few turns make them wide, and they grow with the square root of the
distance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from guanxi.insight.forecast.candidates import MODELS, USUAL, Fit, Past, foretell, is_rare
from guanxi.insight.forecast.occasions import Places
from guanxi.insight.forecast.series import Floats, Series
from guanxi.insight.forecast.trial import WEEK, Trial, trial

LEVELS = (0.80, 0.95)
SEASONS = 2 * 365  # days after which yearly seasons are known
UNSEEN = 1.25  # times wider, until then
LEAST_SPREAD, UNTRIED_SPREAD, MOST_SPREAD = 0.02, 0.5, 3.0
SMALL = 0.05  # of the mean, added before logarithms are taken


@dataclass(frozen=True)
class Band:
    """What is expected, with the ends of the 80 % and 95 % intervals, one of each a day, a week or a sum."""

    expected: Floats
    low80: Floats
    high80: Floats
    low95: Floats
    high95: Floats

    def times(self, factor: Floats | float) -> "Band":
        """Give it as much larger."""
        return Band(*(getattr(self, name) * factor for name in FIELDS))


FIELDS = ("expected", "low80", "high80", "low95", "high95")


@dataclass(frozen=True)
class Forecast:
    """The days to come of one figure, the model that says so, and how it was chosen."""

    model: str
    trial: Trial
    days: Band
    spreads: Mapping[int, float]
    degrees: Mapping[int, int]
    mean: float

    def sums(self, length: int, *, expected: Floats | None = None) -> Band:
        """Add up whole blocks of so many days; `expected` instead of what it expects itself."""
        days = self.days.expected if expected is None else expected
        blocks = days[: len(days) // length * length].reshape(-1, length).sum(axis=1)
        return self.around(blocks, length)

    def around(self, blocks: Floats, length: int) -> Band:
        """Put the intervals of the nearest length of error around blocks."""
        kind = max(kind for kind in self.spreads if kind <= length)
        turn = max(self.trial.days, WEEK)
        middle = (np.arange(len(blocks)) + 0.5) * length
        grown = np.sqrt((1 + middle / turn) / 1.5) if length <= WEEK else np.sqrt(np.maximum(length / turn, 1.0))
        return band(blocks, self.spreads[kind] * grown, degrees=self.degrees[kind], floor=SMALL * self.mean * length)


def band(expected: Floats, spread: Floats, *, degrees: int, floor: float) -> Band:
    """Put the intervals of a spread of logarithms around what is expected; nothing is below nothing."""
    found = [expected]
    for level in LEVELS:
        reach = np.minimum(student.ppf((1 + level) / 2, degrees) * spread, MOST_SPREAD)
        found += [
            np.maximum((expected + floor) * np.exp(-reach) - floor, 0),
            (expected + floor) * np.exp(reach) - floor,
        ]
    return Band(*found)


def forecast(
    series: Series, places: Places, days: int, *, models: Mapping[str, object] = MODELS, model: str | None = None
) -> Forecast:
    """Choose the model that was nearest in the trial, unless it is told, and ask it about so many days.

    Examples
    --------
    >>> import datetime as dt
    >>> weeks = Series(dt.date(2024, 1, 1), np.tile([10.0, 10, 10, 10, 20, 40, 40], 10))
    >>> found = forecast(weeks, {}, 7, models={"same-weekday": None})
    >>> found.model, found.days.expected.tolist()
    ('same-weekday', [10.0, 10.0, 10.0, 10.0, 20.0, 40.0, 40.0])
    """
    fits: dict[str, Fit] = {}
    held = Trial([], 0) if is_rare(series) else trial(series, places, models, fits)
    name = model or (held.best.name if held.best else USUAL)
    expected = foretell(name, Past(series, places, fits), days)
    mean = max(float(np.maximum(series.values, 0).mean()), 1e-9)
    spreads, degrees = _spreads(held, name, series, mean)
    found = Forecast(name, held, Band(*[expected] * 5), spreads, degrees, mean)
    return Forecast(name, held, found.around(expected, 1), spreads, degrees, mean)


def _spreads(held: Trial, name: str, series: Series, mean: float) -> tuple[dict[int, float], dict[int, int]]:
    """Say how far off days, weeks and whole turns were, as spreads of logarithms, and how many of each speak."""
    unseen = 1.0 if len(series) >= SEASONS else UNSEEN
    tried = next((each for each in held.tried if each.name == name), None)
    if tried is None:
        return {1: 2 * UNTRIED_SPREAD, WEEK: UNTRIED_SPREAD}, {1: 3, WEEK: 3}
    lengths = sorted({1, WEEK, held.days})
    errors = {length: _errors(tried.said, tried.seen, length, mean) for length in lengths}
    found = {length: max(_rms(each), LEAST_SPREAD) * unseen for length, each in errors.items()}
    if held.days > WEEK:  # a few turns may agree by chance: a sum is never surer than independent weeks would make it
        found[held.days] = max(found[held.days], found[WEEK] / np.sqrt(held.days / WEEK))
    return found, {length: max(min(len(each), 30), 2) for length, each in errors.items()}


def _errors(said: Floats, seen: Floats, length: int, mean: float) -> Floats:
    floor = SMALL * mean * length
    before, after = (each.reshape(-1, length).sum(axis=1) for each in (said, seen))
    found: Floats = np.log((np.maximum(after, 0) + floor) / (before + floor)).clip(-MOST_SPREAD, MOST_SPREAD)
    return found


def _rms(errors: Floats) -> float:
    return float(np.sqrt(np.mean(np.square(errors))))


def reconciled(total: Floats, parts: Sequence[Floats]) -> list[Floats]:
    """Share what is expected in total among parts, day by day, in proportion to what is expected of each.

    >>> [each.tolist() for each in reconciled(np.array([10.0, 9.0]), [np.array([2.0, 0.0]), np.array([2.0, 0.0])])]
    [[5.0, 4.5], [5.0, 4.5]]
    """
    if not parts:
        return []
    whole = np.sum(parts, axis=0)
    usual = np.array([each.sum() for each in parts])
    shares = usual / usual.sum() if usual.sum() > 0 else np.full(len(parts), 1 / len(parts))
    safe = np.where(whole > 0, whole, 1)
    return [total * np.where(whole > 0, each / safe, share) for each, share in zip(parts, shares, strict=True)]
