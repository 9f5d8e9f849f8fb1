"""Journeys, one by one in plain Python: what the days kept of contacts have to add up to."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from guanxi.insight.attribution.contacts import Contacts, Credit, Credits

Rule = Callable[[int], Sequence[float]]


@dataclass(frozen=True)
class Journey:
    """Journeys that went the same way: `orders` ended in one, worth `value_minor` together, and `lost` in none."""

    ways: tuple[str, ...]
    orders: int = 0
    value_minor: int = 0
    lost: int = 0


def first(contacts: int) -> Sequence[float]:
    return [1.0] + [0.0] * (contacts - 1)


def last(contacts: int) -> Sequence[float]:
    return [0.0] * (contacts - 1) + [1.0]


def linear(contacts: int) -> Sequence[float]:
    return [1 / contacts] * contacts


def position(contacts: int) -> Sequence[float]:
    return linear(contacts) if contacts < 3 else [0.4, *[0.2 / (contacts - 2)] * (contacts - 2), 0.4]


RULES: dict[str, Rule] = {"last": last, "first": first, "linear": linear, "position": position}


def credit(journeys: Iterable[Journey], rule: str) -> Credits:
    found: Credits = {}
    for each in journeys:
        for way, share in zip(each.ways, RULES[rule](len(each.ways)) if each.ways else (), strict=True):
            found[way] = found.get(way, Credit()) + Credit(share * each.orders, share * each.value_minor)
    return found


def total(journeys: Iterable[Journey]) -> Credit:
    told = [each for each in journeys if each.ways]
    return Credit(sum(each.orders for each in told), sum(each.value_minor for each in told))


def contacts(journeys: Iterable[Journey]) -> list[Contacts]:
    """Take journeys apart into their steps, as the mart keeps them."""
    found = []
    for each in journeys:
        for nth, (way, after) in enumerate(zip_longest(each.ways, each.ways[1:])):
            shares = {name: rule(len(each.ways))[nth] for name, rule in RULES.items()}
            told = {name: Credit(share * each.orders, share * each.value_minor) for name, share in shares.items()}
            found.append(Contacts(way, after, each.orders, is_order=True, credits=told))
            found.append(Contacts(way, after, each.lost))
    return found
