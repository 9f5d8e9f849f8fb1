"""What is bought with or after a product, and costs less: the leash after the dog collar, never the other way round."""

# mypy: disable-error-code="no-untyped-call"

from functools import partial

import numpy as np

from guanxi.insight.recommendation.compiled import compiled, spread
from guanxi.insight.recommendation.neighbours import Neighbours, insert, make_room
from guanxi.insight.recommendation.purchases import Purchases, Rows, Whole

WITHIN_DAYS = 30
SHRINKAGE = 10.0
CHEAP = 0.5  # of the price from which on a product of the same category is an accessory, too


def accessories(bought: Purchases, category: Whole, price: Whole, *, most: int = 10, least: int = 3) -> Neighbours:
    """Find for each product the goods that its buyers buy with it or within 30 days, by their share of its buyers.

    Parameters
    ----------
    category
        A number for the category of each product, -1 where it has none.
    price
        In minor units of one currency, 0 where it is unknown.

    Notes
    -----
    An accessory costs less, and is of another category or costs at most half; where a price is unknown it is of another
    category. It is bought by `least` of the buyers, and by more of them than of all customers. The share is
    both / (buyers + 10).
    """
    size = len(bought.goods)
    found, turned = Neighbours.empty(size, most), _positions(bought)
    known = (
        bought.customer, bought.good, bought.day, bought.by_customer.ends, turned.ends, turned.columns,
        bought.buyers, category, price,
    )  # fmt: skip
    limits = (float(max(len(bought.customers), 1)), least, SHRINKAGE)
    spread(partial(_after, known, limits, (found.goods, found.scores, found.both)), size)
    return found


def _positions(bought: Purchases) -> Rows:
    order = np.argsort(bought.good, kind="stable").astype(np.int32)
    return Rows.of(bought.good[order], order, len(bought.goods))


@compiled
def _after(known, limits, found, first, last):  # type: ignore[no-untyped-def]  # compiled: it takes arrays
    buyers, category, price = known[6:]
    everybody, least, shrinkage = limits
    places, scores, counts = found
    both = np.zeros(len(buyers), np.int32)
    seen = np.empty(len(buyers), np.int32)
    met = np.empty(len(buyers), np.int32)
    for good in range(first, last):
        seen[:] = -1
        size = _count(known, good, both, seen, met)
        for at in range(size):
            other = met[at]
            count = both[other]
            both[other] = 0
            by_chance = buyers[good] * (buyers[other] / everybody)
            if other != good and count >= least and count > by_chance and _is_less(category, price, good, other):
                place = insert(places[good], scores[good], other, np.float32(count / (buyers[good] + shrinkage)))
                if place >= 0:
                    make_room(counts[good], place, count)


@compiled
def _count(known, good, both, seen, met):  # type: ignore[no-untyped-def]  # as above
    """Count for every other product who bought it with this one or within 30 days; say how many products that are."""
    customers, goods, days, ends, position_ends, positions = known[:6]
    size = 0
    for at in range(position_ends[good], position_ends[good + 1]):
        position = positions[at]
        customer = customers[position]
        place = position
        while place > ends[customer] and days[place - 1] == days[position]:
            place -= 1
        while place < ends[customer + 1] and days[place] <= days[position] + WITHIN_DAYS:
            other = goods[place]
            if seen[other] != customer:
                seen[other] = customer
                if both[other] == 0:
                    met[size] = other
                    size += 1
                both[other] += 1
            place += 1
    return size


@compiled
def _is_less(category, price, good, other):  # type: ignore[no-untyped-def]  # as above
    elsewhere = category[good] != category[other]
    if price[good] <= 0 or price[other] <= 0:
        return elsewhere
    return price[other] < price[good] and (elsewhere or price[other] <= CHEAP * price[good])
