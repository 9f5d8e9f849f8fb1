"""Attribution out of the data: what would be lost if a way were closed.

Journeys are a chain of the first order: from each contact people go on to another one, to an order or away, as often as
they were seen to. The *removal effect* of a way is by which share fewer orders there would be if all who come to it
went away; orders are parted in proportion to these.

Source: Anderl, E., Becker, I., von Wangenheim, F. and Schumann, J. H. (2016), Mapping the customer journey: lessons
learned from graph-based online attribution modeling, International Journal of Research in Marketing 33(3).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from guanxi.insight.attribution.contacts import Contacts, Credit, Credits
from guanxi.insight.attribution.rules import total

Matrix = NDArray[np.float64]


def credit(contacts: Sequence[Contacts]) -> Credits:
    """Part orders and their value by removal effects; where nothing was ordered, nothing.

    >>> bought = Contacts("search", None, 1, is_order=True, credits={"last": Credit(1, 500)})
    >>> credit([bought, Contacts("mail", None, 3)])
    {'mail': Credit(orders=0.0, value_minor=0.0), 'search': Credit(orders=1.0, value_minor=500.0)}
    """
    effects, whole = removal_effects(contacts), total(contacts)
    there = sum(effects.values())
    shares = {way: effect / there if there else 0.0 for way, effect in effects.items()}
    return {way: Credit(share * whole.orders, share * whole.value_minor) for way, share in shares.items()}


def removal_effects(contacts: Sequence[Contacts]) -> dict[str, float]:
    """Give by which share fewer journeys would end in an order without each way, between 0 and 1.

    Whoever comes to a closed way leaves there, so what is lost is how likely it is come to at all, times how likely an
    order follows from it.
    """
    names = sorted({each.way for each in contacts})
    begins, moves, buys = _chain(contacts, {name: nth for nth, name in enumerate(names)})
    visits = np.linalg.inv(np.eye(len(names)) - moves)  # expected ones of each way, from each way
    follows = visits @ buys
    if (whole := float(begins @ follows)) <= 0:
        return dict.fromkeys(names, 0.0)
    come_to = begins @ visits / np.diagonal(visits)
    effects = np.clip(come_to * follows / whole, 0.0, 1.0)
    return dict(zip(names, effects.tolist(), strict=True))


def _chain(contacts: Sequence[Contacts], places: dict[str, int]) -> tuple[Matrix, Matrix, Matrix]:
    """Give with which probability journeys begin at each way, go from each to each, and from each to an order."""
    moves, whole, buys = np.zeros((len(places), len(places))), np.zeros(len(places)), np.zeros(len(places))
    for each in contacts:
        place = places[each.way]
        whole[place] += each.counted
        if each.after is not None:
            moves[place, places[each.after]] += each.counted
        elif each.is_order:
            buys[place] += each.counted
    begins = whole - moves.sum(axis=0)  # a contact that none went before
    some = np.where(whole > 0, whole, 1.0)
    return begins / max(float(begins.sum()), 1.0), moves / some[:, None], buys / some
