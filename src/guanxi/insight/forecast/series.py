"""One figure day by day, and the part of it that says something about the days to come."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DAY = dt.timedelta(days=1)
LEAST_DAYS, LEAST_ORDERS = 21, 20
QUIET_DAYS = 28  # without an order, after which a shop is taken as closed
GAP_DAYS = 60  # without an order, before which a shop was another one
NOTHING, SHORT, FEW, SILENT, BELOW = "nothing", "short", "few", "silent", "below"  # why there is no forecast


@dataclass(frozen=True)
class Series:
    """A figure on every day from `first` on; days without trade are zeros."""

    first: dt.date
    values: Floats

    def __len__(self) -> int:
        return len(self.values)

    @property
    def end(self) -> dt.date:
        """The day after the last one."""
        return self.first + len(self) * DAY

    def upto(self, days: int) -> "Series":
        """Keep the first days of it."""
        return Series(self.first, self.values[:days])

    @classmethod
    def of(cls, told: Mapping[dt.date, float], first: dt.date, last: dt.date) -> "Series":
        """Fill the days between two with what is told of them.

        >>> Series.of({dt.date(2024, 1, 2): 5}, dt.date(2024, 1, 1), dt.date(2024, 1, 3)).values.tolist()
        [0.0, 5.0, 0.0]
        """
        days = (last - first).days + 1
        return cls(first, np.array([float(told.get(first + nth * DAY, 0)) for nth in range(max(days, 0))]))


@dataclass(frozen=True)
class Basis:
    """What of a shop's past is forecast from: the days since `first`, or `reason`, why there is no forecast.

    `gap_days` is how long it did not trade before them; what came before that gap is left out.
    """

    first: dt.date
    last: dt.date
    orders: int = 0
    gap_days: int = 0
    silent_days: int = 0
    reason: str = ""

    @property
    def days(self) -> int:
        """How many days are known."""
        return (self.last - self.first).days + 1

    @classmethod
    def of(cls, orders: Mapping[dt.date, float], last: dt.date) -> "Basis":
        """Look at the days with orders up to the last whole day."""
        days = sorted(day for day, count in orders.items() if count > 0 and day <= last)
        if not days:
            return cls(last, last, reason=NOTHING)
        gaps = [(later, (later - day).days - 1) for day, later in pairwise(days)]
        first, gap = next(((day, gap) for day, gap in reversed(gaps) if gap >= GAP_DAYS), (days[0], 0))
        count = int(sum(orders[day] for day in days if day >= first))
        found = cls(first, last, count, gap, (last - days[-1]).days)
        return cls(first, last, count, gap, found.silent_days, _reason(found))


def _reason(basis: Basis) -> str:
    """Say what is missing."""
    if basis.silent_days > QUIET_DAYS:
        return SILENT
    if basis.days < LEAST_DAYS:
        return SHORT
    return FEW if basis.orders < LEAST_ORDERS else ""
