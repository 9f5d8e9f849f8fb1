"""What customers are told of trade, which lies above them: figures per person and the names of stores.

The context that keeps orders registers itself in `AppConfig.ready()`; without it every figure is absent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol

from guanxi.pages.listing import Found

Figure = Literal["net_minor", "orders", "last_on"]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What one person, or a set of people, bought and paid.

    `net_minor` is net sales in minor units of `currency`, the company's base currency; `priced` counts the orders it
    is the sum of: those in a currency without an exchange rate are outside.
    """

    orders: int
    net_minor: int
    currency: str
    priced: int
    first_on: date | None = None
    last_on: date | None = None

    @property
    def average_minor(self) -> int | None:
        """Net sales per order, where there is one."""
        return round(self.net_minor / self.priced) if self.priced else None


class Trade(Protocol):
    """The one who knows."""

    def figures(self, customer_ids: Sequence[int]) -> Mapping[int, Figures]:
        """Give the figures of those who bought, in one query for all of them."""

    def total(self, found: Found | None) -> Figures | None:
        """Give the figures of a whole set of customers together; None: of all there are."""

    def bought(self) -> Any:
        """Give a row of every `customer` who bought, with an index of every figure; None where nobody knows."""

    def within(self, customers: Any, figure: Figure, least: Any, most: Any) -> Any:
        """Keep the customers one of whose figures lies between two ends, of which one may be None."""

    def many(self, figure: Figure, least: Any, most: Any) -> bool:
        """Tell whether more customers than lists count lie between two ends."""

    def money(self, minor: int) -> str:
        """Write an amount of the company's currency."""

    def minor_units(self) -> int:
        """Say how many minor units make one of the company's currency."""

    def buyers(self, number: str) -> Sequence[int]:
        """Find the customers of the orders with this number."""

    def store_names(self) -> Mapping[str, str]:
        """Name every store by its code."""


class _NoTrade:
    def figures(self, customer_ids: Sequence[int]) -> Mapping[int, Figures]:
        return {}

    def total(self, found: Found | None) -> Figures | None:
        return None

    def bought(self) -> Any:
        return None

    def within(self, customers: Any, figure: Figure, least: Any, most: Any) -> Any:
        return customers.none()

    def many(self, figure: Figure, least: Any, most: Any) -> bool:
        return False

    def money(self, minor: int) -> str:
        return str(minor)

    def minor_units(self) -> int:
        return 1

    def buyers(self, number: str) -> Sequence[int]:
        return []

    def store_names(self) -> Mapping[str, str]:
        return {}


_registered: list[Trade] = [_NoTrade()]


def register(trade: Trade) -> None:
    """Say who knows of trade; the last one does."""
    _registered.append(trade)


def trade() -> Trade:
    """Ask who knows of trade."""
    return _registered[-1]
