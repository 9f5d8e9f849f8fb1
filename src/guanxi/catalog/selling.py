"""What the list of products is told of sales, which lie above it: what each product sold lately.

The context that analyses sales registers itself in `AppConfig.ready()`; without it the list has no such columns.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

DAYS = 90


@dataclass(frozen=True, kw_only=True, slots=True)
class Sold:
    """What a product sold in the days looked at: `net_minor` after discounts and returns, in minor units of `currency`.

    `currency` is the one it sold most in; `mixed` says that there were others. `last_on` is the day it was sold last,
    in these days or before them.
    """

    units: float = 0
    net_minor: int = 0
    currency: str = ""
    mixed: bool = False
    last_on: dt.date | None = None


NOTHING = Sold()


@dataclass(frozen=True)
class Sales:
    """What was sold from one day to another, by the ids of products; one that was never sold is not among them."""

    first: dt.date
    last: dt.date
    goods: Mapping[int, Sold]

    def of(self, product_id: int) -> Sold:
        """Say what a product sold."""
        return self.goods.get(product_id, NOTHING)

    @property
    def sold(self) -> list[int]:
        """The products of which anything was sold in these days."""
        return [pk for pk, each in self.goods.items() if each.units > 0]

    def total(self, product_ids: Iterable[int] | None = None) -> dict[str, int]:
        """Add up the net sales of products, of all unless told, by currency, those of the most sales first."""
        sums: dict[str, int] = {}
        for each in self.goods.values() if product_ids is None else map(self.of, product_ids):
            if each.currency:
                sums[each.currency] = sums.get(each.currency, 0) + each.net_minor
        return dict(sorted(sums.items(), key=lambda pair: (-pair[1], pair[0])))


class Selling(Protocol):
    """The one who knows."""

    def lately(self) -> Sales | None:
        """Say what was sold in the last 90 days there are figures of; None before the first. One read at most.

        LakeBroken where the figures are there and cannot be read.
        """


_registered: list[Selling] = []


def register(selling: Selling) -> None:
    """Say who knows of sales; the last one does."""
    _registered.append(selling)


def selling() -> Selling | None:
    """Ask who knows of sales; None where nobody does."""
    return _registered[-1] if _registered else None
