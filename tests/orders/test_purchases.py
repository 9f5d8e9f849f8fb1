"""What each customer bought, added up."""

import json

import pytest
from django.core.management import call_command

from guanxi.customers.models import Customer
from guanxi.orders import tasks
from guanxi.orders.models import Order, Purchases, Store, Uncounted
from tests.cast import TODAY, buy


@pytest.fixture
def waiting(loyal: Customer, tea_house: Store) -> Order:
    """An order of the loyal one that just arrived."""
    order = buy(loyal, tea_house, on=TODAY, goods_minor=10_000)
    Purchases.objects.recount([loyal.pk])
    Purchases.objects.filter(customer=loyal).update(orders=8, net_minor=214_400, priced=8)
    Purchases.objects.arrive([order.pk])
    return order


def test_an_order_counts_once_however_often_what_arrived_is_added_up(waiting: Order, loyal: Customer) -> None:
    assert loyal.purchases.orders == 8
    assert [Purchases.objects.settle() for _ in range(2)] == [1, 0]
    loyal.purchases.refresh_from_db()
    assert (loyal.purchases.orders, loyal.purchases.net_minor, loyal.purchases.last_on) == (9, 224_400, TODAY)


def test_few_orders_wait_for_more(waiting: Order) -> None:
    assert Purchases.objects.settle(waiting=2) == 0
    assert Uncounted.objects.waiting() == 1
    assert tasks.settle_purchases.func() == 1


def test_an_order_that_waits_and_is_counted_with_its_customer_does_not_count_twice(
    waiting: Order, loyal: Customer
) -> None:
    Purchases.objects.recount([loyal.pk])
    Purchases.objects.settle()
    loyal.purchases.refresh_from_db()
    assert loyal.purchases.orders == 9


def test_an_order_that_gets_another_owner_counts_there(loyal: Customer, lapsed: Customer) -> None:
    order = loyal.orders.latest("placed_at")
    with Purchases.objects.following([order.pk]):
        Order.objects.filter(pk=order.pk).update(customer=lapsed)
    loyal.purchases.refresh_from_db()
    lapsed.purchases.refresh_from_db()
    assert (loyal.purchases.orders, lapsed.purchases.orders) == (7, 2)
    assert (lapsed.purchases.net_minor, lapsed.purchases.last_on) == (36_700, order.placed_on)


def test_whose_orders_are_all_gone_bought_nothing(loyal: Customer) -> None:
    orders = list(loyal.orders.values_list("pk", flat=True))
    with Purchases.objects.following(orders):
        Order.objects.filter(pk__in=orders).update(paid_at=None)
    assert not Purchases.objects.filter(customer=loyal).exists()


def test_a_command_adds_everything_up_anew(
    waiting: Order, lapsed: Customer, capsys: pytest.CaptureFixture[str]
) -> None:
    Purchases.objects.update(orders=77, net_minor=-1)
    call_command("orders", "recount", "--json")
    assert json.loads(capsys.readouterr().out) == {"customers": 2}
    assert sorted(Purchases.objects.values_list("orders", "net_minor")) == [(1, 9_900), (9, 224_400)]
    assert Uncounted.objects.waiting() == 0


def test_a_guest_has_no_purchases(tea_house: Store) -> None:
    buy(None, tea_house, on=TODAY, goods_minor=10_000)
    assert not Purchases.objects.exists()
