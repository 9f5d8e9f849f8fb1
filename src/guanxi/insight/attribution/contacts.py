"""Contacts: by which ways people came before they bought or went away, and what is put down to each."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Credit:
    """What is put down to one way: orders, in parts of one too, and what they are worth in minor units."""

    orders: float = 0.0
    value_minor: float = 0.0

    def __add__(self, other: "Credit") -> "Credit":
        return Credit(self.orders + other.orders, self.value_minor + other.value_minor)


Credits = dict[str, Credit]


@dataclass(frozen=True)
class Contacts:
    """Contacts by one way that went on alike: to the way `after`, or where it is None, to an order or away.

    `counted` are how many, `is_order` whether their journeys ended in an order; then `credits` holds what each rule
    puts down to them of these orders, by the name of the rule.
    """

    way: str
    after: str | None
    counted: int
    is_order: bool = False
    credits: Mapping[str, Credit] = field(default_factory=dict)
