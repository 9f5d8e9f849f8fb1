"""What to offer each customer: neighbours of what they bought, else what most buy; nothing they have just bought."""

# mypy: disable-error-code="no-untyped-call"

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from guanxi.insight.recommendation.compiled import compiled, spread
from guanxi.insight.recommendation.neighbours import NOBODY, Neighbours, insert
from guanxi.insight.recommendation.purchases import Flags, Floats, Places, Rows

MOST = 10


@dataclass(frozen=True)
class Ranked:
    """The best for each customer, best first: places of goods, scores, and because of which product they bought.

    -1 is no more goods, and no reason but that many buy it.
    """

    goods: Places
    scores: Floats
    because: Places


class Shelf(NamedTuple):
    """Which goods may be offered at all, and places of goods, those that most buy first: they fill up."""

    offered: Flags
    popular: Places


def rank(owned: Rows, recent: Flags, near: Neighbours, shelf: Shelf, *, most: int = MOST) -> Ranked:
    """Rank goods for each customer by the sum of their nearness to what the customer bought.

    Parameters
    ----------
    owned, recent
        Goods of each customer, each once, and whether it was bought just now: those are not offered.
    shelf
        What may be offered, and what fills up where there are too few neighbours.
    """
    shape = (len(owned), most)
    found = Ranked(np.full(shape, NOBODY, np.int32), np.zeros(shape, np.float32), np.full(shape, NOBODY, np.int32))
    known = (owned.ends, owned.columns, recent, near.goods, near.scores, *shelf)
    spread(partial(_rank, known, (found.goods, found.scores, found.because)), len(owned))
    return found


@compiled
def _rank(known, found, first, last):  # type: ignore[no-untyped-def]  # compiled: it takes arrays
    offered, popular = known[5:]
    total = np.zeros(len(offered), np.float32)
    barred = np.full(len(offered), -1, np.int32)
    met = np.empty(len(offered), np.int32)
    for customer in range(first, last):
        goods, scores = found[0][customer], found[1][customer]
        size = _add(known, customer, total, barred, met)
        for at in range(size):
            other = met[at]
            if total[other] >= scores[-1] and offered[other] and barred[other] != customer:
                insert(goods, scores, other, total[other])
            total[other] = 0
        _explain(known, customer, goods, total, found[2][customer])
        _fill(goods, popular, offered, barred, customer)


@compiled
def _add(known, customer, total, barred, met):  # type: ignore[no-untyped-def]  # as above
    """Add up the nearness of all goods to what a customer bought, bar what they just bought; says how many goods."""
    ends, owned, recent, near, nearness = known[:5]
    size = 0
    for at in range(ends[customer], ends[customer + 1]):
        good = owned[at]
        if recent[at]:
            barred[good] = customer
        for place in range(near.shape[1]):
            other = near[good, place]
            if other < 0:
                break
            if total[other] == 0:
                met[size] = other
                size += 1
            total[other] += nearness[good, place]
    return size


@compiled
def _explain(known, customer, goods, slots, because):  # type: ignore[no-untyped-def]  # as above
    """Say which of what they bought speaks most for each product; `slots` holds zeros, and does again afterwards."""
    for slot in range(len(goods)):
        if goods[slot] >= 0:
            slots[goods[slot]] = slot + 1
    _speak(known, customer, slots, because)
    for good in goods:
        if good >= 0:
            slots[good] = 0


@compiled
def _speak(known, customer, slots, because):  # type: ignore[no-untyped-def]  # as above
    ends, owned, _recent, near, nearness = known[:5]
    best = np.zeros(len(because), np.float32)
    for at in range(ends[customer], ends[customer + 1]):
        good = owned[at]
        for place in range(near.shape[1]):
            if near[good, place] < 0:
                break
            slot = int(slots[near[good, place]]) - 1
            if slot >= 0 and nearness[good, place] > best[slot]:
                best[slot], because[slot] = nearness[good, place], good


@compiled
def _fill(goods, popular, offered, barred, customer):  # type: ignore[no-untyped-def]  # as above
    at = 0
    while at < len(goods) and goods[at] >= 0:
        barred[goods[at]] = customer
        at += 1
    for good in popular:
        if at == len(goods):
            return
        if offered[good] and barred[good] != customer:
            goods[at] = good
            at += 1
