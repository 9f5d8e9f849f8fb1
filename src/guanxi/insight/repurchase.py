"""How soon customers buy again, and which beginnings make them: rates with their intervals, read from the marts."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from guanxi.insight.asked_cohorts import ALL, EVER, LENGTHS
from guanxi.warehouse.reading import Lake

Z = 1.959963984540054  # of 95 %
RECENT_MONTHS = 6
RATES = """
    select dimension, segment, within_days, cast(sum(customers) as bigint) as customers,
           cast(sum(returned) as bigint) as returned
    from repurchase_rates group by dimension, segment, within_days
"""
MONTHS = """
    select cohort_month, within_days, customers, returned from repurchase_rates
    where dimension = $dimension and segment = $segment order by cohort_month
"""
GAPS = "select dimension, segment, gaps, lower_days, median_days, upper_days from repurchase_gaps"


@dataclass(frozen=True)
class Rate:
    """How many of some customers came back."""

    returned: int
    customers: int

    @property
    def share(self) -> float | None:
        """Which share that is; None of nobody."""
        return self.returned / self.customers if self.customers else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Between which shares the true one lies, in 95 of 100 cases; None of nobody."""
        return wilson(self.returned, self.customers) if self.customers else None

    def __add__(self, other: "Rate") -> "Rate":
        """Put two sets of customers together."""
        return Rate(self.returned + other.returned, self.customers + other.customers)


NOBODY = Rate(0, 0)


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Compute the 95 % score interval of a share, both ends between 0 and 1; ValueError where nothing was tried.

    Source: Wilson, E. B. (1927), Probable Inference, the Law of Succession, and Statistical Inference, JASA 22.

    >>> [round(end, 4) for end in wilson(15, 148)]
    [0.0624, 0.1605]
    """
    if not 0 <= successes <= trials or not trials:
        raise ValueError(f"{successes} of {trials} is no share")
    share, weight = successes / trials, Z * Z / trials
    middle = share + weight / 2
    half = Z * math.sqrt(share * (1 - share) / trials + weight / (4 * trials))
    return max((middle - half) / (1 + weight), 0.0), min((middle + half) / (1 + weight), 1.0)


@dataclass(frozen=True)
class Gaps:
    """The days between buying days: how many there are, quartiles and median."""

    gaps: int
    lower_days: int
    median_days: int
    upper_days: int


@dataclass(frozen=True)
class Repurchase:
    """The rates and intervals of all segments; `months` are the rates of those asked for, month by month.

    `rates` and `gaps` go by dimension and segment, `rates` by days as well.
    """

    rates: Mapping[tuple[str, str, int], Rate]
    gaps: Mapping[tuple[str, str], Gaps]
    months: Mapping[int, list[Rate]] = field(default_factory=dict)

    @classmethod
    def read(cls, lake: Lake, *, dimension: str = ALL, segment: str = "") -> "Repurchase":
        """Read the marts."""
        rates = {
            (row["dimension"], row["segment"], row["within_days"]): Rate(row["returned"], row["customers"])
            for row in lake.sql(RATES).to_pylist()
        }
        gaps = {(row.pop("dimension"), row.pop("segment")): Gaps(**row) for row in lake.sql(GAPS).to_pylist()}
        return cls(rates, gaps, _by_length(lake.sql(MONTHS, dimension=dimension, segment=segment).to_pylist()))

    def within(self, days: int, *, dimension: str = ALL, segment: str = "") -> Rate:
        """How many of a segment came back within so many days."""
        return self.rates.get((dimension, segment, days), NOBODY)

    def lately(self, days: int) -> tuple[Rate, Rate]:
        """The rate of the newest six cohorts observed for so long, and of the six before them."""
        months = self.months.get(days, [])
        newest, before = months[-RECENT_MONTHS:], months[-2 * RECENT_MONTHS : -RECENT_MONTHS]
        return sum(newest, NOBODY), sum(before, NOBODY)

    def segments(self, dimension: str) -> list[str]:
        """The segments of a dimension, those most customers began with first."""
        sizes = {
            segment: rate.customers
            for (name, segment, days), rate in self.rates.items()
            if name == dimension and days == EVER
        }
        return sorted(sizes, key=lambda segment: (-sizes[segment], segment))

    def longest(self, days: int) -> int:
        """The days asked for, or the most that anybody has been observed for."""
        seen = [length for length in LENGTHS if length != EVER and self.within(length).customers]
        return days if days == EVER or days in seen else max(seen, default=EVER)


def _by_length(rows: Iterable[Mapping[str, Any]]) -> dict[int, list[Rate]]:
    found: dict[int, list[Rate]] = {}
    for row in rows:
        found.setdefault(row["within_days"], []).append(Rate(row["returned"], row["customers"]))
    return found
