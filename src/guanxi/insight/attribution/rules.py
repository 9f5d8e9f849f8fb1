"""Rules that part an order among the contacts before it.

Source: Shao, X. and Li, L. (2011), Data-driven multi-touch attribution models, KDD, where they are compared with.
"""

from collections.abc import Callable, Iterable, Sequence

from guanxi.insight.attribution.journeys import Credit, Credits, Journey, ways

Rule = Callable[[int], Sequence[float]]
ENDS = 0.4  # of an order, for each of the first and the last contact


def first(contacts: int) -> Sequence[float]:
    """Give everything to the first contact."""
    return [1.0] + [0.0] * (contacts - 1)


def last(contacts: int) -> Sequence[float]:
    """Give everything to the last contact."""
    return [0.0] * (contacts - 1) + [1.0]


def linear(contacts: int) -> Sequence[float]:
    """Give every contact the same."""
    return [1 / contacts] * contacts


def position(contacts: int) -> Sequence[float]:
    """Give two fifths each to the first and the last contact, and the rest to those between in equal parts.

    >>> [round(each, 2) for each in position(4)], position(2), position(1)
    ([0.4, 0.1, 0.1, 0.4], [0.5, 0.5], [1.0])
    """
    if contacts < 3:
        return linear(contacts)
    return [ENDS, *[(1 - 2 * ENDS) / (contacts - 2)] * (contacts - 2), ENDS]


def credit(journeys: Iterable[Journey], rule: Rule) -> Credits:
    """Part orders and their value among the ways; every way of some journey is in the answer.

    >>> credit([Journey(("search", "mail"), orders=2, value_minor=900)], last)
    {'mail': Credit(orders=2.0, value_minor=900.0), 'search': Credit(orders=0.0, value_minor=0.0)}
    """
    told = list(journeys)
    found = dict.fromkeys(ways(told), Credit())
    for each in told:
        for way, share in zip(each.ways, rule(len(each.ways)) if each.ways else (), strict=True):
            found[way] += Credit(share * each.orders, share * each.value_minor)
    return found
