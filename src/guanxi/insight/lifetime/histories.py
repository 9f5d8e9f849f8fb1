"""What the models of purchases know of customers: how often they bought again, when last, and for how long seen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
SINGLE = 10  # repeats up to here stay as they are where histories are taken together roughly
STEPS = (7.0, 14.0, 28.0, 56.0, 112.0, 224.0)  # days


class Levels(NamedTuple):
    """The different values of some columns, and for each group which of them are its own."""

    values: tuple[Floats, ...]
    place: Whole


@dataclass(frozen=True)
class Histories:
    """Purchase histories, equal ones together.

    Of `counts` customers each: `repeats` purchases after the first (at most one a day counts), the last of them
    `recency` after the first, all within the `age` since the first. Times are in units of the model, days or weeks.
    `group` says for each customer which of the groups is theirs.
    """

    repeats: Floats
    recency: Floats
    age: Floats
    counts: Floats
    group: Whole
    unit_days: int = 7

    @classmethod
    def grouped(
        cls, repeats: Whole, recency_days: Whole, age_days: Whole, counts: Whole, *, unit_days: int = 7
    ) -> "Histories":
        """Take groups as they were counted elsewhere: of each, how many customers have these figures."""
        _check(repeats, recency_days, age_days)
        whole = np.arange(len(counts))
        recency, age = recency_days / unit_days, age_days / unit_days
        return cls(repeats.astype(float), recency, age, counts.astype(float), whole, unit_days)

    @classmethod
    def of(cls, repeats: Whole, recency_days: Whole, age_days: Whole, *, unit_days: int = 7) -> "Histories":
        """Group customers by what is known of them.

        Parameters
        ----------
        repeats, recency_days, age_days
            **Shape**: one number per customer, in any order. **Unit**: purchases after the first, days, days.
        unit_days
            How many days a unit of the model has.

        Raises
        ------
        ValueError
            Where a number is negative, a recency exceeds its age, or exactly one of repeats and recency is zero.
        """
        _check(repeats, recency_days, age_days)
        days, most = int(age_days.max(initial=0)) + 1, int(recency_days.max(initial=0)) + 1
        keys = (repeats.astype(np.int64) * most + recency_days) * days + age_days
        found, group, counts = np.unique(keys, return_inverse=True, return_counts=True)
        rest, age = np.divmod(found, days)
        again, recency = np.divmod(rest, most)
        return cls(again.astype(float), recency / unit_days, age / unit_days, counts.astype(float), group, unit_days)

    @property
    def customers(self) -> int:
        """How many customers there are."""
        return int(self.counts.sum())

    @property
    def repeaters(self) -> int:
        """How many of them bought again."""
        return int(self.counts[self.repeats > 0].sum())

    @cached_property
    def by_repeats(self) -> Levels:
        """What depends on repeats alone is computed once for each number of them: there are few."""
        return levels([self.repeats])

    @cached_property
    def by_recency(self) -> Levels:
        """The same of the time of the last purchase."""
        return levels([self.recency])

    @cached_property
    def by_age(self) -> Levels:
        """The same of the time seen."""
        return levels([self.age])

    @cached_property
    def by_repeats_and_recency(self) -> Levels:
        """The same of both."""
        return levels([self.repeats, self.recency])

    @cached_property
    def by_repeats_and_age(self) -> Levels:
        """The same of both."""
        return levels([self.repeats, self.age])

    def sample(self, customers: int) -> "Histories":
        """Take every so many-eth customer, in the order of their histories: `customers` of them, or all there are."""
        if self.customers <= customers:
            return self
        chosen = np.linspace(0, self.customers, customers, endpoint=False)
        groups, counts = np.unique(np.searchsorted(self.counts.cumsum(), chosen, side="right"), return_counts=True)
        times = (self.recency[groups], self.age[groups])
        return Histories(self.repeats[groups], *times, counts.astype(float), np.arange(len(groups)), self.unit_days)

    def coarse(self, most: int) -> "Histories":
        """Take groups roughly together until there are no more than `most`, or nearly; `group` says which went where.

        Times are rounded to weeks or longer, repeats above ten to steps of a tenth or so.
        """
        found, place = self, np.arange(len(self.counts))
        for step in STEPS if len(self.counts) > most else ():
            found = found._together(step / self.unit_days)
            place = found.group[place]
            if len(found.counts) <= most:
                break
        return found if found is self else replace(found, group=place)

    def _together(self, step: float) -> "Histories":
        repeats = np.where(self.repeats > SINGLE, _stepped(self.repeats), self.repeats)
        recency, age = ((each / step).round() * step for each in (self.recency, self.age))
        (repeats, recency, age), place = levels([repeats, recency, age])
        counts = np.bincount(place, self.counts).astype(float)
        return Histories(repeats, recency, age, counts, place, self.unit_days)


def _stepped(repeats: Floats) -> Floats:
    """Round to the nearest power of 1.1."""
    rounded: Floats = 1.1 ** (np.log(np.maximum(repeats, 1)) / np.log(1.1)).round()
    return rounded.round()


def levels(columns: Sequence[Floats]) -> Levels:
    """Find the different rows of some columns; of no rows there are none."""
    place = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        values, own = np.unique(column, return_inverse=True)
        place = place * len(values) + own
    _keys, first, place = np.unique(place, return_index=True, return_inverse=True)
    return Levels(tuple(column[first] for column in columns), place)


def _check(repeats: Whole, recency: Whole, age: Whole) -> None:
    for wrong, said in (
        ((repeats < 0) | (recency < 0) | (age < 0), "Repeats, recency and age are zero or more"),
        (recency > age, "Nobody can have bought after the last day observed"),
        ((repeats == 0) != (recency == 0), "Who never bought again has a recency of zero, and nobody else"),
    ):
        if wrong.any():
            place = int(np.flatnonzero(wrong)[0])
            told = (int(repeats[place]), int(recency[place]), int(age[place]))
            raise ValueError(f"{said}; customer {place} has {told}.")
