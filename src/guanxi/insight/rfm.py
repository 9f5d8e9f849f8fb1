"""RFM computed in plain Python: the twin of `sql/customer_rfm.sql`, and the limits by which a score is explained."""

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from guanxi.insight.scheme import BANDS, Dimension, Scheme

Limits = tuple[int, int, int, int]


@dataclass(frozen=True)
class PaidOrder:
    """One paid order of a known customer; `net_base_minor` is None where no exchange rate was known."""

    customer_id: int
    placed_on: dt.date
    net_base_minor: int | None


@dataclass(frozen=True)
class Figures:
    """What is measured of one customer: days, orders, minor units of the base currency."""

    recency_days: int
    frequency: int
    monetary_minor: int


@dataclass(frozen=True)
class Rfm:
    """One customer's figures, bands 1 to 5, score in hundredths, and class."""

    customer_id: int
    figures: Figures
    bands: tuple[int, int, int]
    points: int
    class_key: str


def rfm(orders: Iterable[PaidOrder], *, as_of: dt.date, scheme: Scheme) -> list[Rfm]:
    """Score every customer who bought.

    Parameters
    ----------
    orders
        Paid orders, one row each, in any order; days are the stores'.
    as_of
        The last day observed; later orders are left out.
    scheme
        Windows, limits or quintiles, weights, classes.

    Returns
    -------
    list of Rfm
        **Shape**: one row per customer with at least one paid order up to `as_of`, by customer.
        **Unit**: `recency_days` days, `frequency` orders, `monetary_minor` minor units of the base currency,
        `points` hundredths of the score, 100 to 500.

    Notes
    -----
    **Errors**: none; a scheme with faults (`Scheme.faults`) gives bands all the same.
    **Source**: Hughes, A. M. (1994), Strategic Database Marketing. By quintile, a band is 1 + the whole number of
    fifths of the buyers in the window who have a strictly smaller value, so equal values have equal bands; in recency,
    where fewer days are better, it is 5 less that number. Who did not buy in the window is in band 1.

    Examples
    --------
    >>> from guanxi.insight.scheme import DEFAULT
    >>> day = dt.date(2024, 11, 11)
    >>> lin = [PaidOrder(1, day - dt.timedelta(days=n), 10_000) for n in (3, 30, 60)]
    >>> ada = PaidOrder(2, day - dt.timedelta(days=400), 9_900)
    >>> for row in rfm([*lin, ada], as_of=day, scheme=DEFAULT):
    ...     print(row.figures, row.bands, row.points, row.class_key)
    Figures(recency_days=3, frequency=3, monetary_minor=30000) (5, 1, 1) 220 ordinary
    Figures(recency_days=400, frequency=0, monetary_minor=0) (1, 1, 1) 100 lost
    """
    observed = sorted((order for order in orders if order.placed_on <= as_of), key=attrgetter("customer_id"))
    grouped = groupby(observed, attrgetter("customer_id"))
    figures = {customer: _figures(list(own), as_of, scheme) for customer, own in grouped}
    bands = list(
        zip(
            _recency_bands([each.recency_days for each in figures.values()], scheme.recency),
            _bands([each.frequency for each in figures.values()], figures.values(), scheme.frequency),
            _bands([each.monetary_minor for each in figures.values()], figures.values(), scheme.monetary),
            strict=True,
        )
    )
    return [_scored(customer, figures[customer], band, scheme) for customer, band in zip(figures, bands, strict=True)]


def _figures(orders: Sequence[PaidOrder], as_of: dt.date, scheme: Scheme) -> Figures:
    days = [(as_of - order.placed_on).days for order in orders]
    return Figures(
        recency_days=min(days),
        frequency=sum(_counts(age, scheme.frequency) for age in days),
        monetary_minor=sum(
            order.net_base_minor or 0 for order, age in zip(orders, days, strict=True) if _counts(age, scheme.monetary)
        ),
    )


def _counts(age_days: int, dimension: Dimension) -> bool:
    return dimension.window_days is None or age_days < dimension.window_days


def _scored(customer: int, figures: Figures, bands: tuple[int, int, int], scheme: Scheme) -> Rfm:
    points = scheme.points_of(bands)
    return Rfm(customer, figures, bands, points, scheme.class_of(points).key)


def _recency_bands(days: Sequence[int], dimension: Dimension) -> list[int]:
    buyers = sorted(age for age in days if _counts(age, dimension))
    return [BANDS - _steps(age, buyers, dimension) if _counts(age, dimension) else 1 for age in days]


def _bands(values: Sequence[int], figures: Iterable[Figures], dimension: Dimension) -> list[int]:
    bought = [_counts(each.recency_days, dimension) for each in figures]
    buyers = sorted(value for value, is_in in zip(values, bought, strict=True) if is_in)
    return [1 + _steps(value, buyers, dimension) if is_in else 1 for value, is_in in zip(values, bought, strict=True)]


def _steps(value: int, buyers: Sequence[int], dimension: Dimension) -> int:
    """Count the limits a value exceeds, or the whole fifths of the buyers who have a smaller one."""
    if dimension.limits is not None:
        return sum(value > limit for limit in dimension.limits)
    return BANDS * bisect_left(buyers, value) // len(buyers)


def quintile_limits(values: Iterable[int]) -> Limits | None:
    """Find the four limits that cut values into fifths: limit k is the smallest value that k fifths do not exceed.

    >>> quintile_limits([1, 1, 1, 2, 3, 5, 8, 13, 21, 34])
    (1, 2, 5, 13)
    """
    ordered = sorted(values)
    if not ordered:
        return None
    first, second, third, fourth = (ordered[-(-nth * len(ordered) // BANDS) - 1] for nth in range(1, BANDS))
    return first, second, third, fourth
