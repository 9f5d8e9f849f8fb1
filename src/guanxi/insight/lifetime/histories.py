"""What the models of purchases know of customers: how often they bought again, when last, and for how long seen."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


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
        return cls(again.astype(float), recency / unit_days, age / unit_days, counts.astype(float), group)

    @property
    def customers(self) -> int:
        """How many customers there are."""
        return len(self.group)


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
