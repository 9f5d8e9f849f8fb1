"""What lies in a basket: by taste, by month, by outlet and by why somebody buys."""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from random import Random

from guanxi.demo.goods import GIFTS, GOODS, MONTHS, Good
from guanxi.demo.outlets import COUNTER, SHOPIFY, Outlet

LIKED = 7.0
POUND_PERCENT = 79  # what a pound price is of a dollar price
FREE_FROM_MINOR = 9_900
SHIPPING_MINOR = 800
ABROAD_FREE_FROM_MINOR = 6_000
ABROAD_SHIPPING_MINOR = 790
NEW_YEAR_BOX, MID_AUTUMN_BOX = "GF-NH-001", "GF-ZQ-001"


@dataclass(frozen=True)
class Item:
    """So many of one good at one price, in minor units."""

    good: Good
    quantity: int
    price_minor: int

    @property
    def amount_minor(self) -> int:
        """What they cost together."""
        return self.quantity * self.price_minor


@cache
def _shelf(month: int, tastes: tuple[str, ...], outlet: str) -> tuple[list[Good], list[float]]:
    """The goods an outlet has, and how often each is taken by people of these tastes in a month, summed up."""
    goods = [good for good in GOODS if outlet != SHOPIFY.code or good.dollars]
    return goods, list(accumulate(_pull(good, month, tastes) for good in goods))


def _pull(good: Good, month: int, tastes: tuple[str, ...]) -> float:
    pull = good.sold * MONTHS[good.shelf][month - 1] * (LIKED if good.shelf in tastes else 1.0)
    if good.sku == NEW_YEAR_BOX:
        pull *= 3.0 if month in {12, 1, 2} else 0.05
    if good.sku == MID_AUTUMN_BOX:
        pull *= 3.0 if month in {8, 9, 10} else 0.02
    return pull


@dataclass(frozen=True)
class Wish:
    """What somebody is after: the shelves they like, about how many lines, and the money they pay in."""

    tastes: tuple[str, ...]
    lines: float
    currency: str


def fill(rng: Random, day: dt.date, wish: Wish, outlet: Outlet) -> list[Item]:
    """Fill a basket."""
    wanted = 1
    while wanted < 6 and rng.random() < 1 - 1 / wish.lines:
        wanted += 1
    goods, sums = _shelf(day.month, wish.tastes, outlet.code)
    taken = dict.fromkeys(rng.choices(goods, cum_weights=sums, k=wanted))
    return [Item(good, _quantity(rng, good), price_of(good, wish.currency)) for good in taken]


def _quantity(rng: Random, good: Good) -> int:
    if good.shelf == GIFTS:
        return rng.choices((1, 2, 3, 4, 6, 10), (60, 22, 8, 5, 4, 1))[0]
    return rng.choices((1, 2, 3, 5), (80, 14, 4, 2))[0]


def price_of(good: Good, currency: str) -> int:
    """The list price, in minor units."""
    if currency == "CNY":
        return good.yuan * 100
    return good.dollars * (100 if currency == "USD" else POUND_PERCENT)


def shipping_of(goods_minor: int, outlet: Outlet) -> int:
    """What a parcel costs: nothing across the counter, and nothing from a certain sum on."""
    if outlet is COUNTER:
        return 0
    abroad = outlet is SHOPIFY
    free_from = ABROAD_FREE_FROM_MINOR if abroad else FREE_FROM_MINOR
    return (ABROAD_SHIPPING_MINOR if abroad else SHIPPING_MINOR) if goods_minor < free_from else 0


def discount_of(rng: Random, day: dt.date, goods_minor: int) -> int:
    """What is let off: much on the great sale days, a coupon now and then, whole units of money."""
    great = (day.month, day.day) in {(11, 11), (11, 10), (11, 1), (6, 18), (6, 17), (12, 12), (3, 8)}
    percent = rng.choice((10, 12, 15, 20)) if great else rng.choice((5, 8, 10)) if rng.random() < 0.13 else 0
    return goods_minor * percent // 10_000 * 100
