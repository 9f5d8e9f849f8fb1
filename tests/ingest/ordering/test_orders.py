"""Orders follow from what shops' pages and servers tell of them: once, in any order, and as their events say."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from guanxi.accounts.models import Staff
from guanxi.catalog.models import Variant
from guanxi.core.jobs.lease import lease
from guanxi.customers.models import Event
from guanxi.ingest.collection import inbox
from guanxi.ingest.collection.working import drained
from guanxi.ingest.models import TURN, EventSource, Import, OrderCall
from guanxi.ingest.ordering import following
from guanxi.ingest.undo import undo
from guanxi.orders.models import Company, Order, Purchases, Refund, Store

pytestmark = [pytest.mark.django_db, pytest.mark.book]
START = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)
TEA = {"product_id": "p1", "sku": "T1", "name": "Ceramic teapot", "price": 30.5, "quantity": 2, "category": "Teaware"}
CUP = {"product_id": "p2", "sku": "C1", "name": "Cup", "price": "9.00", "quantity": 1}


@pytest.fixture
def shop(db: None) -> Store:
    Company.objects.create(pk=1, name="Tea shop", base_currency="CNY", time_zone="Asia/Shanghai")
    return Store.objects.create(code="own", name="Own shop", channel="own", currency="CNY", time_zone="Asia/Shanghai")


@pytest.fixture
def web(settings: Any, tmp_path: Path, owner: Staff, shop: Store) -> EventSource:
    settings.HOME = tmp_path
    return EventSource.make("Own shop", namespace="web", store=shop, by=owner)[1]


def call(event: str, hours: int, *, number: str = "A1", user: str = "u1", **told: Any) -> dict[str, Any]:
    at = (START + timedelta(hours=hours)).isoformat()
    return {"type": "track", "event": event, "userId": user, "timestamp": at, "messageId": f"{event}-{hours}-{number}",
            "properties": {"order_id": number, **told}}  # fmt: skip


def tell(source: EventSource, *calls: dict[str, Any]) -> None:
    inbox.put(source.pk, json.dumps({"batch": calls}).encode())
    for _done in drained():
        pass
    while following.tend():
        pass


LIFE = (
    call("Order Placed", 0, products=[TEA], total=66, shipping=5, currency="CNY"),
    call("Order Updated", 1, products=[TEA, CUP], total=70, shipping=5, discount=5, currency="CNY"),
    call("Order Completed", 2, total=70, shipping=5, discount=5, currency="CNY", payment_method="WeChat Pay"),
    call("Order Shipped", 20),
    call("Item Refunded", 30, products=[CUP]),
    call("Order Delivered", 40),
)


def state() -> dict[str, Any]:
    order = Order.objects.get()
    names = (
        "number", "total_minor", "discount_minor", "shipping_minor", "goods_minor", "net_minor", "refunded_minor",
        "payment_state", "fulfilment_state", "order_state", "placed_at", "paid_at", "currency", "customer_id",
    )  # fmt: skip
    told: dict[str, Any] = {name: getattr(order, name) for name in names}
    told["lines"] = sorted(order.lines.values_list("sku", "quantity", "unit_price", "amount_minor"))
    told["payments"] = sorted(order.payments.values_list("method", "amount_minor"))
    told["refunds"] = sorted(order.refunds.values_list("number", "amount_minor"))
    return told


def test_an_order_is_what_its_events_say(web: EventSource) -> None:
    tell(web, *LIFE)
    told = state()
    assert (told["total_minor"], told["discount_minor"], told["shipping_minor"]) == (7000, 500, 500)
    assert (told["payment_state"], told["fulfilment_state"], told["order_state"]) == (
        "part_refunded", "delivered", "completed",
    )  # fmt: skip
    assert (told["goods_minor"], told["refunded_minor"], told["net_minor"]) == (7000, 900, 5600)
    assert [line[0] for line in told["lines"]] == ["C1", "T1"]
    assert told["payments"] == [("WeChat Pay", 7000)]
    assert told["paid_at"] == START + timedelta(hours=2)
    assert Variant.objects.get(sku="T1").product.name == "Ceramic teapot"
    assert Purchases.objects.get().net_minor == 5600
    assert Event.objects.filter(name="Order Completed").count() == 1, "the order tells no event of its own"


@pytest.mark.parametrize("seed", range(6))
def test_in_whatever_order_and_however_often_they_come_the_order_is_the_same(web: EventSource, seed: int) -> None:
    random = Random(seed)
    calls = [each for each in LIFE for _ in range(random.randint(1, 3))]
    random.shuffle(calls)
    for each in calls:
        tell(web, each)
    mixed = state()
    Purchases.objects.all().delete()
    for model in (Refund, Order, OrderCall, Event):
        model.objects.all().delete()
    web.keys.all().delete()
    _secret, other = EventSource.make("Anew", namespace="web", store=web.store, by=None)
    tell(other, *LIFE)
    assert mixed == state()


def test_the_same_again_under_another_message_id_is_not_told_twice(web: EventSource) -> None:
    paid = call("Order Completed", 2, products=[TEA], total=61)
    tell(web, paid, {**paid, "messageId": "another"})
    assert Event.objects.count() == 1
    assert state()["total_minor"] == 6100


def test_an_order_told_on_a_device_is_the_customer_s_once_they_sign_in(web: EventSource) -> None:
    paid = {**call("Order Completed", 2, products=[TEA], total=61), "anonymousId": "b1"}
    del paid["userId"]
    tell(web, paid)
    assert Order.objects.get().customer is None
    tell(web, {"type": "identify", "userId": "u1", "anonymousId": "b1"})
    order = Order.objects.get()
    assert order.customer is not None
    assert order.customer == Event.objects.get().customer


def test_an_order_that_a_file_wrote_stays_as_the_file_has_it(web: EventSource) -> None:
    batch = Import.objects.create(preset="api", subject="orders", store=web.store, state="done")
    Order.objects.create(store=web.store, number="A1", placed_at=START, placed_on=START.date(), currency="CNY",
                         total_minor=1, import_id=batch.pk, source="own")  # fmt: skip
    tell(web, call("Order Completed", 2, products=[TEA], total=61))
    assert Order.objects.get().total_minor == 1
    assert Event.objects.get().name == "Order Completed"


def test_while_an_import_writes_to_the_store_its_orders_wait_and_nothing_else_does(web: EventSource) -> None:
    with lease(f"{TURN} own"):
        tell(web, call("Order Completed", 2, products=[TEA], total=61))
        assert Event.objects.count() == 1
        assert not Order.objects.exists()
    while following.tend():
        pass
    assert Order.objects.get().total_minor == 6100


@pytest.mark.parametrize(
    ("told", "total"),
    [
        ({"products": [TEA]}, 6100),
        ({"revenue": 50, "shipping": 5, "tax": 1.5}, 5650),
        ({"subtotal": 19.999}, 2000),
        ({"total": "70.10"}, 7010),
        ({"products": [TEA], "total": -5}, 6100),
        ({"products": [{**TEA, "price": 1e300}], "total": 3}, 300),
    ],
)
def test_an_order_is_worth_what_it_says_or_what_its_goods_cost(
    web: EventSource, told: dict[str, Any], total: int
) -> None:
    tell(web, call("Order Completed", 2, **told))
    assert Order.objects.get().total_minor == total


@pytest.mark.parametrize("told", [{}, {"total": "much"}, {"products": "tea"}, {"order_id": ""}, {"order_id": {"a": 1}}])
def test_what_sells_nothing_is_an_event_and_no_order(web: EventSource, told: dict[str, Any]) -> None:
    tell(web, call("Order Completed", 2, **told))
    assert Event.objects.count() == 1
    assert not Order.objects.exists()


def test_what_the_stream_told_of_a_day_can_be_taken_back(web: EventSource) -> None:
    tell(web, *LIFE)
    undo(Import.objects.get(preset="stream"))
    assert not Order.objects.exists()
    assert Event.objects.filter(name="Order Completed").exists(), "what happened stays told"


def test_a_cancelled_order_sells_nothing_any_more(web: EventSource) -> None:
    tell(web, LIFE[0], call("Order Cancelled", 3))
    told = state()
    assert (told["order_state"], told["net_minor"], told["payment_state"]) == ("cancelled", 0, "unpaid")


def test_every_good_of_the_store_s_currency_is_told_with_its_worth(web: EventSource) -> None:
    tell(web, LIFE[0])
    told = Event.objects.get().properties
    assert (told["number"], told["store"], told["total_minor"], told["lines"], told["first"], told["currency"]) == (
        "A1", "own", 6600, 1, "Ceramic teapot", "CNY",
    )  # fmt: skip


def test_what_says_nothing_of_goods_and_money_is_told_without_a_worth(web: EventSource) -> None:
    tell(web, call("Order Shipped", 3))
    assert Event.objects.get().properties == {"order_id": "A1", "number": "A1", "store": "own", "currency": "CNY"}
