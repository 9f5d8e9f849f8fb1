"""What if more people came, prices changed, or more was spent on advertising? Arithmetic by channel, nothing causal.

What is expected of a channel is multiplied: by one and the change of visitors, by one and the part of the change of
advertising that the reader believes arrives, and revenue also by one and the change of prices.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.pages import formats

LEVERS: Mapping[str, Promise] = {
    "traffic": gettext_lazy("Visitors"),
    "price": gettext_lazy("Prices"),
    "advertising": gettext_lazy("Advertising"),
}
LEAST, MOST, STEP = -90, 200, 5
RESPONSE = 20  # percent of a change of advertising that arrives as orders, unless the reader says otherwise


class Lever(NamedTuple):
    """One slider."""

    name: str
    title: str
    percent: int


@dataclass(frozen=True)
class Channel:
    """One channel: what is expected, and what would be."""

    title: str
    levers: Sequence[Lever]
    expected: int
    would_be: int


@dataclass(frozen=True)
class Scenario:
    """All channels of a scenario."""

    channels: Sequence[Channel]
    response: int
    measure: str
    currency: str
    least: int = LEAST
    most: int = MOST
    step: int = STEP

    @classmethod
    def of(
        cls, told: Mapping[str, str], bases: Mapping[str, tuple[str, int]], *, measure: str, currency: str
    ) -> "Scenario":
        """Read the sliders of an address: `traffic-own=10` is ten percent more visitors of the own shop."""
        response = _percent(told.get("response", ""), 0, 100, RESPONSE)
        found = []
        for key, (title, expected) in bases.items():
            levers = [
                Lever(f"{name}-{key}", str(words), _percent(told.get(f"{name}-{key}", ""), LEAST, MOST, 0))
                for name, words in LEVERS.items()
            ]
            times = factor(*(each.percent for each in levers), response=response, measure=measure)
            found.append(Channel(title, levers, expected, round(expected * times)))
        return cls(found, response, measure, currency)

    @property
    def expected(self) -> int:
        """What is expected as things are."""
        return sum(each.expected for each in self.channels)

    @property
    def would_be(self) -> int:
        """What it would be."""
        return sum(each.would_be for each in self.channels)

    @property
    def is_changed(self) -> bool:
        """Whether anything was moved."""
        return any(lever.percent for each in self.channels for lever in each.levers)

    @property
    def finding(self) -> str:
        """Say what it comes to."""
        if not self.is_changed:
            return _("Move a slider: what would it come to?")
        said = {"after": self.written(self.would_be), "before": self.written(self.expected)}
        return _("It would come to %(after)s instead of %(before)s.") % said

    @property
    def rows(self) -> list[tuple[Channel, str, str]]:
        """The channels with their amounts in words."""
        return [(each, self.written(each.expected), self.written(each.would_be)) for each in self.channels]

    def written(self, value: int) -> str:
        """Write an amount."""
        return formats.money_whole(value, self.currency) if self.measure == "net" else formats.count(value)


def factor(traffic: int, price: int, advertising: int, *, response: int, measure: str) -> float:
    """Give what a channel is multiplied by; changes and response are percent.

    >>> round(factor(10, 0, 50, response=20, measure="orders"), 4)
    1.21
    """
    changes = [traffic / 100, advertising / 100 * response / 100, price / 100 if measure == "net" else 0]
    return max(prod(1 + each for each in changes), 0.0)


def _percent(text: str, least: int, most: int, usual: int) -> int:
    """Read a whole percent within its ends; what is none is as usual."""
    digits = text.strip().removeprefix("+").removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 5):
        return usual
    return min(max(int(text.strip()), least), most)
