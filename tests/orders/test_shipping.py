"""Orders whose money came two days ago and whose goods have not left are work."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client

from guanxi.accounts.roles import Role
from guanxi.customers.models import Customer
from guanxi.orders import shipping
from guanxi.orders.models import FulfilmentState, Order, OrderState, Store
from tests.cast import TODAY, buy, hired, noon

CARD = "/orders/glance/unshipped/"


@pytest.fixture(autouse=True)
def midday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guanxi.orders.shipping.now", lambda: noon(TODAY))


def unshipped(customer: Customer, store: Store, *, days: int, **more: str) -> Order:
    order = buy(customer, store, on=TODAY - dt.timedelta(days=days), goods_minor=10_000)
    states = {"order_state": OrderState.OPEN, "fulfilment_state": FulfilmentState.UNFULFILLED} | more
    Order.objects.filter(pk=order.pk).update(**states)
    return order


def queues(client: Client) -> str:
    return " ".join(client.get("/glance/queues/").content.decode().split())


def test_an_order_paid_three_days_ago_that_has_not_left_is_work(
    owners_browser: Client, loyal: Customer, tea_house: Store
) -> None:
    unshipped(loyal, tea_house, days=3)
    unshipped(loyal, tea_house, days=5)
    said = queues(owners_browser)
    assert "2 paid orders have not left" in said
    assert "The oldest waits for 5 days · ¥200 in all" in said


@pytest.mark.parametrize(
    ("days", "state"),
    [
        (1, {}),
        (3, {"fulfilment_state": FulfilmentState.SHIPPED}),
        (3, {"order_state": OrderState.CANCELLED}),
        (3, {"payment_state": "refunded"}),
        (3, {"fulfilment_state": FulfilmentState.HELD}),
    ],
)
def test_an_order_that_need_not_leave_is_none(
    days: int, state: dict[str, str], owners_browser: Client, loyal: Customer, tea_house: Store
) -> None:
    unshipped(loyal, tea_house, days=days, **state)
    assert "has not left" not in queues(owners_browser)


def test_the_clerk_reads_which_wait_longest(loyal: Customer, tea_house: Store) -> None:
    clerk = Client(headers={"Accept-Language": "en"})
    clerk.force_login(hired("kit", "Kit", Role.CLERK))
    assert "on its way" in clerk.get(CARD).content.decode()
    orders = [unshipped(loyal, tea_house, days=3 + nth) for nth in range(shipping.SHOWN + 2)]
    page = clerk.get(CARD).content.decode()
    assert page.count("<li>") == shipping.SHOWN
    assert page.index(orders[-1].number) < page.index(orders[-2].number)
    assert orders[0].number not in page


def test_counting_stops_at_a_thousand(owners_browser: Client, loyal: Customer, tea_house: Store) -> None:
    for _nth in range(2):
        unshipped(loyal, tea_house, days=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shipping, "COUNTED", 2)
        assert "2+ paid orders have not left" in queues(owners_browser)


def test_the_queue_is_read_from_an_index_of_its_own(loyal: Customer, tea_house: Store) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL chooses by the size of the table")
    viewer = hired("kit", "Kit", Role.CLERK)
    assert "order_open_by_payment" in shipping.late(viewer).values("pk").explain()
