"""Goods that the same customers buy: cosine between goods over customers, shrunk where few speak for it."""

# mypy: disable-error-code="no-untyped-call"

from dataclasses import dataclass
from functools import partial

import numpy as np

from guanxi.insight.recommendation.compiled import compiled, spread
from guanxi.insight.recommendation.purchases import Floats, Places, Rows

NOBODY = -1


@dataclass(frozen=True)
class Neighbours:
    """The best of each product, best first: places of goods, or -1 where there are no more, and their scores.

    `both` counts the customers that speak for it.
    """

    goods: Places
    scores: Floats
    both: Places

    @classmethod
    def empty(cls, size: int, most: int) -> "Neighbours":
        """Make room."""
        shape = (size, most)
        return cls(np.full(shape, NOBODY, np.int32), np.zeros(shape, np.float32), np.zeros(shape, np.int32))


def similar(owned: Rows, goods: int, *, most: int = 50, shrinkage: float = 10.0, least: int = 2) -> Neighbours:
    """Find the goods nearest to each by both / (sqrt(buyers * buyers of the other) + shrinkage), from `least` both on.

    Parameters
    ----------
    owned
        Goods of each customer, each once.
    goods
        How many goods there are.

    Notes
    -----
    Of equal scores the product that comes first in the list of goods is nearer. Source: Sarwar, Karypis, Konstan and
    Riedl (2001), Item-based collaborative filtering; Bell and Koren (2007) for the shrinkage.

    Examples
    --------
    >>> found = similar(Rows.of(np.int32([0, 0, 1, 1]), np.int32([0, 1, 0, 1]), 2), 2, most=1, shrinkage=0)
    >>> found.goods.tolist(), found.scores.tolist()
    ([[1], [0]], [[1.0], [1.0]])
    """
    found, turned = Neighbours.empty(goods, most), owned.turned(goods)
    met = np.bincount(owned.columns, np.repeat(owned.sizes, owned.sizes), minlength=goods)
    known = (owned.ends, owned.columns, turned.ends, turned.columns, np.sqrt(turned.sizes.astype(np.float64)), met)
    spread(partial(_similar, known, (shrinkage, least), (found.goods, found.scores, found.both)), goods)
    return found


@compiled
def _similar(known, limits, found, first, last):  # type: ignore[no-untyped-def]  # compiled: it takes arrays
    roots, sizes = known[4], known[5]
    both = np.zeros(len(roots), np.int32)
    met = np.empty(len(roots), np.int32)
    everything = np.arange(len(roots)).astype(np.int32)
    for good in range(first, last):
        if sizes[good] < len(roots):
            some = met[: _count(known, good, both, met)]
        else:
            _count_all(known, good, both)
            some = everything
        _choose(roots, limits, found, both, (good, some))


@compiled
def _choose(roots, limits, found, both, counted):  # type: ignore[no-untyped-def]  # as above
    """Keep of the products that were counted those nearest to a product, and forget the counts."""
    good, some = counted
    shrinkage, least = limits
    places, scores, counts = found[0][good], found[1][good], found[2][good]
    root, worst = roots[good], 0.0
    both[good] = 0
    for other in some:
        count = both[other]
        if count >= least and count >= worst * (root * roots[other] + shrinkage):
            place = insert(places, scores, other, np.float32(count / (root * roots[other] + shrinkage)))
            if place >= 0:
                make_room(counts, place, count)
                worst = scores[-1] * (1 - 1e-6)
        both[other] = 0


@compiled
def _count(known, good, both, met):  # type: ignore[no-untyped-def]  # as above
    """Count for every other product the customers who bought both, and say how many products that are."""
    owned_ends, owned, buyer_ends, buyers = known[:4]
    size = 0
    for at in range(buyer_ends[good], buyer_ends[good + 1]):
        customer = buyers[at]
        for place in range(owned_ends[customer], owned_ends[customer + 1]):
            other = owned[place]
            if both[other] == 0:
                met[size] = other
                size += 1
            both[other] += 1
    return size


@compiled
def _count_all(known, good, both):  # type: ignore[no-untyped-def]  # as above
    """Count the same where most products are met: looking through all of them is less work than noting them down."""
    owned_ends, owned, buyer_ends, buyers = known[:4]
    for at in range(buyer_ends[good], buyer_ends[good + 1]):
        customer = buyers[at]
        for place in range(owned_ends[customer], owned_ends[customer + 1]):
            both[np.uint32(owned[place])] += 1


@compiled
def insert(places, scores, other, score):  # type: ignore[no-untyped-def]  # as above
    """Put one into a list, best first and of equals the first by place; gives where, -1 for not at all."""
    at = len(places) - 1
    if not _is_before(score, other, scores[at], places[at]):
        return -1
    while at > 0 and _is_before(score, other, scores[at - 1], places[at - 1]):
        places[at], scores[at] = places[at - 1], scores[at - 1]
        at -= 1
    places[at], scores[at] = other, score
    return at


@compiled
def make_room(values, at, value):  # type: ignore[no-untyped-def]  # as above
    """Put a value into a list where its place is known; the last one falls out."""
    for place in range(len(values) - 1, at, -1):
        values[place] = values[place - 1]
    values[at] = value


@compiled
def _is_before(score, other, than_score, than):  # type: ignore[no-untyped-def]  # as above
    return than < 0 or score > than_score or (score == than_score and other < than)
