"""Journeys: by which ways people came, one after the other, until they bought or did not."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Journey:
    """Journeys that went the same way, together.

    `ways` are the contacts in their order, the first one first, the same way as often as somebody came by it; `orders`
    ended in one, worth `value_minor` together, and `lost` in none.
    """

    ways: tuple[str, ...]
    orders: int = 0
    value_minor: int = 0
    lost: int = 0


@dataclass(frozen=True)
class Credit:
    """What is put down to one way: orders, in parts of one too, and what they are worth in minor units."""

    orders: float = 0.0
    value_minor: float = 0.0

    def __add__(self, other: "Credit") -> "Credit":
        return Credit(self.orders + other.orders, self.value_minor + other.value_minor)


Credits = dict[str, Credit]


def total(journeys: Iterable[Journey]) -> Credit:
    """Add up what all journeys with a contact brought: what every rule parts among the ways."""
    told = [each for each in journeys if each.ways]
    return Credit(sum(each.orders for each in told), sum(each.value_minor for each in told))


def ways(journeys: Iterable[Journey]) -> list[str]:
    """Name the ways of some journeys, each once, in alphabetical order."""
    return sorted({way for each in journeys for way in each.ways})
