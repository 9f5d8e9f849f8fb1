"""Goods on the shelf, staff at their browsers, and what sold lately."""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from django.utils import translation

from guanxi.catalog import selling
from guanxi.catalog.intake import Good, shelve
from guanxi.catalog.models import Product
from guanxi.catalog.selling import Sales, Sold
from tests.cast import TODAY

GOODS = (
    Good(sku="SM-357", name="寿眉饼 357g", category="白茶", price_minor=26_800, currency="CNY"),
    Good(sku="DHP-80", name="武夷山大红袍 特级", category="乌龙", price_minor=15_800, currency="CNY"),
    Good(sku="HC-100", name="安化黑茶", category="黑茶", price_minor=4_000, currency="CNY"),
    Good(sku="lap-50", name="Lapsang Souchong, Émile's best", category="红茶", price_minor=9_800, currency="CNY"),
)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody tells of sales."""
    monkeypatch.setattr(selling, "_registered", [])


@pytest.fixture
def shelf(db: None) -> dict[str, Product]:
    """Four teas, by their SKUs."""
    shelve(GOODS)
    return {product.variants.get().sku: product for product in Product.objects.all()}


@pytest.fixture
def sold(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[Product, Sold]], None]:
    """Have products sell so much in the 90 days up to the cast's day."""

    def have_sold(goods: dict[Product, Sold]) -> None:
        told = Sales(TODAY - dt.timedelta(days=89), TODAY, {product.pk: each for product, each in goods.items()})
        monkeypatch.setattr(selling, "_registered", [Told(told)])

    return have_sold


class Told:
    """One who knows of sales what a test says, and counts how often that is asked."""

    def __init__(self, sales: Sales | None) -> None:
        self.sales, self.asked = sales, 0

    def lately(self) -> Sales | None:
        self.asked += 1
        return self.sales
