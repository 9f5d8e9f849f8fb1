"""The catalogue follows what events say of goods, as long as nobody of the shop wrote something else."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from guanxi.accounts.models import Staff
from guanxi.catalog.models import Product, Variant
from guanxi.customers import dispatch
from guanxi.customers.models import Event
from guanxi.ingest.models import EventSource
from guanxi.ingest.ordering import goods
from guanxi.orders.models import Company

pytestmark = [pytest.mark.django_db, pytest.mark.book]
START = datetime(2026, 11, 11, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def web(owner: Staff) -> EventSource:
    Company.objects.create(pk=1, name="Tea shop", base_currency="CNY", time_zone="Asia/Shanghai")
    return EventSource.make("Own shop", namespace="web", by=owner)[1]


def happened(hours: int, source: str = "web", **told: Any) -> None:
    happened_at(START + timedelta(hours=hours), source, **told)


def happened_at(at: datetime, source: str = "web", **told: Any) -> None:
    happening(at, source, **told)
    dispatch.tell_all()


def happening(at: datetime, source: str = "web", **told: Any) -> Event:
    return Event.objects.create(name="Product Viewed", occurred_at=at, source=source, properties=told)


def good(sku: str = "T1") -> tuple[Any, ...]:
    return Variant.objects.values_list("product__name", "price_minor", "currency").get(sku=sku)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_name_and_price_are_those_told_last(order: tuple[int, ...]) -> None:
    said = [
        {"name": "Teapot", "price": 30},
        {"name": "Teapot, white", "price": 31.5},
        {"name": "White teapot", "price": 28, "currency": "CNY"},
    ]
    for nth in order:
        happened(nth, sku="T1", category="Teaware", **said[nth])
    assert good() == ("White teapot", 2800, "CNY")
    assert Product.objects.get().category.name == "Teaware"


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_what_is_told_without_a_price_counts_less_than_what_is_told_with_one(order: tuple[int, ...]) -> None:
    said = [{"name": "Teapot"}, {"name": "White teapot", "price": 28}, {"name": "Pot"}]
    for nth in order:
        happened(nth, sku="T1", **said[nth])
    assert good() == ("White teapot", 2800, "CNY")


@pytest.mark.parametrize("order", [(0, 20), (20, 0)])
def test_what_is_told_within_a_minute_has_one_outcome_in_either_order(order: tuple[int, int]) -> None:
    for seconds in order:
        happened_at(START + timedelta(seconds=seconds), sku="T1", name="Teapot", price=30 + seconds)
    assert good() == ("Teapot", 5000, "CNY")


def test_goods_that_say_nothing_new_within_a_minute_are_not_written_again(
    django_assert_num_queries: Any,
) -> None:
    told = [happening(START, sku=f"T{nth}", name="Teapot", price=30) for nth in range(3)]
    goods.follow(told)
    again = goods.ahead([happening(START + timedelta(seconds=9), sku="T1", name="Teapot", price=30)])
    with django_assert_num_queries(0):
        goods.follow([], again)


def test_what_the_shop_wrote_stays() -> None:
    happened(1, sku="T1", name="Teapot", price=30)
    Product.objects.update(name="Our finest teapot")
    Variant.objects.update(price_minor=9900)
    happened(2, sku="T1", name="White teapot", price=28)
    assert good() == ("Our finest teapot", 9900, "CNY")


def test_goods_of_a_list_are_goods_too_and_such_without_a_name_are_none() -> None:
    happened(1, products=[{"product_id": "P7", "name": "Cup", "price": 9}, {"sku": "X"}, {"name": "?"}, "tea"])
    assert list(Variant.objects.values_list("sku", flat=True)) == ["P7"]


def test_only_sources_of_the_stream_keep_the_catalogue() -> None:
    happened(1, source="somebody", sku="T1", name="Teapot", price=30)
    assert not Variant.objects.exists()


@pytest.mark.parametrize("price", ["free", -1, 0, 1e300, True, None])
def test_a_price_that_is_none_is_not_told(price: Any) -> None:
    happened(1, sku="T1", name="Teapot", price=price)
    assert good() == ("Teapot", None, "CNY")
