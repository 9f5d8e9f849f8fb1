"""What to offer somebody now: read from what the last night kept, less what has been bought since, with the reason."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from guanxi.catalog.models import Product
from guanxi.customers.models import Customer
from guanxi.insight.models import RecommendationRun
from guanxi.insight.recommendation.windows import JUST_DAYS
from guanxi.orders.models import OrderLine
from guanxi.pages import formats
from guanxi.warehouse.reading import snapshot

NEXT, SIMILAR, ACCESSORY, TOGETHER, INTEREST, POPULAR = (
    "next", "similar", "accessory", "together", "interest", "popular",
)  # fmt: skip
MOST = 10
NEXT_ROWS = """
    select product_id, score, because_product_id, 0 as customers, 0 as buyers
    from customer_recommendations where customer_id = $key order by place
"""
NEAR_ROWS = """
    select other_product_id as product_id, score, relation, customers, buyers
    from product_neighbours where product_id = $key order by relation, place
"""
TOGETHER_ROWS = """
    select other_product_id as product_id, lift as score, 'together' as relation, together as customers,
           orders as buyers
    from product_pairs where product_id = $key order by place
"""
POPULAR_ROWS = """
    select product_id, cast(buyers as double) as score, buyers as customers, category
    from product_popularity order by place limit 60
"""
INTEREST_ROWS = """
    select product_id, cast(buyers as double) as score, buyers as customers, category
    from product_popularity where lower(category) in (select unnest($names))
    order by category_place, place limit 60
"""
Row = dict[str, Any]


@dataclass(frozen=True)
class Offer:
    """One product to offer. `because` is what they bought that speaks for it; `customers` of `buyers` bought both."""

    product: Product
    relation: str
    score: float
    because: Product | None = None
    customers: int = 0
    buyers: int = 0

    @property
    def reason(self) -> str:
        """Why it is offered."""
        said = {"count": formats.count(self.customers), "all": formats.count(self.buyers)}
        if self.because is not None:
            return _("Bought by customers who bought %(product)s") % {"product": self.because.name}
        if self.relation == INTEREST:
            category = self.product.category.name if self.product.category else ""
            return _("What most customers buy of %(category)s") % {"category": category}
        return {
            SIMILAR: _("%(count)s of its %(all)s buyers bought this, too"),
            ACCESSORY: _("%(count)s of its %(all)s buyers took this along or within 30 days"),
            TOGETHER: _("In %(count)s of its %(all)s orders"),
        }.get(self.relation, _("Among what most customers buy now")) % said


def for_customer(customer: Customer, *, most: int = MOST, without: Collection[int] = ()) -> list[Offer]:
    """Give what to offer a customer; one who has not bought yet is offered what most buy."""
    run = RecommendationRun.latest()
    if run is None:
        return []
    since = run.as_of - dt.timedelta(days=JUST_DAYS)
    lines = OrderLine.objects.filter(order__customer=customer, order__placed_on__gt=since)
    just = set(lines.values_list("variant__product", flat=True)[:1_000])
    rows = _read(NEXT_ROWS, key=customer.pk)
    known = {row["product_id"] for row in rows}
    rows += [row for row in _read(POPULAR_ROWS) if row["product_id"] not in known] if len(rows) < most else []
    return _offers(rows, NEXT, most, {*without, *just})


def for_product(product: Product, *, most: int = MOST, without: Collection[int] = ()) -> dict[str, list[Offer]]:
    """Give what goes with a product: bought together, alike, and accessories."""
    rows = _read(NEAR_ROWS, key=product.pk) + _read(TOGETHER_ROWS, key=product.pk)
    return {
        name: _offers([row for row in rows if row["relation"] == name], name, most, without)
        for name in (TOGETHER, SIMILAR, ACCESSORY)
    }


def for_interests(categories: Iterable[str], *, most: int = MOST, without: Collection[int] = ()) -> list[Offer]:
    """Give what to offer a newcomer who named categories: what most buy of each in turn, then what most buy at all."""
    names = sorted({each.strip().lower() for each in categories} - {""})
    liked = _read(INTEREST_ROWS, names=names) if names else []
    rows = [row | {"relation": INTEREST} for row in liked]
    known = {row["product_id"] for row in rows}
    rows += [row for row in _read(POPULAR_ROWS) if row["product_id"] not in known]
    return _offers(rows, POPULAR, most, without)


def of_many(products: Sequence[Product]) -> dict[int, list[Offer]]:
    """Give the nearest two of several products at once."""
    query = """
        select product_id as key, other_product_id as product_id, score, relation, customers, buyers
        from product_neighbours where product_id in (select unnest($keys)) and place <= 2 and relation = 'similar'
        order by product_id, place
    """
    rows = _read(query, keys=[each.pk for each in products]) if products else []
    goods = _goods(rows)
    return {
        each.pk: [
            Offer(goods[row["product_id"]], SIMILAR, row["score"], None, row["customers"], row["buyers"])
            for row in rows
            if row["key"] == each.pk and row["product_id"] in goods
        ]
        for each in products
    }


def best_sellers(most: int) -> list[Product]:
    """Give the goods that most customers buy now."""
    return [each.product for each in _offers(_read(POPULAR_ROWS), POPULAR, most, ())]


def _offers(rows: list[Row], relation: str, most: int, without: Collection[int]) -> list[Offer]:
    kept = [row for row in rows if row["product_id"] not in without]
    goods = _goods(kept)
    found = [
        Offer(
            goods[row["product_id"]],
            row.get("relation", relation if row.get("because_product_id") or relation != NEXT else POPULAR),
            row["score"],
            goods.get(row.get("because_product_id")),
            row.get("customers", 0),
            row.get("buyers", 0),
        )
        for row in kept
        if row["product_id"] in goods
    ]
    return found[:most]


def _goods(rows: list[Row]) -> dict[Any, Product]:
    """Read the products of rows; one that has left the book is offered to nobody."""
    keys = {row[name] for row in rows for name in ("product_id", "because_product_id") if row.get(name)}
    return dict(Product.objects.select_related("category").in_bulk(keys))


def _read(query: str, **params: Any) -> list[Row]:
    """Ask the lake; before the first run there is nothing to read."""
    if RecommendationRun.latest() is None:
        return []
    with snapshot() as lake:
        rows: list[Row] = lake.sql(query, **params).to_pylist()
    return rows
