"""Who bought on which day and for how much: what the models learn from, as of any day."""

from dataclasses import dataclass

import numpy as np

from guanxi.insight.lifetime.histories import Floats, Histories, Whole


@dataclass(frozen=True)
class Known:
    """Customers as of a day: their keys, their histories, and what their purchases after the first were worth."""

    customers: Whole
    histories: Histories
    repeats: Floats
    mean: Floats


@dataclass(frozen=True)
class Purchases:
    """Days on which somebody bought, by customer and day; a customer's orders of one day are one purchase.

    **Unit**: `days` count from any day that is the same for all; `values` are money, in any unit.
    """

    customers: Whole
    days: Whole
    values: Floats

    @classmethod
    def of(cls, customers: Whole, days: Whole, values: Floats) -> "Purchases":
        """Put orders in any order together by customer and day."""
        if not len(customers):
            return cls(customers, days, values)
        order = np.lexsort((days, customers))
        customers, days = customers[order], days[order]
        begins = np.flatnonzero(np.r_[True, (np.diff(customers) != 0) | (np.diff(days) != 0)])
        return cls(customers[begins], days[begins], np.add.reduceat(values[order], begins))

    def until(self, day: int) -> "Purchases":
        """Keep what was bought up to a day, the day itself included."""
        kept = self.days <= day
        return Purchases(self.customers[kept], self.days[kept], self.values[kept])

    def known(self, as_of: int, *, unit_days: int = 7) -> Known:
        """Tell of each customer what was known on a day."""
        mine = self.until(as_of)
        customers, first, counts = np.unique(mine.customers, return_index=True, return_counts=True)
        begun, last = mine.days[first], mine.days[first + counts - 1]
        whole = np.add.reduceat(mine.values, first) if len(first) else np.empty(0)
        repeats = counts - 1
        later = (whole - mine.values[first]) / np.maximum(repeats, 1)
        histories = Histories.of(repeats, last - begun, as_of - begun, unit_days=unit_days)
        return Known(customers, histories, repeats.astype(float), np.where(repeats > 0, later, 0.0))

    def made(self, customers: Whole, after: int, until: int) -> Whole:
        """Count what each of some customers, sorted by key, bought after a day and up to another."""
        mine = self.customers[(self.days > after) & (self.days <= until)]
        found = np.searchsorted(customers, mine)
        found = found[(found < len(customers)) & (customers[np.minimum(found, len(customers) - 1)] == mine)]
        return np.bincount(found, minlength=len(customers))
