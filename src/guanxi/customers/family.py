"""All of one person: the golden record, those that were merged into it, and every profile of theirs."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from guanxi.customers.models import Customer, SourceProfile

SEPARATORS = re.compile(r"[\s().·-]+")
FEWEST_LETTERS = 2
PHONE_DIGITS = re.compile(r"\+\d{8,15}")
FEWEST_OF_PART = 4  # a longer part of a name is looked for by itself: names are written in many orders
NATIONAL = 8  # digits at the end of a phone, whatever stands before them


@dataclass(frozen=True)
class Person:
    """The keys of one person's customers and profiles."""

    customers: tuple[int, ...]
    profiles: tuple[int, ...]

    @classmethod
    def of(cls, customer: int) -> Self:
        """Find everything that is one person with a customer; nobody is empty."""
        found = set(Customer.objects.filter(pk=customer).values_list("pk", flat=True))
        while (more := _near(found)) - found:
            found |= more
        profiles = SourceProfile.objects.filter(customer__in=found).order_by("pk").values_list("pk", flat=True)
        return cls(tuple(sorted(found)), tuple(profiles))


def _near(customers: set[int]) -> set[int]:
    """Give whom some customers were merged into, who was merged into them, and whom their profiles founded."""
    into = Customer.objects.filter(pk__in=customers, survivor__isnull=False).values_list("survivor", flat=True)
    merged = Customer.objects.filter(survivor__in=customers, survivor__isnull=False).values_list("pk", flat=True)
    founded = SourceProfile.objects.filter(customer__in=customers).values_list("home", flat=True)
    return {pk for pk in (*into, *merged, *founded) if pk}


class Words:
    """Words that name a person, to be looked for in texts; phones are found however they are spaced."""

    def __init__(self, found: Iterable[str]) -> None:
        given = {word.casefold() for word in found if word and len(word) >= FEWEST_LETTERS}
        self.plain = given | {part for word in given for part in word.split() if len(part) >= FEWEST_OF_PART}
        self.digits = {word[-NATIONAL:] for word in self.plain if PHONE_DIGITS.fullmatch(word)}

    def in_text(self, text: str) -> bool:
        """Tell whether a text names the person."""
        folded = text.casefold()
        if any(word in folded for word in self.plain):
            return True
        close = SEPARATORS.sub("", folded) if self.digits else ""
        return any(digits in close for digits in self.digits)

    def without(self, value: Any) -> Any:
        """Give a value of JSON again, its texts that name the person left out."""
        if isinstance(value, str):
            return "" if self.in_text(value) else value
        if isinstance(value, dict):
            return {key: self.without(each) for key, each in value.items()}
        return [self.without(each) for each in value] if isinstance(value, list) else value
