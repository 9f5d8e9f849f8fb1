"""Why a customer is in a class, and what would change it: the same rules, asked about one person."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from guanxi.insight.rfm import Figures
from guanxi.insight.scheme import ALL_TIME_DAYS, BANDS, DIMENSIONS, Dimension, RfmClass, Scheme

Limits = Mapping[str, Sequence[int] | None]


@dataclass(frozen=True)
class Outlook:
    """What would become of a score: `amount` more days, orders or minor units bring a dimension into another band."""

    dimension: str
    amount: int
    band: int
    points: int
    class_after: RfmClass
    changes_class: bool


def bands_of(figures: Figures, scheme: Scheme, limits: Limits) -> tuple[int, int, int]:
    """Put figures into bands by limits that stand, such as those of the last run.

    >>> from guanxi.insight.scheme import DEFAULT
    >>> bands_of(Figures(3, 23, 14_260_00), DEFAULT, {"recency": (7, 30, 90, 180), "frequency": (1, 2, 4, 9),
    ...     "monetary": (100_00, 300_00, 900_00, 2_000_00)})
    (5, 5, 5)
    """
    recency = _steps(figures.recency_days, limits["recency"])
    frequency, monetary = (
        _steps(figures.frequency, limits["frequency"]),
        _steps(figures.monetary_minor, limits["monetary"]),
    )
    return (
        BANDS - recency if _bought(figures, scheme.recency) else 1,
        1 + frequency if _bought(figures, scheme.frequency) else 1,
        1 + monetary if _bought(figures, scheme.monetary) else 1,
    )


def drops(figures: Figures, scheme: Scheme, limits: Limits) -> Iterator[Outlook]:
    """Tell how the score falls without another order, soonest first; what was bought until then stays counted."""
    now = bands_of(figures, scheme, limits)
    ends = sorted({*(limits["recency"] or ()), (scheme.recency.window_days or ALL_TIME_DAYS) - 1})
    for day in (end + 1 for end in ends if figures.recency_days <= end < ALL_TIME_DAYS - 1):
        band = bands_of(replace(figures, recency_days=day), scheme, limits)[0]
        yield _outlook("recency", day - figures.recency_days, (band, *now[1:]), now, scheme)


def rises(figures: Figures, scheme: Scheme, limits: Limits) -> Iterator[Outlook]:
    """Tell what buying now would do: one order, more orders up to the next band, one order of so much money."""
    now = bands_of(figures, scheme, limits)
    more_orders = _missing(figures.frequency, limits["frequency"])
    more_money = _missing(figures.monetary_minor, limits["monetary"])
    wanted = [
        ("recency", 1, 0, now[0] < BANDS and more_orders != 1),
        ("frequency", more_orders or 0, 0, more_orders is not None),
        ("monetary", 1, more_money or 0, more_money is not None),
    ]
    for name, orders, money, applies in wanted:
        if applies:
            bought = Figures(0, figures.frequency + orders, figures.monetary_minor + money)
            yield _outlook(name, money or orders, bands_of(bought, scheme, limits), now, scheme)


def _missing(value: int, limits: Sequence[int] | None) -> int | None:
    """Tell how much is missing to exceed the next limit; None where all are exceeded, or none is known."""
    limit = next((each for each in limits or () if each >= value), None)
    return None if limit is None else limit + 1 - value


def ranges(limits: Sequence[int], *, falling: bool) -> list[tuple[int | None, int | None]]:
    """Spell four limits as the first and last value of every band, 5 down to 1; None where there is no end.

    A band that equal limits leave empty ends before it begins.

    >>> ranges((7, 30, 90, 180), falling=True)
    [(None, 7), (8, 30), (31, 90), (91, 180), (181, None)]
    >>> ranges((1, 2, 2, 9), falling=False)
    [(10, None), (3, 9), (3, 2), (2, 2), (None, 1)]
    """
    starts = [None, *(limit + 1 for limit in limits)]
    found = list(zip(starts, [*limits, None], strict=True))
    return found if falling else found[::-1]


def _steps(value: int, limits: Sequence[int] | None) -> int:
    return sum(value > limit for limit in limits or ())


def _bought(figures: Figures, dimension: Dimension) -> bool:
    return dimension.window_days is None or figures.recency_days < dimension.window_days


def _outlook(
    dimension: str, amount: int, bands: tuple[int, int, int], now: tuple[int, int, int], scheme: Scheme
) -> Outlook:
    points = scheme.points_of(bands)
    after = scheme.class_of(points)
    changes = after != scheme.class_of(scheme.points_of(now))
    return Outlook(dimension, amount, bands[DIMENSIONS.index(dimension)], points, after, changes)
