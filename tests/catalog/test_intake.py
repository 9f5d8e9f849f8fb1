"""Goods that files name: found by SKU, made once."""

import pytest

from guanxi.catalog.intake import Good, shelve
from guanxi.catalog.models import Category, Product, Variant

pytestmark = pytest.mark.django_db


def test_a_good_is_shelved_once() -> None:
    ids, variants, products = shelve(
        [Good(sku="SM357", name="寿眉饼", category="白茶", price_minor=4000, currency="CNY")]
    )
    again = shelve([Good(sku="SM357", name="another name")])
    assert again == (ids, [], [])
    assert (len(variants), len(products)) == (1, 1)
    assert Product.objects.get().name == "寿眉饼"


def test_a_good_without_a_name_is_called_by_its_sku() -> None:
    shelve([Good(sku="GW")])
    assert str(Product.objects.get()) == "GW"


def test_categories_are_shared() -> None:
    shelve([Good(sku="A", category="白茶"), Good(sku="B", category="白茶"), Good(sku="C")])
    assert Category.objects.count() == 1
    assert Variant.objects.filter(product__category__name="白茶").count() == 2
