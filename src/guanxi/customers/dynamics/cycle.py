"""How often somebody buys: the days between two days with a paid order."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

NEEDED = 3  # days of buying


@dataclass(frozen=True)
class Cycle:
    """Every `gap_days` on the whole, give or take `spread_days`; the next time about `next_on`."""

    gap_days: int
    spread_days: int
    next_on: dt.date
    days: int


def cycle(days: Collection[dt.date]) -> Cycle | None:
    """Find the purchase cycle: the mean gap of the days of buying, and the median of how far the gaps lie from it.

    The mean is that of `customer_rhythm.sql`: from the first to the last day, divided by the gaps.

    >>> month = [dt.date(2026, 1, 1) + dt.timedelta(days=gap) for gap in (0, 30, 62, 90)]
    >>> cycle(month), cycle(month[:2])
    (Cycle(gap_days=30, spread_days=2, next_on=datetime.date(2026, 5, 1), days=4), None)
    """
    order = sorted(set(days))
    if len(order) < NEEDED:
        return None
    gaps = [(later - earlier).days for earlier, later in pairwise(order)]
    mean = (order[-1] - order[0]).days / len(gaps)
    gap = int(mean + 0.5)
    spread = int(median(abs(each - mean) for each in gaps) + 0.5)
    return Cycle(gap, spread, order[-1] + dt.timedelta(days=gap), len(order))
