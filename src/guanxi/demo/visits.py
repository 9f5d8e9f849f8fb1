"""What people do on the pages of the shop before they order, and what those do who do not: the stream of the demo.

Every order of the last weeks has the visit that led to it; beside them people look around and turn back, known ones and
devices that nobody knows. On a few days phones could not pay on the own site.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from random import Random

from guanxi.demo.baskets import Wish, fill
from guanxi.demo.goods import GOODS, Good
from guanxi.demo.outlets import OWN, WECHAT, Outlet
from guanxi.demo.people import Person
from guanxi.demo.sales import HOURS, Sale, end_of_books
from guanxi.demo.words import WORDS

TELL = (OWN, WECHAT)  # the outlets whose pages tell what happens
DAYS = 60
STRANGERS, FRIENDS = 3.0, 1.4  # visits that end in nothing, for every one that ends in an order
FAILED = range(9, 13)  # how many days ago phones could not pay
SEARCH, KNOWN_WORD, SHELF, MORE, CART = 0.3, 0.82, 0.4, 0.45, 0.5
GO_ON = (("goods", 0.84), ("added", 0.36), ("checkout", 0.55), ("payment", 0.7))  # shares of those who came so far
DEVICES = {OWN.code: ("phone", "desktop", "phone", "tablet"), WECHAT.code: ("phone",)}
CAME_BY = ("utm_source", "utm_medium", "utm_campaign", "referrer", "path", "title")
Told = tuple[str, dict[str, str]]


@dataclass(frozen=True)
class Seen:
    """One thing that happened on a page, on the outlet's clock: `who` is the outlet's number of the person, `visitor` a
    device nobody knows, `told` what is said beside.
    """

    name: str
    at: dt.datetime
    who: str
    visitor: str
    told: dict[str, str] = field(default_factory=dict)


def visits_of(sales: Sequence[Sale], outlet: Outlet, today: dt.date) -> list[Seen]:
    """Tell what was done on an outlet's pages in the last weeks, oldest first."""
    mine = [sale for sale in sales if sale.outlet is outlet and sale.person]
    end = end_of_books(today, outlet)
    lately = [sale for sale in mine if end - sale.placed_at < dt.timedelta(days=DAYS)]
    friends = list({sale.person.place_in_cast: sale.person for sale in mine if sale.person}.values())
    walk = _Walk(Random(f"{outlet.code} visits {today}"), outlet, end)  # noqa: S311 - made up, the same every time
    seen = [each for sale in lately for each in walk.to_order(sale)]
    for nth in range(round(len(lately) * STRANGERS)):
        seen += walk.around(None, visitor=f"{outlet.code}-visitor-{nth}")
    for _ in range(round(len(lately) * FRIENDS)):
        seen += walk.around(walk.rng.choice(friends))
    return sorted(seen, key=lambda each: each.at)


def visitors(rng: Random, outlet: Outlet, count: int) -> Iterator[list[Seen]]:
    """Have devices nobody knows look around an outlet's pages, each once, some day or other."""
    walk = _Walk(rng, outlet, dt.datetime(2026, 1, 1))  # noqa: DTZ001 - the outlet's clock
    return (list(walk.around(None, visitor=f"{outlet.code}-now-{nth}")) for nth in range(count))


@dataclass
class _Walk:
    """The ways through an outlet's pages."""

    rng: Random
    outlet: Outlet
    end: dt.datetime

    def to_order(self, sale: Sale) -> Iterator[Seen]:
        """The visit that ends in an order: the last of it is just before the order is placed."""
        goods = [item.good for item in sale.items]
        told = [self._landing(bought=True), *self._search(goods[0])]
        for good in goods:
            told += [("Product Viewed", self._of(good)), ("Product Added", self._of(good))]
        told += [("Cart Viewed", {"path": "/cart"})] if self.rng.random() < CART else []
        worth = {"path": "/checkout", "value": f"{sale.total_minor / 100:.2f}", "currency": sale.currency}
        told += [("Checkout Started", worth), ("Payment Info Entered", {"path": "/checkout"})]
        device = "desktop" if self._failed(sale.placed_at) else self._device(sale.person)
        return self._timed(told, sale.person, until=sale.placed_at, device=device)

    def around(self, person: Person | None, *, visitor: str = "") -> Iterator[Seen]:
        """A visit that ends before an order."""
        day = self.end - dt.timedelta(days=int(self.rng.triangular(1, DAYS, 12)))
        hour = self.rng.choices(range(24), HOURS[self.outlet.season])[0]
        at = dt.datetime.combine(day, dt.time(hour, self.rng.randrange(60), self.rng.randrange(60)))
        device = self._device(person)
        wish = Wish(person.tastes if person else (), 1.2, self.outlet.currency)
        good = fill(self.rng, day.date(), wish, self.outlet)[0].good
        told = [self._landing(bought=False), *self._search(good)]
        told += self._part_of_the_way(good, fails=device == "phone" and self._failed(at))
        return self._timed(told, person, until=at, device=device, visitor=visitor)

    def _part_of_the_way(self, good: Good, *, fails: bool) -> Iterator[Told]:
        """Go on until they turn back; where paying fails, more come to the till and nobody past it."""
        told: dict[str, Told] = {
            "goods": ("Product Viewed", self._of(good)), "added": ("Product Added", self._of(good)),
            "checkout": ("Checkout Started", {"path": "/checkout"}),
            "payment": ("Payment Info Entered", {"path": "/checkout"}),
        }  # fmt: skip
        if self.rng.random() < SHELF:
            yield "Product List Viewed", {"category": good.shelf, "path": "/collections"}
        for place, share in GO_ON:
            wanted = {"checkout": 0.97, "payment": 0.0}.get(place, share) if fails else share
            if self.rng.random() >= wanted:
                return
            yield told[place]
            while place == "goods" and self.rng.random() < MORE:
                yield "Product Viewed", self._of(self.rng.choice(GOODS))

    @cached_property
    def _arrivals(self) -> list[tuple[dict[str, str], int, int]]:
        lines = [line.split("|") for line in WORDS["arrivals"][self.outlet.code]]
        return [
            ({name: word for name, word in zip(CAME_BY, words, strict=True) if word}, int(bought), int(looked))
            for *words, bought, looked in lines
        ]

    def _landing(self, *, bought: bool) -> Told:
        shares = [each[1] if bought else each[2] for each in self._arrivals]
        return "Page Viewed", self.rng.choices(self._arrivals, shares)[0][0]

    def _search(self, good: Good) -> Iterator[Told]:
        """Some look for what they want by its name, some for what the shop has not."""
        if self.rng.random() < SEARCH:
            known = self.rng.random() < KNOWN_WORD
            word = good.zh.split()[0] if known else self.rng.choice(WORDS["searches"]["in_vain"])
            found = self.rng.randint(1, 9) if known else 0
            yield "Products Searched", {"path": "/search", "query": word, "results": str(found)}

    def _of(self, good: Good) -> dict[str, str]:
        return {
            "sku": good.sku, "category": good.shelf, "name": good.name, "path": f"/products/{good.sku.lower()}",
            "value": str(good.yuan), "currency": self.outlet.currency,
        }  # fmt: skip

    def _device(self, person: Person | None) -> str:
        """What somebody holds in their hands; those we know always the same."""
        kinds = DEVICES[self.outlet.code]
        return kinds[person.place_in_cast % len(kinds)] if person else self.rng.choice(kinds)

    def _failed(self, at: dt.datetime) -> bool:
        return self.outlet is OWN and (self.end - at).days in FAILED

    def _timed(
        self, told: Sequence[Told], person: Person | None, *, until: dt.datetime, device: str, visitor: str = ""
    ) -> Iterator[Seen]:
        """Let things happen one after the other, the last of them before `until`."""
        at, seen = until, []
        for name, words in reversed(told):
            at -= dt.timedelta(seconds=self.rng.randint(6, 150))
            seen.append((name, at, words))
        who = person.numbers[self.outlet.code] if person else ""
        return (Seen(name, at, who, visitor, {**words, "device": device}) for name, at, words in reversed(seen))
