"""What was sold to whom, where and when, and what became of it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

from guanxi.demo.baskets import Item, Wish, discount_of, fill, shipping_of
from guanxi.demo.habits import days_of
from guanxi.demo.outlets import CHINA_TIME, COUNTER, OUTLETS, OWN, SHOPIFY, TMALL, WECHAT, Outlet
from guanxi.demo.people import Person
from guanxi.demo.seasons import Season
from guanxi.demo.words import WORDS

MONTHS = 14
STAYS_OPEN = dt.timedelta(days=3)  # then an order nobody paid is closed
AT_HOME_PERCENT = 74
GUESTS_PERCENT = {COUNTER.code: 21, OWN.code: 1}  # against the number of customers
HOURS = {
    "online": (3, 2, 1, 0.5, 0.5, 0.6, 1, 2, 3.5, 5, 6, 6, 5.5, 5.5, 5.5, 5.5, 5.5, 5, 5, 6, 8, 9, 8, 5),
    "counter": (0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 5, 6, 5, 6, 8, 9, 9, 7, 6, 6, 4, 1, 0, 0),
    "abroad": (1, 0.5, 0.5, 0.5, 0.5, 1, 2, 4, 5, 6, 6, 6, 6, 5, 5, 5, 5, 5, 5, 6, 7, 7, 5, 3),
}
NUMBERS = {
    OWN.code: "HS{day:%y%m%d}{nth:05}", WECHAT.code: "37{day:%Y%m%d}{nth:07}", COUNTER.code: "HF{day:%y%m%d}-{nth:05}",
    TMALL.code: "41{day:%y%m%d}{nth:06}{odd:05}", SHOPIFY.code: "#{nth}",
}  # fmt: skip


class Fate(StrEnum):
    """What became of a sale."""

    UNPAID = "unpaid"
    CANCELLED = "cancelled"
    UNSHIPPED = "unshipped"
    SHIPPED = "shipped"
    DONE = "done"
    PART_REFUNDED = "part_refunded"
    REFUNDED = "refunded"


@dataclass(kw_only=True)
class Sale:
    """One order; times are on the outlet's clock, `person` is nobody for a guest."""

    outlet: Outlet
    person: Person | None
    placed_at: dt.datetime
    items: list[Item]
    currency: str
    discount_minor: int
    shipping_minor: int
    fate: Fate = Fate.DONE
    paid_at: dt.datetime | None = None
    shipped_at: dt.datetime | None = None
    delivered_at: dt.datetime | None = None
    refunded_at: dt.datetime | None = None
    refund_minor: int = 0
    reason: str = ""
    number: str = ""

    @property
    def goods_minor(self) -> int:
        """What the goods cost."""
        return sum(item.amount_minor for item in self.items)

    @property
    def total_minor(self) -> int:
        """What is to be paid."""
        return self.goods_minor - self.discount_minor + self.shipping_minor


def first_day(today: dt.date) -> dt.date:
    """The day on which the books begin.

    >>> first_day(dt.date(2026, 11, 26))
    datetime.date(2025, 9, 26)
    """
    months = today.year * 12 + today.month - 1 - MONTHS
    return dt.date(months // 12, months % 12 + 1, min(today.day, 28))


def sales_of(rng: Random, people: Sequence[Person], today: dt.date) -> list[Sale]:
    """Tell everything that was sold, oldest first; the books end with the day before `today`."""
    seasons = {o.code: Season(first_day(today), today - dt.timedelta(days=1), o.season) for o in OUTLETS}
    sales = [sale for person in people for sale in _to_somebody(rng, person, seasons, today)]
    sales += _to_guests(rng, len(people), seasons, today)
    sales.sort(key=lambda sale: sale.placed_at)
    _number(sales, rng)
    return sales


def _to_somebody(rng: Random, person: Person, seasons: dict[str, Season], today: dt.date) -> list[Sale]:
    """Tell what somebody bought; they were first seen when they bought first, or long before the books begin."""
    found = []
    for day in days_of(person.habit, rng, seasons[person.home.code]):
        elsewhere = person.second if rng.random() * 100 >= AT_HOME_PERCENT else None
        found.append(_sale(rng, day, elsewhere or person.home, person=person, today=today))
    first = found[0]
    began = first.placed_at.replace(tzinfo=ZoneInfo(first.outlet.time_zone)) - dt.timedelta(minutes=rng.randint(3, 25))
    knew_us = rng.random() * 100 < person.habit.old_percent
    person.since = began - dt.timedelta(days=rng.randint(40, 1500)) if knew_us else began
    return found


def _to_guests(rng: Random, people: int, seasons: dict[str, Season], today: dt.date) -> list[Sale]:
    found = []
    for outlet in OUTLETS:
        season = seasons[outlet.code]
        for _ in range(people * GUESTS_PERCENT.get(outlet.code, 0) // 100):
            day = season.pick(rng, season.first, season.last)
            found.append(_sale(rng, day, outlet, person=None, today=today))
    return found


def _sale(rng: Random, day: dt.date, outlet: Outlet, *, person: Person | None, today: dt.date) -> Sale:
    currency = person.currency if person and outlet is SHOPIFY and person.is_foreign else outlet.currency
    wish = Wish(person.tastes, person.habit.lines, currency) if person else Wish((), 1.3, currency)
    items = fill(rng, day, wish, outlet)
    goods = sum(item.amount_minor for item in items)
    discount = discount_of(rng, day, goods)
    end = end_of_books(today, outlet)
    sale = Sale(
        outlet=outlet, person=person, placed_at=_moment(rng, day, outlet, end), items=items, currency=currency,
        discount_minor=discount, shipping_minor=shipping_of(goods - discount, outlet),
    )  # fmt: skip
    _decide(sale, rng, end)
    return sale


@cache
def end_of_books(today: dt.date, outlet: Outlet) -> dt.datetime:
    """The midnight at which `today` begins in China, on the outlet's clock: nothing has happened after it."""
    midnight = dt.datetime.combine(today, dt.time(), ZoneInfo(CHINA_TIME))
    return midnight.astimezone(ZoneInfo(outlet.time_zone)).replace(tzinfo=None)


def _moment(rng: Random, day: dt.date, outlet: Outlet, end: dt.datetime) -> dt.datetime:
    hour = rng.choices(range(24), HOURS[outlet.season])[0]
    moment = dt.datetime.combine(day, dt.time(hour, rng.randrange(60), rng.randrange(60)))
    return moment if moment < end else moment - dt.timedelta(days=1)


def _decide(sale: Sale, rng: Random, end: dt.datetime) -> None:
    """Let a sale go its way; what would happen after the books end has not happened yet."""
    if sale.outlet is COUNTER:
        sale.paid_at = sale.placed_at
        _give_back(sale, rng, sale.placed_at, end, percent=1.2)
        return
    undecided = end - sale.placed_at < STAYS_OPEN
    paid = sale.placed_at + dt.timedelta(seconds=rng.randint(8, 900))
    if rng.random() < (0.09 if undecided else 0.035) or paid >= end:
        sale.fate = Fate.UNPAID if undecided else Fate.CANCELLED
        return
    sale.paid_at = paid
    late = rng.random() < 0.04
    packed = sale.placed_at + dt.timedelta(hours=rng.uniform(60, 190) if late else rng.uniform(7, 44))
    if packed >= end:
        sale.fate = Fate.UNSHIPPED
        return
    sale.shipped_at, sale.fate = packed, Fate.SHIPPED
    arrived = packed + dt.timedelta(days=rng.uniform(6, 15) if sale.outlet is SHOPIFY else rng.uniform(2, 9))
    if arrived < end:
        sale.delivered_at, sale.fate = arrived, Fate.DONE
        _give_back(sale, rng, arrived, end, percent=4.6)


def _give_back(sale: Sale, rng: Random, after: dt.datetime, end: dt.datetime, *, percent: float) -> None:
    """Give the money of all or of one item back to some."""
    at = after + dt.timedelta(hours=rng.uniform(3, 140))
    if rng.random() * 100 >= percent or at >= end:
        return
    paid = sale.goods_minor - sale.discount_minor
    one = min(rng.choice(sale.items).amount_minor, paid)
    sale.refund_minor = one if len(sale.items) > 1 and rng.random() < 0.6 else sale.total_minor
    sale.fate = Fate.REFUNDED if sale.refund_minor >= sale.total_minor else Fate.PART_REFUNDED
    sale.refunded_at = at
    sale.reason = rng.choice(WORDS["reasons"]["abroad" if sale.outlet is SHOPIFY else "china"])


def _number(sales: Sequence[Sale], rng: Random) -> None:
    """Number the sales as each outlet does."""
    counts: dict[str, int] = defaultdict(lambda: 1000)
    for sale in sales:
        code = sale.outlet.code
        counts[code] += 1
        sale.number = NUMBERS[code].format(day=sale.placed_at, nth=counts[code], odd=rng.randrange(100_000))
