"""Goods that files name for the first time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from guanxi.catalog.models import Category, Product, Variant, spellings_of
from guanxi.core import bulk
from guanxi.core.ids import reserve
from guanxi.core.time import now
from guanxi.warehouse.models import ARRIVED, announce

AT_ONCE = 500
SPELLINGS = tuple(spellings_of("", ""))


@dataclass(frozen=True, kw_only=True)
class Good:
    """What a file says of one SKU."""

    sku: str
    name: str = ""
    category: str = ""
    price_minor: int | None = None
    currency: str = ""

    @property
    def title(self) -> str:
        """What the product is called: by its SKU where nobody named it."""
        return self.name or self.sku


@transaction.atomic
def shelve(goods: Sequence[Good]) -> tuple[dict[str, int], list[int], list[int]]:
    """Find or create the variants of these SKUs.

    Returns the variant id of each SKU, and the ids of the variants and of the products that had to be created.
    """
    skus = [good.sku for good in goods]
    known = dict(Variant.objects.filter(sku__in=skus).values_list("sku", "pk"))
    fresh = [good for good in goods if good.sku not in known]
    categories = _categories({good.category for good in fresh if good.category})
    products, variants = list(reserve(Product, len(fresh))), list(reserve(Variant, len(fresh)))
    at = now()
    bulk.insert(
        Product,
        ["id", "name", "brand", "category_id", "created_at", *SPELLINGS],
        [(pk, g.title, "", categories.get(g.category), at, *spellings_of(g.title, "").values())
         for pk, g in zip(products, fresh, strict=True)],
    )  # fmt: skip
    bulk.insert(
        Variant,
        ["id", "product_id", "sku", "name", "price_minor", "currency", "lake_batch"],
        [(pk, product, g.sku, "", g.price_minor, g.currency, ARRIVED)
         for pk, product, g in zip(variants, products, fresh, strict=True)],
    )  # fmt: skip
    announce(Variant, variants)
    known |= {good.sku: pk for good, pk in zip(fresh, variants, strict=True)}
    return known, variants, products


def _categories(names: set[str]) -> Mapping[str, int]:
    found = dict(Category.objects.filter(parent=None, name__in=names).values_list("name", "pk"))
    return found | {name: Category.objects.create(name=name).pk for name in sorted(names - found.keys())}
