"""Attribution out of the data: what would be lost if a way were closed.

Journeys are a chain of the first order: from each contact people go on to another one, to an order or away, as often as
they were seen to. The *removal effect* of a way is by which share fewer orders there would be if all who come to it
went away; orders are parted in proportion to these.

Source: Anderl, E., Becker, I., von Wangenheim, F. and Schumann, J. H. (2016), Mapping the customer journey: lessons
learned from graph-based online attribution modeling, International Journal of Research in Marketing 33(3).
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from guanxi.insight.attribution.journeys import Credit, Credits, Journey, total, ways

Matrix = NDArray[np.float64]


def credit(journeys: Sequence[Journey]) -> Credits:
    """Part orders and their value by removal effects; where nothing was ordered, nothing.

    >>> credit([Journey(("search",), orders=1, value_minor=500), Journey(("mail",), lost=3)])
    {'mail': Credit(orders=0.0, value_minor=0.0), 'search': Credit(orders=1.0, value_minor=500.0)}
    """
    effects, whole = removal_effects(journeys), total(journeys)
    there = sum(effects.values())
    shares = {way: effect / there if there else 0.0 for way, effect in effects.items()}
    return {way: Credit(share * whole.orders, share * whole.value_minor) for way, share in shares.items()}


def removal_effects(journeys: Sequence[Journey]) -> dict[str, float]:
    """Give by which share fewer journeys would end in an order without each way, between 0 and 1.

    Whoever comes to a closed way leaves there, so what is lost is how likely it is come to at all, times how likely an
    order follows from it.
    """
    names = ways(journeys)
    begins, moves, buys = _chain(journeys, {name: nth for nth, name in enumerate(names)})
    visits = np.linalg.inv(np.eye(len(names)) - moves)  # expected ones of each way, from each way
    follows = visits @ buys
    if (whole := float(begins @ follows)) <= 0:
        return dict.fromkeys(names, 0.0)
    come_to = begins @ visits / np.diagonal(visits)
    effects = np.clip(come_to * follows / whole, 0.0, 1.0)
    return dict(zip(names, effects.tolist(), strict=True))


def _chain(journeys: Sequence[Journey], places: dict[str, int]) -> tuple[Matrix, Matrix, Matrix]:
    """Give with which probability journeys begin at each way, go from each to each, and from each to an order."""
    count = len(places)
    begins, moves, buys, leaves = np.zeros(count), np.zeros((count, count)), np.zeros(count), np.zeros(count)
    for each in journeys:
        if not each.ways:
            continue
        nths = [places[way] for way in each.ways]
        begins[nths[0]] += each.orders + each.lost
        for before, after in pairwise(nths):
            moves[before, after] += each.orders + each.lost
        buys[nths[-1]] += each.orders
        leaves[nths[-1]] += each.lost
    out = moves.sum(axis=1) + buys + leaves
    some = np.where(out > 0, out, 1.0)
    return begins / max(float(begins.sum()), 1.0), moves / some[:, None], buys / some
