"""Customers by the month they began in: which marts tell of them, and what the pages read of those."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from guanxi.warehouse.reading import Lake

MARTS = ("customer_months", "customer_firsts", "cohort_months", "repurchase_rates", "repurchase_gaps")
GROUPS = 20  # categories and products that stand alone; the smaller ones are one segment
PURCHASES, DOCUMENTS = "purchases", "documents"
REST, UNKNOWN = "*", ""  # the segments of the smaller ones together, and of what is not known
COHORTS = """
    select cohort_month, months_since, members, customers, orders, sold_minor, net_minor, unpriced
    from cohort_months where basis = $basis and dimension = $dimension and segment = $segment
    order by cohort_month, months_since
"""


def months_between(first: dt.date, last: dt.date) -> int:
    """Count the months from one to another.

    >>> months_between(dt.date(2010, 12, 1), dt.date(2011, 3, 31))
    3
    """
    return (last.year - first.year) * 12 + last.month - first.month


def later(month: dt.date, months: int) -> dt.date:
    """Find the month so many after another.

    >>> later(dt.date(2010, 12, 1), 3)
    datetime.date(2011, 3, 1)
    """
    years, at = divmod(month.month - 1 + months, 12)
    return dt.date(month.year + years, at + 1, 1)


@dataclass(frozen=True)
class Came:
    """What a cohort did in one month: how many were active, their orders, and what they brought, base currency."""

    customers: int = 0
    orders: int = 0
    sold_minor: int = 0
    net_minor: int = 0


NOBODY = Came()


@dataclass(frozen=True)
class Cohort:
    """The customers who began in a month; `came` by months since, where somebody did something."""

    month: dt.date
    members: int
    came: Mapping[int, Came]

    def at(self, months_since: int) -> Came:
        """What they did so many months later."""
        return self.came.get(months_since, NOBODY)


@dataclass(frozen=True)
class Cohorts:
    """All cohorts of a segment, the oldest first, as observed up to a day."""

    as_of: dt.date
    all: tuple[Cohort, ...]
    unpriced: int = 0

    @classmethod
    def read(cls, lake: Lake, as_of: dt.date, *, basis: str, dimension: str = "all", segment: str = "") -> "Cohorts":
        """Read the mart; without rows there is no cohort."""
        rows = lake.sql(COHORTS, basis=basis, dimension=dimension, segment=segment).to_pylist()
        return cls(as_of, tuple(_cohorts(rows)), sum(row["unpriced"] for row in rows))

    @property
    def members(self) -> int:
        """How many customers they are together."""
        return sum(cohort.members for cohort in self.all)

    def is_finished(self, cohort: Cohort, months_since: int) -> bool:
        """Whether the whole of that month has been observed."""
        return later(cohort.month, months_since + 1) <= self.as_of + dt.timedelta(days=1)

    def average(self, months_since: int) -> float | None:
        """The share of customers active so many months later, over the cohorts for which that month is over."""
        over = [cohort for cohort in self.all if self.is_finished(cohort, months_since)]
        members = sum(cohort.members for cohort in over)
        return sum(cohort.at(months_since).customers for cohort in over) / members if members else None

    @property
    def newest_told(self) -> Cohort | None:
        """The newest cohort whose next month is over."""
        return next((cohort for cohort in reversed(self.all) if self.is_finished(cohort, 1)), None)


def _cohorts(rows: list[dict[str, Any]]) -> Iterator[Cohort]:
    months: dict[dt.date, dict[int, Came]] = {}
    members = {}
    for row in rows:
        figures = Came(row["customers"], row["orders"], row["sold_minor"], row["net_minor"])
        months.setdefault(row["cohort_month"], {})[row["months_since"]] = figures
        members[row["cohort_month"]] = row["members"]
    for month, came in months.items():
        yield Cohort(month, members[month], came)
