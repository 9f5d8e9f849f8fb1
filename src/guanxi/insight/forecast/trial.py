"""The rolling-origin trial: how far off each model would have been, had it been asked before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from guanxi.insight.forecast.candidates import NAIVE, USUAL, Fit, Past, foretell, possible
from guanxi.insight.forecast.occasions import Places
from guanxi.insight.forecast.series import Floats, Series

WEEK = 7
ORIGINS = 4
SPANS = ((28, 84), (14, 42), (7, 28))  # days of a turn, and the days that have to be known for one of that length
LEAST_KNOWN = 21


@dataclass(frozen=True)
class Tried:
    """What one model said in each turn: `said` has a row a turn and a column a day; `seen` what came."""

    name: str
    said: Floats
    seen: Floats

    @property
    def error(self) -> float:
        """How far off the weeks were on average, as a share of what a week sold; infinite where nothing was sold."""
        off, sold = np.abs(_weeks(self.said) - _weeks(self.seen)).sum(), np.abs(_weeks(self.seen)).sum()
        return float(off / sold) if sold > 0 else float("inf") if off > 0 else 0.0

    @property
    def bias(self) -> float:
        """How much too high all of it was, as a share of what was sold."""
        sold = float(self.seen.sum())
        return float((self.said.sum() - sold) / sold) if sold > 0 else 0.0

    @property
    def is_naive(self) -> bool:
        """Whether it only repeats the past."""
        return self.name in NAIVE


@dataclass(frozen=True)
class Trial:
    """All models that could be tried, the best first; `days` how long each of the turns was. Empty for a short past."""

    tried: Sequence[Tried]
    days: int

    @property
    def turns(self) -> int:
        """How often each was asked."""
        return len(self.tried[0].said) if self.tried else 0

    @property
    def best(self) -> Tried | None:
        """The one that was nearest."""
        return self.tried[0] if self.tried else None

    @property
    def naive(self) -> Tried | None:
        """The better of those that only repeat the past."""
        return next((each for each in self.tried if each.is_naive), None)


def turns(days: int) -> tuple[int, list[int]]:
    """Say how long the turns are that a past of so many days allows, and how much is known before each of them.

    >>> turns(400), turns(30), turns(21)
    ((28, [288, 316, 344, 372]), (7, [23]), (0, []))
    """
    for span, least in SPANS:
        if days >= least:
            known = [days - nth * span for nth in range(1, ORIGINS + 1)]
            return span, sorted(each for each in known if each >= max(LEAST_KNOWN, least - 2 * span))
    return 0, []


def trial(series: Series, places: Places, models: Mapping[str, object], fits: dict[str, Fit] | None = None) -> Trial:
    """Ask the models before each turn, and hold what they said against what came.

    `fits` takes what was fitted before the first turn, carried forward to the others, and to whoever asks afterwards.
    """
    span, known = turns(len(series))
    if not known:
        return Trial([], 0)
    fits = {} if fits is None else fits
    pasts = [Past(series.upto(each), places, fits) for each in known]
    seen = np.array([series.values[each : each + span] for each in known])
    names = [name for name in models if possible(name, known[0])]
    tried = [Tried(name, np.array([foretell(name, past, span) for past in pasts]), seen) for name in names]
    return Trial(sorted(tried, key=lambda each: (each.error, not each.is_naive, each.name != USUAL)), span)


def _weeks(days: Floats) -> Floats:
    found: Floats = days.reshape(len(days), -1, WEEK).sum(axis=2)
    return found
