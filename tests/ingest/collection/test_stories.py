"""What people do on pages and in apps is told in sentences, in both languages, and never as data."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from guanxi.catalog.models import Product, Variant
from guanxi.customers import timeline
from guanxi.customers.models import Customer, Event
from guanxi.ingest.collection.names import CATALOGUE
from guanxi.orders.models import Order, Store

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 11, 8, tzinfo=UTC)
SAID = {
    "sku": "T1", "name": "Teapot", "query": "乌龙", "category": "Tea", "order_id": "A1", "number": "A1", "store": "own",
    "coupon_id": "C1", "step": 2, "points": 40, "rating": "5", "email_subject": "Hello", "value": 61, "currency": "CNY",
    "total_minor": 6100, "lines": 1, "first": "Teapot", "promotion_id": "P1", "title": "Tea", "path": "/tea",
    "experiment_name": "Green", "ticket_id": "7", "subject": "Broken",
}  # fmt: skip


def event(called: str, minutes: int = 0, **told: Any) -> Event:
    return Event(
        pk=minutes + 1, name=called, occurred_at=AT + timedelta(minutes=minutes), source="web", properties=told
    )


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_event_of_the_catalogue_is_a_sentence(language: str) -> None:
    names = [each.name for each in CATALOGUE] + ["Page Viewed", "Screen Viewed"]
    with translation.override(language):
        told = timeline.tell([event(name, nth, **SAID) for nth, name in enumerate(names)])
    for name, each in zip(names, told, strict=True):
        said = re.sub("<[^>]+>", "", str(each.sentence))
        assert said, name
        assert said != name or name == "Unsubscribed", f"{name} is not told"
        assert "{" not in said, name
        if language == "zh-hans":
            assert re.search("[\u4e00-\u9fff]", said), f"{name} is told in English: {said}"


@pytest.mark.parametrize("name", [each.name for each in CATALOGUE])
def test_an_event_that_says_nothing_or_nonsense_is_told_all_the_same(name: str) -> None:
    for told in ({}, dict.fromkeys(SAID, None), {each: {"a": [1]} for each in SAID}, dict.fromkeys(SAID, "<b>x</b>")):
        (each,) = timeline.tell([event(name, **told)])
        assert "<b>x</b>" not in str(each.sentence).replace("<b>&lt;b&gt;x", "")
        assert each.sentence


def test_goods_are_called_as_the_catalogue_calls_them() -> None:
    Variant.objects.create(product=Product.objects.create(name="紫砂壶"), sku="Z9")
    (told,) = timeline.tell([event("Product Viewed", sku="Z9", price=128, currency="CNY")])
    assert "紫砂壶" in str(told.sentence)
    assert told.amount == "¥128.00"


def test_a_search_that_found_nothing_says_so() -> None:
    told = timeline.tell(
        [event("Products Searched", query="oolong", results=0), event("Products Searched", 1, query="x")]
    )
    assert [str(each.sentence) for each in told] == ["Searched for “oolong” and found nothing", "Searched for “x”"]


def test_a_custom_event_is_its_name_and_the_first_things_it_says() -> None:
    (told,) = timeline.tell([event("Quiz Finished", path="/quiz", score=7, taste="floral", more="x", deep={"a": 1})])
    assert (str(told.sentence), told.cause) == ("Quiz Finished", "score: 7 · taste: floral")


def test_where_a_visit_came_from_stands_below() -> None:
    told = timeline.tell([
        event("Page Viewed", title="Tea", utm_campaign="Double 11", referrer="search.example/x"),
        event("Page Viewed", 1, path="/tea", referrer="search.example/x"),
    ])  # fmt: skip
    assert [(str(each.sentence), each.cause) for each in told] == [
        ("Opened the page Tea", "By the campaign Double 11"), ("Opened the page /tea", "From search.example"),
    ]  # fmt: skip


def test_looking_around_is_one_line_and_a_pause_begins_another() -> None:
    ada = Customer.objects.create(name="Ada")
    for minutes, sku in ((0, "A"), (1, "B"), (2, "A"), (3, "C"), (4, "D"), (5, "E"), (90, "F")):
        at, told = AT + timedelta(minutes=minutes), {"sku": sku, "name": f"Good {sku}"}
        ada.events.create(name="Product Viewed", occurred_at=at, source="web", properties=told)
    page = timeline.read(ada, chapter="browsing")
    said = [re.sub("<[^>]+>", "", str(each.sentence)) for day in page.days for each in day.occurrences]
    assert said == ["Looked at Good F", "Looked at Good E, Good D, Good C and 2 more"]
    assert page.total == 7


def test_pages_between_goods_do_not_part_a_visit() -> None:
    ada = Customer.objects.create(name="Ada")
    seen: tuple[tuple[int, str, dict[str, Any]], ...] = (
        (0, "Page Viewed", {"title": "Tea", "utm_campaign": "Double 11"}),
        (1, "Product Viewed", {"sku": "A", "name": "Good A"}),
        (2, "Page Viewed", {"path": "/b"}),
        (3, "Product List Viewed", {"category": "Cups"}),
        (60, "Page Viewed", {"title": "About us"}),
        (61, "Screen Viewed", {"name": "Home"}),
    )
    for minutes, name, told in seen:
        ada.events.create(
            name=name, occurred_at=AT + timedelta(minutes=minutes), source="web", properties=told
        )  # fmt: skip
    (day,) = timeline.read(ada).days
    told = [(re.sub("<[^>]+>", "", str(each.sentence)), each.cause) for each in day.occurrences]
    assert told == [
        ("Looked around: Home, About us", ""), ("Looked at Good A", "By the campaign Double 11 · 2 pages"),
    ]  # fmt: skip


def test_an_order_told_by_its_number_is_linked_to_the_order(db: None) -> None:
    store = Store.objects.create(code="own", name="Own shop", channel="own", currency="CNY", time_zone="Asia/Shanghai")
    order = Order.objects.create(
        store=store, number="A1", placed_at=AT, placed_on=AT.date(), currency="CNY", source="web"
    )
    told = timeline.tell(
        [event("Order Shipped", number="A1", store="own"), event("Order Paid", 1, number="B", store="own")]
    )
    assert order.public_id in str(told[0].sentence)
    assert "href" not in str(told[1].sentence)
