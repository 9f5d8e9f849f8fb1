"""What the shop sold in a span of days beside the days it compares with, read from what the daily marts left."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cached_property
from operator import attrgetter

from guanxi.insight.models import TradingDay
from guanxi.insight.span import Span


@dataclass(frozen=True)
class Sums:
    """Figures of one day, or of many: orders, new customers, and net sales by who bought, in minor units."""

    orders: int = 0
    new_customers: int = 0
    new_net_minor: int = 0
    returning_net_minor: int = 0
    guest_net_minor: int = 0
    unpriced: int = 0

    @classmethod
    def of(cls, many: "Iterable[Sums]") -> "Sums":
        """Add many up."""
        rows = [FIGURES_OF(each) for each in many]
        return cls(*map(sum, zip(*rows, strict=True))) if rows else cls()

    @property
    def net_minor(self) -> int:
        """Net sales of all."""
        return self.new_net_minor + self.returning_net_minor + self.guest_net_minor


FIGURES_OF = attrgetter(*(field.name for field in fields(Sums)))
NOTHING = Sums()


@dataclass(frozen=True)
class Trade:
    """Each day with the one it compares with; `then` is None where there was no trade to compare with."""

    span: Span
    days: list[Sums]
    before: list[Sums]
    since: dt.date | None

    @classmethod
    def read(cls, span: Span) -> "Trade":
        """Read the days of a span, and those it compares with, in three short queries."""
        kept = TradingDay.objects.between(span.start, span.end).summed()
        then = TradingDay.objects.between(min(span.before), max(span.before)).summed() if span.before else {}
        since = TradingDay.objects.order_by("day").values_list("day", flat=True).first()
        return cls(
            span,
            [Sums(**kept[day]) if day in kept else NOTHING for day in span.days],
            [Sums(**then[day]) if day in then else NOTHING for day in span.before],
            since,
        )

    @cached_property
    def now(self) -> Sums:
        """The whole span."""
        return Sums.of(self.days)

    @cached_property
    def then(self) -> Sums | None:
        """What it compares with as a whole, where the shop traded through all of it."""
        if not self.before or self.since is None or self.since > min(self.span.before):
            return None
        return Sums.of(self.before)

    @cached_property
    def best(self) -> int | None:
        """Which day sold most, where any sold anything."""
        nth = max(range(len(self.days)), key=lambda at: self.days[at].net_minor)
        return nth if self.days[nth].net_minor > 0 else None


def growth(now: int, then: int) -> float | None:
    """Say by which share a figure grew; None where there was nothing to grow from.

    >>> growth(120, 100), growth(5, 0)
    (0.2, None)
    """
    return (now - then) / then if then > 0 else None
