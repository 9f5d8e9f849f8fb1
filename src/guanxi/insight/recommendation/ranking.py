"""What to offer each customer: neighbours of what they bought, else what most buy; nothing they have just bought."""

# mypy: disable-error-code="no-untyped-call"

from dataclasses import dataclass
from functools import partial

import numpy as np

from guanxi.insight.recommendation.compiled import compiled, spread
from guanxi.insight.recommendation.neighbours import NOBODY, Neighbours, insert, make_room
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


def rank(owned: Rows, recent: Flags, near: Neighbours, *, offered: Flags, popular: Places, most: int = MOST) -> Ranked:
    """Rank goods for each customer by the sum of their nearness to what the customer bought.

    Parameters
    ----------
    owned, recent
        Goods of each customer, each once, and whether it was bought just now: those are not offered.
    offered
        Which goods may be offered at all.
    popular
        Places of goods, those that most buy first: they fill up where there are too few neighbours.
    """
    shape = (len(owned), most)
    found = Ranked(np.full(shape, NOBODY, np.int32), np.zeros(shape, np.float32), np.full(shape, NOBODY, np.int32))
    known = (owned.ends, owned.columns, recent, near.goods, near.scores, offered, popular)
    spread(partial(_rank, known, (found.goods, found.scores, found.because)), len(owned))
    return found


@compiled
def _rank(known, found, first, last):  # type: ignore[no-untyped-def]  # compiled: it takes arrays
    offered, popular = known[5:]
    goods, scores, because = found
    total = np.zeros(len(offered), np.float32)
    best = np.zeros(len(offered), np.float32)
    reason = np.full(len(offered), -1, np.int32)
    barred = np.full(len(offered), -1, np.int32)
    met = np.empty(len(offered), np.int32)
    for customer in range(first, last):
        size = _add(known, customer, (total, best, reason), barred, met)
        for at in range(size):
            other = met[at]
            if offered[other] and barred[other] != customer:
                place = insert(goods[customer], scores[customer], other, total[other])
                if place >= 0:
                    make_room(because[customer], place, reason[other])
            total[other] = 0
            best[other] = 0
        _fill(goods[customer], popular, offered, barred, customer)


@compiled
def _add(known, customer, sums, barred, met):  # type: ignore[no-untyped-def]  # as above
    """Add up the nearness of all goods to what a customer bought, bar what they just bought; says how many goods."""
    ends, owned, recent, near, nearness = known[:5]
    total, best, reason = sums
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
            if nearness[good, place] > best[other]:
                best[other], reason[other] = nearness[good, place], good
    return size


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
