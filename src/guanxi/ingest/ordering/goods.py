"""The catalogue kept by what events say of goods: new ones are added, names and prices follow what was told last.

What somebody of the shop wrote stays: a name or price is changed only where it is still what the stream told before.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from guanxi.catalog.intake import Good, shelve
from guanxi.catalog.models import Product, Variant
from guanxi.core.money import CURRENCIES, exponent
from guanxi.customers.models import Event
from guanxi.ingest.collection.properties import products
from guanxi.ingest.models import EventSource, GoodTold
from guanxi.ingest.models.goods import Told
from guanxi.orders.models import Company
from guanxi.warehouse.models import CHANGED

SKU, NAME, MOST_MINOR = 120, 300, 10**12
Latest = dict[str, tuple[datetime, Good]]


def ahead(events: Sequence[Event]) -> Latest:
    """Read what some events of the stream's sources say last of each good, before anybody has to wait for it."""
    telling = [each for each in events if _tells(each)]
    sources = set(EventSource.objects.values_list("namespace", flat=True)) if telling else set()
    mine = [each for each in telling if each.source in sources]
    company = Company.current() if mine else None
    return _latest(mine, company.base_currency if company else "")


def follow(events: Sequence[Event], told: Latest | None = None) -> None:
    """Have the catalogue follow some events of the stream's sources."""
    told = ahead(events) if told is None else told
    known = GoodTold.objects.known(told)
    news = {sku: said for sku, said in told.items() if sku not in known or said[0] > known[sku].at}
    if fresh := [good for sku, (_at, good) in news.items() if sku not in known]:
        shelve(fresh)
    if other := {sku: good for sku, (_at, good) in news.items() if sku in known and _differs(known[sku], good)}:
        _rewrite(other, known)
    GoodTold.objects.remember(_told(*said) for said in news.values() if said[1].price_minor)


def _told(at: datetime, good: Good) -> Told:
    return Told(good.sku, at, good.name, good.price_minor, good.currency)


def _tells(event: Event) -> bool:
    return bool(event.properties.get("sku") or event.properties.get("product_id") or event.properties.get("products"))


def _latest(events: Iterable[Event], currency: str) -> Latest:
    """Read what was told last of each SKU, with its price where it has one; the same whatever the order."""
    found: Latest = {}
    for event in events:
        for product in products(event.properties):
            good = _good(product, event.properties.get("currency"), currency)
            if good and (good.sku not in found or _rank(event.occurred_at, good) > _rank(*found[good.sku])):
                found[good.sku] = (event.occurred_at, good)
    return found


def _rank(at: datetime, good: Good) -> tuple[bool, datetime, str, int]:
    return good.price_minor is not None, at, good.name, good.price_minor or 0


def _good(product: Mapping[str, Any], told: Any, base: str) -> Good | None:
    """Read a good; without a name it says nothing. A currency that is none is the company's."""
    sku = _text(product.get("sku")) or _text(product.get("product_id"))
    code = next(
        (each for each in (product.get("currency"), told) if isinstance(each, str) and each in CURRENCIES), base
    )
    name, category = _text(product.get("name"))[:NAME], _text(product.get("category"))[:SKU]
    if not sku or len(sku) > SKU or not name:
        return None
    return Good(sku=sku, name=name, category=category, currency=code, price_minor=_minor(product.get("price"), code))


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _minor(price: Any, currency: str) -> int | None:
    if isinstance(price, bool) or not isinstance(price, (int, float)) or not currency:
        return None
    minor = round(price * 10 ** exponent(currency)) if abs(price) < MOST_MINOR else -1
    return minor if 0 < minor < MOST_MINOR else None


def _differs(known: Told, good: Good) -> bool:
    return known.name != good.name or (known.price_minor, known.currency) != (good.price_minor, good.currency)


def _rewrite(goods: Mapping[str, Good], before: Mapping[str, Told]) -> None:
    """Change names and prices of goods that are still as the stream told them before."""
    for variant in Variant.objects.filter(sku__in=list(goods)).select_related("product"):
        good, was = goods[variant.sku], before[variant.sku]
        if variant.product.name in {was.name, was.sku} and variant.product.name != good.name:
            Product.objects.filter(pk=variant.product_id).update(name=good.name)
            Variant.objects.filter(product=variant.product_id).update(**CHANGED)
        if good.price_minor and (variant.price_minor, variant.currency) == (was.price_minor, was.currency):
            new = {"price_minor": good.price_minor, "currency": good.currency}
            Variant.objects.filter(pk=variant.pk).update(**new, **CHANGED)
