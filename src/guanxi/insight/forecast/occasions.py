"""Festivals, days off, weekends worked for them and weeks of trade: what they do to a day, learned from the past.

A day of an occasion is known by its distance from the festival, never by its date: the third day before Spring Festival
is compared with the third day before it, whenever that was.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from guanxi.insight.forecast.series import DAY, Floats, Series

WORKED = "worked"  # a weekend day that is worked for days off
REACH = 28  # days before and after one that say what is usual
FEWEST = 7  # usual days that have to be known
FLOOR = 0.1  # of the mean, added before logarithms are taken


class Occasion(NamedTuple):
    """Days with a name: `mark` is the festival itself, `worked` the weekends worked for them."""

    key: str
    start: dt.date
    end: dt.date
    mark: dt.date
    worked: tuple[dt.date, ...] = ()


Place = tuple[str, int]  # an occasion and the days from its festival
Places = Mapping[dt.date, Place]


def places(occasions: Iterable[Occasion]) -> dict[dt.date, Place]:
    """Say of every day of an occasion where it stands in it; where two meet, the shorter one has the day.

    >>> day = dt.date(2024, 11, 11)
    >>> places([Occasion("double11", day - DAY, day, day)])
    {datetime.date(2024, 11, 10): ('double11', -1), datetime.date(2024, 11, 11): ('double11', 0)}
    """
    found: dict[dt.date, Place] = {}
    for each in sorted(occasions, key=lambda each: (each.start - each.end, each.key)):
        span = (each.end - each.start).days + 1
        found |= {each.start + nth * DAY: (each.key, (each.start - each.mark).days + nth) for nth in range(span)}
        found |= dict.fromkeys(each.worked, (WORKED, 0))
    return dict(sorted(found.items()))


def usual(series: Series, places: Places) -> Floats:
    """Say what each day would have been without its occasion: the level of the weeks around it, by its weekday.

    Days about which too few others speak are NaN.
    """
    values, size = series.values, len(series)
    plain = np.array([series.first + nth * DAY not in places for nth in range(size)])
    weekday = (np.arange(size) + series.first.weekday()) % 7
    shares = _weekdays(values, weekday, plain)
    level, known = np.where(plain, values, 0), np.where(plain, shares[weekday], 0)
    ends = np.arange(size)
    low, high = np.maximum(ends - REACH, 0), np.minimum(ends + REACH + 1, size)
    count, total = (_between(each, low, high) for each in (plain.astype(float), level))
    whole = _between(known, low, high)
    enough = (count >= FEWEST) & (whole > 0)
    return np.where(enough, total / np.where(enough, whole, 1), np.nan) * shares[weekday]


def _weekdays(values: Floats, weekday: Any, plain: Any) -> Floats:
    """Say how the weekdays differ, 1 what is usual."""
    mean = values[plain].mean() if plain.any() else 0
    if mean <= 0:
        return np.ones(7)
    sums = [values[plain & (weekday == nth)] for nth in range(7)]
    return np.array([max(each.mean() / mean, FLOOR) if len(each) else 1.0 for each in sums])


def _between(values: Floats, low: Floats, high: Floats) -> Floats:
    sums = np.concatenate([[0.0], values.cumsum()])
    found: Floats = sums[high] - sums[low]
    return found


@dataclass(frozen=True)
class Effects:
    """What occasions do to a day: a factor for each place of one, and one for an occasion as a whole."""

    by_place: Mapping[Place, float] = field(default_factory=dict)
    by_key: Mapping[str, float] = field(default_factory=dict)

    def of(self, place: Place | None) -> float:
        """Give the factor of a day; 1 where nothing is known of its occasion."""
        if place is None:
            return 1.0
        return self.by_place.get(place, self.by_key.get(place[0], 1.0))

    def on(self, first: dt.date, days: int, places: Places) -> Floats:
        """Give the factors of some days."""
        return np.array([self.of(places.get(first + nth * DAY)) for nth in range(days)])


def learn(series: Series, places: Places) -> Effects:
    """Learn what occasions did to the days they fell on, as logarithms of what was sold over what is usual.

    What may be chance is left out: a difference counts less the nearer it is to how much plain days differ (the
    positive-part estimator of James and Stein).
    """
    floor = FLOOR * max(float(np.abs(series.values).mean()), 1e-9)
    with np.errstate(invalid="ignore"):
        ratios = np.log((np.maximum(series.values, 0) + floor) / (np.maximum(usual(series, places), 0) + floor))
    by_place: dict[Place, list[float]] = defaultdict(list)
    plain: list[float] = []
    for nth in np.flatnonzero(np.isfinite(ratios)):
        place = places.get(series.first + int(nth) * DAY)
        (by_place[place] if place else plain).append(float(ratios[nth]))
    noise = float(np.mean(np.square(plain))) if plain else 1.0
    return _shrunk(by_place, noise)


def _shrunk(by_place: Mapping[Place, Sequence[float]], noise: float) -> Effects:
    by_key: dict[str, list[float]] = defaultdict(list)
    for (key, _nth), ratios in by_place.items():
        by_key[key] += ratios
    means = {key: _kept(float(np.median(ratios)), noise / len(ratios)) for key, ratios in by_key.items()}
    found = {
        place: float(np.exp(means[place[0]] + _kept(float(np.mean(ratios)) - means[place[0]], 2 * noise / len(ratios))))
        for place, ratios in by_place.items()
    }
    return Effects(found, {key: float(np.exp(mean)) for key, mean in means.items()})


def _kept(value: float, variance: float) -> float:
    return value * max(0.0, 1 - variance / value**2) if value else 0.0
