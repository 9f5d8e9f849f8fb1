"""Everything that is recommended as of a day, from the purchases of the lake; nothing is written down."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from guanxi.insight.recommendation.accessories import accessories
from guanxi.insight.recommendation.neighbours import Neighbours, similar
from guanxi.insight.recommendation.purchases import Flags, Places, Purchases, Whole
from guanxi.insight.recommendation.ranking import Ranked, Shelf, rank
from guanxi.insight.recommendation.trial import Marks, marks
from guanxi.insight.recommendation.windows import JUST_DAYS, LATELY_DAYS, SEEN_DAYS, SOLD_DAYS
from guanxi.warehouse.reading import Lake

MOST_EACH = 1_000  # purchases of a customer that are looked at, the latest
LONGEST, SHORTEST, FEWEST = 90, 14, 20  # days held out, and customers in them
MOST_ASKED = 50_000
TOO_SHORT, TOO_FEW = "short", "few"
BOUGHT = """
    with bought as (
        select orders.customer_id, products.product_id, orders.placed_on
        from order_lines
        join orders on orders.order_id = order_lines.order_id
        join products on products.sku = order_lines.sku
        where orders.is_paid and orders.kind = 'sale' and orders.customer_id is not null
            and products.product_id is not null and order_lines.quantity > 0
            and orders.net_minor >= 0 and (orders.net_minor > 0 or orders.refunded_minor = 0)
            and orders.placed_on <= $as_of and orders.placed_on > $as_of - $seen_days
        group by orders.customer_id, products.product_id, orders.placed_on
    ),
    numbered as (
        select *, row_number() over (partition by customer_id order by placed_on desc, product_id) as place from bought
    )
    select customer_id, product_id, cast(date_diff('day', cast($as_of as date), placed_on) as integer) as day
    from numbered where place <= $most order by customer_id, day, product_id
"""
SHELVED = """
    select product_id, min(category) as category, cast(coalesce(min(price_minor), 0) as bigint) as price_minor
    from products where product_id is not null group by product_id order by product_id
"""


@dataclass(frozen=True)
class Trial:
    """A time split: what was recommended by the past up to `cut`, and by what most buy, held against what came."""

    cut: dt.date
    days: int
    customers: int
    ours: Marks
    popular: Marks


@dataclass(frozen=True)
class Recommender:
    """The purchases up to a day, which is day 0, and the goods' categories and prices, in the order of the goods."""

    as_of: dt.date
    bought: Purchases
    category: Whole
    price: Whole

    @classmethod
    def read(cls, lake: Lake, as_of: dt.date) -> "Recommender":
        """Read what customers bought."""
        found = lake.sql(BOUGHT, as_of=as_of, seen_days=SEEN_DAYS, most=MOST_EACH)
        who, what = (found[name].to_numpy().astype(np.int64) for name in ("customer_id", "product_id"))
        bought = Purchases.of(who, what, found["day"].to_numpy().astype(np.int32))
        shelved = pl.DataFrame(pl.from_arrow(lake.sql(SHELVED)))
        goods = pl.DataFrame({"product_id": bought.goods}).join(
            shelved, on="product_id", how="left", maintain_order="left"
        )
        return cls(as_of, bought, _numbered(goods["category"]), goods["price_minor"].fill_null(0).to_numpy())

    @cached_property
    def similar(self) -> Neighbours:
        """The goods that the same customers buy."""
        return similar(self.bought.owned[0], len(self.bought.goods))

    @cached_property
    def accessories(self) -> Neighbours:
        """What is bought with or after each product."""
        return accessories(self.bought, self.category, self.price)

    @cached_property
    def offered(self) -> Flags:
        """Which goods are still to be had, as far as sales tell."""
        return _sold(self.bought, -SOLD_DAYS, 0)

    @cached_property
    def ranked(self) -> Ranked:
        """What to offer each customer, by the way that did better in the past."""
        return _ranked(self.bought, self._near, 0)

    @property
    def _near(self) -> Neighbours | None:
        tried = self.trial
        worse = isinstance(tried, Trial) and tried.ours.recall[10] < tried.popular.recall[10]
        return None if worse else self.similar

    @cached_property
    def trial(self) -> Trial | str:
        """Try the way on the past; says why where that cannot be done."""
        if not len(self.bought):
            return TOO_SHORT
        days = min(-int(self.bought.day.min()) // 3, LONGEST)
        if days < SHORTEST:
            return TOO_SHORT
        past, later = self.bought.during(-SEEN_DAYS, -days), self._later(-days)
        asked = np.flatnonzero((past.by_customer.sizes > 0) & (later.by_customer.sizes > 0)).astype(np.int32)
        if len(asked) < FEWEST:
            return TOO_FEW
        return self._tried(past, later, asked[:: -(-len(asked) // MOST_ASKED)], days)

    def _later(self, cut: int) -> Purchases:
        """Keep what came after a day, without what the same customer had just bought: nobody offers that."""
        later, past = self.bought.during(cut + 1, 0), self.bought.during(cut - JUST_DAYS + 1, cut)
        keys, known = (each.customer.astype(np.int64) * len(each.goods) + each.good for each in (later, past))
        new = ~np.isin(keys, known)
        return Purchases(later.customers, later.goods, later.customer[new], later.good[new], later.day[new])

    def _tried(self, past: Purchases, later: Purchases, asked: Places, days: int) -> Trial:
        near = similar(past.owned[0], len(past.goods))
        sold = int(_sold(past, -days - SOLD_DAYS, -days).sum())
        found = [
            marks(_ranked(past, way, -days).goods, later, asked, sold=sold) for way in (near, None)
        ]  # fmt: skip
        return Trial(self.as_of - dt.timedelta(days=days), days, len(asked), *found)

    @property
    def report(self) -> dict[str, Any]:
        """Say what there is, and how good it is."""
        tried, near = self.trial, self._near
        shown = np.unique(self.ranked.goods)
        told: dict[str, Any] = {
            "customers": len(self.bought.customers),
            "products": len(self.bought.goods),
            "offered": int(self.offered.sum()),
            "shown": int((shown >= 0).sum()),
            "with_similar": int((self.similar.goods[:, 0] >= 0).sum()) if len(self.bought.goods) else 0,
            "with_accessory": int((self.accessories.goods[:, 0] >= 0).sum()) if len(self.bought.goods) else 0,
            "personal": int((self.ranked.because[:, 0] >= 0).sum()) if len(self.bought.customers) else 0,
            "way": "similar" if near is not None else "popular",
            "untried": tried if isinstance(tried, str) else "",
            "trial": None,
        }
        if isinstance(tried, Trial):
            told["trial"] = {
                "cut": tried.cut.isoformat(), "days": tried.days, "customers": tried.customers,
                "ours": _spelled(tried.ours), "popular": _spelled(tried.popular),
            }  # fmt: skip
        return told


def popular(bought: Purchases, day: int) -> Places:
    """Give the goods that most customers bought in the last weeks before a day, those first; then those of all time."""
    lately = bought.during(day - LATELY_DAYS + 1, day).buyers
    return np.lexsort((bought.goods, -bought.buyers, -lately)).astype(np.int32)


def _ranked(bought: Purchases, near: Neighbours | None, day: int) -> Ranked:
    owned, last = bought.owned
    near = Neighbours.empty(len(bought.goods), 1) if near is None else near
    shelf = Shelf(_sold(bought, day - SOLD_DAYS, day), popular(bought, day))
    return rank(owned, last > day - JUST_DAYS, near, shelf)


def _sold(bought: Purchases, first: int, last: int) -> Flags:
    flags: Flags = bought.during(first + 1, last).buyers > 0
    return flags


def _numbered(categories: pl.Series) -> Whole:
    """Number the categories; products without one are of none, -1."""
    named = categories.replace("", None)
    found: Whole = named.cast(pl.Categorical).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
    return found


def _spelled(found: Marks) -> dict[str, Any]:
    return {
        "recall": {str(k): round(v, 5) for k, v in found.recall.items()}, "coverage": round(found.coverage, 5),
    }  # fmt: skip
